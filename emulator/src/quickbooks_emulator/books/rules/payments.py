"""Rules for bill payments and customers' payments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.basics.money import amount, cents, converted
from quickbooks_emulator.books.draft import Application
from quickbooks_emulator.books.linking import is_credit
from quickbooks_emulator.books.rules.documents import (
    begin,
    check_open,
    demand_account,
    demand_check_account,
    empty_out,
    payable_account,
    receivable_account,
    settle_currency,
    settle_number,
)
from quickbooks_emulator.books.versions import settle

if TYPE_CHECKING:
    from quickbooks_emulator.basics.money import Number
    from quickbooks_emulator.books.books import Books, Record
    from quickbooks_emulator.books.draft import Draft

_LINKABLE_AT_INTUIT = frozenset({"Expense", "Check", "Deposit", "CreditCardCredit", "Invoice"})


@dataclass(frozen=True, slots=True)
class Paid:
    """The part of a payment line that goes to one document, or comes from it if it is a credit."""

    record: Record
    cents: int
    is_credit: bool


def complete_bill_payment(draft: Draft) -> None:
    """Complete a payment to a vendor; paying more than its bills leaves a credit."""
    begin(draft)
    document, books = draft.document, draft.books
    _demand_lines(draft)
    vendor = books.records["Vendor"][document["VendorRef"]["value"]]
    total = _total(document)
    account, link_type = _pay_account(draft)
    rate = settle_currency(draft, vendor)
    payable = payable_account(draft)
    paid = [
        each
        for line in document["Line"]
        for each in _targets(draft, line, {"Bill"}, {"VendorCredit"}, "VendorRef", vendor.id)
    ]
    applied = _apply_in_turn(draft, paid, total, link_type)
    relief = _relief(books, applied, total, rate)
    draft.post(payable, relief, vendor.id)
    draft.post(account, -converted(total, rate))
    post_exchange_difference(draft, converted(total, rate) - relief)
    document["TotalAmt"] = amount(total)
    settle(books, "Deposit", draft.id, document)
    settle_number(draft)


def _demand_lines(draft: Draft) -> None:
    if "Line" not in draft.document:
        if draft.entity.name == "BillPayment" and "Line" not in draft.raw:
            raise faults.Refusal(faults.missing("Line"))
        draft.document["Line"] = []


def _total(document: dict[str, Any]) -> int:
    total = cents(document["TotalAmt"])
    if total < 0:
        detail = f"Negative amount is not supported. Supplied value:{document['TotalAmt']}"
        raise faults.refused("2290", "Invalid amount", detail, "TotalAmt")
    return total


def _pay_account(draft: Draft) -> tuple[Record, str]:
    """Return the account paid from, and the type of the link that the bill gets."""
    document = draft.document
    if document["PayType"] == "Check":
        document.pop("CreditCardPayment", None)
        check = document.get("CheckPayment", {})
        if "BankAccountRef" not in check:
            raise faults.Refusal(faults.missing("CheckPayment.BankAccountRef"))
        check.setdefault("PrintStatus", "NotSet")
        return demand_check_account(draft, check["BankAccountRef"]), "BillPaymentCheck"
    document.pop("CheckPayment", None)
    card = document.get("CreditCardPayment", {})
    if "CCAccountRef" not in card:
        raise faults.Refusal(faults.missing("CreditCardPayment.CCAccountRef"))
    account = demand_account(draft, card["CCAccountRef"], "Credit Card")
    return account, "BillPaymentCreditCard"


def _targets(
    draft: Draft,
    line: dict[str, Any],
    debts: set[str],
    credits_: set[str],
    party_name: str,
    party: str,
) -> list[Paid]:
    """Return the document that a line pays, if any; several links in a line are not modelled."""
    links = line.get("LinkedTxn") or []
    if "Amount" not in line:
        raise faults.Refusal(faults.missing("Amount"))
    line_amount = cents(line["Amount"])
    line["Amount"] = amount(line_amount)
    if not links:
        raise faults.Refusal(faults.missing("LinkedTxn"))
    if len(links) > 1:
        raise faults.NotModelled("a payment line with several LinkedTxn")
    kind, target_id = links[0].get("TxnType"), links[0].get("TxnId")
    if kind in _LINKABLE_AT_INTUIT - debts:
        raise faults.NotModelled(f"a payment linked to {kind}")
    if kind not in debts | credits_ | {"JournalEntry"}:
        raise faults.Refusal(faults.invalid_choice("TxnType", str(kind)))
    record = draft.books.find(kind, str(target_id))
    if record is None:
        raise faults.transaction_deleted()
    links[0].pop("TxnLineId", None)
    links[0]["TxnId"] = record.id
    owner = _owner(draft.books, record, party_name)
    if not _same_party(draft.books, owner, party):
        if party_name == "VendorRef":
            raise faults.business("All transactions that are paid must be of the same vendor.")
        line["LinkedTxn"] = []
        return []
    return [Paid(record, line_amount, is_credit(draft.books, record))]


def _owner(books: Books, record: Record, party_name: str) -> str:
    """Return a document's party; a journal entry's is that of its payables or receivables line."""
    if record.kind != "JournalEntry":
        reference = books.stored(record)[party_name]
        return str(reference["value"])
    parties = {each for each in record.postings[2::3] if each is not None}
    if len(parties) != 1:
        raise faults.business("The journal entry has no single line that can be paid.")
    return str(parties.pop())


def _same_party(books: Books, owner: str, party: str) -> bool:
    """Return whether the parties match; a customer may pay for those below and above it."""
    return (
        owner == party
        or owner in books.descendants("Customer", party)
        or party in books.descendants("Customer", owner)
    )


def _apply_in_turn(
    draft: Draft, paid: list[Paid], total: int, link_type: str
) -> list[tuple[Paid, int]]:
    """Apply the money to the documents in order; if it is not enough, the last stay open."""
    left = total + sum(each.cents for each in paid if each.is_credit)
    result = []
    for each in paid:
        part = each.cents
        if not each.is_credit:
            part = min(part, left)
            left -= part
        result.append((each, part))
        known = draft.applications.get(each.record.id)
        draft.applications[each.record.id] = Application(
            each.record.kind, part + (known.cents if known else 0), link_type
        )
    return result


def _relief(books: Books, applied: list[tuple[Paid, int]], total: int, rate: Number) -> int:
    """Return the home cents cleared from payables or receivables, at the documents' rates."""
    relief, unapplied = 0, total
    for each, part in applied:
        sign = -1 if each.is_credit else 1
        unapplied -= sign * part
        own_rate = books.stored(each.record).get("ExchangeRate", 1)
        relief += sign * converted(part, own_rate)
    return relief + converted(unapplied, rate)


