"""Declarations of bills, purchases, sales, credits and payments."""

from __future__ import annotations

from quickbooks_emulator.books.entities.parts import (
    COLUMNS,
    CUSTOM_FIELDS,
    EXPENSE_LINES,
    LINKED,
    MEMO,
    SALES_LINES,
    TRANSACTION,
    address,
    email,
)
from quickbooks_emulator.books.entities.shape import Entity, columns
from quickbooks_emulator.books.properties import (
    Property,
    choice,
    day,
    flag,
    inner,
    listing,
    number,
    reference,
    schema,
    server_owned,
    text,
    unmodelled,
)

_PURCHASE: dict[str, Property] = {"Line": EXPENSE_LINES, "LinkedTxn": LINKED}

BILL = Entity(
    "Bill",
    schema(
        TRANSACTION,
        _PURCHASE,
        {
            "VendorRef": reference("Vendor"),
            "APAccountRef": reference("Account"),
            "SalesTermRef": reference("Term"),
            "DueDate": day(),
            "VendorAddr": address(),
        },
    ),
    columns(
        f"{COLUMNS} DueDate:date Balance:number VendorRef:reference APAccountRef:reference "
        "SalesTermRef:reference"
    ),
    family="transaction",
    required=("VendorRef", "Line"),
    sparse_required=("VendorRef",),
    deletable=True,
    number="DocNumber",
    party="VendorRef",
)

VENDOR_CREDIT = Entity(
    "VendorCredit",
    schema(
        TRANSACTION,
        _PURCHASE,
        {
            "VendorRef": reference("Vendor"),
            "APAccountRef": reference("Account"),
            "VendorAddr": address(),
        },
    ),
    columns(f"{COLUMNS} Balance:number VendorRef:reference APAccountRef:reference"),
    family="transaction",
    required=("VendorRef", "Line"),
    deletable=True,
    number="DocNumber",
    party="VendorRef",
)

_PAID = listing(
    schema(
        {
            "Id": text(),
            "LineNum": number(),
            "Amount": number(),
            "LinkedTxn": LINKED,
            "LineEx": server_owned(),
            "Description": text(4000),
            "DetailType": text(),
            "CustomField": unmodelled(),
        }
    )
)

BILL_PAYMENT = Entity(
    "BillPayment",
    schema(
        TRANSACTION,
        {
            "VendorRef": reference("Vendor"),
            "APAccountRef": reference("Account"),
            "PayType": choice("Check", "CreditCard"),
            "TotalAmt": number(),
            "CheckPayment": inner(
                schema(
                    {
                        "BankAccountRef": reference("Account"),
                        "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"),
                        "CheckNum": text(21),
                        "PayeeAddr": address(),
                        "PayeeOnCheck": text(),
                    }
                )
            ),
            "CreditCardPayment": inner(
                schema({"CCAccountRef": reference("Account"), "CCDetail": unmodelled()})
            ),
            "Line": _PAID,
            "ProcessBillPayment": unmodelled(),
        },
    ),
    columns(f"{COLUMNS} PayType VendorRef:reference APAccountRef:reference"),
    family="transaction",
    required=("VendorRef", "TotalAmt", "PayType"),
    deletable=True,
    number="DocNumber",
    party="VendorRef",
)

PURCHASE = Entity(
    "Purchase",
    schema(
        TRANSACTION,
        _PURCHASE,
        {
            "PaymentType": choice("Cash", "Check", "CreditCard"),
            "AccountRef": reference("Account"),
            "EntityRef": reference("Vendor", "Customer", "Employee"),
            "Credit": flag(),
            "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"),
            "PaymentMethodRef": reference("PaymentMethod"),
            "PaymentRefNum": text(21),
            "RemitToAddr": address(),
            "PurchaseEx": server_owned(),
        },
    ),
    columns(f"{COLUMNS} PaymentType AccountRef:reference EntityRef:reference Credit:flag"),
    family="transaction",
    required=("PaymentType", "AccountRef", "Line"),
    sparse_required=("PaymentType", "AccountRef"),
    deletable=True,
    number="DocNumber",
    party="EntityRef",
)

