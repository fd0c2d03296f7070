"""If a person merged a vendor into another in QuickBooks, the surviving vendor is offered."""

from __future__ import annotations

from typing import Any

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import PayableStatus, Role
from cleo_accounting.flows.mapping import bulk, pair
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.reporting.progress import Item, RunStatus, items
from cleo_accounting.store import links
from tests.world import BUSINESS, World, connection, payable

KINDS = pytest.mark.parametrize(
    ("kind", "document", "more"),
    [("Vendor", "Bill", {}), ("Customer", "Invoice", {"role": Role.PAYEE})],
    ids=["vendor", "customer"],
)


def _id(here: World, kind: str, name: str) -> str:
    (found,) = [one["Id"] for one in here.books(kind) if one["DisplayName"] == name]
    return str(found)


def merge(here: World, kind: str = "Vendor") -> str:
    """Merge Acme Paper, as a person, into another vendor or customer; return the survivor's id."""
    survivor = str(here.intuit.company.create(kind, {"DisplayName": "Harbor Paper"})["Id"])
    here.intuit.company.merge(kind, _id(here, kind, "Acme Paper"), survivor)
    return survivor


def told(here: World, status: RunStatus) -> dict[str, Item]:
    """Return what became of each document of a run, by its record."""
    assert status.run is not None
    found, _ = items(here.house, BUSINESS, here.integration_id, status.run.id)
    return {one.record_id: one for one in found if one.kind in ("bill", "invoice")}


def accept(here: World, code: str = "merged_away") -> bulk.Decided:
    return bulk.decide(
        here.house,
        BUSINESS,
        here.integration_id,
        code=code,
        word="link_suggested",
        by="user:jane",
    )


@KINDS
def test_the_survivor_is_offered_by_the_preview_and_the_sync_and_used_when_accepted(
    here: World, kind: str, document: str, more: dict[str, Any]
) -> None:
    here.open_for_business()
    here.feed(connection(1, "Acme Paper"), payable(1, **more))
    here.sync()
    survivor = merge(here, kind)
    here.feed(payable(2, **more), payable(3, **more))

    preview = told(here, here.sync(dry_run=True))
    done = told(here, here.sync())

    assert {one.code for one in done.values()} == {"merged_away"}
    assert {name: (one.code, one.cause, one.fix) for name, one in preview.items()} == {
        name: (one.code, one.cause, one.fix) for name, one in done.items()
    }
    assert "“Acme Paper” seems to have been merged into “Harbor Paper” in QuickBooks" in str(
        done["pay_2"].cause
    )
    assert str(done["pay_2"].fix).startswith("Use “Harbor Paper” from now on")
    assert len(here.ours(document)) == 1  # nothing is switched unasked

    accepted = accept(here)

    assert (accepted.number, accepted.refused) == (2, [])
    assert told(here, here.sync())["pay_3"].code is None
    assert {one[f"{kind}Ref"]["value"] for one in here.ours(document)} == {survivor}
    assert len(here.ours(document)) == 3


def test_what_moved_with_the_merge_is_ours_to_change_once_the_survivor_is_accepted(
    here: World,
) -> None:
    here.open_for_business()
    here.feed(connection(1, "Acme Paper"), payable(1))
    here.sync()
    survivor = merge(here)
    here.feed(payable(1, 25_000))
    assert told(here, here.sync())["pay_1"].code == "merged_away"
    accept(here)

    done = here.sync()

    assert done.errors == []
    (bill,) = here.ours()
    assert (bill["TotalAmt"], bill["VendorRef"]["value"]) == (250, survivor)


def test_what_moved_with_the_merge_is_removed_and_compared_as_ours_once_accepted(
    here: World,
) -> None:
    here.open_for_business()
    here.feed(connection(1, "Acme Paper"), payable(1), payable(2))
    here.sync()
    merge(here)
    here.feed(payable(3))
    here.sync()
    accept(here)
    reconcile.keep(here.house, here.integration_id)
    compared = reconcile.compared(here.house, here.business_id, here.integration_id)
    here.feed(payable(1, status=PayableStatus.CANCELLED))

    done = told(here, here.sync())

    assert compared.at is not None
    assert compared.differing == []
    assert (done["pay_1"].code, done["pay_1"].state) == ("removed", "written")
    assert sorted(one["DocNumber"] for one in here.ours()) == ["INV-2", "INV-3"]


def test_what_a_person_changed_before_the_merge_is_not_removed_unasked(here: World) -> None:
    here.open_for_business()
    here.feed(connection(1, "Acme Paper"), payable(1))
    here.sync()
    (bill,) = here.ours()
    here.intuit.company.update("Bill", bill["Id"], {"DueDate": "2026-12-31"})
    merge(here)
    here.feed(payable(2))
    here.sync()
    accept(here)
    here.feed(payable(1, status=PayableStatus.CANCELLED))

    assert told(here, here.sync())["pay_1"].code == "removal_asks"


def test_a_renamed_connection_whose_vendor_was_merged_away_is_offered_the_survivor(
    here: World,
) -> None:
    here.open_for_business()
    here.feed(connection(1, "Acme Paper"), payable(1))
    here.sync()
    survivor = merge(here)
    here.feed(connection(1, "Acme Paper and Card"))
    here.house.clock.sleep(120)

    (asked,) = here.sync().errors

    assert (asked.kind, asked.code) == ("vendor", "merged_away")
    assert "“Acme Paper” seems to have been merged into “Harbor Paper”" in str(asked.cause)
    assert accept(here).number == 1
    with here.house.database.reading() as tx:
        found = links.links_of(tx, here.integration_id, RemoteKind.VENDOR)["conn_1"]
    assert found.remote_id == survivor
    assert here.sync().errors == []


def test_a_vendor_that_was_only_made_inactive_is_not_called_merged(here: World) -> None:
    here.open_for_business()
    here.feed(connection(1, "Acme Paper"), payable(1))
    here.sync()
    here.intuit.company.update("Vendor", _id(here, "Vendor", "Acme Paper"), {"Active": False})
    here.feed(payable(2))

    assert told(here, here.sync())["pay_2"].code == "inactive"


def test_documents_of_an_earlier_vendor_of_the_connection_say_nothing_of_a_merge(
    here: World,
) -> None:
    """The connection was since mapped to another vendor, which was then made inactive."""
    here.open_for_business()
    here.feed(connection(1, "Acme Paper"), payable(1))
    here.sync()
    other = str(here.intuit.company.create("Vendor", {"DisplayName": "Harbor Paper"})["Id"])
    here.feed(connection(2, "Harbor Paper"))
    here.sync("vendors")
    pair.pair(here.house, BUSINESS, here.integration_id, pair.VENDOR, "conn_1", other, "user:jane")
    here.intuit.company.update("Vendor", other, {"Active": False})
    here.feed(payable(2))

    assert told(here, here.sync())["pay_2"].code == "inactive"


def test_a_survivor_is_not_forced_on_a_connection_that_was_mapped_to_another_since(
    here: World,
) -> None:
    here.open_for_business()
    here.feed(connection(1, "Acme Paper"), payable(1))
    here.sync()
    merge(here)
    here.feed(payable(2))
    here.sync()
    other = str(here.intuit.company.create("Vendor", {"DisplayName": "Bolt"})["Id"])
    here.feed(connection(2, "Bolt"))
    here.sync("vendors")
    pair.pair(here.house, BUSINESS, here.integration_id, pair.VENDOR, "conn_1", other, "user:jane")

    (refused,) = accept(here).refused

    assert refused.refused == "It was matched with another one since."
