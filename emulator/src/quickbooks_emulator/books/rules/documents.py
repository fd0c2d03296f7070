"""Rules for every transaction: date, number, currency, control accounts, void."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books.exchange import rate_of
from quickbooks_emulator.books.rules.naming import equal_keys
from quickbooks_emulator.books.settings import CURRENCIES

if TYPE_CHECKING:
    from quickbooks_emulator.basics.money import Number
    from quickbooks_emulator.books.books import Books, Record
    from quickbooks_emulator.books.draft import Draft

UNITED_STATES_ONLY = "US"


def begin(draft: Draft) -> None:
    """Set the document's date if it has none, and check that its period is open."""
    document = draft.document
    document.setdefault("TxnDate", draft.books.today())
    check_open(draft)
    if not draft.books.settings.departments:
        document.pop("DepartmentRef", None)
    if draft.books.settings.country == UNITED_STATES_ONLY:
        document.pop("GlobalTaxCalculation", None)


def check_open(draft: Draft) -> None:
    """Check that neither the old nor the new date is in the closed period; people are exempt."""
    closing = draft.books.settings.closing_date
    if closing is None or draft.options.person:
        return
    for document in (draft.document, draft.before):
        if document is not None and document["TxnDate"] <= closing:
            raise faults.books_closed(draft.books.switches.closed_books)


def settle_number(draft: Draft, counted: tuple[str, ...] = ()) -> None:
    """Check that the document's number is free, or assign the next one.

    QuickBooks itself numbers the kinds in `counted`, which share one sequence; a document of any
    other kind may have no number.
    """
    books, kind = draft.books, draft.entity.name
    number = draft.document.get("DocNumber")
    if number is None and draft.before is not None and counted:
        number = draft.before.get("DocNumber")
    if number is None and counted:
        number = _next_number(books, counted)
    if number is None:
        draft.label = ""
        return
    draft.document["DocNumber"] = draft.label = number
    if draft.options.duplicate_number_allowed or books.switches.duplicate_numbers == "allowed":
        return
    held = books.numbers[kind]
    for holder in chain.from_iterable(held[key] for key in equal_keys(books, held, number)):
        if holder != draft.id:
            raise faults.duplicate_number(number, kind, holder)


def _next_number(books: Books, kinds: tuple[str, ...]) -> str:
    sequence = f"number of {' and '.join(kinds)}"
    number = books.sequences.get(sequence, 1000) + 1
    while any(str(number) in books.numbers[kind] for kind in kinds):
        number += 1
    books.sequences[sequence] = number
    return str(number)


def settle_currency(draft: Draft, party: Record | None) -> Number:
    """Set the document's currency, which is its party's, and return the exchange rate."""
    books, document = draft.books, draft.document
    home = books.settings.currency
    wanted = document.get("CurrencyRef", {}).get("value")
    if not books.settings.multicurrency:
        if wanted not in {None, home}:
            raise faults.business(
                "Multicurrency must be enabled to use a currency other than the home currency."
            )
        document["CurrencyRef"] = {"value": home, "name": CURRENCIES[home]}
        document.pop("ExchangeRate", None)
        return 1
    expected = home if party is None else _currency_of(books, party)
    if wanted is None:
        if books.switches.transaction_currency == "required" and not draft.options.person:
            raise faults.Refusal(faults.missing("CurrencyRef"))
        wanted = home if party is None else expected
    if party is not None and wanted != expected:
        raise faults.business("You can only use one foreign currency per transaction.")
    document["CurrencyRef"] = {"value": wanted, "name": CURRENCIES[wanted]}
    if wanted == home:
        document["ExchangeRate"] = 1
        return 1
    rate: Number | None = document.get("ExchangeRate")
    if not rate:
        if books.switches.exchange_rate == "required":
            raise faults.refused(
                "2410",
                "Curreny, ExchangeRate is missing.",
                "The currency and exchange rate are required for transaction in foreign currency.",
                "ExchangeRate",
            )
        rate = rate_of(books, wanted, document["TxnDate"])
    document["ExchangeRate"] = rate
    return rate


def _currency_of(books: Books, party: Record) -> str:
    reference = books.stored(party).get("CurrencyRef")
    return reference["value"] if reference else books.settings.currency


def demand_account(draft: Draft, reference: dict[str, Any], *allowed: str) -> Record:
    """Return the account referred to; raises Refusal if its type is not allowed."""
    account = draft.books.records["Account"][reference["value"]]
    account_type = draft.books.stored(account)["AccountType"]
    if account_type not in allowed:
        detail = f"Invalid account type used. Supplied: {account_type}, needed: {allowed[0]}"
        raise faults.refused("6430", "Invalid account type", detail)
    return account


def demand_check_account(draft: Draft, reference: dict[str, Any]) -> Record:
    """Return the account that a check is drawn on; raises Refusal if its type is not allowed."""
    if draft.books.switches.check_account == "bank_or_current_asset":
        return demand_account(draft, reference, "Bank", "Other Current Asset")
    return demand_account(draft, reference, "Bank")


def payable_account(draft: Draft) -> Record:
    """Return the accounts payable account of a document: the one named or the company's."""
    return _control_account(draft, "APAccountRef", "Accounts Payable")


def receivable_account(draft: Draft) -> Record:
    """Return the accounts receivable account of a document: the one named or the company's."""
    return _control_account(draft, "ARAccountRef", "Accounts Receivable")


def _control_account(draft: Draft, name: str, account_type: str) -> Record:
    reference = draft.document.get(name)
    if reference is not None:
        return demand_account(draft, reference, account_type)
    account = draft.books.special(account_type)
    if account is None:
        raise faults.business(f"The company has no account of type {account_type}.")
    if name == "APAccountRef":
        # Intuit shows the implied account on purchases, not on sales.
        draft.document[name] = {"value": account.id, "name": account.label}
    return account


def no_links_by_client(draft: Draft) -> None:
    """Refuse links in a new document: payments create them; purchase orders are not modelled."""
    if draft.before is not None:
        return
    for link in draft.raw.get("LinkedTxn") or ():
        raise faults.NotModelled(f"a new {draft.entity.name} linked to {link.get('TxnType')}")


def empty_out(draft: Draft) -> None:
    """Empty a document for a void: no lines, a total of 0, and `Voided` in its note."""
    check_open(draft)
    document = draft.document
    note = document.get("PrivateNote")
    document["PrivateNote"] = f"Voided - {note}" if note else "Voided"
    document["TotalAmt"] = 0.0
    document["Line"] = []
    draft.postings = []
    draft.applications = {}
