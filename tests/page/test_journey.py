"""A finance person's whole journey in a real browser, from connecting to disconnecting.

It runs at every width in both themes, by mouse and by keyboard alone, and without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.page.conftest import Watched
from tests.page.journey import PATIENCE_SECONDS, Hand, Walk
from tests.processes import Stage, free_port, stage

CUSTOMER = "Amy's Bird Sanctuary"  # a customer in the emulator's seeded company
VENDORS, PAYABLES = 9, 88  # eleven payables for each of the first eight vendors
WAYS: tuple[tuple[int, str, Hand], ...] = (
    (320, "light", "mouse"),
    (320, "dark", "mouse"),
    (768, "light", "mouse"),
    (768, "dark", "keyboard"),
    (1280, "light", "keyboard"),
    (1280, "dark", "mouse"),
    (1280, "light", "no script"),
)


@pytest.fixture(scope="module")
def running(new_sqlite: Callable[[], str]) -> Iterator[Stage]:
    """The service with its worker and an emulated Intuit, each in a process of its own."""
    with stage(new_sqlite(), free_port()) as made:
        made.url = made.service.start().replace("localhost", "127.0.0.1")
        made.token = made.command("token", "issue", "--role=platform", "--name=test").strip()
        yield made


def of_its_own(running: Stage, name: str) -> Stage:
    """Return the stage with a new business and a new company, on the same service."""
    company = running.do("companies", name=f"Harbor {name}")
    (user,) = running.see("users")
    running.do(
        "acts",
        do="set_companies_of_user",
        **{"with": {"user_id": user["id"], "realm_ids": [company["realm_id"]]}},
    )
    return replace(running, business=f"biz_{name}", realm_id=company["realm_id"])


def feed(running: Stage) -> None:
    """Feed nine vendors: one is in QuickBooks, one nearly so, and one is named like a customer."""
    there = [one["DisplayName"] for one in running.all("Vendor")]
    names = [
        there[0],
        f"{there[1].upper()}, Inc.",
        CUSTOMER,
        *(f"Supplier {at}" for at in range(6)),
    ]
    records: list[dict[str, Any]] = [
        {
            "type": "connection",
            "id": f"conn_{at}",
            "record": {"status": "active", "connectedBusinessName": name},
        }
        for at, name in enumerate(names)
    ]
    records += [
        {"type": "payable", "id": f"pay_{at}", "record": payable(at)} for at in range(PAYABLES)
    ]
    account = {"name": "Payouts", "accountType": "checking", "lastFour": "0042"}
    records.append({"type": "fundingSource", "id": "fs_1", "record": account})
    running.ask("POST", f"{running.records}/bulk", json={"records": records})


def payable(at: int) -> dict[str, Any]:
    """Return an approved payable of 100 dollars or more to one of the first eight vendors."""
    return {
        "connectionId": f"conn_{at % 8}",
        "role": "payer",
        "amount": f"{100 + at}.25",
        "invoiceDate": "2026-11-02",
        "invoiceNumber": f"INV-{at}",
        "status": "APPROVED",
    }


def payment(at: int, **more: Any) -> dict[str, Any]:
    """Return a completed payment of the full amount of a payable."""
    return {
        "payableId": f"pay_{at}",
        "fundingSourceId": "fs_1",
        "amount": payable(at)["amount"],
        "status": "completed",
        "paymentDate": "2026-11-16",
        **more,
    }


@pytest.mark.parametrize(("width", "theme", "hand"), WAYS)
def test_a_person_connects_maps_previews_syncs_mends_pays_reconnects_and_disconnects(
    running: Stage, watch: Callable[..., Watched], width: int, theme: str, hand: Hand
) -> None:
    mine = of_its_own(running, f"{width}-{theme}-{hand.replace(' ', '-')}")
    feed(mine)
    watched = watch(
        running,
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        java_script_enabled=hand != "no script",
    )
    watched.own |= {urlsplit(running.intuit_url).netloc, f"localhost:{urlsplit(running.url).port}"}
    walk = Walk(watched.page, mine, f"Harbor {mine.business[4:]}", hand)

    walk.enter()
    declines_first(walk)
    connects(walk)
    chooses_fields(walk)
    maps_vendors(walk)
    maps_a_bank_account(walk)
    previews(walk)
    sends_and_follows(walk)
    mends_in_place(walk)
    records_payments(walk)
    sees_a_payment_returned(walk)
    reconnects(walk)
    disconnects(walk)

    assert walk.flaws == {}


def declines_first(walk: Walk) -> None:
    """She first declines in QuickBooks, and the page says so."""
    walk.headline("Connect your accounting")
    walk.press("Connect to QuickBooks")
    walk.press("No, thanks")
    walk.headline("You did not allow the connection")
    walk.look("declined")


def connects(walk: Walk) -> None:
    """She then consents; the company is shown before anything is written."""
    walk.press("Try again")
    walk.allow()
    walk.headline(f"Connect .*{walk.company}")
    assert walk.page.url == f"{walk.base}/connect/finish"
    expect(walk.page.locator(".facts")).to_contain_text(walk.stage.business)
    for fact in (walk.company, "US", "USD", "not closed", walk.stage.realm_id[-4:]):
        expect(walk.page.locator(".facts")).to_contain_text(fact)
    assert walk.stage.counted("Bill") == 0
    walk.look("which company")
    walk.press("Connect this company")
    walk.headline("step.* to finish setup")
    walk.rest()
    walk.look("to map")


def chooses_fields(walk: Walk) -> None:
    """She chooses the expense account for bills, which only a person can."""
    walk.press("Continue setup")
    account = walk.page.get_by_label("Expense account for bills")
    name = account.locator("option", has_text=re.compile("Supplies")).first.inner_text()
    walk.choose("Expense account for bills", name)
    walk.press("Save")
    walk.said("Saved")
    walk.look("fields chosen")


def maps_vendors(walk: Walk) -> None:
    """She accepts a suggestion, undoes it, accepts it again; creates one vendor, leaves one out."""
    ticked = walk.page.locator("input[name=accept]:checked")
    vendors(walk)
    assert ticked.count() == 1  # the identical name; a similar one is not ticked for her
    assert walk.page.locator("input[name=accept]").count() == 2
    walk.look("vendors")
    walk.press("Accept selected")
    walk.said("Matched 1 vendor")
    walk.press("Undo")
    walk.said("1 match removed")
    assert ticked.count() == 1
    walk.press("Accept selected")
    walk.said("Matched 1 vendor")
    walk.press("Choose", within=walk.page.locator("tr", has_text=", Inc."))
    walk.look("one vendor")
    walk.press("Create as new")
    walk.said("It will be created as")
    vendors(walk)
    walk.press("Choose", within=walk.page.locator("tr", has_text="Supplier 5"))
    walk.write("Why?", "The same as Supplier 4.")
    walk.press("Leave out")
    walk.said("Left out.")
    assert walk.stage.counted("Bill") == 0


def vendors(walk: Walk) -> None:
    """Open the mapping page with all vendors."""
    walk.press("Mapping", within=walk.page.locator(".tabs"))
    walk.choose("Status", "All")
    walk.press("Show", within=walk.page.locator("form.filters"))
    expect(walk.page.locator("tbody tr")).to_have_count(VENDORS)


def maps_a_bank_account(walk: Walk) -> None:
    """She reads what a match does to her bank feed, and confirms it."""
    walk.press("Mapping", within=walk.page.locator(".tabs"))
    walk.press("Bank accounts", within=walk.page.locator(".subtabs"))
    walk.look("bank accounts")
    walk.press("Choose", within=walk.page.locator("tr", has_text="Payouts"))
    expect(walk.page.get_by_role("region", name="What the match does")).to_contain_text("bank feed")
    walk.look("one bank account")
    walk.press("Operating Checking")
    expect(walk.page.get_by_role("region", name="Is this the same bank account?")).to_be_visible()
    walk.look("whether to match")
    walk.press("Yes, match them")
    walk.said("Matched.")


def previews(walk: Walk) -> None:
    """The preview states to the cent what would be sent, and writes nothing."""
    walk.page.goto(f"{walk.base}/preview")
    walk.press("Create new preview")
    shown = walk.headline(r"77 bills \(\$.* to send")
    newest = walk.stage.ask("GET", f"{walk.one}/runs").json()["items"][0]
    (sums,) = walk.stage.ask("GET", f"{walk.one}/runs/{newest['id']}").json()["sums"]
    due = sum(100.25 + at for at in range(PAYABLES) if at % 8 != 2)
    assert f"${float(sums['amount']):,.2f}" in shown
    assert f"${due:,.2f}" in shown
    assert walk.stage.counted("Bill") == 0
    walk.look("preview")


def sends_and_follows(walk: Walk) -> None:
    """She sends; the figures are updated in place, and a reload keeps them."""
    heading = walk.page.get_by_role("heading", level=1)
    walk.slow_down(2.0)
    walk.press("Send 77 bills")
    first = walk.headline("Getting ready to send|Sending")
    if walk.scripted:
        walk.page.evaluate("window.sameAsBefore = true")
        expect(heading).not_to_have_text(first, timeout=PATIENCE_SECONDS * 1000)
        assert heading.inner_text().startswith("Sending")
        assert walk.page.evaluate("window.sameAsBefore") is True
        walk.look("sending")
    walk.page.reload()
    walk.headline(r"Sending \d+ of \d+|sent ·")
    walk.hurry()
    walk.headline("sent · 12 need attention")
    assert walk.stage.counted("Bill") == 77
    walk.look("partly sent")


def mends_in_place(walk: Walk) -> None:
    """She fixes a partial failure in its row, and the bills that waited for it are sent."""
    walk.press("Review 12 issues")
    walk.look("issues")
    walk.press("Create", within=walk.page.locator("article", has_text=CUSTOMER).first)
    walk.said("being retried")
    walk.press("Overview", within=walk.page.locator(".tabs"))
    walk.headline("Up to date")
    assert walk.stage.counted("Bill") == PAYABLES
    walk.look("up to date")


def records_payments(walk: Walk) -> None:
    """One payment is recorded; she links another to one entered in QuickBooks by hand."""
    walk.stage.do(
        f"companies/{walk.stage.realm_id}/person", deed="pay", id=bill(walk, "INV-1")["Id"]
    )
    for at in (0, 1):
        walk.stage.ask("PUT", f"{walk.stage.records}/payments/pmt_{at}", json=payment(at))
    walk.press("Sync now")
    walk.headline("1 sent · 1 needs attention")
    assert bill(walk, "INV-0")["Balance"] == 0
    walk.press("Review 1 issue")
    expect(walk.page.locator("article")).to_contain_text("is already paid in QuickBooks")
    walk.look("paid by hand")
    walk.press("It is that payment")
    walk.said("It will be linked to the one in QuickBooks.")
    walk.press("Overview", within=walk.page.locator(".tabs"))
    walk.headline("Up to date")
    assert walk.stage.counted("BillPayment") == 2


def sees_a_payment_returned(walk: Walk) -> None:
    """The bank returns a payment: it is voided, and its page says why."""
    back = payment(0, status="failed", returnCode="R01", returnedOn="2026-11-18")
    walk.stage.ask("PUT", f"{walk.stage.records}/payments/pmt_0", json=back)
    walk.press("Sync now")
    walk.rest()
    walk.headline("Up to date")
    assert [one["TotalAmt"] for one in walk.stage.all("BillPayment")].count(0) == 1
    assert bill(walk, "INV-0")["Balance"] == bill(walk, "INV-0")["TotalAmt"]
    walk.press("Activity", within=walk.page.locator(".tabs"))
    walk.write("Number or name", "INV-0")
    walk.press("Show", within=walk.page.locator("form.filters"))
    walk.press("INV-0 to")
    expect(walk.page.locator("main")).to_contain_text("Payment returned")
    expect(walk.page.locator("main")).to_contain_text("R01")
    walk.look("returned")
    walk.press("Overview", within=walk.page.locator(".tabs"))


def bill(walk: Walk, number: str) -> dict[str, Any]:
    """Return the bill with this number in QuickBooks."""
    (found,) = (one for one in walk.stage.all("Bill") if one.get("DocNumber") == number)
    return found


def reconnects(walk: Walk) -> None:
    """The app is disconnected in QuickBooks; she reconnects, and nothing is lost."""
    walk.revoke()
    walk.stage.ask("PUT", f"{walk.stage.records}/payables/pay_{PAYABLES}", json=payable(PAYABLES))
    walk.press("Sync now")
    walk.headline("QuickBooks needs you to reconnect")
    walk.look("to reconnect")
    walk.press("Reconnect")
    walk.allow()
    walk.press("Connect this company")
    walk.headline("The last sync stopped early")
    walk.press("Sync again")
    walk.headline("Up to date")
    assert walk.stage.counted("Bill") == PAYABLES + 1


def disconnects(walk: Walk) -> None:
    """She disconnects, after reading what stops and what stays."""
    walk.press("Settings", within=walk.page.locator(".tabs"))
    walk.press("Disconnect…")
    expect(walk.page.get_by_role("link", name="Cancel")).to_be_focused()
    walk.look("whether to disconnect")
    walk.press("Disconnect", within=walk.page.locator("main"))
    walk.headline("Disconnected")
    expect(walk.page.locator("[data-sentence]")).to_contain_text("jane@harbor.example")
    assert walk.stage.counted("Bill") == PAYABLES + 1
    told = walk.stage.ask("GET", "/integrations/accounting/status").json()
    assert told["status"] == "disconnected"
    walk.look("disconnected")
