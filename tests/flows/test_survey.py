"""The state of a business at each step, from before it connects to the last."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cleo_accounting.core.records import PayableStatus, Role
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Conflict
from cleo_accounting.flows.company import connect, steer
from cleo_accounting.flows.reporting.survey import Survey, survey
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store import integrations
from cleo_accounting.store.database import Database
from tests.world import World, connection, payable, source, world

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def look(here: World) -> Survey:
    return survey(here.house, here.business_id)


def state(here: World) -> str:
    return look(here).state


def test_each_step_of_a_business_has_its_state(database: Database) -> None:
    with world(database) as here:
        assert state(here) == "not_connected"
        here.connect()
        assert state(here) == "confirm_company"
        steer.confirm(here.house, here.business_id, here.integration_id, "user_1")
        assert state(here) == "connecting"
        errands.run_due(here.house)
        assert state(here) == "preview"  # nothing needs an account yet
        here.feed(connection(1), payable(1))
        assert (state(here), look(here).todo.total) == ("setup_needed", 1)
        here.choose(expense_account_id=here.account("Expense"))
        assert (state(here), look(here).preview_is_old) == ("preview", True)

        run = here.sync(dry_run=True).run
        assert run is not None
        assert (state(here), look(here).preview_is_old) == ("preview", False)
        assert look(here).preview.run == run
        assert not look(here).ever_synced
        here.house.clock.sleep(timedelta(hours=24).total_seconds())
        assert not look(here).preview_is_old
        here.house.clock.sleep(1)
        assert look(here).preview_is_old

        here.sync(dry_run=True)
        here.sync()
        told = look(here)
        assert (told.state, told.ever_synced, told.preview_is_old) == ("connected_ok", True, True)
        assert told.preview.run is None
        assert survey(here.house, here.business_id, preview_too=True).preview.run is not None
        assert told.last_success == told.sync.run.finished_at  # type: ignore[union-attr]


def test_whatever_stops_everything_comes_first(here: World) -> None:
    where = (here.house, here.business_id, here.integration_id)
    here.feed(connection(1), payable(1))
    here.sync()
    here.feed(payable(2, lines=[("One", "1", "1.00")]))
    here.sync()
    assert (state(here), look(here).issues.total) == ("partial", 1)

    here.feed(payable(3))
    asked = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="x")
    assert state(here) == "syncing"
    steer.pause(*where, "x")
    assert state(here) == "paused_by_user"
    steer.resume(*where, "x")
    here.intuit.emulator.add_fault("throttled", times=1)
    until_waiting(here, asked.id)
    assert state(here) == "waiting"
    sync.cancel(*where, asked.id, "x")
    here.work(asked.id)
    assert state(here) == "stopped"

    with here.house.database.transaction() as tx:
        integrations.need_reconnect(tx, here.integration_id, "invalid_grant")
    assert state(here) == "needs_reconnect"
    connect.disconnect(here.house, here.business_id, "x")
    assert state(here) == "disconnected"
    for act in (steer.pause, steer.resume, steer.confirm):
        with pytest.raises(Conflict) as refused:
            act(*where, "x")
        assert refused.value.code == "disconnected"


def test_a_company_that_does_not_answer_is_told_from_one_that_asks_for_silence(
    here: World,
) -> None:
    here.feed(connection(1), payable(1))
    here.sync()
    here.feed(payable(2))
    asked = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="x")
    here.intuit.emulator.add_fault("error_before_commit", path="/v3/*", times=None, status=503)
    until_waiting(here, asked.id)

    assert state(here) == "upstream_down"


def until_waiting(here: World, run_id: str) -> None:
    while not (progress := sync.advance(here.house, run_id)).wait_until:
        assert not progress.done


def test_what_is_to_be_mapped_or_chosen_is_counted_once(database: Database) -> None:
    with world(database) as here:
        here.connect()
        steer.confirm(here.house, here.business_id, here.integration_id, "x")
        vendor, customer = (here.books(kind)[0]["DisplayName"] for kind in ("Vendor", "Customer"))
        here.feed(connection(1, customer), connection(2, vendor))
        here.feed(source(1, "Rainy day fund", "0000"), source(2, "Other fund", "0001"))
        here.feed(payable(1, to=1), payable(2, to=2, role=Role.PAYEE))
        here.feed(payable(3, to=2, role=Role.PAYEE, status=PayableStatus.DRAFT))
        here.sync(dry_run=True)

        todo = look(here).todo

        assert (todo.expense_account, todo.income) == (True, True)
        assert (todo.vendors, todo.customers, todo.bank_accounts) == (1, 1, 2)
        assert todo.total == 6
        here.choose(item_id="19")
        assert (look(here).todo.income, look(here).todo.total) == (False, 5)
        assert look(here).records == {"connection": 2, "funding_source": 2, "payable": 3}
