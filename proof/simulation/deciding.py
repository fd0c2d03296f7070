"""What people decide in the service: about a record, a cause or a mapping, and when to pause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import AccountingError
from cleo_accounting.flows import House
from cleo_accounting.flows.company import steer
from cleo_accounting.flows.mapping import bulk, choose
from cleo_accounting.flows.mapping.pair import BANK_ACCOUNT, CUSTOMER, VENDOR, pair
from proof.simulation import people
from proof.simulation.records import Step
from proof.simulation.world import Tenant, World

_PARTIES = ("vendor", "customer")
_TARGETS = {"vendor": VENDOR, "customer": CUSTOMER, "account": BANK_ACCOUNT}


def decide(world: World, tenant: Tenant, step: Step) -> None:
    """Decide about one record, and note the decision or its refusal."""
    if not tenant.integration_id:
        return
    where = (world.web.house, tenant.business_id, tenant.integration_id)
    try:
        value = step.get("value") or _document(world, tenant, step)
        item, run = None, None
        if step["verdict"] in choose.NEEDS_CONTENT:
            item, run = _last_item(world, tenant, step["record"])
        if item is not None:
            choose.decide_item(*where, item, step["verdict"], "", "driver")
        else:  # by the record, which works for what only a comparison has shown, too
            kind = RemoteKind(step["kind"])
            choose.decide(*where, kind, step["record"], step["verdict"], value, "driver")
    except AccountingError as refusal:
        world.history.note("decision_refused", code=refusal.code)
        return
    told = {name: step[name] for name in ("kind", "record", "verdict")}
    world.history.note("decided", business=tenant.business_id, **told, value=value, run=run)


def decide_all(world: World, tenant: Tenant, step: Step) -> None:
    """Decide about all items that wait for one cause, and note each outcome."""
    if not tenant.integration_id:
        return
    where = (world.web.house, tenant.business_id, tenant.integration_id)
    items = {row["id"]: row for row in world.bench.dump()["operations"]}
    value = "by hand" if step["word"] == "leave_out" else ""
    done = bulk.decide(*where, code=step["code"], word=step["word"], value=value, by="driver")
    for one in done.outcomes:
        row = items[one.item_id]
        if one.refused is not None:
            world.history.note("decision_refused", code=one.refused)
        elif step["word"] == bulk.LINK_SUGGESTED and row["kind"] in _PARTIES + _merged(row):
            world.history.note("mapped", business=tenant.business_id, facts=row["facts"])
        else:
            verdict, said = _said(world, step["word"], row)
            told = {"kind": row["kind"], "record": row["record_id"], "verdict": verdict}
            known = {"value": said or value, "run": row["run_id"]}
            world.history.note("decided", business=tenant.business_id, **told, **known)


def make_inactive(world: World, tenant: Tenant, step: Step) -> None:
    """Make the vendor or customer of a connection inactive in QuickBooks, whatever its name is."""
    link = _link(world, tenant, step)
    if link is not None:
        named = {"kind": str(step["kind"]).capitalize(), "id": link["remote_id"]}
        people.act(world, tenant, {"deed": "inactivate", "with": named})


def map_anew(world: World, tenant: Tenant, step: Step) -> None:
    """Map a record by hand: to the remote that a step names, or to another one than it has."""
    link = _link(world, tenant, step)
    if link is None and "to" not in step:
        return
    of = (tenant.integration_id, step["kind"])
    others = [
        row["remote_id"]
        for row in world.bench.dump()["remotes"]
        if (row["integration_id"], row["kind"]) == of
        and (link is None or row["remote_id"] != link["remote_id"])
        and step.get("to", row["name"]) == row["name"]
    ]
    where = (world.web.house, tenant.business_id, tenant.integration_id)
    remote_id = others[-1] if others else "nobody"
    try:
        pair(*where, _TARGETS[step["kind"]], step["of"], remote_id, "driver")
    except AccountingError as refusal:
        world.history.note("decision_refused", code=refusal.code)
        return
    facts = {"kind": step["kind"], "of": step["of"], "to": remote_id}
    world.history.note("mapped", business=tenant.business_id, facts=facts)


def pause(world: World, tenant: Tenant) -> None:
    """Pause a business, so that nothing is written for now."""
    if _steer(world, tenant, steer.pause):
        realm = tenant.company.realm_id
        world.history.note("paused", business=tenant.business_id, realm=realm)


def resume(world: World, tenant: Tenant) -> None:
    """Resume a business that was paused."""
    if _steer(world, tenant, steer.resume):
        world.history.note("let_go_on", business=tenant.business_id)


def _steer(world: World, tenant: Tenant, act: Callable[[House, str, str, str], object]) -> bool:
    """Pause or resume a business; return whether the service did so."""
    if not tenant.integration_id:
        return False
    try:
        act(world.web.house, tenant.business_id, tenant.integration_id, "driver")
    except AccountingError:
        return False
    return True


def _link(world: World, tenant: Tenant, step: Step) -> Mapping[str, Any] | None:
    """Return the link of a record as the database has it."""
    of = (tenant.integration_id, step["kind"], step["of"])
    links = world.bench.dump()["links"]
    named = ("integration_id", "kind", "record_id")
    return next((row for row in links if tuple(row[name] for name in named) == of), None)


def _merged(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the kind of a document whose vendor or customer was merged into another one."""
    return (row["kind"],) if row["code"] == "merged_away" else ()


def _said(world: World, word: str, row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the decision for one item that a bulk decision leads to, and its value."""
    facts = row["facts"] or {}
    twins = [str(one["remote_id"]) for one in facts.get("twins", ())]
    match word:
        case bulk.LINK_SUGGESTED:
            return "link_to", " ".join(twins[:1])
        case bulk.CREATE_NEW:
            return "create_as", str(facts.get("name", row["label"]))
        case bulk.CREATE_PROPOSED:
            return "create_as", str(facts.get("proposed", ""))
        case "another_one":  # documents in QuickBooks, and other records of ours
            words = world.bench.dump()["decisions"]
            mine = [one["value"] for one in words if one["record_id"] == row["record_id"]]
            return word, str(mine[-1])
    return word, ""


def _document(world: World, tenant: Tenant, step: Step) -> str:
    """Return the document in QuickBooks that a decision is about: by its number, or from an item.

    For `remove_there` it is the document that the record is linked to.
    """
    if number := step.get("document"):
        bills = tenant.company.all("Bill")
        return next((one["Id"] for one in bills if one.get("DocNumber") == number), "")
    dump = world.bench.dump()
    if step["verdict"] == "remove_there":
        links = [row for row in dump["links"] if row["record_id"] == step["record"]]
        return next((row["remote_id"] for row in links if row["origin"] == "matched"), "")
    if step["verdict"] not in ("link_to", "another_one"):
        return ""
    rows = [
        row["facts"]["twins"]
        for row in dump["operations"]
        if row["record_id"] == step["record"]
        and row["integration_id"] == tenant.integration_id
        and (row["facts"] or {}).get("twins")
    ]
    ids = [str(one["remote_id"]) for one in rows[-1]] if rows else []
    return " ".join(ids if step["verdict"] == "another_one" else ids[:1])


def _last_item(world: World, tenant: Tenant, record_id: str) -> tuple[int | None, str | None]:
    """Return the newest item of a record that was changed on both sides, and its run."""
    found = [
        (row["id"], row["run_id"])
        for row in world.bench.dump()["operations"]
        if row["record_id"] == record_id
        and row["integration_id"] == tenant.integration_id
        and row["code"] == "changed_there"
    ]
    return found[-1] if found else (None, None)
