"""The requests that an integration reports are the ones that QuickBooks itself counted."""

from __future__ import annotations

import pytest

from cleo_accounting.errors import Missing
from cleo_accounting.flows.reporting.spending import spent
from cleo_accounting.flows.work import errands
from cleo_accounting.store.errands import Verb
from tests.world import World, connection, payable

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_all_that_runs_and_errands_asked_is_added_up(here: World) -> None:
    def asked() -> tuple[int, int]:
        journal = here.intuit.emulator.journal
        paths = [one.request.path for one in journal if one.request is not None]
        books = [one for one in paths if one.startswith("/v3/company/")]
        return len(books), sum(one.endswith("/batch") for one in books)

    before = asked()
    started = here.house.clock.now()
    errands.run_due(here.house)
    here.feed(connection(1), *(payable(at) for at in range(1, 40)))
    here.sync()
    errands.ask_to(here.house, here.business_id, here.integration_id, Verb.RECONCILE)
    errands.run_due(here.house)

    told = spent(here.house, here.business_id, here.integration_id, started)

    requests, batches = (now - then for now, then in zip(asked(), before, strict=True))
    assert (told["requests"], told["batches"]) == (requests, batches)
    assert told["reads"] == requests - batches
    assert batches >= 3
    here.house.clock.sleep(1)
    later = here.house.clock.now()
    assert sum(spent(here.house, here.business_id, here.integration_id, later).values()) == 0
    with pytest.raises(Missing):
        spent(here.house, "biz_two", here.integration_id, started)
