"""Rules for bills, vendor credits and purchases."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.basics.money import amount, converted
from quickbooks_emulator.books.rules.documents import (
    begin,
    check_open,
    demand_account,
    demand_check_account,
    no_links_by_client,
    payable_account,
    settle_currency,
    settle_number,
)
from quickbooks_emulator.books.rules.lines import PostedLine, expense_lines
from quickbooks_emulator.books.rules.taxes import settle_tax
from quickbooks_emulator.books.versions import settle

if TYPE_CHECKING:
    from quickbooks_emulator.basics.money import Number
    from quickbooks_emulator.books.books import Books, Record
    from quickbooks_emulator.books.draft import Draft


def complete_bill(draft: Draft) -> None:
    """Complete a bill, whose lines are owed to the vendor."""
    begin(draft)
    no_links_by_client(draft)
    document = draft.document
    _settle_due_date(draft.books, document)
    _complete_owed(draft, 1)
    settle(draft.books, "Bill", draft.id, document)
    settle_number(draft)


def complete_vendor_credit(draft: Draft) -> None:
    """Complete a vendor credit, the reverse of a bill."""
    begin(draft)
    no_links_by_client(draft)
    _complete_owed(draft, -1)
    settle(draft.books, "VendorCredit", draft.id, draft.document)
    custom = draft.books.settings.custom_purchase_numbers
    settle_number(draft, () if custom else ("VendorCredit",))


def _complete_owed(draft: Draft, sign: int) -> None:
    document = draft.document
    vendor = draft.books.records["Vendor"][document["VendorRef"]["value"]]
    rate = settle_currency(draft, vendor)
    payable = payable_account(draft)
    total, home = _post_lines(draft, rate, sign)
    if total < 0:
        raise faults.business("Transaction amount must be 0 or greater.")
    draft.post(payable, -sign * home, vendor.id)
    document["TotalAmt"] = amount(total)
    if draft.books.settings.multicurrency:
        document["HomeTotalAmt"] = amount(home)


def _post_lines(draft: Draft, rate: Number, sign: int) -> tuple[int, int]:
    """Post the lines as debits (or credits); returns the total, also in home currency."""
    lines = expense_lines(draft)
    tax = settle_tax(draft, lines, "Purchase")
    total = sum(line.cents for line in lines) + tax
    home = 0
    for line in lines:
        in_home = converted(line.cents, rate)
        home += in_home
        draft.post(line.account, sign * in_home)
    home += post_tax(draft, converted(tax, rate), sign)
    return total, home


def post_tax(draft: Draft, tax: int, sign: int) -> int:
    """Post tax to the account for tax owed, and return it."""
    if tax:
        account = tax_account(draft.books)
        draft.post(account, sign * tax)
    return tax


def tax_account(books: Books) -> Record:
    """Return the account that tax is posted to."""
    subtype = "GlobalTaxPayable" if books.settings.taxed_by_line else "SalesTaxPayable"
    account = books.special("Other Current Liability", subtype)
    if account is None:
        raise faults.business("The company has no account for sales tax.")
    return account


def _settle_due_date(books: Books, document: dict[str, Any]) -> None:
    if "DueDate" in document:
        return
    document["DueDate"] = due_date(books, document)


def due_date(books: Books, document: dict[str, Any]) -> str:
    """Return the due date by the document's terms; without terms, the document's date."""
    written: str = document["TxnDate"]
    reference = document.get("SalesTermRef")
    if reference is None:
        return written
    term = books.stored(books.records["Term"][reference["value"]])
    start = date.fromisoformat(written)
    if "DueDays" in term:
        days = min(int(term["DueDays"]), (date.max - start).days)
        return (start + timedelta(days=days)).isoformat()
    wanted = int(term["DayOfMonthDue"])
    grace = int(term.get("DueNextMonthDays", 0))
    due = _day_of_month(start.year, start.month, wanted)
    while (due < start or (due - start).days < grace) and due.year < date.max.year:
        month = due.year * 12 + due.month
        due = _day_of_month(month // 12, month % 12 + 1, wanted)
    return due.isoformat()


def _day_of_month(year: int, month: int, wanted: int) -> date:
    return date(year, month, min(wanted, monthrange(year, month)[1]))


def remove_owed(draft: Draft) -> None:
    """Delete a bill or credit; refused if it has payments, except by the switch or by people."""
    check_open(draft)
    if not draft.books.applied.get(draft.id):
        return
    if draft.books.switches.paid_bill_deletion == "refused" and not draft.options.person:
        raise faults.business(
            "You cannot delete this transaction because it is linked to another transaction."
        )
    draft.unlink()


def complete_purchase(draft: Draft) -> None:
    """Complete a purchase, which is paid at once: by cash, check or credit card."""
    begin(draft)
    no_links_by_client(draft)
    document, books = draft.document, draft.books
    kind = document["PaymentType"]
    account = (
        demand_account(draft, document["AccountRef"], "Credit Card")
        if kind == "CreditCard"
        else demand_check_account(draft, document["AccountRef"])
    )
    credit = document.setdefault("Credit", False)
    if credit and kind != "CreditCard":
        raise faults.business("Only a credit card purchase can be a credit.")
    party = _party(draft)
    rate = settle_currency(draft, party if party and party.kind != "Employee" else None)
    sign = -1 if credit else 1
    total, home = _post_lines(draft, rate, sign)
    if total < 0:
        raise faults.business("Transaction amount must be 0 or greater.")
    draft.post(account, -sign * home)
    document["TotalAmt"] = amount(total)
    if kind == "Check":
        document.setdefault("PrintStatus", "NotSet")
    settle(books, "JournalEntry", draft.id, document)
    settle_number(draft)


def _party(draft: Draft) -> Record | None:
    reference = draft.document.get("EntityRef")
    if reference is None:
        return None
    return draft.books.records[reference["type"]][reference["value"]]


def remove_purchase(draft: Draft) -> None:
    """Delete a purchase, if its period is open."""
    check_open(draft)


__all__ = [
    "PostedLine",
    "complete_bill",
    "complete_purchase",
    "complete_vendor_credit",
    "due_date",
    "post_tax",
    "remove_owed",
    "remove_purchase",
]
