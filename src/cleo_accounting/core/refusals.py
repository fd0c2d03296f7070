"""Texts for refusals of QuickBooks, by the rule that was broken, never by its message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core.links import Entry, Expense, RemoteKind, Settlement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Words:
    """Why a record was refused (“because …”), and what to do about it."""

    what: str
    advice: str


ACCOUNT_TYPE = "6430"  # an account of an unsuitable type
# The texts by the provider's error code, in terms of our records.
_ONCE: Mapping[str, Words] = {
    "2010": Words("a field of it is not supported", "Tell us, and leave it out until then"),
    "2020": Words("something that the company demands is missing", "Complete the record"),
    "2040": Words("a text has a character that is not allowed there", "Correct the text"),
    "2050": Words("a text is longer than QuickBooks takes", "Shorten the text"),
    "2060": Words("a date cannot be used", "Correct the date"),
    "2090": Words("a number is too large or too exact", "Correct the amount or the quantity"),
    "2170": Words("a value is none that QuickBooks knows", "Correct the record"),
    "2210": Words("the e-mail address is not valid", "Correct the e-mail address"),
    "2240": Words("a number is out of range", "Correct the amount or the quantity"),
    "2290": Words("an amount is negative", "Correct the amount"),
    "2410": Words(
        "a document in another currency needs an exchange rate",
        "Enter it in QuickBooks yourself and leave it out here",
    ),
    "6000": Words(
        "it breaks a rule of the company's bookkeeping",
        "Look at the company's settings for tax and currency, or enter it in QuickBooks yourself",
    ),
    "6070": Words(
        "a line's amount is not its quantity times its price", "Correct the quantity or the price"
    ),
    "6100": Words("the tax code of a line cannot be used", "Look at the company's tax settings"),
    "6160": Words("a tax code cannot be used", "Look at the company's tax settings"),
    ACCOUNT_TYPE: Words(
        "an account is of a type that cannot be used there",
        "Choose another account in the bill and invoice fields",
    ),
    "6440": Words(
        "a line names no account, product or service", "Choose one in the bill and invoice fields"
    ),
    "6480": Words("it is matched with a line of the bank", "Take the match back in QuickBooks"),
    "6540": Words("it is part of a deposit", "Take it out of the deposit in QuickBooks"),
}
_RULES = {**_ONCE, "6230": _ONCE["6160"], "6170": _ONCE["6100"]}
_OTHER = Words(
    "of a rule that we have no words for yet",
    "See the QuickBooks message under the technical details, correct the record or leave it out",
)
SOMETHING = "something it uses was made inactive or deleted in QuickBooks"


def words_of(provider_code: str | None) -> Words:
    """Return the texts for a refusal, by the provider's error code."""
    return _RULES.get(provider_code or "", _OTHER)


def named_by(entry: Entry, party: RemoteKind) -> Iterator[tuple[RemoteKind, str]]:
    """Yield everything on QuickBooks' lists that an entry refers to, with its kind."""
    named: list[tuple[RemoteKind, str | None]] = [(party, entry.party_id)]
    if isinstance(entry, Settlement):
        named.append((RemoteKind.ACCOUNT, entry.account_id))
    elif isinstance(entry, Expense):
        named += [
            (RemoteKind.ACCOUNT, entry.account_id),
            (RemoteKind.ACCOUNT, entry.expense_account_id),
        ]
    else:
        named += [
            (RemoteKind.ACCOUNT, entry.ap_account_id),
            (RemoteKind.DEPARTMENT, entry.department_id),
            (RemoteKind.TERM, entry.terms_id),
        ]
        for line in entry.lines:
            named += [
                (RemoteKind.ACCOUNT, line.account_id),
                (RemoteKind.ITEM, line.item_id),
                (RemoteKind.CLASS, line.class_id),
            ]
    yield from dict.fromkeys((kind, remote_id) for kind, remote_id in named if remote_id)
