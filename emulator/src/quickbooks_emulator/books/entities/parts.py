"""Declarations that many entities share: addresses, phones, lines, taxes."""

from __future__ import annotations

from quickbooks_emulator.books.properties import (
    Property,
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

ENVELOPE: dict[str, Property] = {
    "Id": server_owned(),
    "SyncToken": server_owned(),
    "MetaData": server_owned(),
    "domain": server_owned(),
    "sparse": server_owned(),
    "status": server_owned(),
}
"""The properties of every entity; the write pipeline handles them itself."""

ADDRESS = schema(
    {
        "Id": as_sent(),
        "Line1": text(500),
        "Line2": text(500),
        "Line3": text(500),
        "Line4": text(500),
        "Line5": text(500),
        "City": text(255),
        "Country": text(255),
        "CountryCode": text(255),
        "CountrySubDivisionCode": text(255),
        "PostalCode": text(30),
        "PostalCodeSuffix": text(30),
        "Lat": text(),
        "Long": text(),
        "Note": text(),
        "Tag": text(),
    }
)


def address() -> Property:
    """Declare a postal address."""
    return inner(ADDRESS)


def phone(length_max: int = 30) -> Property:
    """Declare a telephone number in free form."""
    members = {name: text() for name in ("DeviceType", "CountryCode", "AreaCode")}
    members |= {"ExchangeCode": text(), "Extension": text(), "Default": as_sent()}
    return inner(schema(members | {"FreeFormNumber": text(length_max), "Tag": text()}))


def email() -> Property:
    """Declare an e-mail address, whose format the rules check."""
    return inner(schema({"Address": text(100), "Default": as_sent(), "Tag": text()}))


def web_address() -> Property:
    """Declare a web address."""
    return inner(schema({"URI": text(1000), "Default": as_sent(), "Tag": text()}))


MEMO = inner(schema({"value": text(1000), "id": as_sent()}))

CUSTOM_FIELDS = listing(
    schema(
        {
            "DefinitionId": text(),
            "Name": text(),
            "Type": text(),
            "StringValue": text(31),
            "BooleanValue": unmodelled(),
            "DateValue": unmodelled(),
            "NumberValue": unmodelled(),
        }
    )
)

LINKED = listing(schema({"TxnId": text(), "TxnType": text(), "TxnLineId": text()}))

MARKUP = inner(
    schema(
        {
            "PercentBased": flag(),
            "Value": number(),
            "Percent": number(),
            "PriceLevelRef": unmodelled(),
            "MarkUpIncomeAccountRef": server_owned(),
        }
    )
)

BILLABLE = choice("Billable", "NotBillable")
TAX_CALCULATION = choice("TaxExcluded", "TaxInclusive", "NotApplicable")

_LINE: dict[str, Property] = {
    "Id": text(),
    "LineNum": number(),
    "Description": text(4000),
    "Amount": number(),
    "DetailType": text(),
    "LinkedTxn": LINKED,
    "CustomField": unmodelled(),
    "CustomExtensions": unmodelled(),
    "Received": unmodelled(),
    "ProjectRef": unmodelled(),
}

_EXPENSE: dict[str, Property] = {
    "CustomerRef": reference("Customer"),
    "ClassRef": reference("Class"),
    "TaxCodeRef": reference("TaxCode"),
    "TaxAmount": number(),
    "TaxInclusiveAmt": number(),
    "BillableStatus": BILLABLE,
    "MarkupInfo": MARKUP,
}

ACCOUNT_EXPENSE = schema(_EXPENSE, {"AccountRef": reference("Account")})

ITEM_EXPENSE = schema(
    _EXPENSE,
    {
        "ItemRef": reference("Item"),
        "Qty": number(),
        "UnitPrice": number(),
        "PriceLevelRef": unmodelled(),
        "ItemAccountRef": server_owned(),
    },
)

SALES_ITEM = schema(
    {
        "ItemRef": reference("Item"),
        "ItemAccountRef": server_owned(),
        "ClassRef": reference("Class"),
        "TaxCodeRef": reference("TaxCode"),
        "Qty": number(),
        "UnitPrice": number(),
        "ServiceDate": day(),
        "TaxInclusiveAmt": number(),
        "DiscountRate": unmodelled(),
        "DiscountAmt": unmodelled(),
        "MarkupInfo": MARKUP,
        "PriceLevelRef": unmodelled(),
        "TaxClassificationRef": server_owned(),
    }
)

DISCOUNT = schema(
    {
        "PercentBased": flag(),
        "DiscountPercent": number(),
        "DiscountAccountRef": reference("Account"),
        "ClassRef": reference("Class"),
        "TaxCodeRef": reference("TaxCode"),
        "Discount": unmodelled(),
        "DiscountRef": unmodelled(),
    }
)

SUBTOTAL = schema({"ItemRef": as_sent()})
DESCRIPTION = schema({"ServiceDate": day(), "TaxCodeRef": reference("TaxCode")})

EXPENSE_LINES = listing(
    schema(
        _LINE,
        {
            "AccountBasedExpenseLineDetail": inner(ACCOUNT_EXPENSE),
            "ItemBasedExpenseLineDetail": inner(ITEM_EXPENSE),
            "DescriptionLineDetail": inner(DESCRIPTION),
            "TDSLineDetail": unmodelled(),
        },
    )
)

SALES_LINES = listing(
    schema(
        _LINE,
        {
            "SalesItemLineDetail": inner(SALES_ITEM),
            "SubTotalLineDetail": inner(SUBTOTAL),
            "SubtotalLineDetail": inner(SUBTOTAL),
            "DiscountLineDetail": inner(DISCOUNT),
            "DescriptionLineDetail": inner(DESCRIPTION),
            "GroupLineDetail": unmodelled(),
        },
    )
)

TAX_LINES = listing(
    schema(
        {
            "Amount": number(),
            "DetailType": text(),
            "TaxLineDetail": inner(
                schema(
                    {
                        "TaxRateRef": reference("TaxRate"),
                        "PercentBased": flag(),
                        "TaxPercent": number(),
                        "NetAmountTaxable": number(),
                        "TaxInclusiveAmount": number(),
                        "OverrideDeltaAmount": unmodelled(),
                        "ServiceDate": unmodelled(),
                    }
                )
            ),
        }
    )
)

TAX_DETAIL = inner(
    schema(
        {
            "TxnTaxCodeRef": reference("TaxCode"),
            "TotalTax": number(),
            "TaxLine": TAX_LINES,
            "UseAutomatedSalesTax": unmodelled(),
        }
    )
)

TRANSACTION: dict[str, Property] = {
    **ENVELOPE,
    "TxnDate": day(),
    "DocNumber": text(21),
    "PrivateNote": text(4000),
    "CurrencyRef": reference("Currency"),
    "ExchangeRate": number(),
    "DepartmentRef": reference("Department"),
    "GlobalTaxCalculation": TAX_CALCULATION,
    "TxnTaxDetail": TAX_DETAIL,
    "TotalAmt": server_owned(),
    "HomeTotalAmt": server_owned(),
    "Balance": server_owned(),
    "HomeBalance": server_owned(),
    "RecurDataRef": server_owned(),
    "TaxExemptionRef": server_owned(),
    "TransactionLocationType": unmodelled(),
    "IncludeInAnnualTPAR": unmodelled(),
    "TxnSource": text(),
    "TxnStatus": server_owned(),
    "AttachableRef": server_owned(),
    "CustomField": unmodelled(),
    "CustomExtensions": unmodelled(),
}

COLUMNS = "DocNumber TxnDate:date TotalAmt:number DepartmentRef:reference CurrencyRef:reference"
"""The columns that queries can use for every transaction."""
