"""Decisions about many records: each is applied on its own, and they are undone together."""

from __future__ import annotations

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import Conflict, Invalid
from cleo_accounting.flows.mapping import bulk
from cleo_accounting.flows.mapping.bulk import Decided
from cleo_accounting.flows.reporting import history
from cleo_accounting.flows.reporting.progress import items
from cleo_accounting.store import decisions, links
from tests.world import BUSINESS, World, connection, payable


def decide(here: World, word: str, *, by: str = "finance", **more: object) -> Decided:
    return bulk.decide(
        here.house,
        BUSINESS,
        here.integration_id,
        word=word,
        by=by,
        **more,  # type: ignore[arg-type]
    )


def codes(here: World) -> dict[str, int]:
    found = history.issues(here.house, BUSINESS, here.integration_id)
    return {group.code: group.number for group in found.groups}


@pytest.fixture
def alike(here: World) -> World:
    """A business with three connections that resemble a vendor or another connection."""
    here.intuit.company.create("Vendor", {"DisplayName": "Acme Paper, Inc."})
    here.intuit.company.create("Vendor", {"DisplayName": "Bolt & Nut Co."})
    here.feed(
        connection(1, "ACME Paper"),
        connection(2, "Bolt and Nut"),
        connection(3, "GARTNER INC"),
        connection(4, "Gartner Inc."),
        *(payable(number, to=number) for number in (1, 2, 4)),
    )
    here.sync()
    assert codes(here)["look_alike"] == 3
    return here


def linked(here: World) -> dict[str, str]:
    with here.house.database.reading() as tx:
        found = links.links_of(tx, here.integration_id, RemoteKind.VENDOR)
    return {link.record_id: link.remote_name for link in found.values()}


def test_all_of_a_cause_are_linked_to_what_was_suggested(alike: World) -> None:
    done = decide(alike, "link_suggested", code="look_alike")

    assert (done.number, list(done.refused)) == (3, [])
    assert alike.sync().state == "succeeded"
    assert linked(alike) == {
        "conn_1": "Acme Paper, Inc.",
        "conn_2": "Bolt & Nut Co.",
        "conn_3": "GARTNER INC",
        "conn_4": "GARTNER INC",
    }
    assert len(alike.ours()) == 3
    assert codes(alike) == {}


def test_all_of_a_cause_are_created_as_new(alike: World) -> None:
    assert decide(alike, "create_new", code="look_alike").number == 3

    assert alike.sync().tallies["vendors"].created == 3
    assert linked(alike)["conn_4"] == "Gartner Inc."


def test_what_is_decided_twice_is_decided_once(alike: World) -> None:
    first = decide(alike, "create_new", code="look_alike")

    assert decide(alike, "create_new", code="look_alike").outcomes == []
    ids = [one.item_id for one in first.outcomes]
    assert decide(alike, "create_new", item_ids=[*ids, ids[0]]).number == 3
    assert alike.sync().tallies["vendors"].created == 3


def test_each_item_is_refused_by_itself(alike: World) -> None:
    alike.feed(connection(5, "Colon: Works"))
    alike.sync()
    found = history.waiting_for(
        alike.house, BUSINESS, alike.integration_id, code=None, limit=100, offset=0
    )
    by_label = {entry.item.label: entry.item.id for entry in found}
    wanted = [by_label["ACME Paper"], by_label["Colon: Works"], by_label["INV-1"], 999_999]

    done = decide(alike, "create_new", item_ids=wanted)

    assert [one.refused is None for one in done.outcomes] == [True, False, False, False]
    assert "has a colon" in str(done.outcomes[1].refused)
    assert "fits only vendors and customers" in str(done.outcomes[2].refused)
    assert done.outcomes[3].refused == "There is no such item."
    assert decide(alike, "create_proposed", item_ids=[by_label["Colon: Works"]]).number == 1
    alike.sync()
    assert linked(alike)["conn_5"] == "Colon- Works"


@pytest.mark.both
def test_a_preview_is_decided_before_anything_is_sent(here: World) -> None:
    """Both connections are new: the second is linked to the vendor that the first becomes."""
    here.feed(connection(1, "GARTNER INC"), connection(2, "Gartner Inc."), payable(1, to=2))
    preview = here.sync(dry_run=True)
    assert preview.run is not None

    assert decide(here, "link_suggested", code="look_alike").outcomes == []
    done = decide(here, "link_suggested", code="look_alike", run_id=preview.run.id)

    assert done.number == 1
    assert here.sync().state == "succeeded"
    assert linked(here) == {"conn_1": "GARTNER INC", "conn_2": "GARTNER INC"}


def test_leaving_out_and_linking_are_taken_back_together(alike: World) -> None:
    out = decide(alike, "leave_out", code="vendor_needed", value="Paid by card.")
    assert out.number == 3
    alike.house.clock.sleep(1)
    tied = decide(alike, "link_suggested", code="look_alike")

    assert bulk.undo(alike.house, BUSINESS, alike.integration_id, out.at, "finance") == 3
    assert bulk.undo(alike.house, BUSINESS, alike.integration_id, tied.at, "finance") == 3
    with alike.house.database.reading() as tx:
        assert decisions.verdicts_of(tx, alike.integration_id, RemoteKind.BILL) == {}
    assert linked(alike) == {"conn_3": "GARTNER INC"}
    with pytest.raises(Conflict):
        bulk.undo(alike.house, BUSINESS, alike.integration_id, out.at, "finance")
    alike.sync()
    assert codes(alike) == {"look_alike": 3, "vendor_needed": 3}


def test_nobody_takes_back_what_another_person_decided(alike: World) -> None:
    done = decide(alike, "leave_out", code="look_alike", value="No vendors.")

    with pytest.raises(Conflict):
        bulk.undo(alike.house, BUSINESS, alike.integration_id, done.at, "somebody_else")


def test_a_reason_is_needed_to_leave_many_out(alike: World) -> None:
    done = decide(alike, "leave_out", code="look_alike")

    assert done.number == 0
    assert all("say why" in str(one.refused) for one in done.refused)


@pytest.mark.parametrize(
    ("word", "more"),
    [
        ("create_as", {"code": "look_alike"}),
        ("create_new", {}),
        ("create_new", {"code": "look_alike", "item_ids": [1]}),
    ],
)
def test_what_makes_no_sense_for_many_is_refused(
    here: World, word: str, more: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        decide(here, word, **more)


def test_the_items_of_another_business_are_none_of_ours(alike: World) -> None:
    assert alike.integration_id
    found, _ = items(alike.house, BUSINESS, alike.integration_id, _newest(alike))
    done = bulk.decide(
        alike.house,
        BUSINESS,
        alike.integration_id,
        item_ids=[found[0].id + 10_000],
        word="create_new",
        by="finance",
    )

    assert done.number == 0


def _newest(here: World) -> str:
    status = here.sync("vendors", dry_run=True)
    assert status.run is not None
    return status.run.id
