"""Steps by which people make a record wait or fix it, on the page, in Cleo Pay or in QuickBooks."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch
from urllib.parse import urlencode

from cleo_accounting.core.records import PayableStatus
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.company import steer
from cleo_accounting.flows.mapping import choose, pair
from cleo_accounting.flows.reporting import progress, reconcile
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.providers.quickbooks.company import QuickBooksCompany
from cleo_accounting.store import runs
from cleo_accounting.store.errands import Verb
from tests.page import meddling
from tests.page.forms import Person
from tests.page.house import Place
from tests.world import BUSINESS, World, connection, payable

ALL = ("vendors", "bankAccounts", "invoices")
BILL = ("bill", "pay_1")
PAPER = (("Paper", "1", "100.00"),)


def ready(place: Place) -> World:
    """Connect the business, confirm the company, choose its accounts, and return its world."""
    world = place.world
    world.open_for_business()
    place.look()
    steer.confirm(world.house, BUSINESS, world.integration_id, "user:jane@harbor.example")
    return world


def work(place: Place) -> None:
    """Have a worker do all requested runs."""
    world = place.world
    while True:
        with world.house.database.reading() as tx:
            waiting = [
                run.id
                for state in runs.OPEN
                for run in runs.page(tx, world.integration_id, state=state, limit=2, offset=0)[0]
            ]
        if not waiting:
            return
        world.work(waiting[-1])


def pressed(label: str, record: tuple[str, str], **typed: str) -> Callable[[Place, Person], None]:
    """Return a step that presses a button in the row of a record."""
    return lambda _, person: _press(person, label, record, **typed)


def _press(person: Person, label: str, record: tuple[str, str], **typed: str) -> None:
    person.go("/issues")
    person.press(label, mark(record), **typed)


def mark(record: tuple[str, str]) -> str:
    """Return the text that identifies the row of a record among the issues."""
    return f'/activity/{record[0]}/{record[1]}"'


def again(
    there: Callable[[World], object], record: tuple[str, str] = BILL
) -> Callable[[Place, Person], None]:
    """Return a fix: a change in QuickBooks or Cleo Pay, followed by "Try again" on the page."""

    def mend(place: Place, person: Person) -> None:
        there(place.world)
        _press(person, "Try again", record)

    return mend


def followed(
    link: str, button: str, record: tuple[str, str], **typed: str
) -> Callable[[Place, Person], None]:
    """Return a fix: follow the link in the row, press a button on that page, then sync."""

    def mend(place: Place, person: Person) -> None:
        person.go("/issues")
        person.follow(link, mark(record))
        person.press(button, **typed)
        work(place)
        sync_now(person)

    return mend


def sync_now(person: Person) -> None:
    """Request a sync of everything with the button on the overview."""
    words = person.go("")
    person.press("Sync again" if "Sync again" in words else "Sync now")


def synced(*records: object, **fields: object) -> Callable[[Place], None]:
    """Return a step that feeds these records and syncs once."""

    def happens(place: Place) -> None:
        world = ready(place)
        if fields:
            world.choose(**fields)
        world.feed(*records)  # type: ignore[arg-type]
        world.sync()

    return happens


def then(change: Callable[[World], object]) -> Callable[[Place], None]:
    """Return a step that syncs a vendor and a bill, makes a change, and syncs again."""

    def happens(place: Place) -> None:
        world = ready(place)
        world.feed(connection(1, "Acme Paper"), payable(1, lines=PAPER))
        world.sync()
        change(world)
        world.sync()

    return happens


def _bill(world: World) -> str:
    return str(world.numbered("INV-1")[0]["Id"])


# --- What happens in QuickBooks


def deleted(world: World) -> None:
    world.intuit.company.delete("Bill", _bill(world))
    world.feed(payable(1, memo="changed here"))


def edited(world: World, note: str = "changed there") -> None:
    (bill,) = world.numbered("INV-1")
    kept = bill["PrivateNote"].splitlines()[-1]
    world.intuit.company.update("Bill", bill["Id"], {"PrivateNote": f"{note}\n{kept}"})


def both_changed(world: World) -> None:
    edited(world)
    world.feed(payable(1, memo="changed here"))


def withdrawn_here_changed_there(world: World) -> None:
    edited(world)
    world.feed(payable(1, status=PayableStatus.CANCELLED))


def dearer_there(world: World) -> None:
    """Change the amount in QuickBooks, the note in Cleo Pay: both stay, and the totals differ."""
    (bill,) = world.numbered("INV-1")
    line = {**bill["Line"][0], "Amount": 120}
    world.intuit.company.update("Bill", bill["Id"], {"Line": [line]})
    world.feed(payable(1, lines=PAPER, memo="changed here"))


def paid_and_dearer(world: World) -> None:
    """Pay part of the bill in QuickBooks, and raise its amount in Cleo Pay."""
    _paid(world, "40")
    world.feed(payable(1, 120_00, lines=(("Paper", "1", "120.00"),)))


def paid_and_cheaper(world: World) -> None:
    """Pay part of the bill in QuickBooks, and lower its amount in Cleo Pay below that part."""
    _paid(world, "40")
    world.feed(payable(1, 30_00, lines=(("Paper", "1", "30.00"),)))


def _paid(world: World, amount: str) -> None:
    (bill,) = world.numbered("INV-1")
    facts = {"realm_id": world.intuit.realm_id, "deed": "pay", "id": bill["Id"], "amount": amount}
    world.intuit.emulator.act("person", facts)


def account_active(world: World) -> None:
    """Make the expense account active again."""
    account = world.integration.fields.expense_account_id
    assert account
    world.intuit.company.update("Account", account, {"Active": True})


def account_inactive(place: Place) -> None:
    """Make the expense account inactive, then sync a new bill."""
    world = ready(place)
    world.feed(connection(1, "Acme Paper"))
    world.sync()
    account = world.integration.fields.expense_account_id
    assert account
    world.intuit.company.update("Account", account, {"Active": False})
    world.feed(payable(1))
    world.sync()


def fails_on_one(place: Place) -> None:
    """Sync two bills, for one of which QuickBooks fails each time."""
    world = ready(place)
    world.feed(connection(1, "Acme Paper"))
    world.sync()
    world.feed(payable(1), payable(2))
    world.intuit.emulator.add_fault(
        "error_before_commit", path="*/batch", body='CleoPay:pay_1"', times=None
    )
    world.sync()


def account_inactive_meanwhile(place: Place) -> None:
    """Make the expense account inactive after a bill is planned, before it is sent."""
    world = ready(place)
    world.feed(connection(1, "Acme Paper"))
    world.sync()
    world.feed(payable(1))
    run = sync.request(world.house, world.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    sync.advance(world.house, run.id)
    account = world.integration.fields.expense_account_id
    assert account
    world.intuit.company.update("Account", account, {"Active": False})
    world.work(run.id)


def tracking(world: World, *, on: bool) -> None:
    """Turn class tracking in QuickBooks on or off."""
    world.intuit.company.configure(classes_per_line=on)


def tracking_switched_off(place: Place) -> None:
    """Choose a class, then turn off class tracking in the company."""
    world = ready(place)
    made = world.intuit.company.create("Class", {"Name": "North"})
    world.choose(class_id=made["Id"])
    world.feed(connection(1, "Acme Paper"))
    world.sync()
    tracking(world, on=False)
    world.feed(payable(1))
    world.sync()


def no_class(_: Place, person: Person) -> None:
    """Follow the link in the row, choose no class, then sync."""
    person.go("/issues")
    person.follow("Choose in bill and invoice fields", mark(BILL))
    person.press("Save", class_id="")
    sync_now(person)


def configured(**choices: object) -> Callable[[Place], None]:
    """Return a step that changes the company's settings and syncs a bill."""

    def happens(place: Place) -> None:
        world = ready(place)
        world.intuit.company.configure(**choices)
        world.feed(connection(1, "Acme Paper"), payable(1, currency="USD"))
        world.sync(dry_run=True)  # which reads the company's settings
        world.sync()

    return happens


