"""Public reports about bills and invoices that QuickBooks refused, changed or never received."""

from __future__ import annotations

from datetime import date

import pytest

from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.core.records import Role
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting.progress import Tally
from cleo_accounting.flows.reporting.reconcile import reconcile
from tests.world import World, connection, payable


def test_a_number_longer_than_quickbooks_takes_is_shortened_and_stands_whole_in_the_note(
    here: World,
) -> None:
    number = "GRN/RHD/LBK/2026/000000001"
    here.feed(connection(1), payable(1, number=number), payable(2, number=number + "2"))
    here.sync()

    bills = here.ours()
    assert len({one["DocNumber"] for one in bills}) == 2
    assert all(len(one["DocNumber"]) <= 21 for one in bills)
    assert sorted(number in one["PrivateNote"] for one in bills) == [True, True]


@pytest.mark.parametrize(
    ("quantity", "price", "cents"), [("3", "0.335", 101), ("0.5", "0.01", 1), ("7", "1.1", 770)]
)
def test_a_line_of_an_invoice_comes_to_quantity_times_price_rounded_half_up(
    here: World, quantity: str, price: str, cents: int
) -> None:
    lines = [("Hours", quantity, price)]
    here.feed(connection(1), payable(1, cents, role=Role.PAYEE, lines=lines))

    assert here.sync().state == "succeeded"
    (invoice,) = here.numbered("INV-1", "Invoice")
    assert invoice["TotalAmt"] * 100 == cents


def test_one_bad_record_in_a_batch_leaves_the_others_alone(here: World) -> None:
    here.intuit.company.create("Class", {"Name": "A"})
    here.feed(connection(1))
    here.sync("vendors")
    here.intuit.company.create(
        "Bill",
        {
            "VendorRef": {"value": here.vendor("Vendor 1")},
            "DocNumber": "INV-3",
            "TxnDate": "2024-01-05",
            "Line": [here.booked(1)],
        },
    )
    here.feed(*[payable(n) for n in range(6)])

    told = here.sync()
    assert told.tallies["invoices"].created == 5
    assert [one.record_id for one in told.errors] == ["pay_3"]


def test_an_expense_account_that_was_made_inactive_is_named_before_anything_is_sent(
    here: World,
) -> None:
    account = here.intuit.company.create("Account", {"Name": "Old Rent", "AccountType": "Expense"})
    here.connect()
    here.choose(expense_account_id=account["Id"])
    here.feed(connection(1), payable(1))
    here.sync("vendors")
    here.intuit.company.update("Account", account["Id"], {"Active": False})
    preview = here.sync(dry_run=True)
    told = here.sync()

    for one in (preview, told):
        (error,) = one.errors
        assert "Old Rent" in str(error.cause)
        assert "element id" not in str(error.cause)
    assert not here.numbered("INV-1")


def test_an_account_of_the_wrong_type_is_refused_when_it_is_chosen(here: World) -> None:
    here.sync("vendors")  # reads the lists of the company
    bank = here.account("Bank")
    fields, version = choose.fields(here.house, here.business_id, here.integration_id)
    chosen = InvoiceFields(expense_account_id=bank, income_account_id=fields.income_account_id)

    with pytest.raises(Invalid) as refused:
        choose.set_fields(
            here.house, here.business_id, here.integration_id, chosen, version=version, by="t"
        )
    assert "expense account" in str(refused.value.flaws)


def test_bills_of_a_supplier_who_repeats_the_number_are_written_as_the_preview_says(
    here: World,
) -> None:
    here.feed(connection(1, "City Power"))
    days = [date(2026, month, 5) for month in (1, 2, 3)]
    bills = zip(days, (10_00, 25_00, 31_50), strict=True)
    here.feed(
        *[
            payable(at, cents, number="ACCT-77", issued_on=day)
            for at, (day, cents) in enumerate(bills)
        ]
    )

    previewed, synced = here.sync(dry_run=True), here.sync()

    assert not previewed.errors
    assert synced.tallies["invoices"] == previewed.tallies["invoices"] == Tally(created=3)
    assert sorted(one["TotalAmt"] for one in here.numbered("ACCT-77")) == [10, 25, 31.5]
    here.feed(payable(4, 40_00, number="ACCT-77", issued_on=days[0]))
    (error,) = here.sync().errors
    choose.decide_item(
        here.house, here.business_id, here.integration_id, error.id, "another_one", "", "user:jane"
    )
    assert here.sync().tallies["invoices"] == Tally(created=1, unchanged=3)


def test_a_reconciliation_with_everything_unsent_does_not_say_that_all_is_equal(
    here: World,
) -> None:
    here.feed(connection(1), *[payable(n) for n in range(3)])

    bills = reconcile(here.house, here.business_id, here.integration_id)[0]
    assert (bills.equal, bills.not_sent) == (0, 3)
