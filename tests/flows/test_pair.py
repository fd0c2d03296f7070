"""Mapping by hand and choosing accept only active entries of the business's own company."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from cleo_accounting.core.fields import InvoiceFields, Place
from cleo_accounting.core.links import Origin, Remote, RemoteKind
from cleo_accounting.errors import AccountingError, Conflict, Invalid, Missing, Reconnect
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.mapping import choose, pair
from cleo_accounting.flows.mapping.pair import BANK_ACCOUNT, CUSTOMER, VENDOR, Target
from cleo_accounting.flows.mapping.suggest import Shelf
from cleo_accounting.flows.work import errands
from cleo_accounting.store import audit, integrations
from cleo_accounting.store import errands as store_errands
from cleo_accounting.store.errands import Verb
from tests.world import BUSINESS, World, connection, payable, source


@pytest.fixture
def seen(here: World) -> World:
    """A business whose company a worker has read once."""
    here.feed(connection(1, "Acme Tools"), connection(2, "Acme Tools Inc."), source(1, "Main"))
    assert errands.run_due(here.house) == 1
    return here


def _a(here: World, target: Target, *, at: int = 0) -> Remote:
    found, _ = pair.listed(
        here.house,
        BUSINESS,
        here.integration_id,
        target,
        search=None,
        active=True,
        limit=100,
        offset=0,
    )
    return found[at].remote


def _pair(here: World, target: Target, record_id: str, remote_id: str) -> tuple[Origin, bool]:
    one, new = pair.pair(
        here.house, BUSINESS, here.integration_id, target, record_id, remote_id, "user_1"
    )
    return one.link.origin, new


def _person(here: World, deed: str, kind: str, remote_id: str, **facts: object) -> None:
    here.intuit.emulator.act(
        "person",
        {"realm_id": here.intuit.realm_id, "deed": deed, "kind": kind, "id": remote_id, **facts},
    )


@pytest.mark.parametrize(
    ("target", "record_id"), [(VENDOR, "conn_1"), (CUSTOMER, "conn_1"), (BANK_ACCOUNT, "fs_1")]
)
def test_a_record_is_mapped_once_and_listed(seen: World, target: Target, record_id: str) -> None:
    remote = _a(seen, target)

    assert _pair(seen, target, record_id, remote.id) == (Origin.MAPPED, True)
    assert _pair(seen, target, record_id, remote.id) == (Origin.MAPPED, False)

    listed, total = pair.mappings(
        seen.house, BUSINESS, seen.integration_id, target, limit=20, offset=0
    )
    assert total == 1
    assert listed[0].link.remote_name == remote.name
    there, _ = pair.listed(
        seen.house,
        BUSINESS,
        seen.integration_id,
        target,
        search=remote.name.upper(),
        active=None,
        limit=5,
        offset=0,
    )
    assert [one.record_ids for one in there if one.remote.id == remote.id] == [[record_id]]


@pytest.mark.both
def test_a_sync_keeps_to_what_was_mapped(seen: World) -> None:
    vendor = _a(seen, VENDOR)
    _pair(seen, VENDOR, "conn_1", vendor.id)
    seen.feed(payable(1, to=1))

    told = seen.sync("vendors", "invoices")

    assert told.tallies["invoices"].created == 1
    (bill,) = seen.ours()
    assert bill["VendorRef"]["value"] == vendor.id


def test_several_connections_may_share_a_vendor_by_hand(seen: World) -> None:
    vendor = _a(seen, VENDOR)

    assert _pair(seen, VENDOR, "conn_1", vendor.id) == (Origin.MAPPED, True)
    assert _pair(seen, VENDOR, "conn_2", vendor.id) == (Origin.MAPPED, True)


def test_a_mapping_gives_way_to_a_newer_one_and_can_be_removed(seen: World) -> None:
    first, second = _a(seen, VENDOR), _a(seen, VENDOR, at=1)
    _pair(seen, VENDOR, "conn_1", first.id)
    _pair(seen, VENDOR, "conn_1", second.id)

    listed, _ = pair.mappings(seen.house, BUSINESS, seen.integration_id, VENDOR, limit=20, offset=0)
    assert [one.link.remote_id for one in listed] == [second.id]

    pair.unpair(seen.house, BUSINESS, seen.integration_id, VENDOR, "conn_1", "user_1")
    with pytest.raises(Missing):
        pair.unpair(seen.house, BUSINESS, seen.integration_id, VENDOR, "conn_1", "user_1")


def test_what_cannot_be_mapped_to_is_named(seen: World) -> None:
    vendor, account = _a(seen, VENDOR), _a(seen, BANK_ACCOUNT)
    expense = seen.account("Expense")
    _person(seen, "inactivate", "Vendor", vendor.id)
    errands.ask_to(seen.house, BUSINESS, seen.integration_id, Verb.LOOK)
    errands.run_due(seen.house)

    def flaw(target: Target, record_id: str, remote_id: str) -> tuple[str, str, str]:
        with pytest.raises(Invalid) as refusal:
            _pair(seen, target, record_id, remote_id)
        (one,) = refusal.value.flaws
        return one.field, one.code, one.message

    assert flaw(VENDOR, "conn_9", vendor.id)[:2] == ("connectionId", "unknown")
    assert flaw(VENDOR, "conn_1", "no-such")[:2] == ("vendorId", "unknown")
    field, code, message = flaw(VENDOR, "conn_1", vendor.id)
    assert (field, code) == ("vendorId", "inactive")
    assert vendor.name in message
    assert flaw(BANK_ACCOUNT, "fs_1", expense)[:2] == ("bankAccountId", "wrong_type")
    assert flaw(BANK_ACCOUNT, "fs_9", account.id)[0] == "fundingSourceId"


@pytest.mark.both
def test_a_vendor_of_the_company_before_is_named_with_its_company(seen: World) -> None:
    before = seen.integration
    made = seen.intuit.emulator.add_company("Another Company", seeded=False)
    seen.intuit.emulator.act(
        "person",
        {
            "realm_id": seen.intuit.realm_id,
            "deed": "create",
            "kind": "Vendor",
            "document": {"DisplayName": "Only Before"},
        },
    )
    errands.ask_to(seen.house, BUSINESS, seen.integration_id, Verb.LOOK)
    errands.run_due(seen.house)
    (only,) = pair.listed(
        seen.house,
        BUSINESS,
        before.id,
        VENDOR,
        search="Only Before",
        active=True,
        limit=2,
        offset=0,
    )[0]
    elsewhere = World(seen.house, replace(seen.intuit, company=made))
    now = elsewhere.connect(switch_company=True)
    errands.run_due(seen.house)

    with pytest.raises(Invalid) as refusal:
        pair.pair(seen.house, BUSINESS, now.id, VENDOR, "conn_1", only.remote.id, "user_1")

    (flaw,) = refusal.value.flaws
    assert flaw.code == "another_company"
    assert "Only Before" in flaw.message
    assert before.company_name in flaw.message
    with pytest.raises(Conflict, match="disconnected"):
        pair.pair(seen.house, BUSINESS, before.id, VENDOR, "conn_1", only.remote.id, "user_1")


def test_a_look_sees_what_changed_since_the_last(seen: World) -> None:
    cursor = seen.integration.names_cursor
    seen.house.clock.sleep(60)
    errands.ask_to(seen.house, BUSINESS, seen.integration_id, Verb.LOOK)
    errands.ask_to(seen.house, BUSINESS, seen.integration_id, Verb.LOOK)
    assert errands.looking(seen.house, seen.integration_id)

    assert errands.run_due(seen.house) == 1

    assert not errands.looking(seen.house, seen.integration_id)
    assert cursor
    assert seen.integration.names_cursor
    assert seen.integration.names_cursor > cursor


@pytest.mark.both
def test_of_workers_that_come_at_once_one_looks(seen: World) -> None:
    asked = len(seen.intuit.emulator.journal.requests())
    errands.ask_to(seen.house, BUSINESS, seen.integration_id, Verb.LOOK)
    with seen.house.database.reading() as tx:
        (errand,) = store_errands.due(tx, now=seen.house.clock.now())
    together = Barrier(4)

    def run(_: int) -> None:
        together.wait()
        errands.run(seen.house, errand)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))

    paths = [
        one.request.path for one in seen.intuit.emulator.journal.requests()[asked:] if one.request
    ]
    assert len([path for path in paths if path.endswith("/cdc")]) == 1
    assert not errands.looking(seen.house, seen.integration_id)


def test_a_worker_that_died_over_an_errand_leaves_it_to_the_next(seen: World) -> None:
    errands.ask_to(seen.house, BUSINESS, seen.integration_id, Verb.LOOK)
    now = seen.house.clock.now()
    with seen.house.database.transaction() as tx:
        (errand,) = store_errands.due(tx, now=now)
        assert store_errands.claim(tx, errand, now=now, until=now + timedelta(minutes=30))
    assert errands.run_due(seen.house) == 0

    seen.house.clock.sleep(1801)

    assert errands.run_due(seen.house) == 1
    assert not errands.looking(seen.house, seen.integration_id)


def test_a_look_waits_while_intuit_is_down_and_ends_without_a_grant(seen: World) -> None:
    seen.intuit.emulator.add_fault("error_before_commit", path="/v3/*", times=None)
    errands.ask_to(seen.house, BUSINESS, seen.integration_id, Verb.LOOK)
    assert errands.run_due(seen.house) == 1
    assert errands.looking(seen.house, seen.integration_id)

    with seen.house.database.transaction() as tx:
        integrations.need_reconnect(tx, seen.integration_id, "no_permission")
    seen.house.clock.sleep(3600)
    assert errands.run_due(seen.house) == 1

    assert not errands.looking(seen.house, seen.integration_id)
    with pytest.raises(Reconnect):
        errands.ask_to(seen.house, BUSINESS, seen.integration_id, Verb.LOOK)


def test_unmapped_records_come_with_reasons(seen: World) -> None:
    seen.intuit.emulator.act(
        "person",
        {
            "realm_id": seen.intuit.realm_id,
            "deed": "create",
            "kind": "Vendor",
            "document": {"DisplayName": "ACME Tools, Inc"},
        },
    )
    errands.ask_to(seen.house, BUSINESS, seen.integration_id, Verb.LOOK)
    errands.run_due(seen.house)

    found, total = pair.unmapped(
        seen.house, BUSINESS, seen.integration_id, VENDOR, limit=20, offset=0
    )

    assert total == 2
    assert [one.record_id for one in found] == ["conn_1", "conn_2"]
    best = found[0].suggestions[0]
    assert (best.remote.name, best.why) == ("ACME Tools, Inc", "same name, spelled differently")
    only, _ = pair.unmapped(
        seen.house,
        BUSINESS,
        seen.integration_id,
        VENDOR,
        record_id="conn_2",
        limit=20,
        offset=0,
    )
    assert [one.record_id for one in only] == ["conn_2"]


def _shelf(*names: str, email: str = "") -> Shelf:
    details = {"email": email} if email else {}
    return Shelf(
        [
            Remote(RemoteKind.VENDOR, str(n), "0", name, details=details)
            for n, name in enumerate(names)
        ]
    )


@pytest.mark.parametrize(
    ("theirs", "why"),
    [
        ("harbor supply", "same name"),
        ("Harbor Supply, LLC", "same name, spelled differently"),
        ("Harbour Supply", "similar name 96 %"),
    ],
)
def test_a_suggestion_says_why(theirs: str, why: str) -> None:
    (one,) = _shelf(theirs).parties("Harbor Supply", None)

    assert one.why == why


def test_likeness_never_stands_above_sameness() -> None:
    found = _shelf("Harbor Supplys", "Harbor Supply Inc", "Harbor Supply").parties(
        "Harbor Supply", None
    )

    assert [one.remote.name for one in found] == [
        "Harbor Supply",
        "Harbor Supply Inc",
        "Harbor Supplys",
    ]
    assert found[0].certainty > found[1].certainty > found[2].certainty


def test_the_same_e_mail_is_a_reason_and_strangers_are_none() -> None:
    (one,) = _shelf("Quite Other", email="Bills@Harbor.example").parties(
        "Harbor Supply", "bills@harbor.example"
    )

    assert one.why == "same e-mail"
    assert _shelf("Quite Other", "Someone Else").parties("Harbor Supply", None) == []


def test_bank_accounts_are_suggested_by_their_last_digits() -> None:
    found = _shelf("Checking 4321", "Savings 14321", "Main Checking").banks("Operating", "4321")

    assert [(one.remote.name, one.why) for one in found] == [
        ("Checking 4321", "same last four digits")
    ]


def _fields(here: World, **chosen: Any) -> int:
    fields, version = choose.fields(here.house, BUSINESS, here.integration_id)
    return choose.set_fields(
        here.house,
        BUSINESS,
        here.integration_id,
        replace(fields, **chosen),
        version=version,
        by="user_1",
    )


def test_each_save_of_invoice_fields_is_a_version_with_its_author(seen: World) -> None:
    _, version = choose.fields(seen.house, BUSINESS, seen.integration_id)

    assert _fields(seen, memo_template="{memo} {due}") == version + 1
    assert _fields(seen, custom_fields=(("po", Place.NOTE),)) == version + 2

    with seen.house.database.reading() as tx:
        (newest, _), _ = audit.page(tx, BUSINESS, limit=2, offset=0)
    assert (newest.what, newest.by) == ("invoice_fields_set", "user_1")
    assert "custom_fields" in newest.facts


def test_of_two_who_save_at_once_the_second_is_told(seen: World) -> None:
    fields, version = choose.fields(seen.house, BUSINESS, seen.integration_id)
    _fields(seen, memo_template="{memo}!")

    with pytest.raises(Conflict) as refusal:
        choose.set_fields(
            seen.house, BUSINESS, seen.integration_id, fields, version=version, by="user_2"
        )

    assert refusal.value.code == "stale"


def test_every_choice_that_does_not_fit_is_named_at_once(seen: World) -> None:
    bank, expense = _a(seen, BANK_ACCOUNT).id, seen.account("Expense")

    with pytest.raises(Invalid) as refusal:
        _fields(
            seen,
            expense_account_id=bank,
            ap_account_id=expense,
            class_id="no-such",
            income_account_id=expense,
            memo_template="{memo} {nonsense}",
        )

    assert {(flaw.field, flaw.code) for flaw in refusal.value.flaws} == {
        ("expenseAccountId", "wrong_type"),
        ("apAccountId", "wrong_type"),
        ("classId", "unknown"),
        ("incomeAccountId", "wrong_type"),
        ("memoTemplate", "invalid"),
    }


@pytest.mark.parametrize(
    "template", ["{", "}", "{0}", "{memo!r}", "{memo:>999999999}", "{memo.__class__}", "{memo[0]}"]
)
def test_a_memo_template_can_do_nothing_but_name_words(seen: World, template: str) -> None:
    with pytest.raises(Invalid) as refusal:
        _fields(seen, memo_template=template)

    assert [flaw.field for flaw in refusal.value.flaws] == ["memoTemplate"]


def _decide(here: World, verdict: str, value: str = "", record_id: str = "conn_1") -> None:
    choose.decide(
        here.house,
        BUSINESS,
        here.integration_id,
        RemoteKind.VENDOR,
        record_id,
        verdict,
        value,
        "user_1",
    )


def test_a_record_that_is_left_out_stays_out_until_it_is_brought_back(seen: World) -> None:
    seen.feed(connection(2, "Beta Parts"), payable(1, to=1), payable(2, to=2))
    _decide(seen, "leave_out", "we pay them elsewhere")
    assert seen.sync("vendors").tallies["vendors"].skipped >= 1
    words, total = choose.decided(seen.house, BUSINESS, seen.integration_id, limit=10, offset=0)
    assert total == 1
    assert words[0][2].value == "we pay them elsewhere"

    _decide(seen, "bring_back")

    assert choose.decided(seen.house, BUSINESS, seen.integration_id, limit=10, offset=0)[1] == 0
    seen.sync("vendors")
    listed, _ = pair.mappings(seen.house, BUSINESS, seen.integration_id, VENDOR, limit=20, offset=0)
    assert "conn_1" in [one.link.record_id for one in listed]


@pytest.mark.parametrize(
    ("verdict", "value", "record_id"),
    [
        ("leave_out", " ", "conn_1"),
        ("create_as", "", "conn_1"),
        ("create_as", "a:b", "conn_1"),
        ("leave_out", "why", "conn_99"),
        ("keep_theirs", "", "conn_1"),
    ],
)
def test_a_word_that_does_not_fit_is_refused(
    seen: World, verdict: str, value: str, record_id: str
) -> None:
    with pytest.raises(Invalid):
        _decide(seen, verdict, value, record_id)


def test_nothing_of_another_business_can_be_seen_or_changed(seen: World) -> None:
    house, one, other = seen.house, seen.integration_id, "biz_two"
    page: dict[str, Any] = {"limit": 20, "offset": 0}
    attempts: list[Callable[[], object]] = [
        lambda: connect.integration(house, other, one),
        lambda: pair.pair(house, other, one, VENDOR, "conn_1", "1", "x"),
        lambda: pair.unpair(house, other, one, VENDOR, "conn_1", "x"),
        lambda: pair.mappings(house, other, one, VENDOR, **page),
        lambda: pair.unmapped(house, other, one, VENDOR, **page),
        lambda: pair.listed(house, other, one, VENDOR, search=None, active=None, **page),
        lambda: choose.fields(house, other, one),
        lambda: choose.set_fields(house, other, one, InvoiceFields(), version=1, by="x"),
        lambda: choose.decided(house, other, one, **page),
        lambda: errands.ask_to(house, other, one, Verb.LOOK),
    ]

    for attempt in attempts:
        with pytest.raises(AccountingError) as refusal:
            attempt()
        assert isinstance(refusal.value, Missing)