def moved_abroad(place: Place) -> None:
    """Move the company to a country that requires tax codes after its settings were last read."""
    world = ready(place)
    world.intuit.company.configure(country="GB")
    world.feed(connection(1, "Acme Paper"), payable(1))
    world.sync()


def vendor_abroad(place: Place) -> None:
    """Sync a bill in dollars to a vendor whose currency is the euro."""
    world = ready(place)
    world.intuit.emulator.act("turn", {"vendor_currency": "honoured"})
    world.intuit.company.configure(multicurrency=True)
    company = world.intuit.company
    company.create("Vendor", {"DisplayName": "Acme Paper", "CurrencyRef": {"value": "EUR"}})
    place.look()
    world.feed(connection(1, "Acme Paper"), payable(1))
    world.sync()


def vendor_inactive(world: World) -> None:
    world.intuit.company.update("Vendor", world.vendor("Acme Paper"), {"Active": False})
    world.feed(connection(2, "Somebody new"), payable(1, memo="changed here"), payable(2))


def vendor_merged(world: World) -> None:
    survivor = world.intuit.company.create("Vendor", {"DisplayName": "Harbor Paper"})
    world.intuit.company.merge("Vendor", world.vendor("Acme Paper"), survivor["Id"])
    world.feed(payable(2))


