"""Everything that can go wrong, grouped by what the caller should do.

    AccountingError
    ├── Mend               change something, then try again
    │   ├── Invalid            the input has these faults (422)
    │   ├── Missing            there is no such thing, or it is not yours (404)
    │   ├── Forbidden          you may see it but not do this (403)
    │   └── Conflict           its state does not allow this (409)
    ├── Unidentified       authenticate first (401)
    ├── Reconnect          the company's books cannot be opened: a person must connect again
    ├── Wait               nothing is wrong; try again at `until`
    │   ├── Throttled          the accounting product asked us to slow down
    │   ├── Unavailable        the accounting product does not respond
    │   └── Exceeded           a budget is used up; wait for the next window
    ├── Superseded         another worker has taken over; stop, and write nothing more
    └── Misconfigured      the operator must change a setting; names it, never its value

A refused record is not an error but a value (see `providers.Refused`): it is normal that a batch is
accepted only in part. An unknown outcome is a value too (`providers.Doubtful`).
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Flaw:
    """One fault of an input: its field, a message that says what to do, and a stable code."""

    field: str
    message: str
    code: str = "invalid"


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget's state: `left` of `amount` per `seconds`, full again after `reset_seconds`."""

    name: str
    amount: int
    seconds: int
    left: int
    reset_seconds: int


class AccountingError(Exception):
    """The base class: a message for people that says what to do, and a stable code for programs."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code


class Mend(AccountingError):
    """The caller must change something, then try again."""

    code = "mend"


class Invalid(Mend):
    """The input is well-formed, but cannot be acted on."""

    code = "invalid"

    def __init__(
        self, message: str, flaws: Sequence[Flaw] = (), *, code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.flaws = tuple(flaws)


class Missing(Mend):
    """The thing does not exist, or belongs to somebody else: callers cannot tell which."""

    code = "not_found"


class Forbidden(Mend):
    """The caller may see the thing, but not do this."""

    code = "forbidden"


class Conflict(Mend):
    """The thing is in a state in which this is not possible."""

    code = "conflict"


class Unidentified(AccountingError):
    """The caller has not authenticated."""

    code = "unauthenticated"


class Reconnect(AccountingError):
    """The company's books can no longer be opened; a person has to connect again."""

    code = "needs_reconnect"


class Wait(AccountingError):
    """Nothing is wrong; try again at `until` (timezone-aware)."""

    code = "wait"

    def __init__(self, message: str, until: datetime, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.until = until


class Throttled(Wait):
    """The accounting product asked us to slow down; the request was not carried out."""

    code = "rate_limited"


class Unavailable(Wait):
    """The accounting product does not respond, or not with a usable response."""

    code = "upstream_unavailable"


class Exceeded(Wait):
    """The request exceeds what is allowed and was not done; `standing` is the budget's state."""

    code = "rate_limited"

    def __init__(self, message: str, until: datetime, standing: Standing | None = None) -> None:
        super().__init__(message, until)
        self.standing = standing


class Superseded(AccountingError):
    """Another worker has taken over; stop, and write nothing more."""

    code = "superseded"


class Misconfigured(AccountingError):
    """The operator must change a setting; the message names it but never shows its value."""

    code = "misconfigured"


def traced(error: BaseException) -> str:
    """Return where an error happened, for a log: files, lines and types, but no values.

    The messages of errors that are not ours may contain what a caller sent (pydantic's
    `input_value`, a database's `DETAIL`), so they are left out; ours never contain a secret.
    """
    parts: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        said = f": {one.message}" if isinstance(one, AccountingError) else ""
        frames = "".join(traceback.format_tb(one.__traceback__))
        parts.append(f"{frames}{type(one).__module__}.{type(one).__qualname__}{said}")
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n\nafter:\n".join(parts)
