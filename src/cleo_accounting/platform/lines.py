"""Parse one row of a table as one line of a payable, or return why that is not possible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cleo_accounting.core.match import name_key
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.records import Money
from cleo_accounting.platform.cells import Cells, filled
from cleo_accounting.platform.rows import Bad

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.platform.dates import Cell


@dataclass(frozen=True, slots=True)
class Line:
    """A parsed row: one line of the document with a given vendor, number and date."""

    vendor: str
    number: str
    issued_on: date
    due_on: date | None
    price: Money
    account: str
    department: str
    description: str

    @property
    def key(self) -> tuple[str, ...]:
        """The key that all rows with the same vendor and number share, whatever their date."""
        return name_key(self.vendor), number_key(self.number)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An unreadable row with a known vendor and number, and with its date if that is readable."""

    vendor: str
    number: str
    issued_on: date | None
    bad: Bad

    @property
    def key(self) -> tuple[str, ...]:
        """The key that all rows with the same vendor and number share, whatever their date."""
        return name_key(self.vendor), number_key(self.number)


class Rows(Cells):
    """Parses rows as lines of payables."""

    __slots__ = ()

    def read(self, number: int, cells: Sequence[Cell]) -> Line | Unreadable | Bad | None:
        """Parse one row; None if it is not a line of a payable."""
        found = self.rows_of(number, cells)
        if found is None or isinstance(found, Bad):
            return found
        vendor, named = self.text("vendor_name", found), self.number(found)
        if flaw := self._name_flaw(number, vendor, named):
            return flaw
        return self._line(number, vendor, named, found)

    def _name_flaw(self, number: int, vendor: str, named: str) -> Bad | None:
        """Return the problem of a row whose vendor or document cannot be identified, or None."""
        if not vendor:
            return Bad(number, "It has no vendor name.", "no_vendor", self.called("vendor_name"))
        if not named:
            reason = "It has no invoice number: without one it cannot be known again."
            return Bad(number, reason, "no_number", self.called("invoice_number"))
        return self.shortened(number, "invoice_number", named)

    def _line(
        self, number: int, vendor: str, named: str, cells: Sequence[Cell]
    ) -> Line | Unreadable:
        issued_on = self._issued_on(number, cells)
        day = issued_on if isinstance(issued_on, date) else None
        for found in (issued_on, due_on := self._due_on(number, cells)):
            if isinstance(found, Bad):
                return Unreadable(vendor, named, day, found)
        price = self.price(number, cells)
        if isinstance(price, Bad):
            return Unreadable(vendor, named, day, price)
        assert day is not None
        assert not isinstance(due_on, Bad)
        return Line(
            vendor,
            named,
            day,
            due_on,
            price,
            *(self.words(name, cells) for name in ("account", "department", "description")),
        )

    def _issued_on(self, number: int, cells: Sequence[Cell]) -> date | Bad:
        for name in self.places.form.dated_by:
            if filled(cell := self.cell(name, cells)):
                return self.day(number, name, cell)
        if self.on is not None:
            return self.on
        there = [name for name in self.places.form.dated_by if name in self.places.at]
        columns = " or ".join(self.called(name) for name in there)
        return Bad(number, f"It has no date in {columns}.", "no_date", columns)

    def _due_on(self, number: int, cells: Sequence[Cell]) -> date | Bad | None:
        cell = self.cell("due_date", cells)
        return self.day(number, "due_date", cell) if filled(cell) else None
