"""Read the stored records, and delete those that nothing depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cleo_accounting.core.records import Connection, Record, RecordKind
from cleo_accounting.errors import Conflict, Flaw, Invalid, Missing
from cleo_accounting.store import audit, dependents, records

if TYPE_CHECKING:
    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction

COLLECTIONS: Mapping[str, RecordKind] = {
    "connections": RecordKind.CONNECTION,
    "bank-accounts": RecordKind.FUNDING_SOURCE,
    "payables": RecordKind.PAYABLE,
    "payments": RecordKind.PAYMENT,
}
_CALLED = {
    RecordKind.CONNECTION: "connection",
    RecordKind.FUNDING_SOURCE: "bank account",
    RecordKind.PAYABLE: "payable",
    RecordKind.PAYMENT: "payment",
}
_FILTERS: Mapping[RecordKind, Sequence[str]] = {
    RecordKind.CONNECTION: ("status",),
    RecordKind.FUNDING_SOURCE: (),
    RecordKind.PAYABLE: ("status", "connectionId", "role", "invoiceNumber"),
    RecordKind.PAYMENT: ("status",),
}
_UNSENT = {
    RecordKind.CONNECTION: "Archive it (status “archived”), or remove its mapping first.",
    RecordKind.FUNDING_SOURCE: "Remove its mapping first.",
    RecordKind.PAYABLE: "Send it as CANCELLED or DECLINED instead: the next sync removes the"
    " document from QuickBooks, as far as nobody has paid or changed it.",
    RecordKind.PAYMENT: "Send it as cancelled or failed instead: the next sync takes it out of the"
    " books.",
}


def page(
    house: House,
    business_id: str,
    kind: RecordKind,
    wanted: Mapping[str, str | None],
    *,
    limit: int,
    offset: int,
) -> tuple[Sequence[Record], int]:
    """Return a page of a kind's records in the order they first arrived, and how many there are.

    Raises:
        Invalid: a filter does not fit the kind.
    """
    filters = {name: value for name, value in wanted.items() if value is not None}
    unfit = [name for name in filters if name not in _FILTERS[kind]]
    if unfit:
        fitting = ", ".join(_FILTERS[kind]) or "none"
        message = f"does not filter a {_CALLED[kind]}: leave it out (filters: {fitting})"
        raise Invalid(
            "The list cannot be filtered this way.", [Flaw(name, message) for name in unfit]
        )
    with house.database.reading() as tx:
        return records.filtered(tx, business_id, kind, filters, limit=limit, offset=offset)


def one(house: House, business_id: str, kind: RecordKind, record_id: str) -> Record:
    """Return one record.

    Raises:
        Missing: there is no record of this kind and id.
    """
    with house.database.reading() as tx:
        return _found(tx, business_id, kind, record_id)


def delete(house: House, business_id: str, kind: RecordKind, record_id: str, by: str) -> None:
    """Delete a record that has nothing in QuickBooks and that no other record depends on.

    What is known of a document that was deleted in QuickBooks stays, so that the same record, sent
    again, is not written a second time without being asked.

    Raises:
        Missing: there is no record of this kind and id.
        Conflict: it is in QuickBooks, is being sent, or payables name it.
    """
    with house.database.transaction() as tx:
        record = _found(tx, business_id, kind, record_id)
        dependents.hold(tx, business_id)
        _nothing_depends(tx, business_id, kind, record)
        records.delete(tx, business_id, kind, record_id)
        audit.note(
            tx,
            business_id,
            by=by,
            what="record_deleted",
            subject=record_id,
            now=house.clock.now(),
            facts={"kind": kind},
        )


def _found(tx: Transaction, business_id: str, kind: RecordKind, record_id: str) -> Record:
    found = records.get(tx, business_id, kind, [record_id]).get(record_id)
    if found is None:
        raise Missing(f"There is no such {_CALLED[kind]}.")
    return found


def _nothing_depends(tx: Transaction, business_id: str, kind: RecordKind, record: Record) -> None:
    called = _CALLED[kind]
    if isinstance(record, Connection):
        for of, number in records.naming(tx, business_id, record.id).items():
            one = _CALLED[of]
            named = f"A {one} names" if number == 1 else f"{number:,} {one}s name"
            raise Conflict(
                f"{named} this connection: archive it instead (status “archived”), or delete"
                " them first.",
                code="record_in_use",
            )
    there = dependents.name_there(tx, business_id, kind, record.id)
    if there is not None:
        raise Conflict(
            f"This {called} is “{there}” in QuickBooks. {_UNSENT[kind]}", code="record_in_use"
        )
    if dependents.is_being_sent(tx, business_id, record.id):
        raise Conflict(
            f"This {called} may just be on its way to QuickBooks: try again when the sync has"
            " ended and nothing is being checked.",
            code="record_in_use",
        )
