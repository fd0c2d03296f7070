"""The demo of the whole service, without any account: connect, map, sync, fix, reconcile."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cleo_accounting import bootstrap, settings
from cleo_accounting.core import kinds
from cleo_accounting.core.headline import summary
from cleo_accounting.core.kinds import DOCUMENTS
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.reconciliation import Outcome
from cleo_accounting.core.records import Money
from cleo_accounting.demo.api import BUSINESS, Api, Json
from cleo_accounting.demo.person import connect
from cleo_accounting.demo.records import Given, Theirs, payments, records
from cleo_accounting.demo.screen import Screen, clean, money
from cleo_accounting.demo.stage import Control, Stage, stage
from cleo_accounting.errors import Conflict
from cleo_accounting.flows import House
from cleo_accounting.flows.admin import access, session
from cleo_accounting.flows.reporting.reconcile import reconcile
from cleo_accounting.store.access import Rank

COMPANY = "Harbor & Hull Outfitters"
_BASE = "/integrations/accounting"
_POLL_SECONDS = 0.15
_LOOK_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True)
class _Demo:
    """Everything that a chapter of the demo needs."""

    screen: Screen
    stage: Stage
    house: House
    api: Api
    feeder: Api
    token: str

    def one(self, path: str) -> str:
        """Return a path below the integration."""
        (integration,) = self.api.get(_BASE)["items"]
        return f"{_BASE}/{integration['id']}{path}"


def run(
    screen: Screen,
    *,
    seed: int,
    today: date,
    client_secret: str,
    encryption_key: str,
    audit_key: str,
    stay: bool,
) -> None:
    """Run the whole demo; at the end keep serving until interrupted if `stay`.

    Raises:
        Misconfigured: the emulator or the service does not start.
        Conflict: something did not happen as the demo expects.
    """
    screen.title(
        "Cleo Pay Accounting",
        "Every Cleo Pay record in QuickBooks exactly once, to the cent. No account is needed:\n"
        "QuickBooks and Intuit's sign-in are emulated, everything else is the real thing.",
    )
    with tempfile.TemporaryDirectory(prefix="cleo-demo-") as folder:
        screen.chapter("Start an emulated QuickBooks, and the service")
        with stage(
            Path(folder),
            seed=seed,
            company=COMPANY,
            client_secret=client_secret,
            encryption_key=encryption_key,
            audit_key=audit_key,
        ) as set_:
            house = bootstrap.build(settings.read(set_.environment))
            try:
                _tell(_open(screen, set_, house), seed, today, stay=stay)
            finally:
                house.close()


def _open(screen: Screen, set_: Stage, house: House) -> _Demo:
    _, token = access.issue(
        house, business_id=BUSINESS, rank=Rank.ADMIN, name="the demo", by="demo"
    )
    _, feeding = access.issue(
        house, business_id=BUSINESS, rank=Rank.FEEDER, name="the demo's feed", by="demo"
    )
    screen.fact(f"QuickBooks, emulated   [link]{set_.emulator_url}/_emulator/[/]")
    screen.fact(f"the service            [link]{set_.service_url}[/]  (API and worker, SQLite)")
    doors = (Api.of(set_.service_url, token), Api.of(set_.service_url, feeding))
    return _Demo(screen, set_, house, *doors, token)


def _tell(demo: _Demo, seed: int, today: date, *, stay: bool) -> None:
    given = _feed(demo, seed, today)
    _connect(demo)
    _map(demo)
    _preview(demo)
    first = _sync(demo)
    _mend(demo, first)
    _again(demo)
    _pay(demo, given, today)
    documents = _reconcile(demo)
    _cost(demo, documents)
    if stay:
        _serve(demo)


def _feed(demo: _Demo, seed: int, today: date) -> Sequence[Given]:
    demo.screen.chapter("Take in a business's records, as ugly as life")
    control = Control(demo.stage.emulator_url)
    banks = control.names("Account", "Name", AccountType="Bank")
    theirs = Theirs(
        vendors=control.names("Vendor", "DisplayName"),
        customers=control.names("Customer", "DisplayName"),
        banks=[name for name in banks if "Savings" not in name],
    )
    given = records(seed, today, theirs)
    counted = demo.feeder.feed(given)
    kinds = _kinds(given)
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    demo.screen.fact(f"{told}: {counted['created']} taken, {counted['refused']} refused")
    names = [str(one.record.get("connectedBusinessName")) for one in given[3:14]]
    demo.screen.fact(f"[dim]among them {clean(' · '.join(names))}[/]")
    return given


def _kinds(given: Sequence[Given]) -> dict[str, int]:
    called = {"connection": "connections", "fundingSource": "bank accounts", "payable": "payables"}
    counted: dict[str, int] = {}
    for one in given:
        counted[called[one.type]] = counted.get(called[one.type], 0) + 1
    return counted


def _connect(demo: _Demo) -> None:
    demo.screen.chapter("Connect, through Intuit's sign-in and its consent page")
    asked = demo.api.post(f"{_BASE}/connect", {"redirectUri": demo.house.doorway_url})
    link = session.invite(demo.house, BUSINESS, user_id="you", role=Rank.ADMIN, by="demo")
    ended = connect(asked["authorizationUrl"], demo.stage.realm_id, link.url)
    status = demo.api.get(f"{_BASE}/status")
    if status["status"] != "connected":
        raise Conflict(f"The browser ended at {ended}, but nothing is connected.")
    page = ended.partition("?")[0]
    demo.screen.fact(f"[green]✓[/] {clean(status['message'])}")
    demo.screen.fact(f"[dim]the browser is at {page}[/]")
    _wait_for_a_look(demo)


def _wait_for_a_look(demo: _Demo) -> None:
    """Wait until the worker has read the company's lists, which it does after the connect."""
    clock = demo.house.clock
    ends = clock.monotonic() + _LOOK_SECONDS_MAX
    while demo.api.get(_BASE)["items"][0]["namesSeenAt"] is None:
        if clock.monotonic() > ends:
            raise Conflict("The worker did not read the company's lists in time.")
        clock.sleep(_POLL_SECONDS)
    vendors = demo.api.get(demo.one("/vendors"), limit=1)["total"]
    accounts = demo.api.get(demo.one("/bank-accounts"), limit=100)["items"]
    banks = sum(one["accountType"] == "Bank" for one in accounts)
    demo.screen.fact(f"The worker has read its lists: {vendors} vendors, {banks} bank accounts")