def post_exchange_difference(draft: Draft, difference: int) -> None:
    """Post the gain or loss from different rates of the documents and their payment."""
    if not difference:
        return
    account = draft.books.special("Other Expense", "ExchangeGainOrLoss")
    if account is None:
        raise faults.business("The company has no account for exchange gains and losses.")
    draft.post(account, difference)


def complete_payment(draft: Draft) -> None:
    """Complete a customer's payment, to a bank account or to undeposited funds."""
    begin(draft)
    _demand_not_deposited(draft)
    document, books = draft.document, draft.books
    _demand_lines(draft)
    customer = books.records["Customer"][document["CustomerRef"]["value"]]
    total = _total(document)
    account = _deposit_account(draft)
    rate = settle_currency(draft, customer)
    receivable = receivable_account(draft)
    paid = [
        each
        for line in document["Line"]
        for each in _targets(draft, line, {"Invoice"}, {"CreditMemo"}, "CustomerRef", customer.id)
    ]
    document["Line"] = [line for line in document["Line"] if line["LinkedTxn"]]
    applied = _apply_in_turn(draft, paid, total, "Payment")
    relief = _relief(books, applied, total, rate)
    draft.post(account, converted(total, rate))
    draft.post(receivable, -relief, customer.id)
    post_exchange_difference(draft, relief - converted(total, rate))
    document["TotalAmt"] = amount(total)
    used = sum(-part if each.is_credit else part for each, part in applied)
    document["UnappliedAmt"] = amount(total - used)
    document["ProcessPayment"] = False
    settle(books, "Payment", draft.id, document)


def _deposit_account(draft: Draft) -> Record:
    document = draft.document
    reference = document.get("DepositToAccountRef")
    if reference is not None:
        return demand_account(draft, reference, "Bank", "Other Current Asset", "Credit Card")
    account = draft.books.special("Other Current Asset", "UndepositedFunds")
    if account is None:
        raise faults.business("The company has no account for undeposited funds.")
    document["DepositToAccountRef"] = {"value": account.id, "name": account.label}
    return account


def _demand_not_deposited(draft: Draft) -> None:
    """Raise error 6540 if the payment is in a deposit, which makes it unchangeable."""
    links = draft.books.applied.get(draft.id, {})
    if any(link_type == "Deposit" for _, link_type in links.values()):
        message = "Deposited Transaction cannot be changed"
        detail = (
            "If you want to modify or delete the Deposited Transaction you'll need to edit the "
            "deposit it appears on and remove it first."
        )
        raise faults.refused("6540", message, f"{message} : {detail}")


def void_bill_payment(draft: Draft) -> None:
    """Void a bill payment: its bills are open again."""
    empty_out(draft)


def void_payment(draft: Draft) -> None:
    """Void a payment: its invoices are open again."""
    _demand_not_deposited(draft)
    empty_out(draft)
    draft.document["UnappliedAmt"] = 0.0


def remove_payment(draft: Draft) -> None:
    """Delete a payment: the documents it paid are open again."""
    check_open(draft)
    _demand_not_deposited(draft)
