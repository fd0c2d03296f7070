"""Note what the service shows people at the end: open issues, statuses, balances, timelines."""

from __future__ import annotations

from typing import Any

from cleo_accounting.core.kinds import DOCUMENTS
from cleo_accounting.core.records import RecordKind
from cleo_accounting.flows.reporting import history
from cleo_accounting.flows.reporting.document import DocumentStatus, document_status
from cleo_accounting.flows.reporting.survey import survey
from cleo_accounting.store import links, records
from proof.simulation.world import Tenant, World

_TIMELINES = 3  # timelines noted of each business, of its newest documents
_BALANCES = 8  # balances noted of each business, of its newest links


def note_views(world: World, tenant: Tenant) -> None:
    """Note what the pages of a business show at the end."""
    house, where = world.web.house, (tenant.business_id, tenant.integration_id)
    waits = history.issues(house, *where)
    world.history.note(
        "surveyed",
        business=tenant.business_id,
        state=survey(house, tenant.business_id).state,
        issues={one.code: one.number for one in waits.groups},
        documents=waits.documents,
        timelines=[_timeline(world, tenant, *record) for record in _documents(world, tenant)],
    )


def note_balances(world: World, tenant: Tenant) -> None:
    """Note the open balance that the service shows for the documents of the newest links."""
    house, where = world.web.house, (tenant.business_id, tenant.integration_id)
    with house.of(tenant.business_id).database.reading() as tx:
        linked = [
            (kind.value, name, link.remote_id)
            for kind in DOCUMENTS
            for name, link in links.links_of(tx, tenant.integration_id, kind).items()
            if not link.gone
        ][-_BALANCES:]
        names = [name for _, name, _ in linked]
        known = records.get(tx, tenant.business_id, RecordKind.PAYABLE, names)
    told = {name: document_status(house, *where, name) for name in known}
    world.history.note(
        "balances",
        business=tenant.business_id,
        realm=tenant.company.realm_id,
        told=[
            {"kind": kind, "record": name, "remote": remote_id, "open": _cents(told[name])}
            for kind, name, remote_id in linked
            if name in known  # some links are older than what the business has sent again
        ],
    )


def _cents(told: DocumentStatus) -> int | None:
    return told.open.minor if told.open else None


def _documents(world: World, tenant: Tenant) -> list[tuple[str, str]]:
    dump = world.bench.dump()
    previews = {row["id"] for row in dump["runs"] if row["dry_run"]}  # no timeline shows previews
    told = [
        (row["kind"], row["record_id"])
        for row in dump["operations"]
        if row["integration_id"] == tenant.integration_id
        and row["kind"] in DOCUMENTS
        and row["run_id"] not in previews
    ]
    return list(dict.fromkeys(told[::-1]))[:_TIMELINES]


def _timeline(world: World, tenant: Tenant, kind: str, record: str) -> dict[str, Any]:
    where = (world.web.house, tenant.business_id, tenant.integration_id)
    told = history.timeline(*where, kind, record)
    items = [one.entry.item for one in told]
    return {
        "kind": kind,
        "record": record,
        "entries": [[one.id, one.action, one.code] for one in items],
        "totals": [
            [each.before, each.after]
            for one in told
            for each in one.differences
            if each.field == "Total"
        ],
    }
