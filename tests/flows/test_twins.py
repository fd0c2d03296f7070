"""A document that a person entered in QuickBooks, and that may be one we are about to send."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cleo_accounting.core.links import Origin, RemoteKind
from cleo_accounting.flows import choose
from cleo_accounting.flows.progress import Item, RunStatus, Tally
from cleo_accounting.store import links
from tests.world import BUSINESS, World, connection, payable

DAY = date(2026, 1, 5)
BILL = RemoteKind.BILL


def vendor(here: World, name: str = "One") -> str:
    """The id of a vendor, who is made by the first sync."""
    return str(next(one["Id"] for one in here.books("Vendor") if one["DisplayName"] == name))


def typed(here: World, number: str | None = "INV-1", cents: int = 8_000, **more: Any) -> str:
    """Somebody enters a bill of the vendor in QuickBooks; gives its id."""
    line = {
        "Amount": Decimal(cents).scaleb(-2),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": here.account("Expense")}},
    }
    document = {
        "VendorRef": {"value": more.pop("of", None) or vendor(here)},
        "TxnDate": more.pop("dated", DAY).isoformat(),
        "Line": [line],
        **({"DocNumber": number} if number else {}),
        **more,
    }
    return str(here.intuit.company.create("Bill", document)["Id"])


@pytest.fixture
def ready(here: World) -> World:
    """A business whose vendor is in QuickBooks already."""
    here.feed(connection(1, "One"))
    here.sync()
    return here


def asked(told: RunStatus, code: str = "possible_duplicate") -> Item:
    """The one record that waits for a person."""
    (item,) = told.errors
    assert item.code == code, item
    return item


def decide(here: World, item: Item, verdict: str, value: str = "") -> None:
    house, one = here.house, here.integration_id
    choose.decide_item(house, BUSINESS, one, item.id, verdict, value, "user:jane")


def test_a_bill_that_was_entered_by_hand_is_offered_and_not_sent(ready: World) -> None:
    remote_id = typed(ready)
    ready.feed(payable(1))

    item = asked(ready.sync())

    assert [(one.remote_id, one.why) for one in item.twins] == [(remote_id, "same number")]
    assert item.cause == (
        "QuickBooks holds a bill that may be the same: number INV-1 of 2026-01-05 over 80.00 USD"
        " (open; same number)."
    )
    assert not ready.ours()


def test_it_is_linked_when_a_person_says_that_it_is_the_same(ready: World) -> None:
    remote_id = typed(ready)
    ready.feed(payable(1))
    decide(ready, asked(ready.sync()), "link_to")

    assert ready.sync().tallies["invoices"] == Tally(linked=1)
    assert ready.sync().tallies["invoices"] == Tally(unchanged=1)

    with ready.house.database.reading() as tx:
        link = links.links_of(tx, ready.integration_id, BILL)["pay_1"]
    assert (link.remote_id, link.origin) == (remote_id, Origin.MATCHED)
    (bill,) = ready.numbered("INV-1")
    assert (bill["Id"], bill["SyncToken"]) == (remote_id, "0")


def test_it_is_sent_when_a_person_says_that_it_is_another_one(ready: World) -> None:
    typed(ready, "0815", 10_000)
    ready.feed(payable(1))
    decide(ready, asked(ready.sync()), "another_one")

    assert ready.sync().tallies["invoices"] == Tally(created=1)
