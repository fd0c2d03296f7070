"""Which vendors with a given name are ours and which are a person's: names carry no mark."""

from __future__ import annotations

import pytest

from cleo_accounting.core.links import Origin, RemoteKind
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.mapping import pair
from cleo_accounting.flows.reporting.progress import Tally, status
from cleo_accounting.flows.run import sync
from cleo_accounting.store import links
from tests.world import World, connection


def _in_doubt(here: World, fault: str) -> str:
    """Run vendors until their batch meets this fault; return the run's id before any lookup."""
    here.intuit.emulator.add_fault(fault, times=1, path="*/batch")
    here.intuit.emulator.add_fault("throttled", times=1, path="*/query")
    run = sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")
    while sync.advance(here.house, run.id).wait_until is None:
        pass
    return run.id


@pytest.mark.parametrize("requestid", ["honoured", "ignored"])
@pytest.mark.parametrize("others", [0, 2])
def test_a_vendor_that_a_person_makes_while_ours_is_in_doubt_stays_the_persons(
    here: World, requestid: str, others: int
) -> None:
    """Found by the simulation, seed 6131."""
    here.intuit.emulator.turn(requestid=requestid)
    here.sync("vendors")
    here.feed(connection(9, "Bolt"), *[connection(n, f"Supplier {n}") for n in range(others)])
    run_id = _in_doubt(here, "drop_before_commit")
    theirs = here.intuit.company.create("Vendor", {"DisplayName": "Bolt"})

    here.work(run_id)
    told = status(here.house, here.business_id, here.integration_id, run_id)
    here.feed(connection(9, "Bolt Renamed"))
    here.sync("vendors")

    assert told.state == "succeeded"
    assert told.tallies["vendors"] == Tally(linked=1, created=others)
    found = {one["Id"]: one for one in here.books("Vendor")}
    assert found[theirs["Id"]] == theirs
    assert len([one for one in found.values() if "Supplier" in one["DisplayName"]]) == others


@pytest.mark.parametrize("fault", ["drop_after_commit", "truncated_body", "error_after_commit"])
def test_a_vendor_whose_answer_was_lost_is_still_ours_to_rename(here: World, fault: str) -> None:
    here.sync("vendors")
    here.feed(connection(1, "Bolt"), connection(2, "Acme"))

    here.work(run_id := _in_doubt(here, fault))

    told = status(here.house, here.business_id, here.integration_id, run_id)
    assert told.tallies["vendors"] == Tally(created=2)
    here.feed(connection(1, "Bolt Renamed"))
    assert here.sync("vendors").tallies["vendors"] == Tally(updated=1, unchanged=1)
    assert "Bolt Renamed" in [one["DisplayName"] for one in here.books("Vendor")]


def test_a_vendor_that_a_person_mapped_while_it_was_in_doubt_stays_mapped(here: World) -> None:
    other = here.intuit.company.create("Vendor", {"DisplayName": "Another"})
    here.sync("vendors")
    here.feed(connection(1, "Bolt"))
    here.intuit.emulator.turn(requestid="ignored")
    run_id = _in_doubt(here, "drop_after_commit")
    mapped = (here.business_id, here.integration_id, pair.VENDOR, "conn_1", other["Id"], "p")
    pair.pair(here.house, *mapped)

    here.work(run_id)

    with here.house.database.reading() as tx:
        link = links.links_of(tx, here.integration_id, RemoteKind.VENDOR)["conn_1"]
    assert (link.remote_id, link.origin) == (other["Id"], Origin.MAPPED)


@pytest.mark.both
def test_a_name_that_another_connections_vendor_was_given_meanwhile_is_not_shared(
    here: World,
) -> None:
    here.feed(connection(1, "Acme"))
    here.sync("vendors")
    (acme,) = (one for one in here.books("Vendor") if one["DisplayName"] == "Acme")
    here.feed(connection(2, "Bolt"))
    run_id = _in_doubt(here, "drop_before_commit")
    here.intuit.company.update("Vendor", acme["Id"], {"DisplayName": "Bolt"})

    here.work(run_id)

    told = status(here.house, here.business_id, here.integration_id, run_id)
    assert [(one.code, one.record_id) for one in told.errors] == [("name_taken", "conn_2")]


@pytest.mark.both
def test_what_was_refused_when_it_was_asked_again_is_in_as_much_doubt_as_before(
    here: World,
) -> None:
    """Found by the simulation, seed 76124."""
    here.sync("vendors")
    here.feed(connection(1, "Bolt"))
    run_id = _in_doubt(here, "drop_after_commit")
    here.intuit.emulator.add_fault("throttled", times=1, path="*/batch")
    here.house.clock.sleep(3_600)
    assert sync.advance(here.house, run_id).wait_until is not None
    sync.cancel(here.house, here.business_id, here.integration_id, run_id, "t")
    here.work(run_id)
    here.feed(connection(1, "Bolt Renamed"))

    told = here.sync("vendors")

    assert told.state == "succeeded"
    named = [one["DisplayName"] for one in here.books("Vendor")]
    assert [name for name in named if "Bolt" in name] == ["Bolt"]


@pytest.mark.parametrize("deleted_there", [False, True])
def test_a_mapping_that_a_person_removes_while_an_update_is_in_doubt_leaves_the_update(
    here: World, deleted_there: bool
) -> None:
    here.feed(connection(1, "Bolt"))
    here.sync("vendors")
    (vendor,) = [one for one in here.books("Vendor") if one["DisplayName"] == "Bolt"]
    here.feed(connection(1, "Bolt Renamed"))
    here.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")
    run_id = sync.request(
        here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t"
    ).id
    while "Bolt Renamed" not in [one["DisplayName"] for one in here.books("Vendor")]:
        sync.advance(here.house, run_id)
    pair.unpair(here.house, here.business_id, here.integration_id, pair.VENDOR, "conn_1", "jane")
    if deleted_there:
        here.intuit.company.update("Vendor", vendor["Id"], {"Active": False})

    here.work(run_id)

    told = status(here.house, here.business_id, here.integration_id, run_id)
    assert told.state == "succeeded"
    assert told.errors_total == 0
    with here.house.database.reading() as tx:
        assert links.links_of(tx, here.integration_id, RemoteKind.VENDOR, ["conn_1"]) == {}
