"""Rules for journal entries and deposits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.basics.money import amount, cents, converted
from quickbooks_emulator.books.draft import Application
from quickbooks_emulator.books.rules.documents import (
    begin,
    check_open,
    demand_account,
    settle_currency,
    settle_number,
)
from quickbooks_emulator.books.rules.lines import detail_of, line_cents, number_lines, settle_class
from quickbooks_emulator.books.rules.payments import post_exchange_difference
from quickbooks_emulator.books.versions import settle

if TYPE_CHECKING:
    from quickbooks_emulator.basics.money import Number
    from quickbooks_emulator.books.books import Record
    from quickbooks_emulator.books.draft import Draft

_CONTROL = {"Accounts Payable": "Vendor", "Accounts Receivable": "Customer"}


def complete_journal_entry(draft: Draft) -> None:
    """Complete a journal entry, whose debits and credits must be equal."""
    begin(draft)
    document = draft.document
    rate = settle_currency(draft, None)
    debits = credits_ = 0
    for line in number_lines(draft):
        if line.get("DetailType") in {"DescriptionOnly", "DescriptionLineDetail"}:
            continue
        _, detail = detail_of(line, "JournalEntryLineDetail")
        line_amount = line_cents(line)
        if line_amount < 0:
            detail_text = f"Negative amount is not supported. Supplied value:{line['Amount']}"
            raise faults.refused("2290", "Invalid amount", detail_text, "Amount")
        if "PostingType" not in detail:
            raise faults.refused("2260", "MissingPostingType", "A posting type is required.")
        if "AccountRef" not in detail:
            raise faults.Refusal(faults.missing("AccountRef"))
        settle_class(draft, detail)
        account = draft.books.records["Account"][detail["AccountRef"]["value"]]
        party = _party(draft, account, detail)
        debit = detail["PostingType"] == "Debit"
        debits += line_amount if debit else 0
        credits_ += 0 if debit else line_amount
        draft.post(account, converted(line_amount, rate) * (1 if debit else -1), party)
    if debits != credits_:
        detail_text = "Debits and credits of a journal entry must be equal."
        raise faults.refused("2300", "Amount on debits not equal to credits", detail_text)
    post_exchange_difference(draft, -sum(each[1] for each in draft.postings))
    document.setdefault("Adjustment", False)
    document["TotalAmt"] = amount(debits)
    settle(draft.books, "JournalEntry", draft.id, document)
    settle_number(draft)


def _party(draft: Draft, account: Record, detail: dict[str, Any]) -> str | None:
    """Return a line's party: a vendor on payables, a customer on receivables, else None."""
    reference = detail.get("Entity", {}).get("EntityRef")
    if reference is not None:
        detail["Entity"]["Type"] = reference["type"]
    needed = _CONTROL.get(draft.books.stored(account)["AccountType"])
    if needed is None:
        return None
    if reference is None or reference["type"] != needed:
        raise faults.business(
            f"When you use {account.label}, you must choose a {needed.lower()} in the Name field."
        )
    party: str = reference["value"]
    return party


def remove_journal_entry(draft: Draft) -> None:
    """Delete a journal entry: unlink its payments."""
    check_open(draft)
    draft.unlink()


def complete_deposit(draft: Draft) -> None:
    """Complete a deposit of received payments and of other amounts."""
    begin(draft)
    document = draft.document
    bank = demand_account(draft, document["DepositToAccountRef"], "Bank", "Other Current Asset")
    rate = settle_currency(draft, None)
    total = home = 0
    for line in number_lines(draft):
        line_amount = line_cents(line)
        in_home = converted(line_amount, rate)
        total += line_amount
        home += in_home
        if line.get("LinkedTxn"):
            _take_payment(draft, line, line_amount, in_home)
        else:
            _, detail = detail_of(line, "DepositLineDetail")
            if "AccountRef" not in detail:
                raise faults.Refusal(faults.missing("AccountRef"))
            settle_class(draft, detail)
            account = draft.books.records["Account"][detail["AccountRef"]["value"]]
            draft.post(account, -in_home, _deposit_party(draft, account, detail))
    back, back_home = _cash_back(draft, rate)
    draft.post(bank, home - back_home)
    document["TotalAmt"] = amount(total - back)
    if draft.books.settings.multicurrency:
        document["HomeTotalAmt"] = amount(home - back_home)
    settle(draft.books, "Deposit", draft.id, document)
    draft.label = ""


def _deposit_party(draft: Draft, account: Record, detail: dict[str, Any]) -> str | None:
    needed = _CONTROL.get(draft.books.stored(account)["AccountType"])
    reference = detail.get("Entity")
    if needed is None:
        return None
    if reference is None or reference.get("type") != needed:
        raise faults.business(f"When you use {account.label}, you must choose a name.")
    party: str = reference["value"]
    return party


def _take_payment(draft: Draft, line: dict[str, Any], line_amount: int, in_home: int) -> None:
    books = draft.books
    if len(line["LinkedTxn"]) > 1:
        raise faults.NotModelled("a deposit line with several LinkedTxn")
    link = line["LinkedTxn"][0]
    if link.get("TxnType") != "Payment":
        raise faults.NotModelled(f"a deposit of {link.get('TxnType')}")
    payment = books.find("Payment", str(link.get("TxnId")))
    if payment is None:
        raise faults.transaction_deleted()
    document = books.stored(payment)
    elsewhere = set(books.applied.get(payment.id, {})) - {draft.id}
    if elsewhere or payment.id in draft.applications:
        raise faults.business("This payment has already been deposited.")
    if cents(document["TotalAmt"]) != line_amount:
        raise faults.business("A payment can only be deposited in full.")
    undeposited = books.special("Other Current Asset", "UndepositedFunds")
    held = document["DepositToAccountRef"]["value"]
    if undeposited is None or held != undeposited.id:
        raise faults.business("This payment has already been deposited.")
    draft.applications[payment.id] = Application("Payment", line_amount, "Deposit")
    draft.post(undeposited, -in_home)


def _cash_back(draft: Draft, rate: Number) -> tuple[int, int]:
    back = draft.document.get("CashBack")
    if back is None:
        return 0, 0
    for name in ("AccountRef", "Amount"):
        if name not in back:
            raise faults.Refusal(faults.missing(f"CashBack.{name}"))
    back_cents = cents(back["Amount"])
    back_home = converted(back_cents, rate)
    account = draft.books.records["Account"][back["AccountRef"]["value"]]
    draft.post(account, back_home)
    return back_cents, back_home


def remove_deposit(draft: Draft) -> None:
    """Delete a deposit: its payments are undeposited again."""
    check_open(draft)
