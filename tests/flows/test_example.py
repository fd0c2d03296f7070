"""The choices of invoice fields beside a real payable, and undoing the last save of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cleo_accounting.core.fields import Place
from cleo_accounting.core.records import Role
from cleo_accounting.errors import Conflict
from cleo_accounting.flows.mapping import choose, example
from cleo_accounting.flows.work import errands
from tests.world import World, connection, payable

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def save(here: World, **wanted: Any) -> int:
    where = (here.house, here.business_id, here.integration_id)
    now, version = choose.fields(*where)
    return choose.set_fields(*where, replace(now, **wanted), version=version, by="jane")


def test_an_example_is_the_newest_bill_that_books_something(here: World) -> None:
    fields = here.integration.fields
    assert example.make(here.house, here.integration, fields) is None
    here.feed(connection(1, "Acme"), payable(1, 0), payable(2, 1, role=Role.PAYEE, to=9))
    invoice = example.make(here.house, here.integration, fields)
    here.feed(payable(3, 500, memo="As agreed"), payable(4, -500))

    bill = example.make(here.house, here.integration, fields)

    assert invoice is not None
    assert bill is not None
    assert (invoice.payable.id, invoice.party) == ("pay_2", "conn_9")
    assert (bill.payable.id, bill.party) == ("pay_3", "Acme")
    assert bill.document is not None
    assert (bill.document.total.minor, bill.document.party_id) == (500, "")
    unfit = replace(fields, memo_template="{nobody}")
    assert example.make(here.house, here.integration, unfit) == replace(bill, document=None)


def test_custom_fields_of_recent_payables_are_named_once(here: World) -> None:
    here.feed(connection(1))
    here.feed(payable(1, custom_fields=(("Project", "A"), ("Class", "B"))))
    here.feed(payable(2, custom_fields=(("Project", "C"),)))

    assert example.custom_names(here.house, here.business_id) == ["Class", "Project"]


def test_what_may_be_chosen_is_active_and_fits_and_all_has_a_name(here: World) -> None:
    errands.run_due(here.house)
    offer = example.offers(here.house, here.integration)["expense_account_id"]

    types = {one.details["type"] for one in offer.options}
    assert "Expense" in types
    assert "Bank" not in types
    assert {one.id for one in offer.options} < offer.names.keys()
    bank = next(one for one in here.books("Account") if one["AccountType"] == "Bank")
    assert offer.names[bank["Id"]] == bank["FullyQualifiedName"]


def test_the_last_save_is_taken_back_whole(here: World) -> None:
    errands.run_due(here.house)
    where = (here.house, here.integration)
    with pytest.raises(Conflict) as nothing:
        example.revert(*where, version=here.integration.fields_version, by="jane")
    custom = (("Project", Place.NOTE),)
    save(here, expense_account_id=None, go_live=date(2026, 1, 2), custom_fields=custom)
    before = here.integration.fields
    version = save(here, go_live=None, custom_fields=(), memo_template="{memo}!")

    with pytest.raises(Conflict) as stale:
        example.revert(*where, version=version - 1, by="jane")
    example.revert(here.house, here.integration, version=version, by="jane")

    assert (nothing.value.code, stale.value.code) == ("nothing_saved", "stale")
    assert here.integration.fields == before
    for at in range(12):
        save(here, memo_template=f"{at}")
    told = example.history(*where)
    assert len(told) == 10
    assert json.loads(told[0].facts)["version"] == here.integration.fields_version
    assert [json.loads(one.facts)["changed"] for one in told[:2]] == [
        {"memo_template": ["10", "11"]},
        {"memo_template": ["9", "10"]},
    ]