def vendor_active(world: World) -> None:
    names = [one for one in world.books("Vendor") if one["DisplayName"].startswith("Acme Paper")]
    world.intuit.company.update("Vendor", names[0]["Id"], {"Active": True})


def typed_by_hand(place: Place) -> None:
    """Enter a bill in QuickBooks by hand, then feed and sync the same bill."""
    world = _with_vendor(place)
    _type_a_bill(world)
    world.feed(payable(1))
    world.sync()


def number_refused(place: Place) -> None:
    """Enter another bill with the same number by hand after ours is planned, before it is sent."""
    world = _with_vendor(place)
    world.feed(payable(1))
    world.sync_meanwhile(lambda: _type_a_bill(world, 250))


def _with_vendor(place: Place) -> World:
    world = ready(place)
    world.feed(connection(1, "Acme Paper"))
    world.sync()
    return world


def _type_a_bill(world: World, amount: int = 100) -> None:
    vendor = {"value": world.vendor("Acme Paper")}
    typed = {"VendorRef": vendor, "DocNumber": "INV-1", "Line": [world.booked(amount)]}
    world.intuit.company.create("Bill", typed)


def linked_then(there: Callable[[World], object]) -> Callable[[Place], None]:
    """Return a step that links the bill entered by hand, makes a change, and syncs."""

    def happens(place: Place) -> None:
        typed_by_hand(place)
        world = place.world
        (item,) = progress.status(world.house, BUSINESS, world.integration_id).errors
        choose.decide_item(
            world.house, BUSINESS, world.integration_id, item.id, "link_to", "", "user:jane"
        )
        there(world)
        world.sync()

    return happens


def entered_is_deleted(world: World) -> None:
    """Delete the bill that was entered by hand."""
    (bill,) = world.numbered("INV-1")
    world.intuit.company.delete("Bill", str(bill["Id"]))


def linked_is_withdrawn(world: World) -> None:
    """Cancel the payable in Cleo Pay once it is linked."""
    world.sync()
    world.feed(payable(1, status=PayableStatus.CANCELLED))


def renumbered(place: Place, person: Person) -> None:
    """Send the bill with the number that its row proposes."""
    _press(person, "Send with this number", BILL)
    work(place)
    (bill,) = place.world.ours()
    assert (bill["DocNumber"], bill["TotalAmt"]) == ("INV-1-2", 100)
    assert "Invoice number: INV-1\nCleoPay:pay_1" in bill["PrivateNote"]


def _one_bill_to_send(place: Place) -> World:
    """Feed a bill whose vendor is already in QuickBooks, so that a sync writes only the bill."""
    world = ready(place)
    world.feed(connection(1, "Acme Paper"))
    world.sync()
    world.feed(payable(1))
    return world


def lost_and_copied(place: Place) -> None:
    """Lose the response to a bill, and copy the bill by hand before the run looks it up."""
    world = _one_bill_to_send(place)
    run = _asked(world)
    world.intuit.emulator.add_fault("drop_after_commit", path="*/batch", times=1)
    while not world.numbered("INV-1"):
        sync.advance(world.house, run)
    copied(world)
    world.work(run)


