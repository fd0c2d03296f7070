"""A sync that is requested after reconnecting does run."""

from __future__ import annotations

from datetime import timedelta

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.run import sync
from cleo_accounting.store import integrations, links
from tests.world import World, connection, payable


def test_a_run_left_queued_by_a_disconnect_is_not_given_to_whoever_asks_next(here: World) -> None:
    """Found by the simulation, seed 272."""
    here.feed(connection(1, "One"), payable(1))
    sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")
    connect.disconnect(here.house, here.business_id, "t")
    here.connect()

    told = here.sync()

    assert told.state == "succeeded"
    assert here.numbered("INV-1")


def test_a_vendor_too_new_for_a_list_is_not_taken_for_gone(here: World) -> None:
    """Found by the simulation, seed 4288."""
    here.intuit.emulator.turn(query_lag_seconds=5.0)
    here.feed(connection(1, "One"))
    here.sync()
    connect.disconnect(here.house, here.business_id, "t")
    here.connect()
    here.sync("vendors")
    here.intuit.emulator.advance(60)
    here.feed(payable(1))

    told = here.sync()

    assert told.state == "succeeded"
    assert here.numbered("INV-1")


def test_a_vendor_that_a_list_left_out_is_asked_for_before_it_is_given_up(here: World) -> None:
    """Found by the simulation, seed 4288: a worker whose clock was far ahead read the list."""
    here.feed(connection(1, "One"))
    here.sync()
    with here.house.database.transaction() as tx:
        ahead = here.house.clock.now() + timedelta(minutes=10)
        links.forget_unseen(tx, here.integration_id, RemoteKind.VENDOR, ahead)
        integrations.set_names_cursor(tx, here.integration_id, ahead)
    here.feed(payable(1))
    assert here.sync().state != "succeeded"

    told = here.sync()

    assert told.state == "succeeded"
    assert here.numbered("INV-1")
