"""Another number for a document whose own is taken: which are proposed, and which fit."""

from __future__ import annotations

from itertools import count, islice
from typing import TYPE_CHECKING

from cleo_accounting.core.match import name_key
from cleo_accounting.core.render import NUMBER_LENGTH_MAX, short_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_LOOKED_FOR = 9  # of the numbers that may be proposed, how many are worth looking for


def number_key(number: str) -> str:
    """Give the form in which two document numbers are compared, as `name_key` does for names."""
    return name_key(number)


def free_number(number: str, taken: Collection[str]) -> str:
    """Propose a number that nobody has: the own one with “-2”, “-3” and so on behind it."""
    keys = {number_key(one) for one in taken}
    return next(one for one in _after(number) if number_key(one) not in keys)


def candidates(number: str) -> Sequence[str]:
    """The numbers that come first when another one is proposed: those to ask about."""
    return tuple(islice(_after(number), _LOOKED_FOR))


def flaw(number: str) -> str | None:
    """Say why a typed number does not do, or None (Intuit, Bill and Invoice: DocNumber)."""
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
        if another != own:  # a long one that ends so already
            yield another