def _map(demo: _Demo) -> None:
    demo.screen.chapter("Map: only what a person must say")
    accounts = demo.api.get(demo.one("/bank-accounts"), limit=100)["items"]
    savings = next(one for one in accounts if "Savings" in one["name"])
    rainy = demo.api.post(
        demo.one("/bank-accounts/mappings"),
        {"fundingSourceId": "fs_3", "bankAccountId": savings["id"]},
    )
    demo.screen.fact(f"“{clean(rainy['recordName'])}” is “{clean(rainy['remoteName'])}”")
    suggested = demo.api.get(demo.one("/vendors/suggestions"), limit=100)["items"]
    likely = next(one for one in suggested if one["recordId"] == "conn_sup_03")
    best = likely["suggestions"][0]
    vendor = demo.api.post(
        demo.one("/vendors/mappings"), {"connectionId": likely["recordId"], "vendorId": best["id"]}
    )
    demo.screen.fact(
        f"“{clean(vendor['recordName'])}” is “{clean(vendor['remoteName'])}”"
        f"  [dim]suggested: {clean(best['why'])}[/]"
    )
    _choose_accounts(demo)


def _choose_accounts(demo: _Demo) -> None:
    shown = demo.api.get(demo.one("/invoice-fields"))
    chosen = {
        **shown["fields"],
        "expenseAccountId": "Supplies",
        "incomeAccountId": "Services",
        "customFields": {"department": "note"},
    }
    demo.api.put(demo.one("/invoice-fields"), chosen, version=shown["version"])
    demo.screen.fact("Bills book to “Supplies”, invoices to “Services”")


