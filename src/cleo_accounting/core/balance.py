"""The open balance of a document in QuickBooks, and which of two readings of it is used."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from cleo_accounting.core.records import Money

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta


class PaymentState(StrEnum):
    """How much of a document is paid in QuickBooks."""

    UNPAID = "unpaid"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Balance:
    """The open balance of a document, as QuickBooks reported it at a moment.

    `version` counts the changes of the document. `known` is False after a write of ours changed the
    document at `at`, until it is read from QuickBooks again. `payments` are the ids of the payments
    in QuickBooks that the document is linked to; `gone` means that it was deleted or voided in
    QuickBooks.
    """

    remote_id: str
    version: int
    at: datetime
    known: bool = True
    gone: bool = False
    number: str = ""
    currency: str = ""
    total: Money | None = None
    open: Money | None = None
    payments: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether QuickBooks reported the document as existing and it has not changed since."""
        return self.known and not self.gone

    @property
    def payment_state(self) -> PaymentState:
        """How much of the document is paid, as far as that is known."""
        if not self.stands or self.open is None or self.total is None:
            return PaymentState.UNKNOWN
        if self.open.minor <= 0:
            return PaymentState.PAID
        return (
            PaymentState.PARTLY_PAID if self.open.minor < self.total.minor else PaymentState.UNPAID
        )


def read(
    remote_id: str, version: str, details: Mapping[str, str], at: datetime, *, gone: bool = False
) -> Balance:
    """Return the balance that is contained in the details of a remote."""
    currency = details.get("currency", "")
    return Balance(
        remote_id=remote_id,
        version=int(version or 0),
        at=at,
        gone=gone,
        number=details.get("number", ""),
        currency=currency,
        total=_money(details.get("total"), currency),
        open=_money(details.get("balance"), currency),
        payments=tuple(details.get("payments", "").split()),
    )


def believed(before: Balance | None, found: Balance, quiescence: timedelta) -> bool:
    """Return whether a reading of a document replaces the previous one.

    A reading that began before the previous one changes nothing. A query may return a document as
    it was before a very recent write: an older version is accepted only after the quiescence
    period.
    """
    if before is None:
        return True
    if found.at < before.at:
        return False
    return found.gone or found.version >= before.version or found.at - before.at > quiescence


def _money(decimal: str | None, currency: str) -> Money | None:
    return Money.of(Decimal(decimal), currency) if decimal and currency else None
