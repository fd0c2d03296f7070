"""Records from the platform: a repeated one changes nothing, and a bad one affects no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cleo_accounting.core.records import Connection, Payable, RecordKind, Role
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.admin import access, once
from cleo_accounting.flows.records import feed, keep
from cleo_accounting.flows.records.feed import Given
from cleo_accounting.store import records
from cleo_accounting.store.access import Rank
from cleo_accounting.store.idempotency import Answer, Asked
from tests.world import BUSINESS, World

VENDOR = {"status": "active", "connectedBusinessName": "Harbor Supply"}
BILL = {
    "connectionId": "conn_1",
    "amount": "12.50",
    "invoiceDate": "2026-01-05",
    "status": "APPROVED",
}


def _take(here: World, *given: tuple[str, str, Any]) -> list[str]:
    outcomes = feed.take_all(here.house, BUSINESS, [Given(*one) for one in given], by="feeder")
    return [one.outcome for one in outcomes]


def test_a_record_is_created_then_unchanged_then_updated(here: World) -> None:
    assert _take(here, ("connection", "conn_1", VENDOR)) == ["created"]
    assert _take(here, ("connection", "conn_1", VENDOR)) == ["unchanged"]
    assert _take(here, ("connection", "conn_1", {**VENDOR, "alias": "HS"})) == ["updated"]

    with here.house.database.reading() as tx:
        kept = records.get(tx, BUSINESS, RecordKind.CONNECTION, ["conn_1"])
    assert kept == {"conn_1": Connection("conn_1", "Harbor Supply", alias="HS")}


def test_a_payable_keeps_its_role(here: World) -> None:
    """If a bill became an invoice, the bill would remain in QuickBooks beside it."""
    other = {**BILL, "role": "payee", "amount": "99.00"}
    _take(here, ("connection", "conn_1", VENDOR), ("payable", "pay_1", BILL))

    given = [Given("payable", "pay_1", other), Given("payable", "pay_2", other)]
    refused, good = feed.take_all(here.house, BUSINESS, given, by="feeder")

    assert (refused.outcome, good.outcome) == ("refused", "created")
    (flaw,) = refused.flaws
    assert (flaw.field, flaw.code) == ("role", "role_changed")
    assert "delete the payable, then send it again" in flaw.message
    kept = keep.one(here.house, BUSINESS, RecordKind.PAYABLE, "pay_1")
    assert isinstance(kept, Payable)
    assert (kept.role, kept.amount.minor) == (Role.PAYER, 1_250)
    assert _take(here, ("payable", "pay_1", {**BILL, "amount": "13.00"})) == ["updated"]

    keep.delete(here.house, BUSINESS, RecordKind.PAYABLE, "pay_1", "feeder")
    assert _take(here, ("payable", "pay_1", other)) == ["created"]


def test_a_bad_record_harms_no_other_and_says_what_is_wrong_with_it(here: World) -> None:
    outcomes = feed.take_all(
        here.house,
        BUSINESS,
        [
            Given("connection", "conn_1", VENDOR),
            Given("connection", "conn_2", {"status": "married"}),
            Given("spaceship", "x", {}),
            Given("payable", "pay_1", BILL),
            Given("payable", "pay_2", {**BILL, "amount": "12.505"}),
        ],
        by="feeder",
    )

    assert [one.outcome for one in outcomes] == [
        "created",
        "refused",
        "refused",
        "created",
        "refused",
    ]
    assert {flaw.field for flaw in outcomes[1].flaws} == {"status"}
    assert {flaw.field for flaw in outcomes[2].flaws} == {"type"}
    assert {flaw.field for flaw in outcomes[4].flaws} == {"amount"}


def test_the_last_of_two_with_one_id_wins(here: World) -> None:
    assert _take(
        here,
        ("connection", "conn_1", VENDOR),
        ("connection", "conn_1", {**VENDOR, "connectedBusinessName": "Harbor"}),
    ) == ["created", "updated"]

    with here.house.database.reading() as tx:
        (kept,) = records.get(tx, BUSINESS, RecordKind.CONNECTION, ["conn_1"]).values()
    assert isinstance(kept, Connection)
    assert kept.name == "Harbor"


def test_cents_are_taken_as_cents_where_the_platform_writes_them(here: World) -> None:
    house = replace(here.house, amounts_in="cents")

    feed.take_all(
        house, BUSINESS, [Given("payable", "pay_1", {**BILL, "amount": 1250})], by="feeder"
    )

    with here.house.database.reading() as tx:
        (kept,) = records.get(tx, BUSINESS, RecordKind.PAYABLE, ["pay_1"]).values()
    assert isinstance(kept, Payable)
    assert str(kept.amount) == "12.50 USD"


def test_an_act_under_a_key_is_kept_with_its_answer_or_not_at_all(here: World) -> None:
    asked = Asked(BUSINESS, "user_1", "POST /x", "key", "print")

    def fail(house: Any) -> Answer:
        feed.take(house, BUSINESS, [Connection("conn_1", "Harbor")], by="feeder")
        raise Invalid("halfway")

    def act(house: Any) -> Answer:
        return Answer(
            201, str(feed.take(house, BUSINESS, [Connection("conn_1", "Harbor")], by="feeder"))
        )

    with pytest.raises(Invalid, match="halfway"):
        once.once(here.house, asked, fail)

    assert once.once(here.house, asked, act) == (Answer(201, "['created']"), False)
    assert once.once(here.house, asked, fail) == (Answer(201, "['created']"), True)


@pytest.mark.both
def test_an_answer_is_kept_for_two_days(here: World) -> None:
    asked = Asked(BUSINESS, "user_1", "POST /x", "key", "print")
    once.once(here.house, asked, lambda _: Answer(201, "{}"))

    here.house.clock.sleep(47 * 3600)
    assert once.forget_old(here.house) == 0
    here.house.clock.sleep(2 * 3600)
    assert once.forget_old(here.house) == 1

    assert once.once(here.house, asked, lambda _: Answer(201, "new")) == (Answer(201, "new"), False)


def test_a_token_is_for_one_business_or_for_the_platform(here: World) -> None:
    for rank, business in ((Rank.PLATFORM, BUSINESS), (Rank.ADMIN, None)):
        with pytest.raises(Invalid):
            access.issue(here.house, business_id=business, rank=rank, name="x", by="cli")

    token, secret = access.issue(
        here.house, business_id=BUSINESS, rank=Rank.VIEWER, name="x", by="cli"
    )
    assert access.identify(here.house, secret) == token
    assert secret not in repr(access.page(here.house, limit=10, offset=0))
