"""The causes that only payments have."""

from __future__ import annotations

from cleo_accounting.core.cause import Cause

PAYMENT_CAUSES = (
    # Expected: nobody needs to act.
    Cause(
        "payment_under_way",
        "Payment on its way",
        "It is {status} in Cleo Pay. It is recorded once it is {recorded}.",
        quiet=True,
    ),
    Cause(
        "payment_not_made",
        "Payment not made",
        "{why} before it was recorded in QuickBooks, so there is nothing to undo.",
        quiet=True,
    ),
    Cause(
        "returned",
        "Payment returned",
        "{how} on {on}, because it was {status}. What it paid is open again.",
        quiet=True,
    ),
    Cause(
        "quick_pay_off",
        "Payment without a payable",
        "It pays no payable (Quick Pay). Such payments are not sent: Quick Pay is switched off.",
        quiet=True,
    ),
    Cause(
        "expense_returned",
        "Expense returned",
        "{how} on {on}, because it was {status}.",
        quiet=True,
    ),
    # A person has to decide.
    Cause(
        "payee_needed",
        "Payment names no connection",
        "It pays no payable (Quick Pay) and names no connection, so nobody can tell which vendor it"
        " was paid to.",
        "Send the payment again with its connectionId, or leave it out.",
        mended_by="cleo",
    ),
    Cause(
        "bill_needed",
        "Bill, invoice or credit needed",
        "The {document} {number} is not in QuickBooks: {why}",
        "Resolve the {document}, then sync again.",
    ),
    Cause(
        "bank_mapping_needed",
        "Bank account needed",
        "The funding source “{name}” is not matched with a bank account in QuickBooks.",
        "Match the bank account, then sync again.",
    ),
    Cause(
        "bank_account_inactive",
        "Bank account is inactive",
        "“{name}”, with which the funding source “{source}” is matched, is inactive in QuickBooks.",
        "Make it active in QuickBooks, or match another bank account, then sync again.",
    ),
    Cause(
        "bank_account_currency",
        "Bank account in another currency",
        "The payment is in {currency}, and “{name}” is kept in {theirs} in QuickBooks.",
        "Match the funding source “{source}” with an account in {currency}, then sync again.",
    ),
    Cause(
        "bank_account_type",
        "Payments cannot be made from this account",
        "QuickBooks takes no payment from “{name}”, with which the funding source “{source}” is"
        " matched: it is not an account of the type Bank.",
        "Match the funding source with an account of the type Bank, then sync again.",
    ),
    Cause(
        "already_paid_there",
        "Already paid in QuickBooks",
        "The {document} {number} is already paid in QuickBooks{by}, so this payment is not recorded"
        " a second time.",
        "If the payment in QuickBooks is this one, link it. If not, leave this one out, or remove"
        " the other one in QuickBooks and sync again.",
    ),
    Cause(
        "more_than_open",
        "Pays more than is open",
        "It pays {amount} of the {document} {number}, of which {open} is open in QuickBooks.",
        "Check what else was paid in QuickBooks, then sync again, or leave this one out.",
        mended_by="quickbooks",
    ),
    Cause(
        "credit_not_open",
        "Uses more than is left of a credit",
        "It uses {amount} of the {document} {number}, of which {open} is left in QuickBooks.",
        "Check what else the credit was used for in QuickBooks, then sync again, or leave this"
        " payment out.",
        mended_by="quickbooks",
    ),
    Cause(
        "unapplied",
        "Payment was not applied",
        "QuickBooks applied {applied} of {total} to what it pays. The payment was voided again, so"
        " that nothing is left unapplied.",
        "Check in QuickBooks what is open, then sync again.",
        mended_by="quickbooks",
    ),
    Cause(
        "payment_changed",
        "Changed after it was recorded",
        "Its amount, date, account, payables or connection changed in Cleo Pay after it was"
        " recorded in QuickBooks.",
        "Correct the payment in QuickBooks where that is needed, and keep it as it is there.",
        mended_by="quickbooks",
    ),
    Cause(
        "payment_not_positive",
        "Amount is not above zero",
        "Its amount is {total}. Only amounts above zero are recorded, or zero where credits pay"
        " all of it.",
        "Correct the amount in Cleo Pay, or leave it out.",
        mended_by="cleo",
    ),
    Cause(
        "payment_parts_differ",
        "Parts do not add up",
        "Its parts add up to {parts}, but its amount and its credits come to {total}; each part and"
        " each credit has to be above zero.",
        "Correct the payment in Cleo Pay.",
        mended_by="cleo",
    ),
    Cause(
        "payment_of_several_parties",
        "Pays several vendors or customers",
        "It pays documents of several vendors or customers. QuickBooks takes one for a payment.",
        "Split it in Cleo Pay, or enter it in QuickBooks and leave it out here.",
        mended_by="cleo",
    ),
)