_SALE: dict[str, Property] = {
    "CustomerRef": reference("Customer"),
    "Line": SALES_LINES,
    "LinkedTxn": LINKED,
    "BillAddr": address(),
    "ShipAddr": address(),
    "ShipFromAddr": address(),
    "BillEmail": email(),
    "BillEmailCc": email(),
    "BillEmailBcc": email(),
    "CustomerMemo": MEMO,
    "ClassRef": reference("Class"),
    "SalesTermRef": reference("Term"),
    "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"),
    "EmailStatus": choice("NotSet", "NeedToSend", "EmailSent"),
    "ApplyTaxAfterDiscount": flag(),
    "FreeFormAddress": flag(),
    "CustomField": CUSTOM_FIELDS,
    "ProjectRef": unmodelled(),
    "ARAccountRef": reference("Account"),
}

INVOICE = Entity(
    "Invoice",
    schema(
        TRANSACTION,
        _SALE,
        {
            "DueDate": day(),
            "ShipDate": day(),
            "ShipMethodRef": reference(),
            "TrackingNum": text(31),
            "Deposit": unmodelled(),
            "DepositToAccountRef": unmodelled(),
            "AllowIPNPayment": flag(),
            "AllowOnlinePayment": flag(),
            "AllowOnlineCreditCardPayment": flag(),
            "AllowOnlineACHPayment": flag(),
            "AllowOnlinePayPalPayment": flag(),
            "EInvoiceStatus": server_owned(),
            "ECloudStatusTimeStamp": server_owned(),
            "InvoiceLink": server_owned(),
            "DeliveryInfo": server_owned(),
        },
    ),
    columns(f"{COLUMNS} DueDate:date Balance:number CustomerRef:reference SalesTermRef:reference"),
    family="transaction",
    required=("CustomerRef", "Line"),
    deletable=True,
    number="DocNumber",
    party="CustomerRef",
)

CREDIT_MEMO = Entity(
    "CreditMemo",
    schema(
        TRANSACTION,
        _SALE,
        {
            "RemainingCredit": server_owned(),
            "InvoiceRef": unmodelled(),
            "PaymentMethodRef": reference("PaymentMethod"),
            "DepositToAccountRef": unmodelled(),
        },
    ),
    columns(f"{COLUMNS} Balance:number RemainingCredit:number CustomerRef:reference"),
    family="transaction",
    required=("CustomerRef", "Line"),
    deletable=True,
    number="DocNumber",
    party="CustomerRef",
)

PAYMENT = Entity(
    "Payment",
    schema(
        TRANSACTION,
        {
            "DocNumber": server_owned(),
            "CustomerRef": reference("Customer"),
            "TotalAmt": number(),
            "UnappliedAmt": server_owned(),
            "ARAccountRef": reference("Account"),
            "DepositToAccountRef": reference("Account"),
            "PaymentMethodRef": reference("PaymentMethod"),
            "PaymentRefNum": text(21),
            "ProcessPayment": unmodelled(),
            "CreditCardPayment": unmodelled(),
            "ProjectRef": unmodelled(),
            "Line": _PAID,
            "LinkedTxn": LINKED,
        },
    ),
    columns(
        "TxnDate:date TotalAmt:number UnappliedAmt:number CustomerRef:reference PaymentRefNum "
        "PaymentMethodRef:reference DepositToAccountRef:reference CurrencyRef:reference"
    ),
    family="transaction",
    required=("CustomerRef", "TotalAmt"),
    deletable=True,
    party="CustomerRef",
)

ENTITIES = (
    BILL,
    VENDOR_CREDIT,
    BILL_PAYMENT,
    PURCHASE,
    INVOICE,
    CREDIT_MEMO,
    PAYMENT,
)
