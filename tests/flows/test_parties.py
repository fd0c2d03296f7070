"""Vendors and customers end as previewed, and no look-alike is created without asking."""

from __future__ import annotations

from typing import Any

import pytest

from cleo_accounting.core.links import Origin, RemoteKind
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.records import Role
from cleo_accounting.flows.reporting.progress import Item, RunStatus, items
from cleo_accounting.store import decisions, links
from tests.world import BUSINESS, World, connection, payable

OWED_TO_US = {"role": Role.PAYEE}


def told(here: World, status: RunStatus) -> dict[tuple[str, str], Item]:
    """Return what became of each record of a run, by kind and record."""
    assert status.run is not None
    found, _ = items(here.house, BUSINESS, here.integration_id, status.run.id)
    return {(one.kind, one.record_id): one for one in found}


def decide(here: World, record_id: str, verdict: str, value: str) -> None:
    word = Verdict(verdict, value, "finance")
    with here.house.database.transaction() as tx:
        decisions.decide(
            tx, here.integration_id, RemoteKind.VENDOR, record_id, word, here.house.clock.now()
        )


def names(here: World, kind: str = "Vendor") -> list[str]:
    return [one["DisplayName"] for one in here.books(kind)]


def ends(found: dict[tuple[str, str], Item]) -> dict[tuple[str, str], tuple[str, str | None]]:
    return {key: (one.action, one.code) for key, one in found.items()}


def test_a_new_payer_and_payee_is_previewed_as_it_ends(here: World) -> None:
    here.feed(connection(1, "Acme Paper"), payable(1), payable(2, **OWED_TO_US))

    preview = told(here, here.sync(dry_run=True))
    done = told(here, here.sync())

    assert ends(preview) == ends(done)
    customer = preview["customer", "conn_1"]
    assert (customer.code, customer.facts["owner"]) == ("name_taken", "a vendor")
    assert "Acme Paper (Customer)" in str(customer.fix)
    assert customer.cause == done["customer", "conn_1"].cause
    assert done["invoice", "pay_2"].code == "customer_needed"


def test_the_second_of_two_new_look_alikes_waits_and_names_the_first(here: World) -> None:
    here.feed(connection(1, "GARTNER INC"), connection(2, "Gartner Inc."))

    preview = told(here, here.sync(dry_run=True))
    done = told(here, here.sync())

    assert ends(preview) == ends(done)
    assert done["vendor", "conn_2"].code == "look_alike"
    cause = str(done["vendor", "conn_2"].cause)
    assert "new in the same sync for your connection “GARTNER INC”" in cause
    assert [name for name in names(here) if "gartner" in name.casefold()] == ["GARTNER INC"]

    again = told(here, here.sync("vendors"))["vendor", "conn_2"]
    assert again.code == "look_alike"
    assert "; created for your connection “GARTNER INC”" in str(again.cause)


def test_two_connections_are_one_vendor_where_a_person_says_so(here: World) -> None:
    """The decision comes before either is in QuickBooks; the link is made once a vendor exists."""
    here.feed(connection(1, "GARTNER INC"), connection(2, "Gartner Inc."), payable(1, to=2))
    decide(here, "conn_2", "same_as", "conn_1")

    preview = told(here, here.sync(dry_run=True))
    status = here.sync()
    done = told(here, status)

    assert status.state == "succeeded"
    assert ends(preview) == ends(done)
    assert done["vendor", "conn_2"].action == "link"
    (bill,) = here.ours()
    assert bill["VendorRef"]["name"] == "GARTNER INC"
    with here.house.database.reading() as tx:
        kept = links.links_of(tx, here.integration_id, RemoteKind.VENDOR)
    assert kept["conn_2"].remote_id == kept["conn_1"].remote_id
    assert kept["conn_2"].origin is Origin.MAPPED
    assert here.sync().state == "succeeded"


def test_a_connection_that_is_the_same_as_one_that_is_not_there_waits(here: World) -> None:
    here.feed(connection(1, "Acme: Paper"), connection(2, "Acme Paper"))
    decide(here, "conn_2", "same_as", "conn_1")

    preview = told(here, here.sync("vendors", dry_run=True))
    done = told(here, here.sync("vendors"))

    assert ends(preview) == ends(done)
    assert done["vendor", "conn_2"].code == "vendor_needed"
    assert "“Acme: Paper”" in str(done["vendor", "conn_2"].cause)


def test_what_waits_for_a_vendor_that_is_refused_says_so(here: World) -> None:
    here.feed(connection(1, "Acme Paper"), connection(2, "ACME Paper Ltd"))
    decide(here, "conn_2", "same_as", "conn_1")
    here.sync("vendors", dry_run=True)
    here.intuit.company.create("Employee", {"DisplayName": "Acme Paper", "GivenName": "A"})

    done = told(here, here.sync("vendors"))

    assert done["vendor", "conn_1"].code == "name_taken"
    assert done["vendor", "conn_2"].code == "vendor_needed"


def test_a_connection_that_shares_a_name_is_told_by_the_name_of_the_other(here: World) -> None:
    here.feed(connection(1, "Rochdale MBC"), connection(2, "Rochdale  Mbc"))

    first = told(here, here.sync("vendors"))["vendor", "conn_2"]
    second = told(here, here.sync("vendors"))["vendor", "conn_2"]

    assert first.code == second.code == "name_shared"
    assert "your connection “Rochdale MBC”" in str(first.cause)
    assert "is new in the same sync for that connection" in str(first.cause)
    assert "is created for that connection" in str(second.cause)
    assert "conn_" not in str(first.cause) + str(second.cause)


