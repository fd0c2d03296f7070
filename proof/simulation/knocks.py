"""Send requests that have to be refused, and note each wrong answer; none may change anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import AccountingError, Invalid
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.company.connect import Begun
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting import progress
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store.errands import Verb
from cleo_accounting.store.integrations import Status
from proof.simulation.world import REDIRECT_URI, Tenant, World

_USER = "user_1"
_LATE_SECONDS = 601.0
_ISSUER = "https://oauth.platform.intuit.com/op/v1"  # the same in sandbox and production
Knock = tuple[str, str, Callable[[], object]]  # what is tried, the expected refusal, the try


@dataclass(frozen=True, slots=True)
class Door:
    """The target of the attempts: one tenant's integration, and a document that it knows."""

    world: World
    tenant: Tenant
    payable: str
    kind: RemoteKind
    connection: str

    @property
    def at(self) -> tuple[Any, str, str]:
        """The first arguments of every flow."""
        return self.world.web.house, self.tenant.business_id, self.tenant.integration_id


def knock(world: World, tenant: Tenant) -> None:
    """Try all that has to be refused; note each wrong answer, and whether anything changed."""
    door = _door(world, tenant)
    if door is None:
        return
    world.history.note("works", process=world.web.process.name)
    before = world.bench.dump()
    for what, expected, attempt in (*_choices(door), *_words(door), *_runs(door)):
        _note(world, tenant, what, expected, attempt)
    if world.bench.dump() != before:
        world.history.note("knocked", business=tenant.business_id, door="all", expected="", got="!")
    for what, expected, attempt in _sign_ins(door):
        _note(world, tenant, what, expected, attempt)


def _door(world: World, tenant: Tenant) -> Door | None:
    """Return the target around a payable whose connection is known; None if there is none."""
    fed = [
        one["record"]
        for one in world.history.entries
        if one["what"] == "fed" and one["business"] == tenant.business_id
    ]
    known = {one["id"] for one in fed if one["kind"] == "connection"}
    credits_ = {one["id"] for one in fed if one["kind"] == "payable" and one["cents"] < 0}
    for one in fed:
        named = (
            one["kind"] == "payable" and one["id"] not in credits_ and one["connection"] in known
        )
        if named and tenant.integration_id:
            kind = RemoteKind.INVOICE if one["role"] == "payee" else RemoteKind.BILL
            return Door(world, tenant, one["id"], kind, one["connection"])
    return None


def _note(
    world: World, tenant: Tenant, what: str, expected: str, attempt: Callable[[], object]
) -> None:
    try:
        attempt()
        got = "done"
    except Invalid as refusal:
        got = " ".join([refusal.code, *(flaw.field for flaw in refusal.flaws)])
    except AccountingError as refusal:
        got = refusal.code
    if got != expected:
        told = {"door": what, "expected": expected, "got": got}
        world.history.note("knocked", business=tenant.business_id, **told)


def _choices(door: Door) -> Iterator[Knock]:
    """Yield choices that name nothing that fits, or that are based on another version."""
    fields, version = choose.fields(*door.at)

    def save(version: int, **wanted: Any) -> Callable[[], object]:  # noqa: ANN401  invoice fields
        chosen = replace(fields, **wanted)
        return lambda: choose.set_fields(*door.at, chosen, version=version, by="stranger")

    good = {"expense_account_id": None, "income_account_id": None}
    yield "an old version", "stale", save(version - 1, **good)
    yield "a version to come", "stale", save(version + 1, **good)
    for name, field in (("expense_account_id", "expenseAccountId"), ("class_id", "classId")):
        yield f"{name} that is none", f"invalid {field}", save(version, **{**good, name: "nobody"})
    bank = {**good, "expense_account_id": door.tenant.accounts["Checking 1111"]}
    yield "a bank account", "invalid expenseAccountId", save(version, **bank)
    yield "no time zone", "invalid timeZone", save(version, **good, time_zone="Nowhere")
    for memo in ("{nobody}", "{", "{memo!r}", "{memo:9}", "{memo} {}"):
        wanted = {**good, "memo_template": memo}
        yield f"the template {memo}", "invalid memoTemplate", save(version, **wanted)


