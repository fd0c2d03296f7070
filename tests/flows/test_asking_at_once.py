"""Concurrent requests for a sync: each caller gets a run that does what was requested."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.run import sync
from cleo_accounting.store import audit, runs
from tests.world import World

pytestmark = pytest.mark.both


TYPES = ["vendors", "bankAccounts", "invoices"]


def test_no_request_is_lost_while_runs_begin_and_end(here: World) -> None:
    house, integration = here.house, here.integration

    def ask(number: int) -> tuple[str, str]:
        wanted = TYPES[number % 3]
        run = sync.request(house, integration, [wanted], trigger=Trigger.PAGE, by="t")
        if number % 4 == 0:  # a worker starts and finishes the run
            with house.database.transaction() as tx:
                if runs.start(tx, run.id, house.clock.now()):
                    runs.finish(tx, run.id, "succeeded", house.clock.now())
        return run.id, wanted

    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(ask, range(60)))

    with house.database.reading() as tx:
        done = {
            run.id: run for run in runs.page(tx, integration.id, state=None, limit=99, offset=0)[0]
        }
        assert audit.verify(tx, here.business_id).sound
    assert [name for run_id, name in asked if name not in done[run_id].entity_types] == []
