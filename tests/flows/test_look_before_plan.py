"""Previews and syncs read the documents that they would change or remove before they plan."""

from __future__ import annotations

import pytest

from cleo_accounting.core.records import PayableStatus, Role
from tests.world import World, connection, payable


@pytest.mark.parametrize("role", [Role.PAYER, Role.PAYEE])
def test_a_preview_says_that_a_paid_document_is_not_removed_unasked(
    here: World, role: Role
) -> None:
    kind = "Bill" if role is Role.PAYER else "Invoice"
    here.feed(connection(1, "Partner"), payable(1, role=role))
    here.sync()
    (document,) = here.numbered("INV-1", kind)
    here.intuit.emulator.act(
        "person",
        {
            "realm_id": here.intuit.realm_id,
            "deed": "pay",
            "id": document["Id"],
            "kind": kind,
            "amount": "25",
        },
    )
    here.feed(payable(1, role=role, status=PayableStatus.CANCELLED))

    preview, told = here.sync(dry_run=True), here.sync()

    assert [one.code for one in preview.errors] == ["removal_asks"]
    assert [one.code for one in told.errors] == ["removal_asks"]
    assert len(here.numbered("INV-1", kind)) == 1
    assert here.numbered("INV-1", kind)[0]["TotalAmt"] == 100
