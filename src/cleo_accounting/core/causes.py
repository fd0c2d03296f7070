"""Why a record was not sent, as data: a stable code, the cause in plain words, and the fix.

Texts are templates; the words in braces are filled from the operation's `facts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason; `quiet` ones are as they should be and ask nothing of anyone.

    `mended_by`: bookkeeper or admin (here), quickbooks (there), cleo (in the record), or itself.
    """

    code: str
    title: str
    text: str
    fix: str = ""
    quiet: bool = False
    mended_by: str = "bookkeeper"


INTERNAL = "internal"

_CATALOGUE = (
    # As it should be.
    Cause("draft", "Draft", "Drafts are not sent.", quiet=True),
    Cause("not_approved", "Not approved yet", "Sent once it is approved.", quiet=True),
    Cause(
        "withdrawn",
        "Declined or cancelled",
        "We know of no document of it in QuickBooks, so there is nothing to undo.",
        quiet=True,
    ),
    Cause("removed", "Removed", "{how} on {on}, because it was {status} here.", quiet=True),
    Cause(
        "gone",
        "Gone from QuickBooks",
        "It is no longer in QuickBooks: {why}. It was {status} here, so nothing is left to undo.",
        quiet=True,
    ),
    Cause("copy_removed", "Copy removed", "{how} on {on}: it was there too often.", quiet=True),
    Cause(
        "before_go_live", "Before the go-live date", "Dated before {go_live}: kept out.", quiet=True
    ),
    Cause("left_out", "Left out", "Left out by {by}: {reason}", quiet=True),
    Cause(
        "connection_pending",
        "Invitation pending",
        "Sent once the connection is active.",
        quiet=True,
    ),
    Cause("connection_archived", "Archived", "Archived connections are not sent.", quiet=True),
    Cause("not_a_vendor", "Not a vendor", "Only paid by this connection: no vendor.", quiet=True),
    Cause(
        "email_left_out",
        "Sent without its e-mail",
        "Its e-mail “{email}” {email_flaw}, so it is sent without one.",
        "Correct the e-mail in Cleo Pay: the next sync adds it.",
        quiet=True,
        mended_by="cleo",
    ),
    Cause("nothing_to_book", "Nothing to book", "Its total is zero: nothing to book.", quiet=True),
    # Something to map or set.
    Cause(
        "vendor_needed",
        "Vendor not matched yet",
        "The vendor “{name}” is not matched with one in QuickBooks: {why}",
        "Settle the vendor first, then sync again.",
    ),
    Cause(
        "customer_needed",
        "Customer not matched yet",
        "The customer “{name}” is not matched with one in QuickBooks: {why}",
        "Settle the customer first, then sync again.",
    ),
    Cause(
        "connection_unknown",
        "Connection missing",
        "The payable names connection {connection_id}, which we have not been sent.",
        "Send the connection (PUT …/records/connections/{connection_id}), then sync again.",
        mended_by="cleo",
    ),
    Cause(
        "expense_account_needed",
        "No expense account chosen",
        "A bill needs an expense account, and no default is set.",
        "Choose a default expense account in the invoice fields.",
        mended_by="admin",
    ),
    Cause(
        "item_needed",
        "No product or service chosen",
        "An invoice needs a product or service, and neither an item nor an income account is set.",
        "Choose an item, or an income account, in the invoice fields.",
        mended_by="admin",
    ),
    Cause(
        "choice_unusable",
        "Something chosen cannot be used",
        "The {called} “{name}”, chosen in the bill and invoice fields, {flaw}.",
        "Choose another {called} in the bill and invoice fields, or make it usable again in"
        " QuickBooks, then sync again.",
        mended_by="admin",
    ),
    Cause(
        "not_tracked",
        "Class or location not tracked",
        "The {called} “{name}” is chosen in the bill and invoice fields, but the company does not"
        " track it on its documents any more.",
        "Switch {called} tracking on again in QuickBooks, or choose none in the bill and invoice"
        " fields, then sync again.",
        mended_by="admin",
    ),
    Cause(
        "tax_code_needed",
        "Tax code needed",
        "QuickBooks companies in {country} need a tax code on every line; sending bills and"
        " invoices to them is not supported yet.",
        "Enter it in QuickBooks yourself, and leave it out here.",
    ),
    Cause(
        "account_mapping_needed",
        "Bank account not mapped",
        "No single QuickBooks bank account fits “{name}”: {why}",
        "Map it to the right bank account.",
    ),
    # A person has to look.
    Cause(
        "look_alike",
        "Looks like one you have",
        "“{name}” looks like {candidates}.",
        "Say which one it is, or create it as a new one.",
    ),
    Cause(
        "name_shared",
        "Name used by another connection",
        "“{name}” and your connection “{other}” have one name to QuickBooks: “{theirs}” is"
        " {how} that connection.",
        "If they are one business, use the same one for both; else create this one under another"
        " name, such as “{proposed}”.",
    ),
    Cause(
        "name_taken",
        "Name taken in QuickBooks",
        "“{name}” is already the name of {owner} in QuickBooks, where names must be unique.",
        "Create it as “{proposed}”, or map it to an existing one.",
    ),
    Cause(
        "name_not_allowed",
        "Name not allowed in QuickBooks",
        "The name “{name}” {flaw}, which QuickBooks does not take.",
        "Correct the name, or create it as “{proposed}”.",
    ),
    Cause(
        "inactive",
        "Inactive in QuickBooks",
        "“{name}” was made inactive in QuickBooks.",
        "Make it active again in QuickBooks, or map to another one.",
        mended_by="quickbooks",
    ),
    Cause(
        "merged_away",
        "Merged into another one",
        "“{name}” was merged into “{survivor}” in QuickBooks, it seems: it is inactive, and what we"
        " sent for it stands under “{survivor}” there now.",
        "Use “{survivor}” for it from now on, or map it to another one.",
    ),
    Cause(
        "deleted_there",
        "Deleted or voided in QuickBooks",
        "It was in QuickBooks, and was deleted or voided there; we do not write it again by"
        " ourselves.",
        "Leave it out, or ask for it to be created again.",
    ),
    Cause(
        "changed_there",
        "Changed in QuickBooks",
        "Someone changed {fields} in QuickBooks after we wrote it, and it changed here too.",
        "Keep theirs, or send ours.",
    ),
    Cause(
        "paid_there",
        "Paid in QuickBooks",
        "{paid} of it is paid in QuickBooks, and here its amount, its lines or its party changed.",
        "Keep theirs, or send ours.",
    ),
    Cause(
        "below_paid",
        "Less than what is paid",
        "{paid} of it is paid in QuickBooks, and here it comes to {ours} now.",
        "Keep theirs; or send ours, and more is paid in QuickBooks than owed.",
    ),
    Cause(
        "possible_duplicate",
        "May be in QuickBooks already",
        "QuickBooks holds {which} that may be the same: {described}.",
        "If it is the same, link it; if it is another one, send it.",
    ),
    Cause(
        "cannot_link",
        "Cannot be linked",
        "It was to be linked to a document in QuickBooks, but {why}.",
        "Take the link back; documents that may be the same are then looked for again.",
    ),
    Cause(
        "matched_withdrawn",
        "Withdrawn here, entered by a person there",
        "It was {status} here. A person entered it in QuickBooks, so we do not remove it by"
        " ourselves.",
        "Unlink it, so that it stays in QuickBooks; or have it removed there.",
    ),
    Cause(
        "removal_asks",
        "To be removed, in use there",
        "{why}, but in QuickBooks it was changed or paid since, or is in use.",
        "Look at it in QuickBooks and remove it there, or leave it out here.",
        mended_by="quickbooks",
    ),
    Cause(
        "two_found",
        "Found twice in QuickBooks",
        "QuickBooks holds {count} documents that carry this record's marker.",
        "Have the copies removed here, or delete all but one of them in QuickBooks and sync again.",
    ),
    # The record itself.
    Cause(
        "not_positive",
        "Total below zero",
        "Its total is {total}, which makes it a credit; credits are not sent yet.",
        "Enter the credit in QuickBooks yourself and leave this out, or correct the amount.",
        mended_by="cleo",
    ),
    Cause(
        "zeroed",
        "Total became zero",
        "Its total became zero after it was sent; the document in QuickBooks still has the amount"
        " that was sent.",
        "Cancel it in Cleo Pay to have it removed from QuickBooks, or correct its amount.",
        mended_by="cleo",
    ),
    Cause(
        "lines_differ",
        "Lines do not add up",
        "Its lines add up to {lines}, but its amount is {total}.",
        "Correct the lines or the amount, then sync again.",
        mended_by="cleo",
    ),
    Cause(
        "currency_differs",
        "Another currency",
        "It is in {currency}; the company keeps its books in {home}.",
        "Switch multicurrency on in QuickBooks, or leave it out.",
        mended_by="quickbooks",
    ),
    Cause(
        "rate_needed",
        "Exchange rate needed",
        "It is in {currency}, and the company keeps its books in {home}; documents in another"
        " currency need an exchange rate, which is not sent yet.",
        "Enter it in QuickBooks yourself, and leave it out here.",
        mended_by="quickbooks",
    ),
    Cause(
        "party_currency_differs",
        "Another currency than the vendor or customer",
        "It is in {currency}, but “{name}” is kept in {theirs} in QuickBooks, where a vendor or"
        " customer has one currency.",
        "Map the connection to a vendor or customer in {currency}, or leave it out.",
    ),
    Cause(
        "books_closed",
        "Books are closed",
        "It is dated {dated}, and the books are closed through {closed}.",
        "Reopen the period in QuickBooks, or change its date, then sync again.",
        mended_by="quickbooks",
    ),
    # What QuickBooks said.
    Cause(
        "duplicate_number",
        "Number already used",
        "The number {number} {used}.",
        "If it is the same document, {same}; else send it {again}with another number, such as"
        " “{proposed}”.",
    ),
    Cause(
        "reference_refused",
        "Something it uses is gone or inactive",
        "QuickBooks refused it, because {what}.",
        "Make it active again in QuickBooks, or choose another one in the bill and invoice"
        " fields or the mapping, then sync again.",
    ),
    Cause(
        "stale",
        "Changed at the same moment",
        "It changed in QuickBooks again and again while we were writing.",
        "Sync again.",
        mended_by="itself",
    ),
    Cause(
        "total_differs",
        "Totals differ",
        "QuickBooks shows {theirs}, our record says {ours}.",
        "Look at its taxes and lines in QuickBooks.",
        mended_by="quickbooks",
    ),
    Cause(
        "subscription_ended",
        "QuickBooks subscription ended",
        "The company is read-only, because its QuickBooks subscription has ended.",
        "Renew the subscription in QuickBooks, then sync again.",
        mended_by="quickbooks",
    ),
    Cause(
        "no_permission",
        "No permission in QuickBooks",
        "The person who connected may no longer do this in QuickBooks.",
        "Connect again as an administrator of the company.",
        mended_by="admin",
    ),
    Cause(
        "rejected",
        "QuickBooks refused it",
        "QuickBooks refused it, because {what}.",
        "{advice}, then sync again.",
        mended_by="cleo",
    ),
    Cause(
        "fails_each_time",
        "QuickBooks fails on this record",
        "QuickBooks failed each of the {tries} times that this record was sent; nothing was"
        " entered twice.",
        "Look at what is unusual about the record, such as a very long text, and correct it; or"
        " enter it in QuickBooks yourself, and leave it out here.",
        mended_by="cleo",
    ),
    Cause(
        "unanswered",
        "No answer from QuickBooks",
        "QuickBooks gave no answer to what we sent. When we looked for it there, it was not done.",
        "Sync again later.",
        mended_by="itself",
    ),
    Cause(
        "in_doubt",
        "Being checked",
        "We sent this, and do not know yet what became of it. We look for it in QuickBooks before"
        " anything is sent again.",
        "Nothing to do: it settles by itself, with the next sync at the latest.",
        mended_by="itself",
    ),
    Cause(
        INTERNAL,
        "Something went wrong on our side",
        "Something went wrong on our side while we worked on it; our reference is {reference}.",
        "Try it again: what may be in QuickBooks already is looked for first. If it fails again,"
        " give us the reference.",
    ),
    Cause(
        "not_reached",
        "Left to the next sync",
        "The sync ended before this was settled; the next one sees to it.",
        quiet=True,
    ),
    Cause("cancelled", "Cancelled", "The sync was cancelled before this was done.", quiet=True),
)

CAUSES: Mapping[str, Cause] = {cause.code: cause for cause in _CATALOGUE}

# What refusals did not say that were kept before they had words of their own.
_EARLIER: Mapping[str, str] = {
    "used": "is already used in QuickBooks for the same vendor",
    "again": "",
    "what": "of a rule of its own",
    "advice": "Look at what QuickBooks said under the technical details",
}


class _Lenient(Formatter):
    """Leaves out what a template names and the facts do not have."""

    def get_value(self, key: int | str, _args: object, kwargs: Mapping[str, object]) -> object:
        return kwargs.get(str(key), "…")


def tell(code: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """Say a cause and its fix in plain words."""
    cause = CAUSES.get(code, CAUSES["rejected"])
    said = _Lenient()
    known = {**_EARLIER, **facts} if "said" in facts else facts
    return said.vformat(cause.text, (), known), said.vformat(cause.fix, (), known)