def _preview(demo: _Demo) -> None:
    demo.screen.chapter("Preview: exactly what would be written, and nothing is")
    status = _run(demo, dry_run=True)
    for each in status["sums"]:
        amount, kind = money(each["amount"], each["currency"]), kinds.of(RemoteKind(each["kind"]))
        called = kind.noun if each["number"] == 1 else kind.plural
        demo.screen.fact(f"{each['number']:>4} {called:<18}[bold]{amount:>18}[/]")
    demo.screen.fact(f"{status['errorsTotal']:>4} records would wait for a person")


def _sync(demo: _Demo) -> Json:
    demo.screen.chapter("Sync")
    status = _run(demo)
    demo.screen.fact(
        f"[green]✓[/] {status['run']['usage']['requests']} requests, of them"
        f" {status['run']['usage']['batches']} batches of up to 30"
    )
    demo.screen.tallies(status["progress"])
    return status


def _mend(demo: _Demo, status: Json) -> None:
    demo.screen.chapter("What waits for a person, and why")
    path = demo.one(f"/runs/{status['run']['id']}/items")
    found = demo.api.get(path, needsAttention="true", limit=100)["items"]
    parties = [one for one in found if one["kind"] in ("vendor", "customer", "account")]
    waiting = [one for one in found if one["code"] in ("vendor_needed", "customer_needed")]
    own = [one for one in found if one not in parties and one not in waiting]
    rows = [(one["label"], one["cause"], one["fix"] or "") for one in (*parties, *own)]
    demo.screen.table(["record", "why", "what to do"], rows)
    if waiting:
        demo.screen.fact(f"[dim]and {len(waiting)} bills that wait for those vendors[/]")
    taken = next(one for one in parties if one["code"] == "name_taken")
    proposed = taken["facts"]["proposed"]
    demo.api.post(
        demo.one("/decisions"),
        {"itemId": taken["id"], "decision": "create_as", "value": proposed},
    )
    demo.screen.fact(f"[bold]Fix one[/]: create “{clean(taken['label'])}” as “{clean(proposed)}”")


def _again(demo: _Demo) -> None:
    demo.screen.chapter("Sync again: the fixed record is sent, nothing is written twice")
    mended = _run(demo)
    demo.screen.tallies(mended["progress"])
    idle = _run(demo)
    written = sum(tally["created"] + tally["updated"] for tally in idle["progress"].values())
    if written:
        raise Conflict(f"A sync without anything new wrote {written} records.")
    requests = idle["run"]["usage"].get("requests", 0)
    demo.screen.fact(f"[green]✓[/] and once more: 0 written, {requests} requests")


def _pay(demo: _Demo, given: Sequence[Given], today: date) -> None:
    demo.screen.chapter("Pay: payments settle their bills, and what comes back opens them again")
    paid = payments(given, today)
    demo.feeder.feed(paid)
    status = _run(demo)
    recorded = {each["kind"]: each for each in status["sums"]}["bill_payment"]
    amount = money(recorded["amount"], recorded["currency"])
    waits = len(paid) - recorded["number"]
    demo.screen.fact(
        f"[green]✓[/] {len(paid)} payments were completed: {recorded['number']} recorded,"
        f" [bold]{amount.strip()}[/]" + (f"; {waits} not recorded yet" if waits else "")
    )
    by_state = {state: _bill(demo, paid, state) for state in ("paid", "partly_paid")}
    returned = next(one for one in paid if one.record["payableId"] == by_state["paid"]["payableId"])
    back = {**returned.record, "status": "failed", "returnCode": "R01"}
    demo.feeder.feed([Given(returned.type, returned.id, {**back, "returnedOn": today.isoformat()})])
    _run(demo)
    _run(demo)  # reads the bill once more, which is open again
    told = [*by_state.values(), demo.api.get(demo.one(f"/documents/{back['payableId']}"))]
    rows = [
        (
            one["number"],
            *(money(one[name], one["currency"]) for name in ("total", "openBalance")),
            _word(one),
        )
        for one in told
    ]
    demo.screen.table(["bill", "#total", "#open in QuickBooks", "payment"], rows)


