"""What each step of a script does: to the platform, the service, QuickBooks or the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from cleo_accounting.core.reconciliation import Finding
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import AccountingError
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.records import feed
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.reporting.progress import status
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store import runs
from cleo_accounting.store.errands import Verb
from cleo_accounting.store.integrations import Status
from proof.simulation import deciding, imports, people, records
from proof.simulation.bench import Dump
from proof.simulation.records import Step
from proof.simulation.seams import Edge, Interruption
from proof.simulation.workers import Crew
from proof.simulation.world import Tenant, World

EVERY = ("vendors", "bankAccounts", "invoices")
_LOUD = ("left", "refused")


class Stage:
    """A world and its workers, on which a script is played."""

    def __init__(self, world: World) -> None:
        self.world = world
        skew = timedelta(seconds=world.terms.skew_seconds)
        self.crew = Crew(world, (timedelta(), skew))
        self.copy: Dump | None = None

    def play(self, steps: Sequence[Step]) -> None:
        """Perform the steps in order."""
        for step in steps:
            _DEEDS[step["do"]](self, step)
            if step["do"] in ("work", "cancel"):
                self.look()

    def look(self, *, final: bool = False) -> None:
        """Note the status that the service now shows of every tenant's newest run."""
        for tenant in self.world.tenants:
            if not tenant.integration_id:
                continue
            self._look_at_connection(tenant)
            told = status(self.world.web.house, tenant.business_id, tenant.integration_id)
            if told.run is None:
                continue
            shown = {
                name: {part: getattr(tally, part) for part in tally.__slots__}
                | {"total": tally.total}
                for name, tally in told.tallies.items()
            }
            self.world.history.note(
                "shown",
                business=tenant.business_id,
                run=told.run.id,
                state=told.state,
                tallies=shown,
                final=final,
                errors=told.errors_total,
                causes={one.code: one.number for one in told.causes},
                sums={
                    f"{one.kind} {one.currency}": [one.number, one.amount_minor]
                    for one in told.sums
                },
            )

    def _look_at_connection(self, tenant: Tenant) -> None:
        """Note, once, that a connection has ended and has to be made again."""
        now = self.world.integration(tenant)
        ended = now.status is Status.NEEDS_RECONNECT
        if ended and not tenant.ended:
            self.world.history.note(
                "needs_reconnect", business=tenant.business_id, reason=now.status_reason
            )
        tenant.ended = ended

    def tenant(self, step: Step) -> Tenant:
        """Return the tenant of a step."""
        number: int = step.get("tenant", 0)
        return self.world.tenants[number % len(self.world.tenants)]


def _record(stage: Stage, step: Step) -> None:
    tenant = stage.tenant(step)
    make: Callable[[Step], Any] = getattr(records, step["do"])
    if tenant.number:  # so that a record that leaks to another business is recognized
        step = {**step, "name": f"{step['name']} T{tenant.number}"} if "name" in step else step
    outcome = feed.take(stage.world.web.house, tenant.business_id, [make(step)], by="feeder")
    what = "not_fed" if outcome[0] == "other_role" else "fed"
    stage.world.history.note(
        what, business=tenant.business_id, record=records.told(step), outcome=outcome[0]
    )


def _sync(stage: Stage, step: Step) -> None:
    tenant, house = stage.tenant(step), stage.world.web.house
    if not tenant.integration_id:
        return
    again = _again(stage, tenant, step["retry"]) if step.get("retry") else {}
    try:
        run = sync.request(
            house,
            stage.world.integration(tenant),
            step.get("types", EVERY),
            dry_run=step.get("dry", False),
            trigger=Trigger.PAGE,
            by="driver",
            **again,
        )
    except AccountingError as refusal:
        stage.world.history.note("sync_refused", business=tenant.business_id, code=refusal.code)
        return
    asked = {"types": list(step.get("types", EVERY)), "dry": step.get("dry", False)}
    stage.world.history.note(
        "sync_asked", business=tenant.business_id, run=run.id, by="driver", **asked
    )


def _again(stage: Stage, tenant: Tenant, what: str | bool) -> dict[str, Any]:  # noqa: FBT001  a field of a step
    """Return the arguments that retry the newest run: all of it, one item, or all of one cause."""
    with stage.world.web.house.database.reading() as tx:
        past, _ = runs.page(tx, tenant.integration_id, state=None, limit=1, offset=0)
    if not past or past[0].state in runs.OPEN:
        return {}
    rows = stage.world.bench.dump()["operations"]
    loud = [row for row in rows if row["run_id"] == past[0].id and row["state"] in _LOUD]
    of: dict[str, Any] = {"failed_only_of": past[0].id}
    if loud and what == "item":
        return {**of, "item_id": loud[-1]["id"]}
    return {**of, "code": loud[-1]["code"]} if loud and what == "code" else of


