"""The same flows with another accounting product, which only its own package knows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.reconciliation import Outcome
from cleo_accounting.core.records import Money, PayableStatus, Payment, PaymentStatus, Role
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.mapping import pair
from cleo_accounting.flows.mapping.pair import BANK_ACCOUNT
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.work import errands
from cleo_accounting.store.database import Database
from tests.ledger import COMPANY_ID, Bookkeeping, Books, Clock
from tests.world import BUSINESS, REDIRECT_URI, World, asked, connection, house_of, payable, source

BILL, VENDOR, ACCOUNT = RemoteKind.BILL, RemoteKind.VENDOR, RemoteKind.ACCOUNT


class Account:
    """An account of the chart of accounts."""

    def __init__(self, name: str) -> None:
        self.name = name


@pytest.fixture
def books() -> Books:
    """The books of a company with a bank account and an expense account."""
    made = Books(Clock())
    made.put(ACCOUNT, Account("Main Bank"), type="Bank")
    made.put(ACCOUNT, Account("Materials"), type="Expense")
    return made


@pytest.fixture
def here(database: Database, books: Books) -> World:
    """A business connected to the ledger, with an expense account chosen."""
    house = house_of(database, Bookkeeping(books), books.clock)
    world = World(house, cast("Any", None))
    begun = connect.begin(world.house, BUSINESS, "user_1", REDIRECT_URI)
    back = dict(parse_qsl(urlsplit(begun.authorization_url).query))
    done = connect.complete(
        world.house,
        state=back["state"],
        code="code",
        company_id=COMPANY_ID,
        business_id=BUSINESS,
        user_id="user_1",
    )
    world.integration_id = done.id
    errands.run_due(world.house)
    world.choose(expense_account_id=_account(books, "Materials"))
    return world


def _account(books: Books, name: str) -> str:
    return next(one.id for one in books.live(ACCOUNT) if one.content.name == name)


def _paid(**more: Any) -> Payment:
    known = {"status": PaymentStatus.COMPLETED, "payable_id": "pay_1"}
    return Payment("pmt_1", "fs_1", Money(10_000, "USD"), **{**known, **more})


def _is_equal(here: World) -> bool:
    found = reconcile.reconcile(here.house, BUSINESS, here.integration_id)
    return {one.outcome for one in found} == {Outcome.EQUAL}


def test_it_is_connected_under_its_own_name(here: World) -> None:
    assert (here.integration.provider, here.integration.company_name) == (
        "ledger",
        "Dictionary & Sons",
    )


def test_vendors_bills_and_payments_are_synced_once_and_equal(here: World, books: Books) -> None:
    here.feed(connection(1, "One"), connection(2, "Two"), source(1, "Main Bank"))
    here.feed(*(payable(n, 10_000 + n, to=1 + n % 2) for n in range(2, 7)), payable(1), _paid())

    assert not here.sync().errors
    assert {one.content.name for one in books.live(VENDOR)} == {"One", "Two"}
    assert sorted(one.content.total.minor for one in books.live(BILL)) == [
        10_000,
        *(10_000 + n for n in range(2, 7)),
    ]
    assert [seen.details["balance"] for seen in _bills(books, "INV-1")] == ["0.00"]
    before = dict(books.kept)
    assert not here.sync().errors
    assert books.kept == before
    assert _is_equal(here)


def _bills(books: Books, number: str) -> list[Any]:
    return [books.seen(one) for one in books.live(BILL) if one.content.number == number]


def test_a_funding_source_is_mapped_to_its_account(here: World, books: Books) -> None:
    here.feed(source(1, "Something else"))
    asked(here.sync(), "account_mapping_needed")

    bank = _account(books, "Main Bank")
    pair.pair(here.house, BUSINESS, here.integration_id, BANK_ACCOUNT, "fs_1", bank, "user_1")

    assert not here.sync().errors


@pytest.mark.parametrize("fate", ["lost", "lost answer"])
def test_a_batch_in_doubt_is_looked_for_and_written_once(
    here: World, books: Books, fate: str
) -> None:
    here.feed(connection(1, "One"))
    here.sync("vendors")
    here.feed(payable(1), payable(2), payable(3))
    books.fate += [fate]

    assert not here.sync().errors
    assert sorted(one.content.number for one in books.live(BILL)) == ["INV-1", "INV-2", "INV-3"]
    assert _is_equal(here)


def test_a_change_is_written_unless_a_person_changed_the_same(here: World, books: Books) -> None:
    here.feed(connection(1, "One"), payable(1), payable(2))
    here.sync()
    here.feed(payable(1, 12_000), payable(2, 13_000))
    (second,) = [one for one in books.live(BILL) if one.content.number == "INV-2"]
    theirs = _with_total(second.content, Money(9_900, "USD"))
    books.change(BILL, second.id, content=theirs)

    asked(here.sync(), "changed_there")

    totals = {one.content.number: one.content.total.minor for one in books.live(BILL)}
    assert totals == {"INV-1": 12_000, "INV-2": 9_900}


def _with_total(content: Any, total: Money) -> Any:
    (line,) = content.lines
    return replace(content, total=total, lines=(replace(line, amount=total),))


def test_what_is_cancelled_is_removed_and_a_returned_payment_opens_its_bill(
    here: World, books: Books
) -> None:
    here.feed(connection(1, "One"), source(1, "Main Bank"), payable(1), payable(2), _paid())
    here.sync()
    here.feed(payable(2, status=PayableStatus.CANCELLED), _paid(status=PaymentStatus.FAILED))

    assert not here.sync().errors
    assert [one.content.number for one in books.live(BILL)] == ["INV-1"]
    assert [seen.details["balance"] for seen in _bills(books, "INV-1")] == ["100.00"]
    assert _is_equal(here)


def test_two_parties_may_share_a_name_where_the_product_allows_it(
    here: World, books: Books
) -> None:
    here.choose(income_account_id=_account(books, "Materials"), item_id=_item(books))
    here.feed(connection(1, "One"), payable(1), payable(2, role=Role.PAYEE))

    here.sync()

    assert [one.content.name for one in books.live(RemoteKind.CUSTOMER)] == ["One"]


def _item(books: Books) -> str:
    return books.put(RemoteKind.ITEM, Account("Services"))