def _bill(demo: _Demo, paid: Sequence[Given], state: str) -> Json:
    """Return a bill that our payments have paid to this extent, as QuickBooks reports it."""
    ids = dict.fromkeys(one.record["payableId"] for one in paid)
    told = (demo.api.get(demo.one(f"/documents/{payable_id}")) for payable_id in ids)
    found = next((one for one in told if one["paymentState"] == state), None)
    if found is None:
        raise Conflict(f"No bill is {state.replace('_', ' ')}.")
    return found


def _word(bill: Json) -> str:
    """Describe what happened to the payment of a bill."""
    (payment,) = bill["payments"]
    amount = money(payment["amount"], payment["currency"])
    reason = payment["reason"]
    return reason["cause"] if reason else f"{amount} recorded"


def _run(demo: _Demo, *, dry_run: bool = False) -> Json:
    """Request a run and watch it to its end."""
    run = demo.api.post(demo.one("/sync"), {"dryRun": dry_run})
    path = demo.one(f"/runs/{run['id']}")

    def watch() -> Json:
        demo.house.clock.sleep(_POLL_SECONDS)
        return demo.api.get(path)

    status = demo.screen.progress(watch, "to write" if dry_run else "written")
    if status["state"] not in ("succeeded", "partly_failed"):
        raise Conflict(f"The run ended as {status['state']}: {status['run']['message']}")
    return status


def _reconcile(demo: _Demo) -> int:
    """Compare both sides; return how many documents agree."""
    demo.screen.chapter("Reconcile: every document and payment on both sides, to the cent")
    (integration,) = demo.api.get(_BASE)["items"]
    # This process and the worker share the company's ten requests a second: wait a second.
    demo.house.clock.sleep(1.0)
    found = reconcile(demo.house, BUSINESS, integration["id"])
    rows = [
        (
            kinds.entry(one.kind).plural,
            one.equal,
            _sum(one.ours),
            _sum(one.theirs),
            len(one.discrepancies),
        )
        for one in found
    ]
    demo.screen.table(["", "#equal", "#here", "#in QuickBooks", "#differing"], rows)
    whole = summary(found)
    if whole.outcome is Outcome.DIFFERS:
        raise Conflict(f"The two sides differ: {whole.headline}")
    demo.screen.fact(f"[green]✓[/] {whole.headline}")
    return sum(one.equal for one in found if one.kind in DOCUMENTS)


def _sum(by_currency: Json) -> str:
    return ", ".join(str(Money(minor, currency)) for currency, minor in sorted(by_currency.items()))


def _cost(demo: _Demo, documents: int) -> None:
    demo.screen.chapter("What it cost")
    usage = demo.api.get(demo.one("/usage"))
    demo.screen.fact(
        f"{usage['requests']} requests to QuickBooks: {usage['batches']} batches of writes,"
        f" {usage['reads']} metered reads, {usage['throttled']} told to slow down"
    )
    demo.screen.fact(f"[dim]one by one, the {documents} documents alone were {documents} calls[/]")


def _serve(demo: _Demo) -> None:
    demo.screen.chapter("It keeps serving; Ctrl-C ends it")
    base = f"{demo.stage.service_url}/api/businesses/{BUSINESS}{_BASE}"
    demo.screen.fact(f"the books     [link]{demo.stage.emulator_url}/_emulator/[/]")
    demo.screen.fact(f"the contract  [link]{demo.stage.service_url}/openapi.json[/]")
    demo.screen.fact("a call:")
    demo.screen.line(f"curl -H 'Authorization: Bearer {demo.token}' {base}/status")
    try:
        while True:
            link = session.invite(demo.house, BUSINESS, user_id="you", role=Rank.ADMIN, by="demo")
            demo.screen.fact(f"the page      [link]{link.url}[/]  [dim]once, within a minute[/]")
            if not sys.stdin.isatty():
                threading.Event().wait()
            demo.screen.fact("[dim]              Enter makes a new link.[/]")
            input()
    except KeyboardInterrupt:
        demo.screen.fact("Stopping.")
