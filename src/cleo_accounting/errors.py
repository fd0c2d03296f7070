"""Everything that can go wrong, grouped by what the caller should do.

    AccountingError
    ├── Mend               change something, then try again
    │   ├── Invalid            the input has these faults (422)
    │   ├── Missing            there is no such thing, or it is not yours (404)
    │   ├── Forbidden          you may see it but not do this (403)
    │   └── Conflict           it is in another state than this needs (409)
    ├── Unidentified       say who you are (401)
    ├── Reconnect          the company's books no longer open: a person must connect again
    ├── Wait               nothing is wrong; come back at `until`
    │   ├── Throttled          the accounting product asked us to slow down
    │   ├── Unavailable        the accounting product does not answer
    │   └── Exceeded           more was asked of us than anybody may; wait for the next window
    ├── Superseded         another worker goes on with this; stop, and write nothing more
    └── Misconfigured      the operator must change a setting; names it, never its value

A refused record is not an error but a value (see `providers.Refused`): half-written batches are
ordinary weather. An unknown outcome is a value too (`providers.Doubtful`).
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
    """One fault of an input: which field, what about it (says what to do), and a stable code."""

    field: str
    message: str
    code: str = "invalid"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands: of `amount` in `seconds`, `left` until it is full in `reset_seconds`."""

    name: str
    amount: int
    seconds: int
    left: int
    reset_seconds: int


class AccountingError(Exception):
    """The root: a message for people that says what to do, and a stable code for programs."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code


class Mend(AccountingError):
    """Change something, then try again."""

    code = "mend"


class Invalid(Mend):
    """The input is well-formed but means nothing we can do."""

    code = "invalid"

    def __init__(
        self, message: str, flaws: Sequence[Flaw] = (), *, code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.flaws = tuple(flaws)


class Missing(Mend):
    """There is no such thing, or it is not yours: the two look the same."""

    code = "not_found"


class Forbidden(Mend):
    """You may see this, but not do that."""

    code = "forbidden"


class Conflict(Mend):
    """It is in another state than this needs."""

    code = "conflict"


class Unidentified(AccountingError):
    """Say who you are."""

    code = "unauthenticated"


class Reconnect(AccountingError):
    """The company's books no longer open; a person has to connect again."""

    code = "needs_reconnect"


class Wait(AccountingError):
    """Nothing is wrong; come back at `until` (aware)."""

    code = "wait"

    def __init__(self, message: str, until: datetime, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.until = until


class Throttled(Wait):
    """The accounting product asked us to slow down; what was asked was not done."""

    code = "rate_limited"


class Unavailable(Wait):
    """The accounting product does not answer, or not sensibly."""

    code = "upstream_unavailable"


class Exceeded(Wait):
    """More was asked of us than is allowed; nothing was done. `standing` is that of the budget."""

    code = "rate_limited"

    def __init__(self, message: str, until: datetime, standing: Standing | None = None) -> None:
        super().__init__(message, until)
        self.standing = standing


class Superseded(AccountingError):
    """Another worker goes on with this; whoever meets this stops and writes nothing more."""

    code = "superseded"


class Misconfigured(AccountingError):
    """The operator must change a setting; the message names it and never shows its value."""

    code = "misconfigured"


def traced(error: BaseException) -> str:
    """Write where an error happened, for a log: files, lines and kinds, and no values.

    The words of an error that is not ours may hold what a caller sent (pydantic's `input_value`, a
    database's `DETAIL`), so they are left out; ours never hold a secret.
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
