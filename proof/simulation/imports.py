"""Take in a file of bills, as somebody at a terminal does: rows without ids of their own."""

from __future__ import annotations

from dataclasses import replace

from cleo_accounting.core.identity import Word
from cleo_accounting.core.records import Connection, RecordKind
from cleo_accounting.flows.records import importing
from cleo_accounting.platform.payables import connection_id, payable_id
from cleo_accounting.platform.rows import Document, Group
from proof.simulation import records
from proof.simulation.records import Step
from proof.simulation.world import Tenant, World


def take(world: World, tenant: Tenant, step: Step) -> None:
    """Take in one row of a file: a vendor, a number, a day, an amount; and note what it became."""
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


def _note_payable(world: World, tenant: Tenant, made: Step, one: importing.Outcome) -> None:
    """Note what the record says by now, where the row was taken in."""
    if one.outcome not in ("created", "updated"):
        return
    kept = world.bench.dump()["records"]
    row = next(each for each in kept if each["id"] == one.id)
    said = {**records.told(made), "id": one.id, "connection": row["connection_id"]}
    _note(world, tenant, said, one.outcome)


def _note(world: World, tenant: Tenant, record: Step, outcome: str) -> None:
    world.history.note("fed", business=tenant.business_id, record=record, outcome=outcome)