@pytest.mark.parametrize(
    "email",
    ["zeta", "a@b", "a b@c.example", f"{'x' * 100}@long.example", "@", "a@.example", "a@b.c, d"],
)
def test_an_email_that_quickbooks_refuses_is_left_out_and_said(here: World, email: str) -> None:
    here.feed(connection(1, "Acme Paper", email=email), payable(1))

    preview = told(here, here.sync(dry_run=True))
    status = here.sync()
    done = told(here, status)

    assert status.state == "succeeded"
    assert ends(preview) == ends(done)
    vendor = done["vendor", "conn_1"]
    assert (vendor.state, vendor.code) == ("written", "email_left_out")
    assert email in str(vendor.cause)
    assert vendor.needs_attention is False
    assert len(here.ours()) == 1
    (stands,) = [one for one in here.books("Vendor") if one["DisplayName"] == "Acme Paper"]
    assert "PrimaryEmailAddr" not in stands


def test_an_email_that_becomes_invalid_leaves_the_one_that_stands(here: World) -> None:
    here.feed(connection(1, "Acme Paper", email="ap@acme.example"))
    here.sync("vendors")
    here.feed(connection(1, "Acme Paper", email="not an address"))

    status = here.sync("vendors")

    assert status.state == "succeeded"
    assert told(here, status)["vendor", "conn_1"].code == "email_left_out"
    (stands,) = [one for one in here.books("Vendor") if one["DisplayName"] == "Acme Paper"]
    assert stands["PrimaryEmailAddr"] == {"Address": "ap@acme.example"}
    assert here.sync("vendors").tallies["vendors"].unchanged == 1


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        ("Employee", {"GivenName": "A"}, "name_taken"),
        ("Customer", {}, "name_taken"),
    ],
)
def test_a_name_that_somebody_holds_is_previewed_so(
    here: World, kind: str, more: dict[str, Any], code: str
) -> None:
    here.intuit.company.create(kind, {"DisplayName": "Acme  Paper", **more})
    here.feed(connection(1, "Acme Paper"))

    preview = told(here, here.sync("vendors", dry_run=True))
    done = told(here, here.sync("vendors"))

    assert ends(preview) == ends(done) == {("vendor", "conn_1"): ("leave", code)}


@pytest.mark.parametrize("name", ["x" * 501, "\u200b", "A\u2028B", ":", "\t"])
def test_a_name_that_is_not_allowed_comes_with_one_that_is(here: World, name: str) -> None:
    here.feed(connection(1, name))
    left = told(here, here.sync("vendors"))["vendor", "conn_1"]
    assert left.code == "name_not_allowed"
    decide(here, "conn_1", "create_as", left.facts["proposed"])

    assert here.sync("vendors").state == "succeeded"
    assert left.facts["proposed"] in names(here)


def test_a_person_may_create_what_has_the_name_of_something_inactive(here: World) -> None:
    made = here.intuit.company.create("Vendor", {"DisplayName": "Acme Paper"})
    here.intuit.company.update("Vendor", made["Id"], {"Active": False})
    here.feed(connection(1, "Acme Paper"))
    preview = told(here, here.sync("vendors", dry_run=True))
    assert preview["vendor", "conn_1"].code == "inactive"
    decide(here, "conn_1", "create_as", "Acme Paper")

    assert here.sync("vendors").tallies["vendors"].created == 1


def test_several_vendors_that_may_be_meant_are_asked_about(here: World) -> None:
    here.intuit.company.create("Vendor", {"DisplayName": "Acme  Paper"})
    here.intuit.company.create("Vendor", {"DisplayName": "ACME   Paper"})
    here.feed(connection(1, "Acme Paper"), connection(2, "ACME   Paper"))

    done = told(here, here.sync("vendors"))

    assert done["vendor", "conn_1"].code == "look_alike"
    assert done["vendor", "conn_2"].action == "link"
    assert done["vendor", "conn_2"].remote_name == "ACME   Paper"


def _sub_customer(here: World) -> str:
    parent = here.intuit.company.create("Customer", {"DisplayName": "Acme"})
    below = {"DisplayName": "East Wing", "ParentRef": {"value": parent["Id"]}, "Job": True}
    return str(here.intuit.company.create("Customer", below)["Id"])


@pytest.mark.parametrize("name", ["Acme:East Wing", "ACME: east  wing", "East Wing"])
def test_a_name_that_names_a_sub_customer_is_offered_it(here: World, name: str) -> None:
    wing = _sub_customer(here)
    here.feed(connection(1, name), payable(1, **OWED_TO_US))

    preview = told(here, here.sync(dry_run=True))
    done = told(here, here.sync())

    assert ends(preview) == ends(done)
    left = done["customer", "conn_1"]
    assert (left.code, left.facts["candidate_ids"]) == ("look_alike", wing)
    assert "“Acme:East Wing” (a sub-customer)" in str(left.cause)
    assert ":" not in left.facts["proposed"]


def test_a_vendor_with_a_colon_is_offered_the_vendor_it_looks_like(here: World) -> None:
    theirs = here.intuit.company.create("Vendor", {"DisplayName": "SH24 CIC"})
    here.feed(connection(1, "SH:24 CIC"))

    left = told(here, here.sync("vendors"))["vendor", "conn_1"]

    assert (left.code, left.facts["candidate_ids"]) == ("look_alike", theirs["Id"])
    assert left.facts["proposed"] == "SH-24 CIC"