def copied(world: World, number: str = "INV-1") -> None:
    """Copy a bill of ours in QuickBooks, including its marker."""
    (bill,) = world.numbered(number)
    copy = {name: bill[name] for name in ("VendorRef", "DocNumber", "PrivateNote", "Line")}
    world.intuit.company.create("Bill", copy)


def compared(place: Place) -> None:
    """Run a reconciliation."""
    world = place.world
    errands.ask_to(world.house, BUSINESS, world.integration_id, Verb.RECONCILE)
    place.look()


def copies_removed(place: Place, person: Person) -> None:
    """Have the copies removed with the button."""
    place.look()
    person.go("/issues")
    person.press("Remove the copy")


def copy_was_removed(place: Place) -> None:
    """Copy a bill, reconcile, and remove the copy as a person requests."""
    world = ready(place)
    world.feed(connection(1, "Acme Paper"), payable(1))
    world.sync()
    copied(world)
    compared(place)
    reconcile.remove_duplicates(world.house, BUSINESS, world.integration_id, "user:jane")
    world.sync()


def copy_deleted(world: World) -> None:
    world.intuit.company.delete("Bill", str(world.numbered("INV-1")[-1]["Id"]))


def _asked(world: World) -> str:
    return sync.request(
        world.house, world.integration, ALL, trigger=Trigger.PAGE, by="user:jane"
    ).id


def _plan_only(world: World, run: str) -> None:
    """Advance the run until the bills are planned, without sending any."""
    while not progress.items(world.house, BUSINESS, world.integration_id, run)[1]:
        sync.advance(world.house, run)


def in_doubt(place: Place) -> None:
    world = _one_bill_to_send(place)
    run = _asked(world)
    world.intuit.emulator.add_fault("drop_before_commit", path="*/batch", times=1)
    while not sync.advance(world.house, run).wait_until:
        pass


def mapped_meanwhile(place: Place) -> None:
    """Map a connection to another vendor while its own is being renamed."""
    world = ready(place)
    other = world.intuit.company.create("Vendor", {"DisplayName": "Another"})
    world.feed(connection(1, "Acme Paper"))
    world.sync("vendors")
    world.feed(connection(1, "Acme Paper Works"))
    run = sync.request(
        world.house, world.integration, ["vendors"], trigger=Trigger.PAGE, by="jane"
    ).id
    world.intuit.emulator.add_fault("drop_before_commit", path="*/batch", times=1)
    while not sync.advance(world.house, run).wait_until:
        pass
    mapped = (BUSINESS, world.integration_id, pair.VENDOR, "conn_1", other["Id"], "jane")
    pair.pair(world.house, *mapped)
    world.work(run)


def never_answered(place: Place) -> None:
    world = _one_bill_to_send(place)
    world.intuit.emulator.add_fault("drop_before_commit", path="*/batch", times=None)
    world.sync()


def broken(place: Place) -> None:
    """Sync a bill while rendering it raises an unforeseen error."""
    world = _one_bill_to_send(place)
    with patch.object(QuickBooksCompany, "render", side_effect=ZeroDivisionError):
        world.sync()


def ended_before_its_turn(place: Place) -> None:
    """Disconnect the app in QuickBooks after a bill is planned, before it is sent."""
    world = _one_bill_to_send(place)
    run = _asked(world)
    _plan_only(world, run)
    world.intuit.emulator.disconnect(world.intuit.realm_id, world.intuit.app.client_id)
    world.work(run)


def cancelled(place: Place) -> None:
    world = _one_bill_to_send(place)
    run = _asked(world)
    _plan_only(world, run)
    sync.cancel(world.house, BUSINESS, world.integration_id, run, "user:jane@harbor.example")
    world.work(run)


def changed_again_and_again(place: Place) -> None:
    """Save the bill in QuickBooks just before each of our attempts to update it."""
    world = ready(place)
    world.feed(connection(1, "Acme Paper"), payable(1))
    world.sync()
    world.feed(payable(1, number="INV-1", memo="changed here", lines=PAPER))

    def save() -> None:
        (bill,) = world.numbered("INV-1")
        world.intuit.company.update("Bill", bill["Id"], {"TxnDate": bill["TxnDate"]})

    with meddling.before_each_batch(world, save):
        world.sync()


