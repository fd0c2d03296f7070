"""Read Intuit's JSON as remotes and profiles; unknown members are ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.kinds import DOCUMENTS, EXPENSES, PARTIES, PAYMENTS
from cleo_accounting.core.links import (
    Content,
    Document,
    DocumentLine,
    Item,
    Party,
    Profile,
    Remote,
    RemoteKind,
)
from cleo_accounting.core.records import Money, fingerprint
from cleo_accounting.providers.quickbooks.translate import expenses, payments
from cleo_accounting.providers.quickbooks.translate.entities import (
    SALES,
    flag,
    inside,
    marker_of,
    name_property,
    party_property,
    reference,
    text,
    version,
)
from cleo_accounting.providers.quickbooks.translate.entry import entry
from cleo_accounting.providers.quickbooks.translate.values import (
    amount,
    day,
    decimal,
    is_voided,
    lines,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Json = Mapping[str, Any]

INACTIVE_SUFFIX = " (deleted)"  # QuickBooks appends it to the name of an inactive entry
_LINE_DETAILS = (
    "AccountBasedExpenseLineDetail",
    "ItemBasedExpenseLineDetail",
    "SalesItemLineDetail",
)
# The properties of a line that an update may write, and those that QuickBooks derives from them.
_OURS = frozenset(
    {"Id", "LineNum", "Description", "Amount", "Qty", "UnitPrice", "TaxAmount", "TaxInclusiveAmt"}
)
_SEAL_LENGTH = 16
_LAPSED = frozenset({"EXPIRED", "SUSPENDED", "CANCELLED", "CANCELED", "INACTIVE"})
_REALM_LENGTH_MIN = 9  # CompanyInfo's Id is usually 1, otherwise the company's realm id


def remote(kind: RemoteKind, raw: Json, home: str) -> Remote:
    """Read an entity as a remote; `home` is the currency of amounts that name none.

    Raises:
        ValueError: the entity has no id.
    """
    remote_id = text(raw, "Id")
    if not remote_id:
        raise ValueError(f"a {kind.value} without an id")
    if text(raw, "status").lower() == "deleted":
        return Remote(kind, remote_id, "", "", active=False, gone=True)
    if kind in PAYMENTS:
        return payments.read(kind, raw, home)
    if kind in EXPENSES:
        return expenses.read(kind, raw, home)
    if kind in DOCUMENTS:
        return _document(kind, raw, home)
    active = flag(raw, "Active", default=True)
    name = _name(text(raw, name_property(kind)), active=active)
    return Remote(
        kind,
        remote_id,
        version(raw),
        name,
        active=active,
        details=_details(kind, raw, name, active=active),
        content=_content(kind, raw, name),
        source=raw if kind in PARTIES else None,
    )


def profile(company_id: str, info: Json, preferences: Json) -> Profile:
    """Read a company's profile from its CompanyInfo and Preferences.

    Raises:
        ValueError: they describe another company, or none.
    """
    name = text(info, "CompanyName") or text(info, "LegalName")
    info_id = text(info, "Id")
    if not name or (len(info_id) >= _REALM_LENGTH_MIN and info_id != company_id):
        raise ValueError("the answer describes no company, or another one")
    currencies = inside(preferences, "CurrencyPrefs")
    currency = reference(currencies, "HomeCurrency")
    if currency is None:
        raise ValueError("the company does not say which currency its books are in")
    accounting = inside(preferences, "AccountingInfoPrefs")
    return Profile(
        company_id=company_id,
        name=name,
        country=text(info, "Country"),
        currency=currency,
        multicurrency=flag(currencies, "MultiCurrencyEnabled"),
        closed_until=day(text(accounting, "BookCloseDate")),
        own_invoice_numbers=flag(inside(preferences, "SalesFormsPrefs"), "CustomTxnNumbers"),
        own_credit_numbers=_named_value(
            inside(preferences, "OtherPrefs"), "VendorAndPurchasesPrefs.UseCustomTxnNumbers"
        ).lower()
        == "true",
        line_classes=flag(accounting, "ClassTrackingPerTxnLine"),
        departments=flag(accounting, "TrackDepartments"),
        read_only=_named_value(info, "SubscriptionStatus").upper() in _LAPSED,
    )


def _document(kind: RemoteKind, raw: Json, home: str) -> Remote:
    balance = amount(raw, "Balance", home)
    details = {
        "party_id": reference(raw, party_property(kind)),
        "balance": format(balance.decimal, "f") if balance else None,
        "due": text(raw, "DueDate"),
        "payments": " ".join(payments.paying(kind, raw)),
    }
    content = _document_content(kind, raw, amount(raw, "TotalAmt", home))
    return entry(kind, raw, home, content, details, gone=kind in SALES and is_voided(raw))


def _document_content(kind: RemoteKind, raw: Json, total: Money | None) -> Document | None:
    """Return the content that we would write for this document; None if we could not write it."""
    dated, party_id = day(text(raw, "TxnDate")), reference(raw, party_property(kind))
    if dated is None or party_id is None or total is None:
        return None
    read = [_line(line, total.currency) for line in lines(raw)]
    return Document(
        party_id=party_id,
        number=text(raw, "DocNumber"),
        dated=dated,
        lines=tuple(line for line in read if line),
        total=total,
        note=text(raw, "PrivateNote"),
        marker=marker_of(text(raw, "PrivateNote")),
        due=day(text(raw, "DueDate")),
        ap_account_id=reference(raw, "APAccountRef"),
        department_id=reference(raw, "DepartmentRef"),
        terms_id=reference(raw, "SalesTermRef"),
    )


def _line(raw: Json, currency: str) -> DocumentLine | None:
    detail: Json = next((inside(raw, name) for name in _LINE_DETAILS if name in raw), {})
    try:
        sum_ = Money.of(text(raw, "Amount") or "0", currency)
    except ValueError:
        return None
    return DocumentLine(
        description=text(raw, "Description"),
        amount=sum_,
        account_id=reference(detail, "AccountRef"),
        item_id=reference(detail, "ItemRef"),
        quantity=decimal(detail, "Qty"),
        unit_price=decimal(detail, "UnitPrice"),
        class_id=reference(detail, "ClassRef"),
        id=text(raw, "Id") or None,
        seal=fingerprint(_others(raw))[:_SEAL_LENGTH],
    )


def _others(value: object) -> object:
    """Return the properties of a line that neither we write nor QuickBooks derives from ours.

    References are reduced to their ids.
    """
    if isinstance(value, list):
        return [_others(each) for each in value]
    if not isinstance(value, dict):
        return value
    dropped = _OURS | {"name"} if "value" in value else _OURS
    return {name: _others(each) for name, each in value.items() if name not in dropped}


def _content(kind: RemoteKind, raw: Json, name: str) -> Content | None:
    if kind in PARTIES:
        return Party(
            name,
            company_name=text(raw, "CompanyName") or None,
            email=text(inside(raw, "PrimaryEmailAddr"), "Address") or None,
        )
    income = reference(raw, "IncomeAccountRef")
    return Item(name, income) if kind is RemoteKind.ITEM and income else None


def _details(kind: RemoteKind, raw: Json, name: str, *, active: bool) -> Mapping[str, str]:
    details = {"currency": reference(raw, "CurrencyRef")}
    full_name = _name(text(raw, "FullyQualifiedName"), active=active)
    if full_name != name:
        details["full_name"] = full_name
    if kind in PARTIES:
        details["email"] = text(inside(raw, "PrimaryEmailAddr"), "Address")
        details["company_name"] = text(raw, "CompanyName")
    if kind is RemoteKind.ACCOUNT:
        details["type"] = text(raw, "AccountType")
        details["subtype"] = text(raw, "AccountSubType")
        details["balance"] = text(raw, "CurrentBalance")
    if kind is RemoteKind.TERM:
        details["due_days"] = text(raw, "DueDays")
    return {name: value for name, value in details.items() if value}


def _name(name: str, *, active: bool) -> str:
    if not active and name.lower().endswith(INACTIVE_SUFFIX):
        return name[: -len(INACTIVE_SUFFIX)]
    return name


def _named_value(raw: Json, name: str) -> str:
    pairs = raw.get("NameValue")
    for pair in pairs if isinstance(pairs, list) else ():
        if isinstance(pair, dict) and text(pair, "Name") == name:
            return text(pair, "Value")
    return ""
