"""Declarations of Vendor, Customer and Employee, which share one name space."""

from __future__ import annotations

from quickbooks_emulator.books.entities.parts import ENVELOPE, address, email, phone, web_address
from quickbooks_emulator.books.entities.shape import Entity, columns
from quickbooks_emulator.books.properties import (
    Property,
    choice,
    day,
    flag,
    number,
    reference,
    schema,
    server_owned,
    text,
    unmodelled,
)

FORBIDDEN = ":\t\n"

_PERSON: dict[str, Property] = {
    **ENVELOPE,
    "Title": text(16, FORBIDDEN),
    "GivenName": text(100, FORBIDDEN),
    "MiddleName": text(100, FORBIDDEN),
    "FamilyName": text(100, FORBIDDEN),
    "Suffix": text(16, FORBIDDEN),
    "DisplayName": text(500, FORBIDDEN),
    "PrintOnCheckName": text(110, FORBIDDEN),
    "Active": flag(),
    "PrimaryEmailAddr": email(),
    "PrimaryPhone": phone(),
    "AlternatePhone": phone(),
    "Mobile": phone(),
    "Fax": phone(),
    "WebAddr": web_address(),
    "V4IDPseudonym": server_owned(),
    "CustomField": unmodelled(),
}

_COLUMNS = (
    "DisplayName GivenName MiddleName FamilyName Suffix Title CompanyName PrintOnCheckName "
    "Active:flag PrimaryEmailAddr.Address PrimaryPhone.FreeFormNumber"
)

VENDOR = Entity(
    "Vendor",
    schema(
        _PERSON,
        {
            "PrintOnCheckName": text(100, FORBIDDEN),
            "CompanyName": text(100),
            "AcctNum": text(100),
            "TaxIdentifier": text(20),
            "BillAddr": address(),
            "OtherAddr": address(),
            "OtherContactInfo": unmodelled(),
            "Vendor1099": flag(),
            "TermRef": reference("Term"),
            "CurrencyRef": reference("Currency"),
            "APAccountRef": reference("Account"),
            "BillRate": number(),
            "CostRate": number(),
            "Balance": server_owned(),
            "OpenBalanceDate": unmodelled(),
            "Notes": text(2000),
            "Source": text(),
            "TaxReportingBasis": unmodelled(),
            "T4AEligible": unmodelled(),
            "T5018Eligible": unmodelled(),
            "HasTPAR": unmodelled(),
            "GSTIN": unmodelled(),
            "GSTRegistrationType": unmodelled(),
            "BusinessNumber": unmodelled(),
            "VendorPaymentBankDetail": unmodelled(),
        },
    ),
    columns(f"{_COLUMNS} Balance:number Vendor1099:flag AcctNum TermRef:reference"),
    family="name",
    title="DisplayName",
)

CUSTOMER = Entity(
    "Customer",
    schema(
        _PERSON,
        {
            "CompanyName": text(100),
            "FullyQualifiedName": server_owned(),
            "Level": server_owned(),
            "Balance": server_owned(),
            "BalanceWithJobs": server_owned(),
            "OpenBalanceDate": unmodelled(),
            "IsProject": server_owned(),
            "Job": flag(),
            "BillWithParent": flag(),
            "ParentRef": reference("Customer"),
            "Notes": text(2000),
            "Taxable": flag(),
            "ResaleNum": text(16),
            "PreferredDeliveryMethod": choice("Print", "Email", "None"),
            "BillAddr": address(),
            "ShipAddr": address(),
            "OtherAddr": address(),
            "SalesTermRef": reference("Term"),
            "PaymentMethodRef": reference("PaymentMethod"),
            "CurrencyRef": reference("Currency"),
            "ARAccountRef": reference("Account"),
            "DefaultTaxCodeRef": reference("TaxCode"),
            "CustomerTypeRef": unmodelled(),
            "PrimaryTaxIdentifier": text(20),
            "SecondaryTaxIdentifier": unmodelled(),
            "TaxExemptionReasonId": unmodelled(),
            "BusinessNumber": unmodelled(),
            "GSTIN": unmodelled(),
            "GSTRegistrationType": unmodelled(),
            "ClientEntityId": server_owned(),
            "Source": text(),
        },
    ),
    columns(
        f"{_COLUMNS} FullyQualifiedName Balance:number BalanceWithJobs:number Job:flag "
        "Level:number Taxable:flag ParentRef:reference Notes"
    ),
    family="name",
    title="DisplayName",
    hierarchical=True,
)

EMPLOYEE = Entity(
    "Employee",
    schema(
        _PERSON,
        {
            "PrintOnCheckName": text(100, FORBIDDEN),
            "PrimaryAddr": address(),
            "SSN": text(100),
            "EmployeeNumber": text(100),
            "BillRate": number(),
            "CostRate": number(),
            "BillableTime": flag(),
            "Organization": flag(),
            "BirthDate": day(),
            "HiredDate": day(),
            "ReleasedDate": day(),
            "Gender": choice("Male", "Female"),
        },
    ),
    columns(f"{_COLUMNS} EmployeeNumber HiredDate:date ReleasedDate:date BillableTime:flag"),
    family="name",
    title="DisplayName",
)

ENTITIES = (VENDOR, CUSTOMER, EMPLOYEE)
