"""The table for mapping by hand: what it shows, and what a person accepts in one step."""

from __future__ import annotations

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import Role
from cleo_accounting.errors import Conflict, Invalid
from cleo_accounting.flows.mapping import choose, matching
from cleo_accounting.flows.mapping.matching import Choice
from cleo_accounting.flows.mapping.pair import BANK_ACCOUNT, CUSTOMER, VENDOR
from tests.world import World, connection, payable, source

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def shown(here: World, show: str, target: object = VENDOR) -> list[str]:
    where = (here.house, here.business_id, here.integration_id)
    rows, total = matching.table(*where, target, show=show, limit=50, offset=0)  # type: ignore[arg-type]
    assert total == len(rows)
    return [row.beside.record_id for row in rows]


@pytest.fixture
def named(here: World) -> list[dict[str, str]]:
    """Three vendors of the company; the first two of three connections have their names."""
    vendors = here.books("Vendor")[:3]
    first, second = (one["DisplayName"] for one in vendors[:2])
    here.feed(connection(1, first), connection(2, second), connection(3, "Nobody Knows"))
    here.feed(payable(1, to=1), payable(2, to=1), payable(3, to=2), payable(4, to=3))
    here.sync(dry_run=True)
    return vendors


def test_each_part_of_the_table_shows_its_rows(here: World, named: list[dict[str, str]]) -> None:
    where = (here.house, here.business_id, here.integration_id)
    choice = Choice("conn_1", named[0]["Id"])
    assert matching.accept(*where, VENDOR, [choice], "x").number == 1
    choose.decide(*where, RemoteKind.VENDOR, "conn_2", "leave_out", "later", "x")

    assert set(shown(here, "all")) == {"conn_1", "conn_2", "conn_3"}
    assert shown(here, "mapped") == ["conn_1"]
    assert shown(here, "unmapped") == ["conn_3"]
    assert shown(here, "left_out") == ["conn_2"]
    assert shown(here, "all", CUSTOMER) == []


def test_a_row_tells_how_many_wait_for_it_and_who_is_surely_meant(
    here: World, named: list[dict[str, str]]
) -> None:
    where = (here.house, here.business_id, here.integration_id)
    rows, _ = matching.table(*where, VENDOR, limit=2, offset=0, search=named[0]["DisplayName"])
    (row,) = rows

    assert row.sure is not None
    assert (row.sure.remote.id, row.payables) == (named[0]["Id"], 2)
    unknown = matching.case(*where, VENDOR, "conn_3")
    assert (unknown.row.sure, unknown.row.payables, unknown.pending) == (None, 1, 1)
    matching.accept(*where, VENDOR, [Choice("conn_3", named[0]["Id"])], "x")
    assert matching.case(*where, VENDOR, "conn_1").row.sure is None  # the vendor is taken
    assert matching.case(*where, VENDOR, "conn_3").row.suggestions == ()
    assert [one.what for one in matching.case(*where, VENDOR, "conn_3").history] == ["mapped"]


def test_who_is_no_record_or_needs_none_has_no_row(
    here: World, named: list[dict[str, str]]
) -> None:
    where = (here.house, here.business_id, here.integration_id)
    here.feed(payable(5, to=3, role=Role.PAYEE), source(1, "Nowhere"))

    for target, record in ((VENDOR, "conn_9"), (CUSTOMER, "conn_1")):
        with pytest.raises(Invalid):
            matching.case(*where, target, record)
    assert matching.case(*where, CUSTOMER, "conn_3").pending == 1
    bank = matching.case(*where, BANK_ACCOUNT, "fs_1")
    assert (bank.row.payables, bank.pending, named != []) == (0, 0, True)


def test_what_one_person_accepted_is_taken_back_at_once_unless_others_changed_it(
    here: World, named: list[dict[str, str]]
) -> None:
    where = (here.house, here.business_id, here.integration_id)
    both = [Choice(f"conn_{at}", named[at - 1]["Id"]) for at in (1, 2)]
    done = matching.accept(*where, VENDOR, both, "x")
    late = matching.accept(*where, VENDOR, both[:1], "y")
    assert (done.number, done.late) == (2, [])
    assert (late.number, late.late) == (0, [named[0]["DisplayName"]])

    changed = Choice("conn_1", named[2]["Id"], was=named[0]["Id"])
    here.house.clock.sleep(1)
    assert matching.accept(*where, VENDOR, [changed], "y").number == 1
    assert matching.undo(*where, VENDOR, done.at, "x") == 1
    with pytest.raises(Conflict):
        matching.undo(*where, VENDOR, done.at, "x")
    assert shown(here, "mapped") == ["conn_1"]
