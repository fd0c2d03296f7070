"""Erasing a business deletes all its data, and is refused while it is still connected."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Conflict
from cleo_accounting.flows.admin import access, erase, session
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store import audit, erasure, incoming
from cleo_accounting.store.access import Rank
from cleo_accounting.store.tables import metadata, runs
from tests.world import BUSINESS, World, connection, payable

OTHER = "biz_other"


def _left(here: World) -> None:
    connect.disconnect(here.house, BUSINESS, "user_1")
    errands.run_due(here.house)


def _set_state(here: World, run_id: str, state: str) -> None:
    with here.house.database.transaction() as tx:
        tx.execute(update(runs).where(runs.c.id == run_id).values(state=state))


def test_all_of_a_business_that_left_goes_but_who_did_what(here: World) -> None:
    here.feed(connection(1), payable(1))
    here.sync()
    session.invite(here.house, BUSINESS, user_id="u", role=Rank.VIEWER, by="cli")
    access.issue(here.house, business_id=BUSINESS, rank=Rank.VIEWER, name="x", by="cli")
    with here.house.database.transaction() as tx:
        incoming.upsert(tx, OTHER, [connection(7)], here.house.clock.now())
        other = erasure.counts(tx, OTHER)
    _left(here)
    foreseen = erase.foresee(here.house, BUSINESS)
    assert {"records", "links", "operations", "runs", "stages", "tokens", "sessions"} <= {*foreseen}

    assert erase.erase(here.house, BUSINESS, by="cli") == foreseen

    with here.house.database.reading() as tx:
        assert erasure.counts(tx, BUSINESS) == {}
        assert erasure.counts(tx, OTHER) == other
        assert audit.about(tx, BUSINESS, BUSINESS, what="erased")
        assert audit.verify(tx, BUSINESS).sound
    assert here.ours()  # the bills that were sent stay in QuickBooks


def test_a_business_that_is_connected_or_holds_a_grant_is_not_erased(here: World) -> None:
    with pytest.raises(Conflict, match="disconnect it first"):
        erase.erase(here.house, BUSINESS, by="cli")
    run = sync.request(here.house, here.integration, ("vendors",), trigger=Trigger.PAGE, by="u")
    connect.disconnect(here.house, BUSINESS, "user_1")
    _set_state(here, run.id, "running")  # its worker has not noticed the disconnect yet
    with pytest.raises(Conflict, match="not ended yet"):
        erase.erase(here.house, BUSINESS, by="cli")
    _set_state(here, run.id, "cancelled")
    with pytest.raises(Conflict, match="given back"):
        erase.foresee(here.house, BUSINESS)
    errands.run_due(here.house)

    assert erase.erase(here.house, BUSINESS, by="cli")


def test_every_table_is_erased_or_kept_on_purpose() -> None:
    owned = {"business_id", "integration_id", "run_id"}
    for table in metadata.sorted_tables:
        assert (table in erasure.KEPT) is not bool(
            table.name != "audit" and owned & {*table.c.keys()}
        ), table.name
