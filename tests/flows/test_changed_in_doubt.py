"""A person's change of a document stays theirs if it is made while our response is missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cleo_accounting.core.records import PayableStatus
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.reporting.progress import status
from cleo_accounting.flows.run import sync
from tests.world import BUSINESS, World, connection, payable


@pytest.mark.parametrize(
    ("ours", "code"),
    [({"status": PayableStatus.CANCELLED}, "removal_asks"), ({"cents": 2_000}, "changed_there")],
)
def test_what_a_person_changed_before_we_knew_of_it_stays_the_persons(
    here: World, ours: dict[str, Any], code: str
) -> None:
    """Found by the simulation, seed 30318."""
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync("vendors")
    here.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    while not here.ours():
        sync.advance(here.house, run.id)
    (bill,) = here.ours()
    line = {**bill["Line"][0], "Amount": Decimal("96.57")}
    here.intuit.company.update("Bill", bill["Id"], {"Line": [line]})
    here.work(run.id)
    here.feed(payable(1, **ours))

    told = here.sync("invoices")

    assert [one.code for one in told.errors] == [code]
    assert [one["TotalAmt"] for one in here.ours()] == [Decimal("96.57")]


def test_a_bill_that_no_list_shows_yet_is_not_taken_for_deleted(here: World) -> None:
    """QuickBooks returns the same error for a deleted bill as for an inactive vendor."""
    here.house.clock.sleep(600)  # until queries find the company's own entries
    here.intuit.emulator.turn(query_lag_seconds=60.0, inactive_reference="610")
    here.feed(connection(1, "Supplier"), payable(1))
    assert not here.sync().errors
    assert here.ours()
    here.feed(payable(1, 12_000))
    (vendor,) = [one for one in here.books("Vendor") if one["DisplayName"] == "Supplier"]

    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    sync.advance(here.house, run.id)  # plans the run
    here.intuit.company.update("Vendor", vendor["Id"], {"Active": False})
    here.work(run.id)

    told = status(here.house, BUSINESS, here.integration_id, run.id)
    assert [one.code for one in told.errors] == ["reference_refused"]
    here.intuit.company.update("Vendor", vendor["Id"], {"Active": True})
    assert not here.sync().errors
    assert [one["TotalAmt"] for one in here.ours()] == [120]
