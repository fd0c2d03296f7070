"""Every cause: how to bring it about in QuickBooks, and each way in which a person fixes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import ConnectionStatus, PayableStatus, Role
from cleo_accounting.flows.mapping import choose
from tests.page import deeds, paying
from tests.page.case import Case
from tests.page.deeds import again, fed, next_sync, pressed, synced, then
from tests.page.house import Place
from tests.world import BUSINESS, connection, payable, source

BILL, VENDOR = ("bill", "pay_1"), ("vendor", "conn_1")
INVOICE, CUSTOMER = ("invoice", "pay_1"), ("customer", "conn_1")
BANK = ("account", "fs_1")
ACME = connection(1, "Acme Paper")
LOOKS_LIKE = connection(1, "golden gate printing, inc.")
TAKEN = connection(1, "Amy's Bird Sanctuary")
OWED_TO_US = {"role": Role.PAYEE, "status": PayableStatus.SUBMITTED}


def _left_out(place: Place) -> None:
    synced(ACME)(place)
    world = place.world
    world.feed(payable(1))
    choose.decide(
        world.house,
        BUSINESS,
        world.integration_id,
        RemoteKind.BILL,
        "pay_1",
        "leave_out",
        "Entered by hand.",
        "user:jane@harbor.example",
    )
    world.sync()


def _not_due(**more: object) -> Callable[[Place], None]:
    return synced(ACME, payable(1, **more))


# Causes that need no action: shown with the record and its run, never among the issues.
QUIET: Mapping[str, Case] = {
    "draft": Case(
        _not_due(status=PayableStatus.DRAFT),
        mends={"It is approved": next_sync(fed(payable(1)))},
    ),
    "not_approved": Case(
        _not_due(status=PayableStatus.SUBMITTED),
        mends={"It is approved": next_sync(fed(payable(1)))},
    ),
    "withdrawn": Case(_not_due(status=PayableStatus.CANCELLED)),
    "removed": Case(
        then(fed(payable(1, status=PayableStatus.CANCELLED))),
        mends={"It is approved again": next_sync(fed(payable(1)))},
    ),
    "gone": Case(then(deeds.deleted_and_withdrawn)),
    "copy_removed": Case(deeds.copy_was_removed),
    "before_go_live": Case(
        synced(ACME, payable(1), go_live=date(2026, 3, 1)),
        mends={"An earlier start": deeds.started_earlier},
    ),
    "nothing_to_book": Case(
        synced(ACME, payable(1, 0)), mends={"It has an amount": next_sync(fed(payable(1)))}
    ),
    "left_out": Case(_left_out, mends={"Bring back": deeds.brought_back}),
    "connection_pending": Case(
        synced(connection(1, "Acme Paper", status=ConnectionStatus.PENDING)),
        VENDOR,
        {"It is accepted": next_sync(fed(ACME))},
    ),
    "connection_archived": Case(
        synced(connection(1, "Acme Paper", status=ConnectionStatus.ARCHIVED)), VENDOR
    ),
    "not_a_vendor": Case(synced(ACME, payable(1, **OWED_TO_US)), VENDOR),
    "email_left_out": Case(
        synced(connection(1, "Acme Paper", email="not an address")),
        VENDOR,
        {"It is corrected": next_sync(fed(connection(1, "Acme Paper", email="ap@acme.example")))},
    ),
    "not_reached": Case(deeds.ended_before_its_turn, mends={"Reconnect": deeds.reconnect}),
    "mapping_changed": Case(deeds.mapped_meanwhile, VENDOR),
    "cancelled": Case(deeds.cancelled, mends={"Sync again": deeds.started_anew}),
    "in_doubt": Case(deeds.in_doubt, mends={"By itself": deeds.waited}),
    **paying.QUIET,
}

# Causes that wait for a person, with every button and link that their rows offer.
LOUD: Mapping[str, Case] = {
    "vendor_needed": Case(
        synced(LOOKS_LIKE, payable(1)),
        mends={
            "Match it": deeds.followed("Match", "Create as new", BILL),
            "Leave it out": pressed("Leave out", BILL, value="Entered by hand."),
        },
    ),
    "customer_needed": Case(
        synced(connection(1, "Cool Cars, Inc."), payable(1, **OWED_TO_US)),
        INVOICE,
        {"Match it": deeds.followed("Match", "Match", INVOICE)},
    ),
    "connection_unknown": Case(synced(payable(1)), mends={"It is sent": again(fed(ACME))}),
    "expense_account_needed": Case(
        synced(ACME, payable(1), expense_account_id=None),
        mends={"Choose it": deeds.chosen("expense_account_id", "Expense", BILL)},
    ),
    "item_needed": Case(
        synced(ACME, payable(1, **OWED_TO_US), income_account_id=None),
        INVOICE,
        {"Choose it": deeds.chosen("income_account_id", "Income", INVOICE)},
    ),
    "choice_unusable": Case(
        deeds.account_inactive,
        mends={
            "Active again": again(deeds.account_active),
            "Choose another": deeds.chosen("expense_account_id", "Expense", BILL),
        },
    ),
    "not_tracked": Case(
        deeds.tracking_switched_off,
        mends={
            "Tracked again": again(lambda world: deeds.tracking(world, on=True)),
            "No class": deeds.no_class,
        },
    ),
    "tax_code_needed": Case(
        deeds.configured(country="GB"),
        mends={"Leave it out": pressed("Leave out", BILL, value="Entered by hand.")},
    ),
    "rate_needed": Case(
        deeds.configured(multicurrency=True, currency="EUR"),
        mends={"Leave it out": pressed("Leave out", BILL, value="Entered by hand.")},
    ),
    "party_currency_differs": Case(
        deeds.vendor_abroad,
        mends={
            "Choose": deeds.mapped("Choose another one", BILL, "Golden Gate"),
            "Leave it out": pressed("Leave out", BILL, value="Entered by hand."),
        },
    ),
    "zeroed": Case(
        then(lambda world: world.feed(payable(1, 0))),
        mends={
            "Corrected": again(fed(payable(1, 4_500))),
            "Leave it out": pressed("Leave out", BILL, value="Left as it is."),
        },
    ),
    "account_mapping_needed": Case(
        synced(source(1, "Rainy day fund", "0000")), BANK, {"Map": deeds.bank_mapped()}
    ),
    "look_alike": Case(
        synced(LOOKS_LIKE),
        VENDOR,
        {
            "Create as new": pressed("Create as new", VENDOR),
            "Map": deeds.followed("Choose a match", "Match", VENDOR),
        },
    ),
    "name_shared": Case(
        synced(ACME, connection(2, "ACME PAPER")),
        ("vendor", "conn_2"),
        {
            "Create as": pressed("Create", ("vendor", "conn_2")),
            "Map": deeds.mapped("Link to an existing one", ("vendor", "conn_2"), "Acme Paper"),
        },
    ),
    "name_taken": Case(
        synced(TAKEN),
        VENDOR,
        {
            "Create as": pressed("Create", VENDOR, value="Amy’s (the vendor)"),
            "Map": deeds.mapped("Link to an existing one", VENDOR, "Golden Gate"),
        },
    ),
    "name_not_allowed": Case(
        synced(connection(1, "Acme: Paper")), VENDOR, {"Create as": pressed("Create", VENDOR)}
    ),
    "inactive": Case(
        then(deeds.vendor_inactive),
        ("bill", "pay_2"),
        {
            "It is active again": again(deeds.vendor_active, ("bill", "pay_2")),
            "Choose": deeds.mapped("Choose another one", ("bill", "pay_2"), "Golden Gate"),
        },
    ),
    "merged_away": Case(
        then(deeds.vendor_merged),
        ("bill", "pay_2"),
        {
            "Use the survivor": pressed("Use \u2068Harbor Paper", ("bill", "pay_2")),
            "Choose": deeds.mapped("Choose another one", ("bill", "pay_2"), "Golden Gate"),
        },
    ),
    "deleted_there": Case(
        then(deeds.deleted), mends={"Create it again": pressed("Create it again", BILL)}
    ),
    "changed_there": Case(
        then(deeds.both_changed),
        mends={
            "Keep QuickBooks version": pressed("Keep QuickBooks version", BILL),
            "Send Cleo Pay version": pressed("Send Cleo Pay version", BILL),
        },
    ),
    "paid_there": Case(
        then(deeds.paid_and_dearer),
        mends={
            "Keep QuickBooks version": pressed("Keep QuickBooks version", BILL),
            "Send Cleo Pay version": pressed("Send Cleo Pay version", BILL),
        },
    ),
    "below_paid": Case(
        then(deeds.paid_and_cheaper),
        mends={
            "Keep QuickBooks version": pressed("Keep QuickBooks version", BILL),
            "Send Cleo Pay version": pressed("Send Cleo Pay version", BILL),
        },
    ),
    "removal_asks": Case(
        then(deeds.withdrawn_here_changed_there),
        mends={
            "Removed there": again(deeds.removed),
            "Leave it out": pressed("Leave out", BILL, value="It was paid by cheque."),
        },
    ),
    "two_found": Case(
        deeds.lost_and_copied,
        mends={
            "Remove the copy": deeds.copies_removed,
            "One is deleted": again(deeds.copy_deleted),
        },
    ),
    "sign_changed": Case(
        then(lambda world: world.feed(payable(1, -4_500))),
        mends={
            "Corrected": again(fed(payable(1))),
            "Leave it out": pressed("Leave out", BILL, value="Entered by hand."),
        },
    ),
    "lines_differ": Case(
        synced(ACME, payable(1, lines=[("Sum", "1", "99.00")])),
        mends={"Corrected": again(fed(payable(1)))},
    ),
    "currency_differs": Case(
        synced(ACME, payable(1, currency="EUR")),
        mends={
            "Corrected": again(fed(payable(1))),
            "Leave it out": pressed("Leave out", BILL, value="Entered by hand."),
        },
    ),
    "books_closed": Case(
        then(deeds.closed_and_changed),
        mends={"Reopened": again(lambda world: world.intuit.company.close_books(None))},
    ),
    "possible_duplicate": Case(
        deeds.typed_by_hand,
        mends={
            "Link it": pressed("Link this document", BILL),
            "Send it with another number": deeds.renumbered,
            "Leave it out": pressed("Leave out", BILL, value="Entered by hand."),
        },
    ),
    "cannot_link": Case(
        deeds.linked_then(deeds.entered_is_deleted),
        mends={"Do not link it": pressed("Do not link it", BILL)},
    ),
    "matched_withdrawn": Case(
        deeds.linked_then(deeds.linked_is_withdrawn),
        mends={
            "Unlink it": pressed("Unlink and keep", BILL),
            "Remove it": pressed("Remove it from QuickBooks", BILL),
        },
    ),
    "duplicate_number": Case(
        deeds.number_refused,
        mends={
            "Link it": pressed("Link this document", BILL),
            "The same": pressed("Same document", BILL),
            "Send it with another number": deeds.renumbered,
            "Another number in Cleo Pay": again(fed(payable(1, number="INV-1b"))),
        },
    ),
    "reference_refused": Case(
        deeds.account_inactive_meanwhile,
        mends={
            "Active again": again(deeds.account_active),
            "Choose another": deeds.chosen("expense_account_id", "Expense", BILL),
        },
    ),
    "stale": Case(deeds.changed_again_and_again, mends={"Try again": again(lambda _: None)}),
    "total_differs": Case(
        then(deeds.dearer_there), mends={"Accept": pressed("Accept as is", BILL)}
    ),
    "subscription_ended": Case(
        deeds.lapsed,
        mends={"Renewed": again(lambda w: w.intuit.company.configure(subscription_lapsed=False))},
    ),
    "no_permission": Case(deeds.not_permitted, mends={"Reconnect": deeds.reconnected}),
    "rejected": Case(
        deeds.moved_abroad,
        mends={"Leave it out": pressed("Leave out", BILL, value="Entered by hand.")},
    ),
    "fails_each_time": Case(
        deeds.fails_on_one,
        mends={
            "Corrected": again(lambda world: world.intuit.emulator.act("clear_faults")),
            "Leave it out": pressed("Leave out", BILL, value="Entered by hand."),
        },
    ),
    "internal": Case(deeds.broken, mends={"Try again": again(lambda _: None)}),
    "unanswered": Case(
        deeds.never_answered,
        mends={"Try again": again(lambda world: world.intuit.emulator.act("clear_faults"))},
    ),
    **paying.LOUD,
}