def not_permitted(place: Place) -> None:
    world = _one_bill_to_send(place)
    with meddling.instead_of_each_batch(world, meddling.PERMISSION_DENIED):
        world.sync()


def lapsed(place: Place) -> None:
    world = _one_bill_to_send(place)
    world.intuit.company.configure(subscription_lapsed=True)
    world.sync()


def reconnected(place: Place, person: Person) -> None:
    person.go("/issues")
    words = person.press("Reconnect as an admin", mark(BILL))
    assert "QuickBooks" in words
    come_back(place, person)
    _press(person, "Try again", BILL)


def come_back(place: Place, person: Person) -> None:
    """Consent in QuickBooks, return to the page through the doorway, and press "Connect"."""
    assert person.answer is not None
    url = person.answer.text.partition('content="0;url=')[2].partition('"')[0]
    back = place.world.consent(url.replace("&amp;", "&"))
    person.open(f"{place.url}/api/integrations/accounting/callback?{urlencode(back)}")
    person.press("Connect this company")


def reconnect(place: Place, person: Person) -> None:
    person.go("")
    person.press("Reconnect")
    come_back(place, person)
    sync_now(person)


def started_anew(_: Place, person: Person) -> None:
    person.go("")
    person.press("Sync again")


def waited(place: Place, _: Person) -> None:
    work(place)


def fed(*records: object) -> Callable[[World], None]:
    return lambda world: world.feed(*records)  # type: ignore[arg-type]


def next_sync(there: Callable[[World], object]) -> Callable[[Place, Person], None]:
    """Return a fix: make a change in Cleo Pay, then sync."""

    def mend(place: Place, person: Person) -> None:
        there(place.world)
        sync_now(person)

    return mend


def chosen(field: str, account_type: str, record: tuple[str, str]) -> Callable[..., None]:
    """Return a fix: follow the link in the row, choose an account for the field, then sync."""

    def mend(place: Place, person: Person) -> None:
        person.go("/issues")
        person.follow("Choose in bill and invoice fields", mark(record))
        accounts = place.world.books("Account")
        fitting = [one for one in accounts if one["AccountType"] == account_type and one["Active"]]
        person.press("Save", **{field: str(fitting[-1]["Id"])})
        sync_now(person)

    return mend


def mapped(link: str, record: tuple[str, str], name: str) -> Callable[[Place, Person], None]:
    """Return a fix: follow the link in the row, search for a name, choose it, then sync."""

    def mend(_: Place, person: Person) -> None:
        person.go("/issues")
        person.follow(link, mark(record))
        assert person.answer is not None
        person.open(f"{person.answer.url}?search={name}")
        person.press("Choose " + "\u2068" + name)
        sync_now(person)

    return mend


def bank_mapped(record: tuple[str, str] = ("account", "fs_1")) -> Callable[[Place, Person], None]:
    """Return a fix: follow the link in the row, choose the first bank account, then sync."""

    def mend(_: Place, person: Person) -> None:
        person.go("/issues")
        person.follow("Choose the bank account", mark(record))
        person.press("Choose")
        person.press("Yes, match them")
        sync_now(person)

    return mend


def started_earlier(_: Place, person: Person) -> None:
    """Move the start date back, then sync."""
    person.go("/mapping/fields")
    person.press("Save", go_live="2025-01-01")
    sync_now(person)


def brought_back(_: Place, person: Person) -> None:
    """Bring back the record that was left out, then sync."""
    person.go("/issues")
    person.press("Bring back")
    sync_now(person)


def deleted_and_withdrawn(world: World) -> None:
    """Delete the bill in QuickBooks and cancel the payable in Cleo Pay."""
    removed(world)
    world.feed(payable(1, status=PayableStatus.CANCELLED))


def removed(world: World) -> None:
    """Delete the bill in QuickBooks, as a person does whose payable was withdrawn."""
    world.intuit.company.delete("Bill", _bill(world))


def closed_and_changed(world: World) -> None:
    """Close the books after the bill's date, then change its memo in Cleo Pay."""
    world.intuit.company.close_books("2026-01-31")
    world.feed(payable(1, memo="changed here"))
