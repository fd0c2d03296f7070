"""While an answer is missing, a person changes what was made: the change stays the person's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cleo_accounting.core.records import PayableStatus
from cleo_accounting.flows.run import sync
from tests.world import World, connection, payable


@pytest.mark.parametrize(
    ("ours", "code"),
    [({"status": PayableStatus.CANCELLED}, "removal_asks"), ({"cents": 2_000}, "changed_there")],
)
def test_what_a_person_changed_before_we_knew_of_it_stays_the_persons(
    here: World, ours: dict[str, Any], code: str
) -> None:
    """Simulation, seed 30318."""
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync("vendors")
    here.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")
    run = sync.request(here.house, here.integration, ["invoices"], trigger="t", by="t")
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
