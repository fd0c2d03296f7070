"""Rules for lines: ids, arithmetic, and the accounts they are posted to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.basics.money import amount, cents, product_cents
from quickbooks_emulator.books.references import UNITED_STATES_TAX_CODES

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Record
    from quickbooks_emulator.books.draft import Draft

LINES_MAX = 10_000

TAX_RATE_NEEDED = {
    "CA": "Make sure all your transactions have a GST/HST rate before you save",
    "GB": "Make sure all your transactions have a VAT rate before you save",
}


@dataclass(frozen=True, slots=True)
class PostedLine:
    """One line's amount, the account it belongs to and its tax code."""

    account: Record
    cents: int
    tax_code: str | None


def number_lines(draft: Draft) -> list[dict[str, Any]]:
    """Set the lines' ids and numbers: a known id is kept, any other becomes the next free one."""
    lines: list[dict[str, Any]] = draft.document["Line"]
    if len(lines) > LINES_MAX:
        raise faults.business(f"A transaction can have at most {LINES_MAX} lines.")
    before = draft.before.get("Line", ()) if draft.before is not None else ()
    known = {line["Id"] for line in before if "Id" in line}
    highest = max((int(each) for each in known), default=0)
    for position, line in enumerate(lines, 1):
        if line.get("Id") not in known:
            highest += 1
            line["Id"] = str(highest)
        line["LineNum"] = position
    return lines


def line_cents(line: dict[str, Any]) -> int:
    """Return the line's amount in cents; raises Refusal if the line has none."""
    if "Amount" not in line:
        raise faults.Refusal(faults.missing("Amount"))
    result = cents(line["Amount"])
    line["Amount"] = amount(result)
    return result


def detail_of(line: dict[str, Any], *allowed: str) -> tuple[str, dict[str, Any]]:
    """Return a line's DetailType and its detail; raises Refusal unless the type is allowed."""
    kind = line.get("DetailType")
    if kind is None:
        raise faults.Refusal(faults.missing("DetailType"))
    if kind not in allowed:
        raise faults.Refusal(faults.invalid_choice("DetailType", kind))
    detail = line.get(kind)
    if detail is None:
        raise faults.Refusal(faults.missing(kind))
    return kind, detail


def check_arithmetic(line_amount: int, detail: dict[str, Any]) -> None:
    """Check that Amount = Qty × UnitPrice, rounded half up; zeros count as not given."""
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if quantity and price and product_cents(quantity, price) != line_amount:
        raise faults.wrong_amount(f"{line_amount / 100:,.2f}")


def expense_lines(draft: Draft) -> list[PostedLine]:
    """Complete the lines of a purchase, and return the account and amount of each."""
    posted = []
    for line in number_lines(draft):
        if line.get("DetailType") == "DescriptionOnly":
            line["Amount"] = 0.0
            continue
        kind, detail = detail_of(
            line, "AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"
        )
        line_amount = line_cents(line)
        if kind == "AccountBasedExpenseLineDetail":
            account = _expense_account(draft, detail)
        else:
            account = _purchased_item_account(draft, detail)
            check_arithmetic(line_amount, detail)
        _settle_billable(draft, detail)
        settle_class(draft, detail)
        settle_tax_code(draft, detail)
        posted.append(PostedLine(account, line_amount, _tax_code(detail)))
    return posted


def _expense_account(draft: Draft, detail: dict[str, Any]) -> Record:
    reference = detail.get("AccountRef")
    if reference is None:
        raise _nothing_chosen("AccountRef")
    books = draft.books
    account = books.records["Account"][reference["value"]]
    if account.id in {
        control.id
        for kind in ("Accounts Payable", "Accounts Receivable")
        if (control := books.special(kind)) is not None
    }:
        detail_text = "Invalid account type used. A line cannot use a control account."
        raise faults.refused("6430", "Invalid account type", detail_text)
    return account


def _purchased_item_account(draft: Draft, detail: dict[str, Any]) -> Record:
    return _item_account(draft, detail, "ExpenseAccountRef", "expense")


def sold_item_account(draft: Draft, detail: dict[str, Any]) -> Record:
    """Return the account that the sale of an item is posted to."""
    return _item_account(draft, detail, "IncomeAccountRef", "income")


def _item_account(draft: Draft, detail: dict[str, Any], name: str, spoken: str) -> Record:
    reference = detail.get("ItemRef")
    if reference is None:
        raise _nothing_chosen("ItemRef")
    books = draft.books
    item = books.stored(books.records["Item"][reference["value"]])
    account = item.get(name)
    if account is None:
        raise faults.business(f"The item {item['Name']} has no {spoken} account.")
    return books.records["Account"][account["value"]]


def _nothing_chosen(element: str) -> faults.Refusal:
    message = "Transaction Detail Information Required"
    detail = "You must select an account or a product or service for each split line."
    return faults.refused("6440", message, detail, element)


def _settle_billable(draft: Draft, detail: dict[str, Any]) -> None:
    if detail.setdefault("BillableStatus", "NotBillable") == "NotBillable":
        return
    if "CustomerRef" not in detail:
        message = "MissingCustomer"
        raise faults.refused("6310", message, "A billable line must name its customer.")
    if not draft.books.settings.billable_expenses:
        detail["BillableStatus"] = "NotBillable"


def settle_class(draft: Draft, detail: dict[str, Any]) -> None:
    """Drop the class of a line, unless the company keeps classes per line."""
    if not draft.books.settings.classes_per_line:
        detail.pop("ClassRef", None)


def settle_tax_code(draft: Draft, detail: dict[str, Any]) -> None:
    """Set or check a line's tax code: TAX or NON in the US, a tax code's id elsewhere."""
    settings = draft.books.settings
    reference = detail.get("TaxCodeRef")
    if not settings.taxed_by_line:
        if reference is None:
            detail["TaxCodeRef"] = {"value": "NON"}
        elif reference["value"] not in UNITED_STATES_TAX_CODES:
            message = "Invalid tax code"
            raise faults.refused("6100", message, "A US line's tax code must be TAX or NON.")
        return
    if draft.document.get("GlobalTaxCalculation") == "NotApplicable":
        detail.pop("TaxCodeRef", None)
    elif reference is None or reference["value"] in UNITED_STATES_TAX_CODES:
        default = "Make sure all your transactions have a sales tax rate before you save"
        raise faults.business(TAX_RATE_NEEDED.get(settings.country, default))


def _tax_code(detail: dict[str, Any]) -> str | None:
    reference = detail.get("TaxCodeRef")
    return reference["value"] if reference else None
