"""A name that QuickBooks refuses for its length or form waits with a shorter or plainer one."""

from __future__ import annotations

from typing import Any

import pytest

from cleo_accounting.core.records import Role
from cleo_accounting.flows.mapping import bulk
from cleo_accounting.flows.reporting.progress import Item
from tests.world import BUSINESS, World, connection, payable

LONG = "Harbor Street Paper and Printing Supplies " * 3  # 126 characters
OTHER = "Amelia Quist, Bookbinding, Restoration and Fine Stationery " * 2
OWED_TO_US = {"role": Role.PAYEE}


def waiting(here: World) -> list[Item]:
    """Sync vendors and customers; return the records that wait for a person."""
    return list(here.sync("vendors").errors)


def names(here: World, kind: str) -> list[str]:
    return sorted(one["DisplayName"] for one in here.books(kind))


def accept(here: World) -> None:
    """Accept every proposed name."""
    done = bulk.decide(
        here.house,
        BUSINESS,
        here.integration_id,
        code="name_not_allowed",
        word="create_proposed",
        by="user:jane",
    )
    assert not done.refused


@pytest.mark.parametrize(
    ("kind", "more"), [("Vendor", {}), ("Customer", OWED_TO_US)], ids=["vendor", "customer"]
)
def test_a_name_longer_than_the_company_takes_is_proposed_shorter(
    here: World, kind: str, more: dict[str, Any]
) -> None:
    here.intuit.emulator.turn(name_length_max=100)
    here.feed(connection(1, LONG), connection(2, OTHER))
    here.feed(payable(1, to=1, **more), payable(2, to=2, **more))
    before = names(here, kind)

    found = waiting(here)

    assert [one.code for one in found] == ["name_not_allowed"] * 2
    assert all("” is longer than 100 characters, which" in (one.cause or "") for one in found)
    accept(here)
    assert waiting(here) == []
    created = set(names(here, kind)) - set(before)
    assert len(created) == 2
    assert all(len(name) <= 100 for name in created)
    assert {name.split()[0] for name in created} == {"Harbor", "Amelia"}


@pytest.mark.both
def test_a_new_name_that_is_too_long_is_proposed_shorter_and_the_vendor_renamed(
    here: World,
) -> None:
    here.intuit.emulator.turn(name_length_max=100)
    here.feed(connection(1, "Harbor"))
    here.sync("vendors")
    here.feed(connection(1, LONG))

    (asked,) = waiting(here)

    assert (asked.code, asked.action) == ("name_not_allowed", "update")
    accept(here)
    assert waiting(here) == []
    assert LONG[:100].strip() in names(here, "Vendor")
    assert "Harbor" not in names(here, "Vendor")
