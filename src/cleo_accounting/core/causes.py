"""The reasons why a record was not sent: a stable code, the cause in plain words, and the fix.

Texts are templates: the words in braces are filled from the operation's `facts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.cause import INTERNAL, Cause
from cleo_accounting.core.payment_causes import PAYMENT_CAUSES
from cleo_accounting.core.states import ItemState

if TYPE_CHECKING:
    from collections.abc import Mapping

_CATALOGUE = (
    # Expected: nobody needs to act.
    Cause("draft", "Draft", "Drafts are not sent.", quiet=True),
    Cause("not_approved", "Not approved yet", "Sent once it is approved.", quiet=True),
    Cause(
        "withdrawn",
        "Declined or cancelled",
        "It has no document in QuickBooks, as far as we know, so there is nothing to undo.",
        quiet=True,
    ),
    Cause("removed", "Removed", "{how} on {on}, because it was {status} in Cleo Pay.", quiet=True),
    Cause(
        "gone",
        "Gone from QuickBooks",
        "It is no longer in QuickBooks: {why}. It was {status} in Cleo Pay, so there is nothing to"
        " undo.",
        quiet=True,
    ),
    Cause("copy_removed", "Copy removed", "{how} on {on}, because it was a duplicate.", quiet=True),
    Cause("before_go_live", "Before the start date", "Dated before {go_live}.", quiet=True),
    Cause("left_out", "Left out", "Left out by {by}: {reason}", quiet=True),
    Cause("connection_pending", "Invitation pending", "Sent once it is active.", quiet=True),
    Cause("connection_archived", "Archived", "Archived connections are not sent.", quiet=True),
    Cause("not_a_vendor", "Not a vendor", "It only pays you; it is not paid.", quiet=True),
    Cause(
        "email_left_out",
        "Sent without email address",
        "Its email address “{email}” {email_flaw}, so it is sent without one.",
        "Correct the email address in Cleo Pay. The next sync adds it.",
        quiet=True,
        mended_by="cleo",
    ),
    Cause("nothing_to_book", "Nothing to book", "Its total is zero.", quiet=True),
    # A mapping or a setting is missing.
    Cause(
        "vendor_needed",
        "Vendor not matched yet",
        "The vendor “{name}” is not matched with a vendor in QuickBooks: {why}",
        "Match the vendor first, then sync again.",
    ),
    Cause(
        "customer_needed",
        "Customer not matched yet",
        "The customer “{name}” is not matched with a customer in QuickBooks: {why}",
        "Match the customer first, then sync again.",
    ),
    Cause(
        "connection_unknown",
        "Connection missing",
        "It refers to connection {connection_id}, which we have not received.",
        "Send the connection (PUT …/records/connections/{connection_id}), then sync again.",
        mended_by="cleo",
    ),
    Cause(
        "expense_account_needed",
        "No expense account chosen",
        "Bills and Quick Pay payments need an expense account, and none is chosen.",
        "Choose an expense account in the bill and invoice fields.",
        mended_by="admin",
    ),
    Cause(
        "item_needed",
        "No product or service chosen",
        "Invoices need a product or service, and neither that nor an income account is chosen.",
        "Choose a product or service, or an income account, in the bill and invoice fields.",
        mended_by="admin",
    ),
    Cause(
        "choice_unusable",
        "A chosen value cannot be used",
        "The {called} “{name}”, chosen in the bill and invoice fields, {flaw}.",
        "Choose another {called} in the bill and invoice fields, or make it usable again in"
        " QuickBooks, then sync again.",
        mended_by="admin",
    ),
    Cause(
        "not_tracked",
        "Class or location not tracked",
        "The {called} “{name}” is chosen in the bill and invoice fields, but the company no longer"
        " tracks it on its documents.",
        "Switch {called} tracking on again in QuickBooks, or choose none in the bill and invoice"
        " fields, then sync again.",
        mended_by="admin",
    ),
    Cause(
        "tax_code_needed",
        "Tax code needed",
        "QuickBooks companies in {country} need a tax code on every line; sending bills, invoices"
        " and expenses to them is not supported yet.",
        "Enter it in QuickBooks, and leave it out here.",
    ),
    Cause(
        "account_mapping_needed",
        "Bank account not matched",
        "No single bank account in QuickBooks matches “{name}”: {why}.",
        "Match it with the right bank account.",
    ),
    # A person has to decide.
    Cause(
        "look_alike",
        "Similar to an existing one",
        "“{name}” is similar to {candidates}.",
        "Choose the right match, or create a new one.",
    ),
    Cause(
        "name_shared",
        "Name used by another connection",
        "To QuickBooks, “{name}” and your connection “{other}” have the same name:"
        " “{theirs}” is {how} that connection.",
        "If they are the same business, use the same one for both. If not, create this one under"
        " another name, such as “{proposed}”.",
    ),
    Cause(
        "name_taken",
        "Name taken in QuickBooks",
        "“{name}” is already the name of {owner} in QuickBooks, where names must be unique.",
        "Create it as “{proposed}”, or match it with an existing one.",
    ),
    Cause(
        "name_not_allowed",
        "Name not allowed in QuickBooks",
        "The name “{name}” {flaw}, which QuickBooks does not accept.",
        "Correct the name, or create it as “{proposed}”.",
    ),
    Cause(
        "inactive",
        "Inactive in QuickBooks",
        "“{name}” was made inactive in QuickBooks.",
        "Make it active again in QuickBooks, or match it with another one.",
        mended_by="quickbooks",
    ),
    Cause(
        "merged_away",
        "Merged into another one",
        "“{name}” seems to have been merged into “{survivor}” in QuickBooks: it is inactive, and"
        " its documents are now under “{survivor}”.",
        "Use “{survivor}” from now on, or match it with another one.",
    ),
    Cause(
        "deleted_there",
        "Deleted or voided in QuickBooks",
        "It was deleted or voided in QuickBooks. It is not created again unless you ask for it.",
        "Leave it out, or create it again.",
    ),
    Cause(
        "changed_there",
        "Changed in QuickBooks",
        "Someone changed {fields} in QuickBooks after it was sent, and it changed in Cleo Pay too.",
        "Keep the QuickBooks version, or send the Cleo Pay version.",
    ),
    Cause(
        "paid_there",
        "Paid in QuickBooks",
        "{paid} of it is paid in QuickBooks, and its amount, lines, vendor or customer changed in"
        " Cleo Pay.",
        "Keep the QuickBooks version, or send the Cleo Pay version.",
    ),
    Cause(
        "below_paid",
        "Less than what is paid",
        "{paid} of it is paid in QuickBooks, and its total in Cleo Pay is now {ours}.",
        "Keep the QuickBooks version. If you send ours, it will be overpaid in QuickBooks.",
    ),
    Cause(
        "possible_duplicate",
        "May be in QuickBooks already",
        "QuickBooks holds {which} that may be the same: {described}.",
        "If it is the same document, link it. If not, send it.",
    ),
    Cause(
        "cannot_link",
        "Cannot be linked",
        "It cannot be linked to the chosen document in QuickBooks, because {why}.",
        "Remove the link. Documents that may be the same are then searched for again.",
    ),
    Cause(
        "matched_withdrawn",
        "Declined or cancelled, but entered in QuickBooks",
        "It was {status} in Cleo Pay. A person entered it in QuickBooks, so it is not removed"
        " automatically.",
        "Unlink it to keep it in QuickBooks, or remove it from QuickBooks.",
    ),
    Cause(
        "removal_asks",
        "Cannot be removed, in use in QuickBooks",
        "{why}, but it was changed or paid in QuickBooks since, or is in use there.",
        "Review it in QuickBooks and remove it there, or leave it out here.",
        mended_by="quickbooks",
    ),
    Cause(
        "two_found",
        "Found twice in QuickBooks",
        "QuickBooks has {count} documents with this record's marker.",
        "Remove the copies here, or delete all but one in QuickBooks and sync again.",
    ),
    # The record itself has to change.
    Cause(
        "sign_changed",
        "Total changed its sign",
        "Its total became {total} after it was sent as {document}, which cannot have such a total."
        " Nothing was changed in QuickBooks.",
        "Cancel it in Cleo Pay and enter it anew there, or correct the amount.",
        mended_by="cleo",
    ),
    Cause(
        "zeroed",
        "Total became zero",
        "Its total became zero after it was sent. The document in QuickBooks still has the"
        " earlier amount.",
        "Cancel it in Cleo Pay to remove it from QuickBooks, or correct its amount.",
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
        "Different currency",
        "It is in {currency}; the company keeps its books in {home}.",
        "Switch multicurrency on in QuickBooks, or leave it out.",
        mended_by="quickbooks",
    ),
    Cause(
        "rate_needed",
        "Exchange rate needed",
        "It is in {currency}, and the company keeps its books in {home}; documents in another"
        " currency need an exchange rate, which is not sent yet.",
        "Enter it in QuickBooks, and leave it out here.",
        mended_by="quickbooks",
    ),
    Cause(
        "party_currency_differs",
        "Currency differs from the vendor or customer",
        "It is in {currency}, but “{name}” uses {theirs} in QuickBooks, where a vendor or"
        " customer has one currency.",
        "Match the connection with a vendor or customer in {currency}, or leave it out.",
    ),
    Cause(
        "books_closed",
        "Books are closed",
        "It is dated {dated}, and the books are closed through {closed}.",
        "Reopen the period in QuickBooks, or change its date, then sync again.",
        mended_by="quickbooks",
    ),
    # The outcome of sending it.
    Cause(
        "duplicate_number",
        "Number already used",
        "The number {number} {used}.",
        "If it is the same document, {same}; else send it {again}with another number, such as"
        " “{proposed}”.",
    ),
    Cause(
        "reference_refused",
        "Uses something deleted or inactive",
        "QuickBooks refused it, because {what}.",
        "Make it active again in QuickBooks, or choose another one in the bill and invoice"
        " fields or the mapping, then sync again.",
    ),
    Cause(
        "stale",
        "Changed at the same moment",
        "It kept changing in QuickBooks while it was being sent.",
        "Sync again.",
        mended_by="itself",
    ),
    Cause(
        "total_differs",
        "Totals differ",
        "The total is {theirs} in QuickBooks and {ours} in Cleo Pay.",
        "Check its taxes and lines in QuickBooks.",
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
        "The person who connected QuickBooks no longer has permission to do this.",
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
        "QuickBooks failed each of the {tries} times this record was sent. Nothing was"
        " entered twice.",
        "Check the record for anything unusual, such as a very long text, and correct it. Or enter"
        " it in QuickBooks, and leave it out here.",
        mended_by="cleo",
    ),
    Cause(
        "unanswered",
        "No answer from QuickBooks",
        "QuickBooks did not answer. We checked, and the record was not saved there.",
        "Sync again later.",
        mended_by="itself",
    ),
    Cause(
        "in_doubt",
        "Being checked",
        "We sent this, and QuickBooks did not confirm it. We check QuickBooks before anything is"
        " sent again.",
        "No action is needed. It resolves automatically, at the latest with the next sync.",
        mended_by="itself",
    ),
    Cause(
        INTERNAL,
        "Something went wrong on our side",
        "Something went wrong on our side. The reference is {reference}.",
        "Try again. We first check what is already in QuickBooks. If it fails again, contact"
        " support with the reference.",
    ),
    Cause(
        "not_reached",
        "Left to the next sync",
        "The sync ended before this record was processed. The next sync includes it.",
        quiet=True,
    ),
    Cause(
        "mapping_changed",
        "Mapping changed during the sync",
        "Its mapping was changed while it was being synced. The mapping stays as it was set, and"
        " the next sync uses it.",
        quiet=True,
    ),
    Cause(
        "cancelled",
        "Cancelled",
        "The sync was cancelled before this record was processed.",
        quiet=True,
    ),
)

CAUSES: Mapping[str, Cause] = {cause.code: cause for cause in (*_CATALOGUE, *PAYMENT_CAUSES)}


def is_loud(state: ItemState, code: str | None) -> bool:
    """Return whether an operation in this state, with this cause, needs a person's attention."""
    if state == ItemState.REFUSED or (state == ItemState.IN_DOUBT and code == INTERNAL):
        return True
    cause = CAUSES.get(code or "")
    return (
        state in (ItemState.LEFT, ItemState.WRITTEN)
        and code is not None
        and not (cause and cause.quiet)
    )
