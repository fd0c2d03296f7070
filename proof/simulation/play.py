"""Play a script, let the world heal without faults, and collect the three records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cleo_accounting.store.integrations import Status
from proof.simulation.bench import Bench
from proof.simulation.deeds import Stage
from proof.simulation.knocks import knock
from proof.simulation.leaving import leave
from proof.simulation.script import Script
from proof.simulation.views import note_balances, note_views
from proof.simulation.witness import journal
from proof.simulation.world import Tenant, World, world
from proof.tally import digest

HEALING_ROUNDS_MAX = 8
HEALING_TURNS_MAX = 400
ATTEMPTS_MAX = 5
KNOCKED_EVERY = 4  # every n-th seed ends with requests that have to be refused
_CALM_SECONDS = 4_200.0  # longer than any delay of a script


@dataclass(frozen=True, slots=True)
class Account:
    """All records of one played script."""

    history: list[dict[str, Any]]
    journal: list[dict[str, Any]]
    dump: dict[str, list[dict[str, Any]]]
    digest: str
    faults: dict[str, int] = field(default_factory=dict)
    reached: int = 0


def play(script: Script, bench: Bench) -> Account:
    """Play a script, heal the world, and return the history, the journal and the dump."""
    with world(script.terms, bench) as here:
        stage = Stage(here)
        here.history.note("terms", **_terms(here))
        stage.play(script.steps)
        heal(stage)
        if not script.terms.seed % KNOCKED_EVERY:
            for tenant in here.tenants:
                knock(here, tenant)
        dump = bench.dump()
        if script.terms.leaves:
            leave(stage, here.tenants[-1])
        noted = journal(here.emulator.journal)
        history = here.history.entries
        return Account(history, noted, dump, digest(history, noted, dump), _faults(history, noted))


def _terms(here: World) -> dict[str, Any]:
    return {
        "quiescence_seconds": here.web.house.quiescence.total_seconds(),
        "skew_seconds": abs(here.terms.skew_seconds),
        "switches": dict(here.terms.switches),
        "company": dict(here.terms.company),
        "attempts_max": ATTEMPTS_MAX,
    }


def heal(stage: Stage) -> None:
    """Clear all faults and sync until nothing changes: the service has to recover without help."""
    here = stage.world
    here.emulator.act("clear_faults")
    here.emulator.advance(_CALM_SECONDS)
    here.emulator.catch_up()
    for tenant in here.tenants:
        stage.play([{"do": "resume", "tenant": tenant.number}])
    here.history.note("calm")
    for _ in range(HEALING_ROUNDS_MAX):
        if _round(here, stage):
            for tenant in (one for one in here.tenants if one.integration_id):
                note_balances(here, tenant)  # as the syncs left them, since a comparison reads anew
            break
    for tenant in here.tenants:
        stage.play([{"do": "repair", "tenant": tenant.number}])
    if any(entry["what"] == "repaired" for entry in here.history.entries):
        _round(here, stage)
    for tenant in here.tenants:
        stage.play([{"do": "reconcile", "tenant": tenant.number, "final": True}])
    here.emulator.catch_up()
    stage.look(final=True)
    for tenant in (one for one in here.tenants if one.integration_id):
        note_views(here, tenant)
    here.history.note("healed")


def _round(here: World, stage: Stage) -> bool:
    """Run one sync of every business; return whether nothing was left to do."""
    before = len(here.emulator.journal.effects())
    for tenant in here.tenants:
        _be_connected(here, tenant)
        stage.play([{"do": "sync", "tenant": tenant.number}])
    for worker in (0, 1):
        stage.crew.restart(worker)
        stage.crew.work(worker, HEALING_TURNS_MAX)
    here.emulator.advance(here.web.house.quiescence.total_seconds() + 1)
    here.history.note("round")
    still = all(here.integration(tenant).status is Status.CONNECTED for tenant in here.tenants)
    return still and len(here.emulator.journal.effects()) == before


def _be_connected(here: World, tenant: Tenant) -> None:
    """Reconnect a business that has lost its connection, which only a person can do."""
    known = bool(tenant.integration_id)
    if not (known and here.integration(tenant).status is Status.CONNECTED):
        here.connect(tenant)


def _faults(history: list[dict[str, Any]], noted: list[dict[str, Any]]) -> dict[str, int]:
    """Return how often each fault was met: of the network, of the processes, and by people."""
    met: dict[str, int] = {}
    for entry in noted:
        if entry.get("misfortune"):
            met[entry["misfortune"]] = met.get(entry["misfortune"], 0) + 1
    for entry in history:
        if entry["what"] == "interrupted":
            name = f"{entry['how']} at {entry['edge']}"
            met[name] = met.get(name, 0) + 1
        if entry["what"] in ("person", "disconnected", "disconnected_there", "lost", "cancelled"):
            met[entry["what"]] = met.get(entry["what"], 0) + 1
    return met