def _cancel(stage: Stage, step: Step) -> None:
    tenant, house = stage.tenant(step), stage.world.web.house
    if not tenant.integration_id:
        return
    with house.database.reading() as tx:
        run = runs.latest(tx, tenant.integration_id)
    if run is None:
        return
    sync.cancel(house, tenant.business_id, tenant.integration_id, run.id, "driver")
    told = {"run": run.id, "state": run.state}
    stage.world.history.note("cancelled", business=tenant.business_id, **told)


def _work(stage: Stage, step: Step) -> None:
    interruption = None
    if told := step.get("interrupt"):
        meanwhile: Sequence[Step] = told.get("meanwhile", ())
        number = step.get("worker", 0)

        def happen(edge: Edge) -> None:
            _interrupted(stage, number, edge, told["how"], meanwhile)

        edges, batches = tuple(told["edges"]), told.get("batches", False)
        interruption = Interruption(told["at"], told["how"], edges, batches, happen)
    stage.crew.work(step.get("worker", 0), step.get("turns", 1), interruption)


def _interrupted(
    stage: Stage, number: int, edge: Edge, how: str, meanwhile: Sequence[Step]
) -> None:
    world = stage.world
    world.history.note("interrupted", worker=number, edge=edge, how=how)
    if how != "pause":
        return
    started, since = world.emulator.clock.now(), world.emulator.journal.seq
    stage.crew.busy[number] = started  # silent from now on
    stage.play(meanwhile)
    seconds = (world.emulator.clock.now() - started).total_seconds()
    process = stage.crew.life(number).process.name
    told = {"edge": edge, "since": since, "seconds": seconds}
    world.history.note("resumed", worker=number, process=process, **told)


def _restart(stage: Stage, step: Step) -> None:
    stage.crew.restart(step.get("worker", 0))


def _fault(stage: Stage, step: Step) -> None:
    facts = {key: value for key, value in step.items() if key not in ("do", "tenant")}
    stage.world.emulator.act("add_fault", facts)
    stage.world.history.note("fault", **facts)


def _weather(stage: Stage, step: Step) -> None:
    stage.world.emulator.act(
        "weather", {"rates": step["rates"], "delay_seconds_max": step["delay"]}
    )
    stage.world.history.note("weather", rates=step["rates"])


def _calm(stage: Stage, _step: Step) -> None:
    stage.world.emulator.act("clear_faults")


def _turn(stage: Stage, step: Step) -> None:
    stage.world.emulator.turn(**step["switches"])
    stage.world.history.note("turned", switches=step["switches"])


def _pass(stage: Stage, step: Step) -> None:
    stage.world.emulator.advance(step["seconds"])


def _connect(stage: Stage, step: Step) -> None:
    stage.world.connect(stage.tenant(step))


def _disconnect(stage: Stage, step: Step) -> None:
    tenant = stage.tenant(step)
    try:
        connect.disconnect(stage.world.web.house, tenant.business_id, "driver")
    except AccountingError:
        return
    in_air = sum(life.process.paused_at == "send" for life in stage.crew.lives.values())
    stage.world.history.note(
        "disconnected",
        business=tenant.business_id,
        realm=tenant.company.realm_id,
        in_air=in_air,
    )


def _disconnect_there(stage: Stage, step: Step) -> None:
    tenant = stage.tenant(step)
    stage.world.emulator.disconnect(tenant.company.realm_id, stage.world.intuit.app.client_id)
    stage.world.history.note("disconnected_there", realm=tenant.company.realm_id)


def _choose(stage: Stage, step: Step) -> None:
    tenant, house = stage.tenant(step), stage.world.web.house
    if not tenant.integration_id:
        return
    wanted: dict[str, Any] = {
        name: {**tenant.accounts, **tenant.codes}.get(value, value)
        for name, value in step["fields"].items()
    }
    if wanted.get("go_live"):
        wanted["go_live"] = date.fromisoformat(wanted["go_live"])
    now, version = choose.fields(house, tenant.business_id, tenant.integration_id)
    try:
        choose.set_fields(
            house,
            tenant.business_id,
            tenant.integration_id,
            replace(now, **wanted),
            version=version,
            by="driver",
        )
    except AccountingError as refusal:
        stage.world.history.note(
            "choice_refused", business=tenant.business_id, code=refusal.code, fields=wanted
        )
        return
    plain = {name: str(value) if value is not None else None for name, value in wanted.items()}
    stage.world.history.note("chosen", business=tenant.business_id, fields=plain)


def _look(stage: Stage, step: Step) -> None:
    tenant = stage.tenant(step)
    if not tenant.integration_id:
        return
    try:
        errands.ask_to(stage.world.web.house, tenant.business_id, tenant.integration_id, Verb.LOOK)
    except AccountingError:
        return


