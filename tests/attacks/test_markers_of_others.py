"""A vendor who writes another payable's marker into a memo cannot take that payable's place."""

from __future__ import annotations

import pytest

from cleo_accounting.core import kinds
from cleo_accounting.core.fields import InvoiceFields, Place
from cleo_accounting.core.render import document, marker
from tests.world import World, connection, payable


@pytest.mark.parametrize("fault", ["drop_before_commit", "drop_after_commit"])
def test_a_memo_with_the_marker_of_another_payable_stops_no_sync(here: World, fault: str) -> None:
    memo = f"thanks {marker('pay_2')}"
    here.feed(connection(1, "Evil Vendor"), payable(1, memo=memo))
    here.sync()
    here.feed(payable(2), payable(3))
    here.intuit.emulator.add_fault(fault, times=1, path="*/batch")

    here.sync()

    assert here.sync().state == "succeeded"
    assert sorted(bill["DocNumber"] for bill in here.ours()) == ["INV-1", "INV-2", "INV-3"]


@pytest.mark.parametrize("fault", ["drop_before_commit", "drop_after_commit"])
def test_a_marker_that_a_person_copied_into_another_bill_stops_no_sync(
    here: World, fault: str
) -> None:
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync()
    (bill,) = here.ours()
    note = f"{bill['PrivateNote']}\nsee also {marker('pay_2')}"
    here.intuit.company.update("Bill", bill["Id"], {"PrivateNote": note})
    here.feed(payable(2), payable(3))
    here.intuit.emulator.add_fault(fault, times=1, path="*/batch")

    here.sync()

    assert here.sync().state == "succeeded"
    assert len(here.books("Bill")) == len({one["DocNumber"] for one in here.books("Bill")})


def test_only_one_marker_stands_in_a_note() -> None:
    fields = InvoiceFields(
        memo_template="{memo} {number} {connection}",
        custom_fields=(("order", Place.NOTE), ("place", Place.DESCRIPTION)),
    )
    attack = marker("pay_2")
    one = payable(
        1,
        memo=attack,
        number=f"A much longer number {attack}",
        custom_fields=(("order", attack), ("place", attack)),
    )

    written = document(one, kinds.BILL, fields, party_id="56", connection_name=attack)

    assert written.note.count("CleoPay:") == 1
    assert written.note.endswith(marker("pay_1"))
