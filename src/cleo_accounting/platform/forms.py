"""The kinds of table that can be read: the columns of each, and which of them are required."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NUMBER_FROM = "number_from"  # the number that is built from other columns


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of table.

    `row`: what one of its rows stands for. `columns`: our names. `usual`: the names that exports
    use; a column with our own name takes precedence, and if several others match, none is used.
    `needed`: required columns. `either`: sets of columns, one of which is required. `known_by`: the
    columns that identify a row; the last of them can be built from other columns. `joined`: columns
    whose text may be joined from several columns. `dated_by`: the date of a row is the first of
    these that is filled; `dates`: further dates. `signs`: columns that no other form has.
    """

    name: str
    row: str
    columns: Sequence[str]
    usual: Mapping[str, frozenset[str]]
    needed: Sequence[str]
    either: Sequence[Sequence[str]]
    known_by: Sequence[str]
    joined: Sequence[str]
    dated_by: Sequence[str]
    dates: Sequence[str]
    signs: Sequence[str] = field(default=())


def plain(name: str) -> str:
    """Normalise a column name, such as “Vendor_Name” to “vendor name”."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


def _usual(called: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    return {
        name: frozenset(plain(one) for one in called.get(name, "").split("|")) for name in called
    }


_NUMBERS = """
    invoice no|invoice no.|invoice num|invoice #|invoice id|inv no|inv no.|inv #|bill no
    |bill no.|bill number|bill #|document number|document no|document no.|doc number|doc no
    |supplier invoice no|supplier invoice number|vendor invoice number
    """
_VENDORS = """
    vendor|supplier|payee|vendor display name|supplier name|payee name|beneficiary
    |beneficiary name|creditor|creditor name|merchant|merchant name|bill from|name of supplier
    """
_CURRENCIES = "currency code|ccy|cur|iso currency"

PAYABLES = Form(
    name="payables",
    row="a line of a payable",
    columns=(
        "vendor_name",
        "invoice_number",
        "payment_date",
        "invoice_date",
        "due_date",
        "amount",
        "account",
        "department",
        "description",
        "currency",
    ),
    usual=_usual(
        {
            "vendor_name": _VENDORS,
            "invoice_number": f"{_NUMBERS}|transaction number|transaction no"
            "|voucher number|voucher no",
            "invoice_date": """
                date|bill date|inv date|document date|doc date|transaction date|posting date
                """,
            "payment_date": "paid on|date paid|paid date|invoice payment date",
            "due_date": "due|due on|date due|payment due|payment due date|invoice due date",
            "amount": """
                net|net amount|total|total amount|gross|gross amount|invoice amount|invoice total
                |bill amount|line amount|amount (net)|amount (gross)
                """,
            "account": """
                account name|gl account|g/l account|expense account|category|expense category
                |expense type|expenses type|nominal code|ledger account
                """,
            "department": """
                dept|dept.|cost center|cost centre|service area|location|class|division
                """,
            "description": """
                memo|line description|details|item description|narrative|particulars|notes
                """,
            "currency": _CURRENCIES,
        }
    ),
    needed=("vendor_name", "invoice_number", "amount"),
    either=(("invoice_date",), ("payment_date",)),
    known_by=("vendor_name", "invoice_number"),
    joined=("vendor_name", "account", "department", "description"),
    dated_by=("invoice_date", "payment_date"),
    dates=("due_date",),
    signs=("invoice_date", "due_date", "account", "department"),
)

PAYMENTS = Form(
    name="payments",
    row="a payment, or the part of one that pays one payable",
    columns=(
        "payment_id",
        "payable_id",
        "vendor_name",
        "invoice_number",
        "amount",
        "currency",
        "payment_date",
        "status",
        "funding_source",
        "return_code",
        "return_date",
    ),
    usual=_usual(
        {
            "payment_id": """
                payment no|payment no.|payment number|payment #|payment reference|payment ref
                |transaction id|transaction number
                """,
            "payable_id": "payable|cleo pay payable",
            "vendor_name": f"{_VENDORS}|customer|customer name|payer|payer name|connection",
            "invoice_number": _NUMBERS,
            "amount": "payment amount|amount paid|paid amount|paid|total|total amount",
            "currency": _CURRENCIES,
            "payment_date": """
                date|paid on|date paid|paid date|invoice payment date|transaction date|completed on
                |settlement date
                """,
            "status": "payment status|state",
            "funding_source": """
                funding source id|funding source name|bank account|paid from|paid into|from account
                |account|account name|account number
                """,
            "return_code": "ach return code|return reason code",
            "return_date": "returned on|date returned|returned date",
        }
    ),
    needed=("payment_id", "amount", "status", "funding_source"),
    either=(("payable_id",), ("vendor_name", "invoice_number")),
    known_by=("payment_id",),
    joined=("vendor_name",),
    dated_by=("payment_date",),
    dates=("return_date",),
    signs=("payment_id", "payable_id", "funding_source", "return_code", "return_date"),
)

FORMS: Mapping[str, Form] = {form.name: form for form in (PAYABLES, PAYMENTS)}
COLUMNS = tuple(dict.fromkeys(name for form in FORMS.values() for name in form.columns))
