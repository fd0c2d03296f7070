"""Parse one row of a table as a payment, or as the part of one that pays one payable."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core.records import PaymentStatus
from cleo_accounting.platform.cells import Cells, filled, shown
from cleo_accounting.platform.forms import NUMBER_FROM
from cleo_accounting.platform.rows import Bad, PaidRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from cleo_accounting.platform.dates import Cell

_STATUSES = ", ".join(PaymentStatus)


@dataclass(frozen=True, slots=True)
class UnreadablePart:
    """An unreadable row of a known payment."""

    payment_id: str
    bad: Bad

    @property
    def key(self) -> tuple[str, ...]:
        """The key that the rows of one payment share."""
        return (self.payment_id,)


class PaidRows(Cells):
    """Parses rows as payments and parts of payments."""

    __slots__ = ()

    def read(self, number: int, cells: Sequence[Cell]) -> PaidRow | UnreadablePart | Bad | None:
        """Parse one row; None if it holds no payment."""
        found = self.rows_of(number, cells)
        if found is None or isinstance(found, Bad):
            return found
        payment_id = self.number(found)
        if not payment_id:
            reason = "It has no payment id: without one it cannot be known again."
            return Bad(number, reason, "no_payment", self.called("payment_id"))
        if flaw := self.shortened(number, "payment_id", payment_id):
            return flaw
        if NUMBER_FROM in self.places.at:
            payment_id = made_id(payment_id)
        read = self._read(number, payment_id, found)
        return UnreadablePart(payment_id, read) if isinstance(read, Bad) else read

    def _read(self, number: int, payment_id: str, cells: Sequence[Cell]) -> PaidRow | Bad:
        if flaw := self._flaw(number, cells):
            return flaw
        price = self.price(number, cells)
        if isinstance(price, Bad):
            return price
        paid_on = self._day(number, "payment_date", cells)
        if isinstance(paid_on, Bad):
            return paid_on
        returned_on = self._day(number, "return_date", cells)
        if isinstance(returned_on, Bad):
            return returned_on
        return PaidRow(
            payment_id=payment_id,
            payable_id=self.text("payable_id", cells),
            vendor=self.text("vendor_name", cells),
            number=self.text("invoice_number", cells),
            amount=price,
            status=self.text("status", cells).casefold(),
            source=self.text("funding_source", cells),
            paid_on=paid_on or self.on,
            return_code=self.text("return_code", cells),
            returned_on=returned_on,
        )

    def _flaw(self, number: int, cells: Sequence[Cell]) -> Bad | None:
        """Return the problem of a row with a missing payable, status or funding source, or None."""
        payable_id, vendor, named, status, source = (
            self.text(name, cells)
            for name in ("payable_id", "vendor_name", "invoice_number", "status", "funding_source")
        )
        if not payable_id and not (vendor and named):
            reason = (
                "It does not say which payable is paid: give its payable_id, or its vendor_name"
                " and invoice_number."
            )
            return Bad(number, reason, "no_payable", self.called("payable_id"))
        for name, text in (("payable_id", payable_id), ("invoice_number", named)):
            if (name == "payable_id" or not payable_id) and (
                flaw := self.shortened(number, name, text)
            ):
                return flaw
        if status.casefold() not in set(PaymentStatus):
            called = self.called("status")
            reason = f"{called} must be one of {_STATUSES}, not “{shown(status)}”."
            return Bad(number, reason, "status", called, shown(status))
        if not source:
            reason = "It does not say which funding source the money left, or went to."
            return Bad(number, reason, "funding_source", self.called("funding_source"))
        return None

    def _day(self, number: int, name: str, cells: Sequence[Cell]) -> date | Bad | None:
        cell = self.cell(name, cells)
        return self.day(number, name, cell) if filled(cell) else None


def made_id(number: str) -> str:
    """Return an id for a payment that has none, derived from its other columns."""
    return f"pmt_{hashlib.sha256(number.encode('utf-8', 'replace')).hexdigest()[:24]}"
