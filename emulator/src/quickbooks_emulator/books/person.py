"""Operations that people perform in QuickBooks itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books import writing
from quickbooks_emulator.books.books import Effect, Postings
from quickbooks_emulator.books.entities import ENTITIES, Entity
from quickbooks_emulator.books.versions import rewrite, seal

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books, Record
    from quickbooks_emulator.books.draft import Options

MERGEABLE = frozenset({"Vendor", "Customer", "Employee", "Account", "Item", "Class", "Department"})


def _raw(books: Books, entity: Entity, record_id: str) -> dict[str, Any]:
    record = _found(books, entity, record_id)
    return {"Id": record.id, "SyncToken": str(record.token)}


def edit(
    books: Books, entity: Entity, record_id: str, changes: Mapping[str, Any], options: Options
) -> Record:
    """Change some properties of an entity."""
    current = books.document(_found(books, entity, record_id))
    kept = {name: current[name] for name in entity.sparse_required if name in current}
    raw = {**kept, **_raw(books, entity, record_id), "sparse": True, **changes}
    return writing.update(books, entity, raw, options)


def _found(books: Books, entity: Entity, record_id: str) -> Record:
    record = books.find(entity.name, record_id)
    if record is None:
        raise faults.object_not_found()
    return record


def delete(books: Books, entity: Entity, record_id: str, options: Options) -> None:
    """Delete a transaction."""
    writing.delete(books, entity, _raw(books, entity, record_id), options)


def void(books: Books, entity: Entity, record_id: str, options: Options) -> Record:
    """Void a document."""
    return writing.void(books, entity, _raw(books, entity, record_id), options)


def pay_bill(
    books: Books,
    bill_id: str,
    account_id: str | None,
    amount: float | None,
    options: Options,
) -> Record:
    """Create a bill payment, in full and from the first bank account by default."""
    bill = books.document(_found(books, ENTITIES["Bill"], bill_id))
    if account_id is None:
        bank = books.special("Bank")
        if bank is None:
            raise faults.business("The company has no bank account.")
        account_id = bank.id
    paid = bill["Balance"] if amount is None else amount
    raw = {
        "VendorRef": bill["VendorRef"],
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": account_id}},
        "TotalAmt": str(paid),
        "Line": [{"Amount": str(paid), "LinkedTxn": [{"TxnId": bill_id, "TxnType": "Bill"}]}],
    }
    for name in ("CurrencyRef", "ExchangeRate"):
        if name in bill:
            raw[name] = bill[name]
    return writing.create(books, ENTITIES["BillPayment"], raw, options)


def receive_payment(
    books: Books, invoice_id: str, account_id: str | None, amount: float | None, options: Options
) -> Record:
    """Create a customer's payment; without an account it goes to undeposited funds."""
    invoice = books.document(_found(books, ENTITIES["Invoice"], invoice_id))
    paid = invoice["Balance"] if amount is None else amount
    link = {"TxnId": invoice_id, "TxnType": "Invoice"}
    raw = {
        "CustomerRef": invoice["CustomerRef"],
        "TotalAmt": str(paid),
        "Line": [{"Amount": str(paid), "LinkedTxn": [link]}],
    }
    if account_id is not None:
        raw["DepositToAccountRef"] = {"value": account_id}
    for name in ("CurrencyRef", "ExchangeRate"):
        if name in invoice:
            raw[name] = invoice[name]
    return writing.create(books, ENTITIES["Payment"], raw, options)


def merge(books: Books, entity: Entity, loser_id: str, winner_id: str, options: Options) -> None:
    """Merge a record into another: move its transactions, and make it inactive."""
    if entity.name not in MERGEABLE or loser_id == winner_id:
        raise faults.unsupported("merge")
    loser, winner = _found(books, entity, loser_id), _found(books, entity, winner_id)
    if books.descendants(entity.name, loser.id):
        raise faults.NotModelled(f"merging a {entity.name} that has others below it")
    for records in books.records.values():
        for record in list(records.values()):
            if record is not loser:
                _move(books, entity, record, loser, winner, options)
    raw = {"Id": loser.id, "SyncToken": str(loser.token), "sparse": True, "Active": False}
    quiet = books.on_effect
    books.on_effect = lambda _effect: None
    try:
        writing.update(books, entity, raw, options)
    finally:
        books.on_effect = quiet
    winner_before = winner.body
    winner.token += 1
    seal(books, winner, books.stored(winner), books.moment())
    books.on_effect(
        Effect(
            entity.name,
            winner.id,
            "Merge",
            winner_before,
            winner.body,
            options.by,
            merged_id=loser.id,
        )
    )


def _move(
    books: Books, entity: Entity, record: Record, loser: Record, winner: Record, options: Options
) -> None:
    document = books.stored(record)
    if not _replace(document, entity.name, loser, winner):
        return
    declared = ENTITIES[record.kind]
    if declared.party is not None:
        parties = books.of_party[record.kind]
        if parties.get(loser.id, {}).pop(record.id, 0) is None:
            parties.setdefault(winner.id, {})[record.id] = None
    _move_postings(books, record, loser.id, winner.id, entity.name)
    rewrite(books, record, document, options.by)


def _replace(document: Any, kind: str, loser: Record, winner: Record) -> bool:  # noqa: ANN401  any part of a JSON document
    """Change every reference to the loser into one to the winner; returns whether any changed."""
    if type(document) is list:
        results = [_replace(each, kind, loser, winner) for each in document]
        return any(results)
    if type(document) is not dict:
        return False
    changed = False
    for name, value in document.items():
        if type(value) is dict and value.get("value") == loser.id and _means(name, value, kind):
            value["value"], value["name"] = winner.id, winner.label
            changed = True
        elif type(value) in {dict, list}:
            changed = _replace(value, kind, loser, winner) or changed
    return changed


def _means(name: str, reference: dict[str, Any], kind: str) -> bool:
    if name in {"EntityRef", "Entity"}:
        return reference.get("type") == kind
    if kind in {"Class", "Item", "Department", "Employee", "Vendor", "Customer"}:
        return name == f"{kind}Ref"
    return name.endswith("AccountRef") and kind == "Account"


def _move_postings(books: Books, record: Record, loser: str, winner: str, kind: str) -> None:
    position = {"Account": 0, "Vendor": 2, "Customer": 2}.get(kind)
    if position is None or loser not in record.postings[position::3]:
        return
    parts = list(record.postings)
    balances = books.balances if position == 0 else books.party_balances
    for index in range(position, len(parts), 3):
        if parts[index] == loser:
            cents = parts[index - position + 1]
            assert isinstance(cents, int)
            parts[index] = winner
            balances[loser] = balances.get(loser, 0) - cents
            balances[winner] = balances.get(winner, 0) + cents
    moved: Postings = tuple(parts)
    record.postings = moved
