"""Declarations of the lists: accounts, items, terms, classes, locations, taxes, currencies."""

from __future__ import annotations

from quickbooks_emulator.books.entities.parts import ENVELOPE
from quickbooks_emulator.books.entities.shape import Entity, columns
from quickbooks_emulator.books.properties import (
    as_sent,
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

ACCOUNT = Entity(
    "Account",
    schema(
        ENVELOPE,
        {
            "Name": text(100, ':"'),
            "SubAccount": server_owned(),
            "ParentRef": reference("Account"),
            "FullyQualifiedName": server_owned(),
            "Active": flag(),
            "Classification": server_owned(),
            "AccountType": text(),
            "AccountSubType": text(),
            "AcctNum": text(20, ":"),
            "Description": text(100),
            "CurrentBalance": server_owned(),
            "CurrentBalanceWithSubAccounts": server_owned(),
            "CurrencyRef": reference("Currency"),
            "TaxCodeRef": reference("TaxCode"),
            "AccountAlias": unmodelled(),
            "TxnLocationType": unmodelled(),
            "OpeningBalance": unmodelled(),
            "OpeningBalanceDate": unmodelled(),
            "OnlineBankingEnabled": server_owned(),
            "FIName": server_owned(),
            "BankNum": unmodelled(),
        },
    ),
    columns(
        "Name FullyQualifiedName Active:flag AccountType AccountSubType AcctNum Classification "
        "CurrentBalance:number CurrentBalanceWithSubAccounts:number Description SubAccount:flag "
        "ParentRef:reference CurrencyRef:reference"
    ),
    family="list",
    title="Name",
    required=("Name",),
    hierarchical=True,
)

ITEM = Entity(
    "Item",
    schema(
        ENVELOPE,
        {
            "Name": text(100, ":\t\n"),
            "Description": text(4000),
            "Active": flag(),
            "SubItem": flag(),
            "ParentRef": reference("Item"),
            "FullyQualifiedName": server_owned(),
            "Level": server_owned(),
            "Type": choice("Service", "NonInventory", "Inventory", "Category", "Group"),
            "ItemCategoryType": text(),
            "Sku": text(100),
            "Taxable": flag(),
            "SalesTaxIncluded": flag(),
            "PurchaseTaxIncluded": flag(),
            "UnitPrice": number(),
            "PurchaseCost": number(),
            "PurchaseDesc": text(1000),
            "IncomeAccountRef": reference("Account"),
            "ExpenseAccountRef": reference("Account"),
            "AssetAccountRef": reference("Account"),
            "SalesTaxCodeRef": reference("TaxCode"),
            "PurchaseTaxCodeRef": reference("TaxCode"),
            "PrefVendorRef": reference("Vendor"),
            "ClassRef": reference("Class"),
            "TrackQtyOnHand": unmodelled(),
            "QtyOnHand": unmodelled(),
            "QtyOnPurchaseOrder": server_owned(),
            "QtyOnSalesOrder": server_owned(),
            "InvStartDate": unmodelled(),
            "ReorderPoint": unmodelled(),
            "TaxClassificationRef": unmodelled(),
            "AbatementRate": unmodelled(),
            "ReverseChargeRate": unmodelled(),
            "ServiceType": unmodelled(),
            "UQCDisplayText": unmodelled(),
            "UQCId": unmodelled(),
            "Source": text(),
        },
    ),
    columns(
        "Name FullyQualifiedName Active:flag Type Sku Description UnitPrice:number "
        "PurchaseCost:number Taxable:flag SubItem:flag ParentRef:reference Level:number "
        "IncomeAccountRef:reference ExpenseAccountRef:reference"
    ),
    family="list",
    title="Name",
    required=("Name",),
    hierarchical=True,
)

TERM = Entity(
    "Term",
    schema(
        ENVELOPE,
        {
            "Name": text(31),
            "Active": flag(),
            "Type": server_owned(),
            "DueDays": number(),
            "DiscountDays": number(),
            "DiscountPercent": number(),
            "DayOfMonthDue": number(),
            "DueNextMonthDays": number(),
            "DiscountDayOfMonth": number(),
        },
    ),
    columns("Name Active:flag Type DueDays:number DayOfMonthDue:number DiscountDays:number"),
    family="list",
    title="Name",
    required=("Name",),
)

CLASS = Entity(
    "Class",
    schema(
        ENVELOPE,
        {
            "Name": text(100, ":"),
            "Active": flag(),
            "SubClass": flag(),
            "ParentRef": reference("Class"),
            "FullyQualifiedName": server_owned(),
        },
    ),
    columns("Name FullyQualifiedName Active:flag SubClass:flag ParentRef:reference"),
    family="list",
    title="Name",
    required=("Name",),
    hierarchical=True,
)

DEPARTMENT = Entity(
    "Department",
    schema(
        ENVELOPE,
        {
            "Name": text(100, ":"),
            "Active": flag(),
            "SubDepartment": flag(),
            "ParentRef": reference("Department"),
            "FullyQualifiedName": server_owned(),
            "Address": as_sent(),
        },
    ),
    columns("Name FullyQualifiedName Active:flag SubDepartment:flag ParentRef:reference"),
    family="list",
    title="Name",
    required=("Name",),
    hierarchical=True,
)

PAYMENT_METHOD = Entity(
    "PaymentMethod",
    schema(
        ENVELOPE,
        {
            "Name": text(31),
            "Active": flag(),
            "Type": choice("CREDIT_CARD", "NON_CREDIT_CARD"),
        },
    ),
    columns("Name Active:flag Type"),
    family="list",
    title="Name",
    required=("Name",),
)

_RATE_LIST = inner(
    schema(
        {
            "TaxRateDetail": listing(
                schema(
                    {
                        "TaxRateRef": reference("TaxRate"),
                        "TaxTypeApplicable": text(),
                        "TaxOrder": number(),
                    }
                )
            )
        }
    )
)

TAX_CODE = Entity(
    "TaxCode",
    schema(
        ENVELOPE,
        {
            "Name": text(100),
            "Description": text(100),
            "Active": flag(),
            "Hidden": server_owned(),
            "Taxable": flag(),
            "TaxGroup": flag(),
            "TaxCodeConfigType": server_owned(),
            "SalesTaxRateList": _RATE_LIST,
            "PurchaseTaxRateList": _RATE_LIST,
        },
    ),
    columns("Name Description Active:flag Taxable:flag TaxGroup:flag"),
    family="list",
    title="Name",
    required=("Name",),
    capturable=False,
    writable=False,
)

TAX_RATE = Entity(
    "TaxRate",
    schema(
        ENVELOPE,
        {
            "Name": text(100),
            "Description": text(100),
            "Active": flag(),
            "RateValue": number(),
            "AgencyRef": reference(),
            "SpecialTaxType": text(),
            "DisplayType": text(),
        },
    ),
    columns("Name Description Active:flag RateValue:number"),
    family="list",
    title="Name",
    required=("Name",),
    capturable=False,
    writable=False,
)

COMPANY_CURRENCY = Entity(
    "CompanyCurrency",
    schema(
        ENVELOPE,
        {
            "Name": text(100),
            "Code": text(3),
            "Active": flag(),
            "CustomField": unmodelled(),
        },
    ),
    columns("Name Code Active:flag"),
    family="list",
    title="Code",
    required=("Code",),
)

EXCHANGE_RATE = schema(
    ENVELOPE,
    {
        "SourceCurrencyCode": text(3),
        "TargetCurrencyCode": text(3),
        "Rate": number(),
        "AsOfDate": day(),
        "CustomField": unmodelled(),
    },
)

ENTITIES = (
    ACCOUNT,
    ITEM,
    TERM,
    CLASS,
    DEPARTMENT,
    PAYMENT_METHOD,
    TAX_CODE,
    TAX_RATE,
    COMPANY_CURRENCY,
)
