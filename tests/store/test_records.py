"""Records may arrive in bulk, repeatedly and concurrently, and none is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from cleo_accounting.core.records import (
    KIND_OF,
    Connection,
    ConnectionStatus,
    FundingSource,
    LineItem,
    Money,
    Payable,
    Payment,
    PaymentStatus,
    Record,
    RecordKind,
    Role,
)
from cleo_accounting.store import incoming, records
from cleo_accounting.store.database import Database, Transaction
from cleo_accounting.store.tables import records as table
from tests.core.given import payable, payables
from tests.store.memory import LATER, NOW, at_once

pytestmark = pytest.mark.both


BUSINESS = "biz_1"
EACH: list[Record] = [
    Connection(
        "conn_1", "Bolt & Nut “O’Brien”", ConnectionStatus.PENDING, "B", "b@x.test", 30, ("a",)
    ),
    FundingSource("fs_1", "Ops", "checking", "1234", is_default=True, verified=False),
    payable(
        due_on=date(2026, 2, 1),
        memo="两\n次",
        lines=(LineItem("Rope", Decimal("1.5000"), Decimal("0.0000000001")),),
        custom_fields=(("PO", "7"),),
    ),
    Payment(
        "paym_1", "fs_1", Money(1, "JPY"), PaymentStatus.COMPLETED, "pay_1", "same_day", NOW.date()
    ),
]


def _take(database: Database, *given_: Record) -> list[incoming.Taken]:
    with database.transaction() as tx:
        return incoming.upsert(tx, BUSINESS, given_, NOW)


def _get(database: Database, kind: RecordKind, *ids: str) -> dict[str, Record]:
    with database.reading() as tx:
        return records.get(tx, BUSINESS, kind, ids)


def test_a_record_of_each_kind_comes_back_as_it_went(database: Database) -> None:
    assert _take(database, *EACH) == ["created"] * 4

    for one in EACH:
        assert _get(database, KIND_OF[type(one)], one.id) == {one.id: one}
    assert _take(database, *EACH) == ["unchanged"] * 4


@given(payables())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_payable_holds_comes_back(database: Database, record: Payable) -> None:
    with database.transaction() as tx:
        records.delete(tx, BUSINESS, RecordKind.PAYABLE, record.id)  # left by an earlier example
    _take(database, record)

    assert _get(database, RecordKind.PAYABLE, record.id) == {record.id: record}


def test_the_last_of_two_with_one_id_wins_as_if_they_came_in_turn(database: Database) -> None:
    one, two = payable(), payable(memo="two")

    assert _take(database, one, two, two) == ["created", "updated", "unchanged"]
    assert _take(database, two, one, two) == ["unchanged", "updated", "updated"]

    assert _get(database, RecordKind.PAYABLE, "pay_1") == {"pay_1": two}


def test_a_payable_of_another_role_is_told_and_the_one_before_stays(database: Database) -> None:
    one, other = payable(), payable(role=Role.PAYEE)

    assert _take(database, one, other, one) == ["created", "other_role", "unchanged"]
    assert _take(database, other) == ["other_role"]
    assert _get(database, RecordKind.PAYABLE, "pay_1") == {"pay_1": one}


def test_a_thousand_come_at_once_and_are_given_page_by_page_in_their_order(
    database: Database,
) -> None:
    many = [payable(id=f"pay_{n}", role=list(Role)[n % 2]) for n in range(1000)]

    assert Counter(_take(database, *many)) == {"created": 1000}
    changed = [replace(one, memo="x") for one in many[::-1]]
    assert Counter(_take(database, *changed)) == {"updated": 1000}
    with database.reading() as tx:
        first = records.page(tx, BUSINESS, RecordKind.PAYABLE, limit=600)
        rest = records.page(tx, BUSINESS, RecordKind.PAYABLE, after=first[-1][0], limit=600)
        bills = records.page(tx, BUSINESS, RecordKind.PAYABLE, role=Role.PAYER)
        assert len(records.labels(tx, BUSINESS, RecordKind.PAYABLE)) == 1000
    assert [one.id for _, one in [*first, *rest]] == [one.id for one in many]
    assert [one.id for _, one in bills] == [one.id for one in many[::2]]
    assert len(_get(database, RecordKind.PAYABLE, *[one.id for one in many])) == 1000


def test_of_one_record_sent_by_many_at_once_one_creates_it(database: Database) -> None:
    def send(tx: Transaction) -> incoming.Taken:
        return incoming.upsert(tx, BUSINESS, [payable()], NOW)[0]

    assert Counter(at_once(database, [send] * 24)) == {"created": 1, "unchanged": 23}


def test_bundles_that_overlap_in_any_order_neither_fail_nor_lose(database: Database) -> None:
    def send(number: int, tx: Transaction) -> list[incoming.Taken]:
        bundle = [payable(id=f"pay_{n}", memo=str(number)) for n in range(40)]
        return incoming.upsert(tx, BUSINESS, bundle[:: 1 if number % 2 else -1], LATER)

    outcomes = at_once(database, [lambda tx, n=number: send(n, tx) for number in range(24)])  # type: ignore[misc]

    told = Counter(one for outcome in outcomes for one in outcome)
    assert told == {"created": 40, "updated": 23 * 40}
    with database.reading() as tx:
        rows = tx.execute(select(table.c.version, table.c.body)).all()
    assert [row.version for row in rows] == [24] * 40
    assert len({row.body.partition('"memo"')[2][:6] for row in rows}) == 1  # all from one bundle


def test_a_business_sees_its_own_only(database: Database) -> None:
    _take(database, *EACH)

    with database.reading() as tx:
        assert records.get(tx, "biz_2", RecordKind.PAYABLE, ["pay_1"]) == {}
        assert records.page(tx, "biz_2", RecordKind.PAYABLE) == []
        assert records.labels(tx, "biz_2", RecordKind.CONNECTION) == {}


def test_connections_are_told_by_the_part_they_play(database: Database) -> None:
    _take(
        database,
        payable(id="pay_1", connection_id="conn_1"),
        payable(id="pay_2", connection_id="conn_2", role=Role.PAYEE),
        payable(id="pay_3", connection_id="conn_1", role=Role.PAYEE),
    )

    with database.reading() as tx:
        assert records.connections_by_role(tx, BUSINESS) == {
            Role.PAYER: {"conn_1"},
            Role.PAYEE: {"conn_1", "conn_2"},
        }
