"""What QuickBooks says is open of a document, and which of two readings of it is to be believed."""

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
    """What is open of a document, as QuickBooks said it at a moment.

    `version` counts the changes of the document. `known`: False once a write of ours has changed
    the document at `at`, until QuickBooks is asked again. `payments` are the ids of the payments in
    QuickBooks that the document is linked to; `gone` means that it was deleted or voided there.
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
        """Whether QuickBooks said that the document is there, and nothing has changed it since."""
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
    """Return the balance that the details of a remote tell."""
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
    """Return whether a reading of a document replaces what was known before it.

    A reading that began before what is known changes nothing. A query may show what was written a
    moment ago as it stood before: an older version is believed only after the quiescence.
    """
    if before is None:
        return True
    if found.at < before.at:
        return False
    return found.gone or found.version >= before.version or found.at - before.at > quiescence


def _money(decimal: str | None, currency: str) -> Money | None:
    return Money.of(Decimal(decimal), currency) if decimal and currency else None
