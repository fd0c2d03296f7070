"""Public reports about vendors and customers: equal names, similar names, and taken names."""

from __future__ import annotations

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import Role
from cleo_accounting.flows.mapping import choose
from tests.world import World, connection, payable

_STREET = "Café Zoë"
_DECOMPOSED = "Cafe\u0301 Zoe\u0308"


def _vendors_named_like(here: World, word: str) -> list[str]:
    """Return the names of all vendors in QuickBooks that contain this word."""
    found = (one["DisplayName"] for one in here.books("Vendor"))
    return sorted(name for name in found if word.casefold() in name.casefold())


@pytest.mark.parametrize("name", ["Acme Supply", " acme supply ", "Acme  Supply", "ACME SUPPLY"])
def test_a_vendor_whose_name_differs_only_in_blanks_or_case_is_linked(
    here: World, name: str
) -> None:
    here.intuit.company.create("Vendor", {"DisplayName": "Acme Supply"})
    here.connect()
    here.feed(connection(1, name))

    assert here.sync("vendors").tallies["vendors"].linked == 1
    assert _vendors_named_like(here, "acme") == ["Acme Supply"]


@pytest.mark.parametrize(("theirs", "ours"), [(_STREET, _DECOMPOSED), (_DECOMPOSED, _STREET)])
def test_two_unicode_spellings_of_one_name_are_one_vendor(
    here: World, theirs: str, ours: str
) -> None:
    here.intuit.company.create("Vendor", {"DisplayName": theirs})
    here.connect()
    here.feed(connection(1, ours))

    assert here.sync("vendors").tallies["vendors"].linked == 1
    assert _vendors_named_like(here, "caf") == [theirs]


def test_a_vendor_that_was_found_by_its_name_keeps_what_quickbooks_knows_of_it(
    here: World,
) -> None:
    known = here.intuit.company.create(
        "Vendor",
        {
            "DisplayName": "Acme Supply",
            "PrimaryEmailAddr": {"Address": "books@acme.example"},
            "PrimaryPhone": {"FreeFormNumber": "(555) 555-0100"},
        },
    )
    here.connect()
    here.feed(connection(1, "Acme Supply", email="someone@else.example"), payable(1))
    here.sync()

    after = here.intuit.company.get("Vendor", known["Id"])
    assert after is not None
    assert {**after, "Balance": 0} == {**known, "Balance": 0}  # the bill changed it


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Gartner, Inc.", "GARTNER INC"),
        ("Harbor Paper Company", "Harbor Paper Co."),
        ("Smith & Sons Ltd", "Smith and Sons Limited"),
    ],
)
def test_names_that_differ_in_the_legal_form_wait_for_a_person(
    here: World, theirs: str, ours: str
) -> None:
    here.intuit.company.create("Vendor", {"DisplayName": theirs})
    here.connect()
    here.feed(connection(1, ours))

    (error,) = here.sync("vendors").errors
    assert error.code == "look_alike"
    assert theirs in str(error.cause)
    assert ours not in [one["DisplayName"] for one in here.books("Vendor")]


def test_two_new_connections_that_look_alike_do_not_become_two_vendors_without_asking(
    here: World,
) -> None:
    here.feed(connection(1, "GARTNER INC"), connection(2, "Gartner, Inc."))
    told = here.sync("vendors")

    assert len(_vendors_named_like(here, "gartner")) == 1
    (error,) = told.errors
    assert "gartner" in str(error.cause).casefold()


def test_a_bill_of_a_vendor_that_was_made_inactive_says_so_by_name(here: World) -> None:
    here.feed(connection(1, "Acme Supply"), payable(1))
    here.sync()
    here.intuit.company.update("Vendor", here.vendor("Acme Supply"), {"Active": False})
    here.feed(payable(2))

    (error,) = here.sync().errors
    assert error.code == "inactive"
    assert "Acme Supply" in str(error.cause)


def test_a_name_that_is_too_long_is_told_with_one_that_fits_before_anything_is_sent(
    here: World,
) -> None:
    here.feed(connection(1, "Acme " * 120), payable(1))
    preview = here.sync(dry_run=True)

    (error,) = [one for one in preview.errors if one.kind == "vendor"]
    assert error.code == "name_not_allowed"
    assert "500" in str(error.cause)
    assert "Acme Acme" in str(error.fix)


def test_a_customer_name_with_a_colon_is_offered_the_sub_customer_that_it_names(
    here: World,
) -> None:
    parent = here.intuit.company.create("Customer", {"DisplayName": "Harbor Hotel"})
    job = {
        "DisplayName": "Room 12",
        "Job": True,
        "ParentRef": {"value": parent["Id"]},
    }
    here.intuit.company.create("Customer", job)
    here.connect()
    here.feed(connection(1, "Harbor Hotel:Room 12"), payable(1, role=Role.PAYEE))

    told = here.sync()
    (error,) = [one for one in told.errors if one.kind == "customer"]
    assert error.code == "look_alike"
    assert str(error.cause).count("Harbor Hotel:Room 12") == 2  # our name and the one in QuickBooks


@pytest.mark.parametrize(
    "email", ["not an address", "a@b", "two@x.example, three@y.example", "x" * 120 + "@a.example"]
)
def test_an_email_that_quickbooks_refuses_does_not_stop_the_vendor_or_its_bills(
    here: World, email: str
) -> None:
    here.feed(connection(1, "Acme Supply", email=email), payable(1))

    told = here.sync()
    assert told.tallies["vendors"].created == 1
    assert told.tallies["invoices"].created == 1


def test_a_connection_that_pays_and_is_paid_is_foretold_as_a_name_that_is_taken(
    here: World,
) -> None:
    here.feed(connection(1, "Acme Supply"), payable(1), payable(2, role=Role.PAYEE))
    preview = here.sync(dry_run=True)
    told = here.sync()

    foretold = {(one.record_id, one.kind, one.code) for one in preview.errors}
    assert foretold == {(one.record_id, one.kind, one.code) for one in told.errors}
    assert ("conn_1", "customer", "name_taken") in foretold


def test_a_name_that_a_customer_has_is_created_under_the_name_that_was_proposed(
    here: World,
) -> None:
    here.intuit.company.create("Customer", {"DisplayName": "Bridge"})
    here.connect()
    here.feed(connection(1, "Bridge"), payable(1))
    here.sync()
    choose.decide(
        here.house,
        here.business_id,
        here.integration_id,
        RemoteKind.VENDOR,
        "conn_1",
        "create_as",
        "Bridge (Vendor)",
        "a bookkeeper",
    )
    here.sync()

    (bill,) = here.numbered("INV-1")
    assert bill["VendorRef"]["name"] == "Bridge (Vendor)"
