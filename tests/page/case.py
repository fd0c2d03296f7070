"""A cause that the tests of the page bring about and fix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.page.forms import Person
from tests.page.house import Place

Deed = Callable[[Place, Person], None]
BILL = ("bill", "pay_1")


@dataclass(frozen=True, slots=True)
class Case:
    """One cause: how to bring it about, for which record, and the ways to fix it, by name."""

    happens: Callable[[Place], None]
    record: tuple[str, str] = BILL
    mends: Mapping[str, Deed] = field(default_factory=dict)
