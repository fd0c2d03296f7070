"""Unlink payments from a document that is voided or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics.money import amount
from quickbooks_emulator.books.versions import rewrite

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books, Record


def unlink_payments(books: Books, target: str, by: str) -> None:
    """Remove a document from every payment linked to it; the amounts become unapplied."""
    for source in list(books.applied.pop(target, {})):
        kinds = books.paying[source]
        target_kind = kinds.pop(target)
        if not kinds:
            del books.paying[source]
        payment = _payment(books, source)
        document = books.stored(payment)
        document["Line"] = [
            line for line in document["Line"] if not _names(line, target_kind, target)
        ]
        if "UnappliedAmt" in document:
            document["UnappliedAmt"] = amount(unapplied(books, source, document))
        rewrite(books, payment, document, by)


def unapplied(books: Books, source: str, document: dict[str, Any]) -> int:
    """Return the cents of a payment that are not applied to any document."""
    applied = 0
    for target, kind in books.paying.get(source, {}).items():
        sign = -1 if is_credit(books, books.records[kind][target]) else 1
        applied += sign * books.applied[target][source][0]
    return int(round(document["TotalAmt"] * 100) - applied)


def is_credit(books: Books, record: Record) -> bool:
    """Return whether a document is a credit, which adds to a payment's money."""
    if record.kind != "JournalEntry":
        return record.kind in {"CreditMemo", "VendorCredit"}
    for position in range(0, len(record.postings), 3):
        _, cents, party = record.postings[position : position + 3]
        if party is not None:
            assert isinstance(cents, int)
            return cents > 0 if party in books.records["Vendor"] else cents < 0
    return False


def _payment(books: Books, source: str) -> Record:
    for kind in ("BillPayment", "Payment", "Deposit"):
        record = books.records[kind].get(source)
        if record is not None:
            return record
    raise AssertionError(f"nothing has the id {source} that a link names")


def _names(line: dict[str, Any], kind: str, target: str) -> bool:
    return any(
        link.get("TxnId") == target and link.get("TxnType") == kind
        for link in line.get("LinkedTxn", ())
    )
