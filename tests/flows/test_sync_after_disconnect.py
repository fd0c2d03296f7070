"""A sync that is asked for after reconnecting is one that runs."""

from __future__ import annotations

from cleo_accounting.flows import connect, sync
from tests.world import World, connection, payable


def test_a_run_left_queued_by_a_disconnect_is_not_given_to_whoever_asks_next(here: World) -> None:
    """Simulation, seed 272."""
    here.feed(connection(1, "One"), payable(1))
    sync.request(here.house, here.integration, ["vendors"], trigger="test", by="t")
    connect.disconnect(here.house, here.business_id, "t")
    here.connect()

    told = here.sync()

    assert told.state == "succeeded"
    assert here.numbered("INV-1")
