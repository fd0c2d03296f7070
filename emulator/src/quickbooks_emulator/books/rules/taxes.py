"""Compute a document's tax from the tax codes and amounts of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics.money import amount, cents, share
from quickbooks_emulator.books.references import UNITED_STATES_TAX_CODES

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books
    from quickbooks_emulator.books.draft import Draft
    from quickbooks_emulator.books.rules.lines import PostedLine


def settle_tax(draft: Draft, lines: list[PostedLine], side: str) -> int:
    """Set the document's TxnTaxDetail and return the tax in cents; `side` is Sales or Purchase."""
    books, document = draft.books, draft.document
    settings = books.settings
    if settings.taxed_by_line:
        by_code = _by_code(lines)
    elif settings.sales_tax and side == "Sales":
        by_code = _by_document_code(document, lines)
    else:
        # Sales tax is not set up, or this is a purchase: TxnTaxDetail is ignored, not stored.
        document.pop("TxnTaxDetail", None)
        return 0
    if document.get("GlobalTaxCalculation") == "TaxInclusive":
        _show_gross(books, document, side)
    sent = document.get("TxnTaxDetail", {})
    total, tax_lines = 0, []
    for code, net in by_code.items():
        for rate_id, percent in rates_of(books, code, side):
            tax = share(net, percent)
            total += tax
            tax_lines.append(_tax_line(rate_id, percent, net, tax))
    if "TotalTax" in sent and cents(sent["TotalTax"]) != total and sent.get("TaxLine"):
        total = cents(sent["TotalTax"])
        tax_lines = sent["TaxLine"]
    detail: dict[str, Any] = {}
    if "TxnTaxCodeRef" in sent:
        detail["TxnTaxCodeRef"] = sent["TxnTaxCodeRef"]
    detail["TotalTax"] = amount(total)
    if tax_lines:
        detail["TaxLine"] = tax_lines
    document["TxnTaxDetail"] = detail
    return total


def _show_gross(books: Books, document: dict[str, Any], side: str) -> None:
    """Add TaxInclusiveAmt to the lines; Amount stays net and tax is added, as observed."""
    for line in document["Line"]:
        detail = line.get(line["DetailType"])
        if type(detail) is not dict or "TaxCodeRef" not in detail:
            continue
        net = cents(line["Amount"])
        rates = rates_of(books, detail["TaxCodeRef"]["value"], side)
        gross = net + sum(share(net, percent) for _, percent in rates)
        detail["TaxInclusiveAmt"] = amount(gross)


def _by_code(lines: list[PostedLine]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line in lines:
        if line.tax_code is not None:
            totals[line.tax_code] = totals.get(line.tax_code, 0) + line.cents
    return totals


def _by_document_code(document: dict[str, Any], lines: list[PostedLine]) -> dict[str, int]:
    reference = document.get("TxnTaxDetail", {}).get("TxnTaxCodeRef")
    if reference is None or reference["value"] in UNITED_STATES_TAX_CODES:
        return {}
    return {reference["value"]: sum(each.cents for each in lines if each.tax_code == "TAX")}


def rates_of(books: Books, code: str, side: str) -> list[tuple[str, Any]]:
    """Return the rates of a tax code, as pairs of id and percentage."""
    record = books.records["TaxCode"].get(code)
    if record is None:
        return []
    details = books.stored(record).get(f"{side}TaxRateList", {}).get("TaxRateDetail", ())
    result = []
    for detail in details:
        rate = books.records["TaxRate"][detail["TaxRateRef"]["value"]]
        result.append((rate.id, books.stored(rate).get("RateValue", 0)))
    return result


def _tax_line(rate_id: str, percent: Any, net: int, tax: int) -> dict[str, Any]:  # noqa: ANN401  int or Decimal
    return {
        "Amount": amount(tax),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate_id},
            "PercentBased": True,
            "TaxPercent": percent,
            "NetAmountTaxable": amount(net),
        },
    }