def _reconcile(stage: Stage, step: Step) -> None:
    _compared(stage, stage.tenant(step), final=step.get("final", False))


def _compare(stage: Stage, step: Step) -> None:
    """Have the worker compare, and keep the result for people who decide by it."""
    tenant, house = stage.tenant(step), stage.world.web.house
    if not tenant.integration_id:
        return
    stage.world.history.note("works", process=stage.world.web.process.name)
    try:
        errands.ask_to(house, tenant.business_id, tenant.integration_id, Verb.RECONCILE)
    except AccountingError:
        return
    errands.run_due(house)


def _repair(stage: Stage, step: Step) -> None:
    """Have duplicates removed that a comparison shows, as a person does with one decision."""
    tenant, house = stage.tenant(step), stage.world.web.house
    if _compared(stage, tenant, final=False) & {Finding.TWICE, Finding.WITHDRAWN}:
        errands.ask_to(house, tenant.business_id, tenant.integration_id, Verb.RECONCILE)
        errands.run_due(house)
        number = reconcile.remove_duplicates(
            house, tenant.business_id, tenant.integration_id, by="person"
        )
        if number:
            stage.world.history.note("repaired", business=tenant.business_id, number=number)


def _compared(stage: Stage, tenant: Tenant, *, final: bool) -> set[Finding]:
    """Compare all documents and payments of a tenant; note the findings and return their kinds."""
    if not tenant.integration_id:
        return set()
    house, history = stage.world.web.house, stage.world.history
    history.note("works", process=stage.world.web.process.name)
    try:
        found = reconcile.reconcile(house, tenant.business_id, tenant.integration_id)
    except AccountingError as refusal:
        history.note("not_reconciled", business=tenant.business_id, code=refusal.code)
        return set()
    for one in found:
        history.note(
            "reconciled",
            business=tenant.business_id,
            kind=one.kind.value,
            final=final,
            outcome=one.outcome.value,
            findings=[
                [said.finding.value, said.record_id, list(said.remote_ids)]
                for said in one.discrepancies
            ],
            theirs=dict(one.theirs),
            ours=dict(one.ours),
            open=dict(one.open.total.theirs) if one.open else {},
        )
    return {said.finding for one in found for said in one.discrepancies}


def _back_up(stage: Stage, _step: Step) -> None:
    stage.copy = stage.world.bench.dump()


def _lose(stage: Stage, step: Step) -> None:
    """Lose the database, wholly or back to the last backup; every process restarts."""
    if step["to"] == "copy" and stage.copy is None:
        return
    for number in list(stage.crew.lives):
        stage.crew.restart(number)
    if stage.copy is not None and step["to"] == "copy":
        stage.world.bench.restore(stage.copy)
    else:
        stage.world.bench.empty()
        for tenant in stage.world.tenants:
            tenant.integration_id = ""
    stage.world.history.note("lost", to=step["to"])


_DEEDS: Mapping[str, Callable[[Stage, Step], None]] = {
    "connection": _record,
    "source": _record,
    "payable": _record,
    "payment": _record,
    "sync": _sync,
    "cancel": _cancel,
    "work": _work,
    "restart": _restart,
    "person": lambda stage, step: people.act(stage.world, stage.tenant(step), step),
    "use_credit": lambda stage, step: people.use_credit(stage.world, stage.tenant(step), step),
    "type_expense": lambda stage, step: people.type_expense(stage.world, stage.tenant(step), step),
    "type_bill": lambda stage, step: people.type_bill(stage.world, stage.tenant(step), step),
    "fault": _fault,
    "weather": _weather,
    "calm": _calm,
    "turn": _turn,
    "pass": _pass,
    "connect": _connect,
    "disconnect": _disconnect,
    "disconnect_there": _disconnect_there,
    "choose": _choose,
    "make_inactive": lambda stage, step: deciding.make_inactive(
        stage.world, stage.tenant(step), step
    ),
    "map": lambda stage, step: deciding.map_anew(stage.world, stage.tenant(step), step),
    "decide": lambda stage, step: deciding.decide(stage.world, stage.tenant(step), step),
    "decide_all": lambda stage, step: deciding.decide_all(stage.world, stage.tenant(step), step),
    "pause": lambda stage, step: deciding.pause(stage.world, stage.tenant(step)),
    "resume": lambda stage, step: deciding.resume(stage.world, stage.tenant(step)),
    "import": lambda stage, step: imports.take(stage.world, stage.tenant(step), step),
    "paid_row": lambda stage, step: imports.pay(stage.world, stage.tenant(step), step),
    "look": _look,
    "reconcile": _reconcile,
    "compare": _compare,
    "repair": _repair,
    "back_up": _back_up,
    "lose": _lose,
}
