"""Import files of bills and of payments, as a person at a terminal does."""

from __future__ import annotations

from dataclasses import replace

from cleo_accounting.core.identity import Word
from cleo_accounting.core.records import Connection, Payment, RecordKind
from cleo_accounting.flows.records import importing, importing_payments
from cleo_accounting.platform.payables import connection_id, payable_id
from cleo_accounting.platform.rows import Bad, Document, Group, Paid, PaidRow
from cleo_accounting.store import records as kept
from proof.simulation import records
from proof.simulation.records import Step
from proof.simulation.world import Tenant, World


def take(world: World, tenant: Tenant, step: Step) -> None:
    """Import one row of a file of bills (vendor, number, day, amount), and note the outcome."""
    suffix = f" T{tenant.number}" if tenant.number else ""
    name, number, day = f"{step['vendor']}{suffix}", step["number"], step["day"]
    made = {"do": "payable", "n": 0, "to": 0, "cents": step["cents"], "number": number, "day": day}
    blank = records.payable(made)
    blank = replace(blank, id=payable_id(name, number, blank.issued_on))
    group = Group(Connection(connection_id(name), name), (Document(1, blank),), is_first=True)
    word = Word(step["word"]) if step.get("word") else None
    found = importing.take_groups(
        world.web.house,
        tenant.business_id,
        [group],
        settling=importing.Settling(every=word),
        by="driver",
        dry_run=False,
    )
    row = {"vendor": name, "number": number, "day": day, "cents": step["cents"], "word": word}
    for one in found:
        if one.kind is RecordKind.CONNECTION:
            known = {"kind": "connection", "id": one.id, "name": name, "status": "active"}
            _note(world, tenant, {**known, "email": "", "net": None}, one.outcome)
        else:
            told = {**row, "id": one.id, "outcome": one.outcome}
            world.history.note("imported", business=tenant.business_id, **told)
            _note_payable(world, tenant, made, one)


def pay(world: World, tenant: Tenant, step: Step) -> None:
    """Import one row of a file of payments, and note which payable it paid, if any."""
    said = records.payment(step)
    named = _names(world, tenant, said)
    known = step["by"] == "number" and bool(named["number"] and named["vendor"])
    row = PaidRow(
        payment_id=said.id,
        payable_id="" if known else said.payable_id or "",
        vendor=named["vendor"],
        number=named["number"],
        amount=said.amount,
        status=said.status.value,
        source=named["sources"].get(step["called"], said.funding_source_id),
        paid_on=said.paid_on,
        return_code=said.return_code or "",
        returned_on=None,
    )
    house, business_id = world.web.house, tenant.business_id
    (one,) = importing_payments.take_payments(
        house, business_id, [Paid(((2, row),), str)], by="driver", dry_run=False
    )
    outcome = "refused" if isinstance(one, Bad) else one.outcome
    with house.database.reading() as tx:
        became = kept.get(tx, business_id, RecordKind.PAYMENT, [said.id]).get(said.id)
    pays = became.payable_id if isinstance(became, Payment) and outcome != "refused" else None
    told = {"vendor": row.vendor, "number": row.number, "payable": row.payable_id}
    note = {"id": said.id, "outcome": outcome, "pays": pays, **told}
    world.history.note("paid_by_file", business=business_id, **note)
    if outcome != "refused":
        _note(world, tenant, {**records.told({**step, "do": "payment"}), "payable": pays}, outcome)


def _names(world: World, tenant: Tenant, payment: Payment) -> Step:
    """Return how people name the vendor, the number and the bank account of a payment, as last fed.

    A bank account is named by its name or digits if no other one has them, else by its id.
    """
    fed = {
        one["record"]["id"]: one["record"]
        for one in world.history.entries
        if one["what"] == "fed" and one["business"] == tenant.business_id
    }
    payable = fed.get(payment.payable_id, {})
    source = fed.get(payment.funding_source_id, {})
    ways = {"id": payment.funding_source_id}

    def alone(way: str) -> bool:
        named = [one.get(way) for one in fed.values() if one["kind"] == "funding_source"]
        return bool(source.get(way)) and named.count(source[way]) == 1

    return {
        "vendor": fed.get(payable.get("connection"), {}).get("name", ""),
        "number": payable.get("number") or "",
        "sources": ways | {way: source[way] for way in ("name", "digits") if alone(way)},
    }


def _note_payable(world: World, tenant: Tenant, made: Step, one: importing.Outcome) -> None:
    """Note the record's present state, if the row was imported."""
    if one.outcome not in ("created", "updated"):
        return
    kept = world.bench.dump()["records"]
    row = next(each for each in kept if each["id"] == one.id)
    said = {**records.told(made), "id": one.id, "connection": row["connection_id"]}
    _note(world, tenant, said, one.outcome)


def _note(world: World, tenant: Tenant, record: Step, outcome: str) -> None:
    world.history.note("fed", business=tenant.business_id, record=record, outcome=outcome)