def _words(door: Door) -> Iterator[Knock]:
    """Yield decisions that do not fit the record that they are about."""
    vendor = RemoteKind.VENDOR

    def say(kind: RemoteKind, record: str, verdict: str, value: str = "") -> Callable[[], object]:
        return lambda: choose.decide(*door.at, kind, record, verdict, value, "stranger")

    bill, of = door.kind, door.payable
    for verdict in ("leave_out", "create_again", "link_to", "send_ours"):
        yield f"{verdict} of nobody", "invalid recordId", say(bill, "nobody", verdict, "7")
        yield f"{verdict} of an item", "invalid recordId", say(RemoteKind.ITEM, of, verdict, "7")
    yield "another kind", "invalid kind", say(RemoteKind.CREDIT_MEMO, of, "leave_out", "why")
    yield "no reason", "invalid value", say(bill, of, "leave_out", "  ")
    yield "another name for a document", "invalid decision", say(bill, of, "create_as", "Other")
    yield "no name", "invalid value", say(vendor, door.connection, "create_as", "")
    yield "a name with a colon", "invalid value", say(vendor, door.connection, "create_as", "A:B")
    yield "a long name", "invalid value", say(vendor, door.connection, "create_as", "x" * 501)
    yield "a document as a vendor", "invalid decision value", say(bill, of, "same_as", "nobody")
    yield "itself", "invalid value", say(vendor, door.connection, "same_as", door.connection)
    yield "nobody's vendor", "invalid value", say(vendor, door.connection, "same_as", "nobody")
    number = ("number_as", "X-1")
    yield "a vendor's number", "invalid decision", say(vendor, door.connection, *number)
    yield "no number", "invalid value", say(bill, of, "number_as", "")
    yield "a long number", "invalid value", say(bill, of, "number_as", "x" * 22)
    for verdict in ("link_to", "another_one", "unlink", "remove_there"):
        word = say(vendor, door.connection, verdict, "7")
        yield f"{verdict} of a vendor", "invalid decision", word
    yield "no document", "invalid value", say(bill, of, "link_to")
    yield "two documents", "invalid value", say(bill, of, "link_to", "1, 2")
    yield "no id", "invalid value", say(bill, of, "link_to", "9/9")
    yield "one of ours", "invalid value", say(bill, of, "link_to", "ours:1")
    yield "a long id", "invalid value", say(bill, of, "another_one", "9" * 41)
    for verdict in ("create_again", "send_ours"):
        item = _item(door, verdict)
        yield f"{verdict} of no item", "not_found", item


def _item(door: Door, verdict: str) -> Callable[[], object]:
    return lambda: choose.decide_item(*door.at, 10**9, verdict, "", "stranger")


def _runs(door: Door) -> Iterator[Knock]:
    """Yield requests for impossible runs, and for data of another business."""
    house, _, integration_id = door.at
    integration = door.world.integration(door.tenant)

    def ask(types: tuple[str, ...], **more: Any) -> Callable[[], object]:  # noqa: ANN401  arguments of a run
        told = {"trigger": Trigger.PAGE, "by": "stranger", **more}
        return lambda: sync.request(house, integration, types, **told)

    yield "payments", "invalid entityType", ask(("vendors", "payments"))
    yield "nothing", "invalid entityType", ask(())
    latest = progress.status(*door.at).run
    run = latest.id if latest else "nobody"
    if integration.status is Status.CONNECTED:
        retry = ask(("invoices",), failed_only_of=run, item_id=10**9)
        yield "an item of no run", "not_found", retry
    yield "the status of no run", "not_found", lambda: progress.status(*door.at, "nobody")
    yield "the items of no run", "not_found", lambda: progress.items(*door.at, "nobody")
    cancel = (*door.at, "nobody", "stranger")
    yield "to cancel no run", "not_found", lambda: sync.cancel(*cancel)
    other = (house, "biz_9", integration_id)
    yield "another's status", "not_found", lambda: progress.status(*other)
    yield "another's items", "not_found", lambda: progress.items(*other, run)
    yield "another's run", "not_found", lambda: sync.cancel(*other, run, "stranger")
    yield "another's fields", "not_found", lambda: choose.fields(*other)
    yield "another's errand", "not_found", lambda: errands.ask_to(*other, Verb.LOOK)
    yield (
        "a word on another's",
        "not_found",
        lambda: choose.decide(*other, door.kind, door.payable, "create_again", "", "stranger"),
    )
    yield "to let go of another's", "not_found", lambda: connect.disconnect(house, "biz_9", "x")


def _sign_ins(door: Door) -> Iterator[Knock]:
    """Yield sign-ins that another user finishes, or that are finished wrongly, late or twice."""
    house, business, _ = door.at

    def begun() -> str:
        made: Begun = connect.begin(house, business, _USER, REDIRECT_URI)
        return made.authorization_url.partition("state=")[2].partition("&")[0]

    def finish(state: str, **wrong: str) -> Callable[[], object]:
        right = {
            "code": "code",
            "company_id": door.tenant.company.realm_id,
            "business_id": business,
            "user_id": _USER,
            "issuer": _ISSUER,
        }
        return lambda: connect.complete(house, state=state, **{**right, **wrong})

    yield "no state", "state_invalid", finish("nobody")
    for name, wrong in (("business_id", "biz_9"), ("user_id", "user_2")):
        yield f"another {name}", "state_invalid", finish(begun(), **{name: wrong})
    state = begun()
    yield "another's answer", "wrong_issuer", finish(state, issuer="https://example.com")
    yield "an answer twice", "state_invalid", finish(state)
    lacking = {"code": ("", "x" * 513), "company_id": ("", "x" * 41, "1/2")}
    for name, values in lacking.items():
        for wrong in values:
            what = f"a {name} of {len(wrong)}"
            yield what, "callback_incomplete", finish(begun(), **{name: wrong})
    yield "a code of nobody's", "code_refused", finish(begun())
    late = begun()
    door.world.emulator.advance(_LATE_SECONDS)
    yield "an old state", "state_invalid", finish(late)
