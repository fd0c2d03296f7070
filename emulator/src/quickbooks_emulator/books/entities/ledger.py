"""Declarations of deposits, journal entries and attachables."""

from __future__ import annotations

from quickbooks_emulator.books.entities.parts import (
    BILLABLE,
    COLUMNS,
    ENVELOPE,
    LINKED,
    TRANSACTION,
)
from quickbooks_emulator.books.entities.shape import Column, Entity, columns
from quickbooks_emulator.books.properties import (
    as_sent,
    choice,
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

DEPOSIT = Entity(
    "Deposit",
    schema(
        TRANSACTION,
        {
            "DepositToAccountRef": reference("Account"),
            "CashBack": inner(
                schema({"AccountRef": reference("Account"), "Amount": number(), "Memo": text()})
            ),
            "LinkedTxn": LINKED,
            "Line": listing(
                schema(
                    {
                        "Id": text(),
                        "LineNum": number(),
                        "Description": text(4000),
                        "Amount": number(),
                        "DetailType": text(),
                        "LinkedTxn": LINKED,
                        "CustomField": unmodelled(),
                        "ProjectRef": unmodelled(),
                        "DepositLineDetail": inner(
                            schema(
                                {
                                    "AccountRef": reference("Account"),
                                    "Entity": reference("Customer", "Vendor", "Employee"),
                                    "ClassRef": reference("Class"),
                                    "PaymentMethodRef": reference("PaymentMethod"),
                                    "CheckNum": text(21),
                                    "TxnType": text(),
                                    "TaxCodeRef": unmodelled(),
                                    "TaxApplicableOn": unmodelled(),
                                }
                            )
                        ),
                    }
                )
            ),
        },
    ),
    columns(f"{COLUMNS} DepositToAccountRef:reference"),
    family="transaction",
    required=("DepositToAccountRef", "Line"),
    deletable=True,
)

JOURNAL_ENTRY = Entity(
    "JournalEntry",
    schema(
        TRANSACTION,
        {
            "Adjustment": flag(),
            "TaxRateRef": unmodelled(),
            "LinkedTxn": LINKED,
            "Line": listing(
                schema(
                    {
                        "Id": text(),
                        "LineNum": number(),
                        "Description": text(4000),
                        "Amount": number(),
                        "DetailType": text(),
                        "LinkedTxn": LINKED,
                        "CustomField": unmodelled(),
                        "ProjectRef": unmodelled(),
                        "DescriptionLineDetail": as_sent(),
                        "JournalEntryLineDetail": inner(
                            schema(
                                {
                                    "PostingType": choice("Debit", "Credit"),
                                    "AccountRef": reference("Account"),
                                    "Entity": inner(
                                        schema(
                                            {
                                                "Type": text(),
                                                "EntityRef": reference(
                                                    "Vendor", "Customer", "Employee"
                                                ),
                                            }
                                        )
                                    ),
                                    "ClassRef": reference("Class"),
                                    "DepartmentRef": reference("Department"),
                                    "BillableStatus": BILLABLE,
                                    "TaxCodeRef": unmodelled(),
                                    "TaxApplicableOn": as_sent(),
                                    "TaxAmount": unmodelled(),
                                    "TaxInclusiveAmt": unmodelled(),
                                    "JournalCodeRef": unmodelled(),
                                }
                            )
                        ),
                    }
                )
            ),
        },
    ),
    columns(COLUMNS + " Adjustment:flag"),
    family="transaction",
    required=("Line",),
    deletable=True,
    number="DocNumber",
)

ATTACHABLE = Entity(
    "Attachable",
    schema(
        ENVELOPE,
        {
            "FileName": text(1000),
            "Note": text(2000),
            "Category": text(100),
            "ContentType": text(100),
            "PlaceName": text(2000),
            "Lat": text(100),
            "Long": text(100),
            "Tag": text(2000),
            "FileAccessUri": server_owned(),
            "TempDownloadUri": server_owned(),
            "Size": server_owned(),
            "ThumbnailFileAccessUri": server_owned(),
            "ThumbnailTempDownloadUri": server_owned(),
            "AttachableRef": listing(
                schema(
                    {
                        "EntityRef": reference(),
                        "IncludeOnSend": flag(),
                        "LineInfo": text(),
                        "NoRefOnly": flag(),
                        "Inactive": flag(),
                        "CustomField": unmodelled(),
                    }
                )
            ),
        },
    ),
    {
        **columns("FileName Note Category ContentType Size:number"),
        "attachableref.entityref": Column(("AttachableRef", "EntityRef"), "reference"),
        "attachableref.entityref.type": Column(("AttachableRef", "EntityRef", "type"), "text"),
        "attachableref.entityref.value": Column(("AttachableRef", "EntityRef", "value"), "text"),
    },
    family="other",
    deletable=True,
)

ENTITIES = (DEPOSIT, JOURNAL_ENTRY, ATTACHABLE)
