"""Alternative numbers for a document whose own number is taken: proposals and validation."""

from __future__ import annotations

from itertools import count, islice
from typing import TYPE_CHECKING

from cleo_accounting.core.match import name_key
from cleo_accounting.core.render import NUMBER_LENGTH_MAX, short_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_LOOKED_FOR = 9  # how many proposals are looked up in advance


def number_key(number: str) -> str:
    """Return the form in which two document numbers are compared, as `name_key` does for names."""
    return name_key(number)


def free_number(number: str, taken: Collection[str]) -> str:
    """Propose a number that is not taken: the document's own with “-2”, “-3” and so on appended."""
    keys = {number_key(one) for one in taken}
    return next(one for one in _after(number) if number_key(one) not in keys)


def candidates(number: str) -> Sequence[str]:
    """Return the first numbers that would be proposed, which are worth looking up."""
    return tuple(islice(_after(number), _LOOKED_FOR))


def flaw(number: str) -> str | None:
    """Return why a typed number cannot be used, or None (Intuit, Bill and Invoice: DocNumber)."""
    plain = number.strip()
    if not plain:
        return "is required: say which number it gets instead"
    if not plain.isprintable():
        return "has an invisible character: type the number anew"
    if len(plain) > NUMBER_LENGTH_MAX:
        return f"is longer than the {NUMBER_LENGTH_MAX} characters that QuickBooks takes"
    return None


def _after(number: str) -> Iterator[str]:
    own = short_number(number)
    for at in count(2):
        suffix = f"-{at}"
        another = f"{own[: NUMBER_LENGTH_MAX - len(suffix)].rstrip()}{suffix}"
        if another != own:  # the shortened number may end like this already
            yield another
