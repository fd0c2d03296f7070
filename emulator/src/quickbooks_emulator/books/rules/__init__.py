"""The accounting rules for each kind of entity: how it is completed, removed and voided."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from quickbooks_emulator.books.draft import Draft
from quickbooks_emulator.books.rules import (
    attachments,
    journal,
    lists,
    names,
    payments,
    purchases,
    sales,
)

__all__ = ["COMPLETE", "REMOVE", "VOID"]

Rule = Callable[[Draft], None]

COMPLETE: Mapping[str, Rule] = {
    "Vendor": names.complete_vendor,
    "Customer": names.complete_customer,
    "Employee": names.complete_employee,
    "Account": lists.complete_account,
    "Item": lists.complete_item,
    "Term": lists.complete_term,
    "Class": lists.complete_class,
    "Department": lists.complete_department,
    "PaymentMethod": lists.complete_payment_method,
    "TaxCode": lists.complete_tax,
    "TaxRate": lists.complete_tax,
    "CompanyCurrency": lists.complete_currency,
    "Bill": purchases.complete_bill,
    "VendorCredit": purchases.complete_vendor_credit,
    "Purchase": purchases.complete_purchase,
    "BillPayment": payments.complete_bill_payment,
    "Invoice": sales.complete_invoice,
    "CreditMemo": sales.complete_credit_memo,
    "Payment": payments.complete_payment,
    "Deposit": journal.complete_deposit,
    "JournalEntry": journal.complete_journal_entry,
    "Attachable": attachments.complete_attachable,
}

REMOVE: Mapping[str, Rule] = {
    "Bill": purchases.remove_owed,
    "VendorCredit": purchases.remove_owed,
    "Purchase": purchases.remove_purchase,
    "BillPayment": payments.remove_payment,
    "Invoice": sales.remove_sale,
    "CreditMemo": sales.remove_sale,
    "Payment": payments.remove_payment,
    "Deposit": journal.remove_deposit,
    "JournalEntry": journal.remove_journal_entry,
    "Attachable": attachments.remove_attachable,
}

VOID: Mapping[str, Rule] = {
    "Invoice": sales.void_invoice,
    "Payment": payments.void_payment,
    "BillPayment": payments.void_bill_payment,
}
