"""Rules for invoices and credit memos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.basics.money import amount, converted, share
from quickbooks_emulator.books.rules.documents import (
    begin,
    check_open,
    empty_out,
    no_links_by_client,
    receivable_account,
    settle_currency,
    settle_number,
)
from quickbooks_emulator.books.rules.lines import (
    PostedLine,
    check_arithmetic,
    detail_of,
    line_cents,
    number_lines,
    settle_class,
    settle_tax_code,
    sold_item_account,
)
from quickbooks_emulator.books.rules.purchases import due_date, post_tax
from quickbooks_emulator.books.rules.taxes import settle_tax
from quickbooks_emulator.books.versions import settle

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Record
    from quickbooks_emulator.books.draft import Draft

_COUNTED = ("Invoice", "CreditMemo")
_SUBTOTALS = {"SubTotalLineDetail", "SubtotalLineDetail"}


def complete_invoice(draft: Draft) -> None:
    """Complete an invoice, whose lines the customer owes."""
    begin(draft)
    no_links_by_client(draft)
    document = draft.document
    if "DueDate" not in document:
        document["DueDate"] = due_date(draft.books, document)
    for name in ("AllowIPNPayment", "AllowOnlinePayment"):
        document.setdefault(name, False)
    for name in ("AllowOnlineCreditCardPayment", "AllowOnlineACHPayment"):
        document.setdefault(name, False)
    _complete_sale(draft, 1)
    settle(draft.books, "Invoice", draft.id, document)
    settle_number(draft, () if draft.books.settings.custom_sales_numbers else _COUNTED)


def complete_credit_memo(draft: Draft) -> None:
    """Complete a credit memo, the reverse of an invoice."""
    begin(draft)
    no_links_by_client(draft)
    _complete_sale(draft, -1)
    settle(draft.books, "CreditMemo", draft.id, draft.document)
    settle_number(draft, () if draft.books.settings.custom_sales_numbers else _COUNTED)


def _complete_sale(draft: Draft, sign: int) -> None:
    document = draft.document
    customer = draft.books.records["Customer"][document["CustomerRef"]["value"]]
    rate = settle_currency(draft, customer)
    receivable = receivable_account(draft)
    if not draft.books.settings.classes_per_transaction:
        document.pop("ClassRef", None)
    _settle_mail(document)
    document.setdefault("PrintStatus", "NotSet")
    document.setdefault("ApplyTaxAfterDiscount", False)
    lines = _sales_lines(draft)
    tax = settle_tax(draft, lines, "Sales")
    total = sum(line.cents for line in lines) + tax
    if total < 0:
        raise faults.business("Transaction amount must be 0 or greater.")
    home = 0
    for line in lines:
        in_home = converted(line.cents, rate)
        home += in_home
        draft.post(line.account, -sign * in_home)
    home += post_tax(draft, converted(tax, rate), -sign)
    draft.post(receivable, sign * home, customer.id)
    document["TotalAmt"] = amount(total)
    if draft.books.settings.multicurrency:
        document["HomeTotalAmt"] = amount(home)


def _settle_mail(document: dict[str, Any]) -> None:
    status = document.setdefault("EmailStatus", "NotSet")
    if status == "NeedToSend" and "Address" not in document.get("BillEmail", {}):
        message = "Email address is required"
        detail = "An email address is needed when EmailStatus is NeedToSend."
        raise faults.refused("6420", message, detail, "BillEmail")


def _sales_lines(draft: Draft) -> list[PostedLine]:
    """Complete the lines of a sale and append the subtotal line, as Intuit's server does."""
    document = draft.document
    document["Line"] = [
        line for line in document["Line"] if line.get("DetailType") not in _SUBTOTALS
    ]
    posted: list[PostedLine] = []
    subtotal = 0
    for line in number_lines(draft):
        kind = line.get("DetailType")
        if kind == "DescriptionOnly":
            line["Amount"] = 0.0
        elif kind == "DiscountLineDetail":
            posted.append(_discount(draft, line, subtotal))
        else:
            posted.append(_sold(draft, line))
            subtotal += posted[-1].cents
    document["Line"].append(
        {"Amount": amount(subtotal), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    )
    return posted


def _sold(draft: Draft, line: dict[str, Any]) -> PostedLine:
    _, detail = detail_of(line, "SalesItemLineDetail")
    line_amount = line_cents(line)
    if "ItemRef" not in detail:
        detail["ItemRef"] = _default_item(draft)
    account = sold_item_account(draft, detail)
    check_arithmetic(line_amount, detail)
    settle_class(draft, detail)
    settle_tax_code(draft, detail)
    detail["ItemAccountRef"] = {"value": account.id, "name": account.label}
    code = detail.get("TaxCodeRef", {}).get("value")
    return PostedLine(account, line_amount, code)


def _default_item(draft: Draft) -> dict[str, Any]:
    """Return a reference to the first active service item, for a line without an item."""
    for item in draft.books.records["Item"].values():
        if item.active and draft.books.stored(item).get("Type") == "Service":
            return {"value": item.id, "name": item.label}
    raise faults.Refusal(faults.missing("ItemRef"))


def _discount(draft: Draft, line: dict[str, Any], subtotal: int) -> PostedLine:
    _, detail = detail_of(line, "DiscountLineDetail")
    if detail.get("PercentBased"):
        if "DiscountPercent" not in detail:
            message = "Discount Line missing required info"
            raise faults.refused("6090", message, "A discount amount or percent is required.")
        line["Amount"] = amount(share(subtotal, detail["DiscountPercent"]))
        off = share(subtotal, detail["DiscountPercent"])
    else:
        off = line_cents(line)
    return PostedLine(_discount_account(draft, detail), -off, None)


def _discount_account(draft: Draft, detail: dict[str, Any]) -> Record:
    books = draft.books
    reference = detail.get("DiscountAccountRef")
    if reference is not None:
        return books.records["Account"][reference["value"]]
    account = books.special("Income", "DiscountsRefundsGiven")
    if account is None:
        raise faults.business("The company has no account for discounts.")
    detail["DiscountAccountRef"] = {"value": account.id, "name": account.label}
    return account


def void_invoice(draft: Draft) -> None:
    """Void an invoice: empty it and unlink its payments."""
    empty_out(draft)
    draft.unlink()
    draft.document["Balance"] = 0.0
    draft.document.pop("LinkedTxn", None)
    for name in ("HomeBalance", "HomeTotalAmt"):
        if name in draft.document:
            draft.document[name] = 0.0
    draft.document.pop("TxnTaxDetail", None)


def remove_sale(draft: Draft) -> None:
    """Delete an invoice or credit memo: unlink its payments."""
    check_open(draft)
    draft.unlink()
