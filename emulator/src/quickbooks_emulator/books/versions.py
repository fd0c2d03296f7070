"""Write a record's next version: balance, SyncToken, MetaData, encoding and change log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics.money import amount
from quickbooks_emulator.books.books import Effect, encode

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books, Record


def rewrite(books: Books, record: Record, document: dict[str, Any], by: str) -> None:
    """Write a new version of a record because of a change in another record."""
    before = record.body
    record.token += 1
    seal(books, record, document, books.moment())
    books.on_effect(Effect(record.kind, record.id, "Update", before, record.body, by))


def settle(books: Books, kind: str, record_id: str, document: dict[str, Any]) -> None:
    """Set a document's balance and its links from the payments applied to it."""
    links = books.applied.get(record_id, {})
    if links:
        document["LinkedTxn"] = [
            {"TxnId": source, "TxnType": link_type} for source, (_, link_type) in links.items()
        ]
    else:
        document.pop("LinkedTxn", None)
    if kind in {"Payment", "JournalEntry", "Deposit"}:
        return
    paid = sum(cents for cents, _ in links.values())
    left = max(0, round(document["TotalAmt"] * 100) - paid)
    document["Balance"] = amount(left)
    if kind == "CreditMemo":
        document["RemainingCredit"] = amount(left)
    rate = document.get("ExchangeRate")
    if books.settings.multicurrency and rate is not None:
        document["HomeBalance"] = amount(round(left * rate))


def seal(books: Books, record: Record, document: dict[str, Any], moment: float) -> None:
    """Set an entity's envelope (Id, SyncToken, MetaData), encode it, and log the change."""
    record.updated = moment
    record.names_seen = books.names_age
    for name in ("Id", "SyncToken", "MetaData", "domain", "sparse"):
        document.pop(name, None)
    document["domain"] = "QBO"
    document["sparse"] = False
    document["Id"] = record.id
    document["SyncToken"] = str(record.token)
    document["MetaData"] = {
        "CreateTime": books.stamp(record.created),
        "LastUpdatedTime": books.stamp(moment),
    }
    record.body = encode(document)
    books.changes[record.kind].note(moment, record.id)
