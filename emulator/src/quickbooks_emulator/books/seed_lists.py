"""The data of a furnished company: accounts, names, items, places."""

from __future__ import annotations

OWN_ACCOUNTS = (
    ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("Retained Earnings", "Equity", "RetainedEarnings"),
    ("Services", "Income", "ServiceFeeIncome"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
    ("Uncategorized Income", "Income", "ServiceFeeIncome"),
    ("Uncategorized Expense", "Expense", "OtherMiscellaneousServiceCost"),
    ("Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss"),
    ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"),
    ("Tax Suspense", "Other Current Liability", "GlobalTaxPayable"),
)

CHART = (
    ("Prepaid Expenses", "Other Current Asset", "PrepaidExpenses"),
    ("Employee Advances", "Other Current Asset", "EmployeeCashAdvances"),
    ("Inventory Asset", "Other Current Asset", "Inventory"),
    ("Furniture & Fixtures", "Fixed Asset", "FurnitureAndFixtures"),
    ("Computers", "Fixed Asset", "FixedAssetComputers"),
    ("Trucks", "Fixed Asset", "Vehicles"),
    ("Trucks:Depreciation", "Fixed Asset", "AccumulatedDepreciation"),
    ("Security Deposits", "Other Asset", "SecurityDeposits"),
    ("Payroll Liabilities", "Other Current Liability", "PayrollTaxPayable"),
    ("Line of Credit", "Other Current Liability", "LineOfCredit"),
    ("Loan Payable", "Other Current Liability", "LoanPayable"),
    ("Notes Payable", "Long Term Liability", "NotesPayable"),
    ("Owner Investment", "Equity", "OwnersEquity"),
    ("Owner Draws", "Equity", "PersonalExpense"),
    ("Consulting Income", "Income", "ServiceFeeIncome"),
    ("Maintenance Income", "Income", "ServiceFeeIncome"),
    ("Interest Earned", "Other Income", "InterestEarned"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Subcontractors", "Cost of Goods Sold", "CostOfLaborCos"),
    ("Freight In", "Cost of Goods Sold", "ShippingFreightDeliveryCos"),
    ("Advertising", "Expense", "AdvertisingPromotional"),
    ("Automobile", "Expense", "Auto"),
    ("Automobile:Fuel", "Expense", "Auto"),
    ("Automobile:Repairs", "Expense", "Auto"),
    ("Bank Charges", "Expense", "BankCharges"),
    ("Commissions & Fees", "Expense", "CommissionsAndFees"),
    ("Dues & Subscriptions", "Expense", "DuesSubscriptions"),
    ("Equipment Rental", "Expense", "EquipmentRental"),
    ("Insurance", "Expense", "Insurance"),
    ("Insurance:Workers Compensation", "Expense", "Insurance"),
    ("Interest Paid", "Expense", "InterestPaid"),
    ("Legal & Professional Fees", "Expense", "LegalProfessionalFees"),
    ("Legal & Professional Fees:Accounting", "Expense", "LegalProfessionalFees"),
    ("Legal & Professional Fees:Lawyer", "Expense", "LegalProfessionalFees"),
    ("Maintenance and Repair", "Expense", "RepairMaintenance"),
    ("Maintenance and Repair:Building Repairs", "Expense", "RepairMaintenance"),
    ("Maintenance and Repair:Computer Repairs", "Expense", "RepairMaintenance"),
    ("Meals and Entertainment", "Expense", "EntertainmentMeals"),
    ("Office Expenses", "Expense", "OfficeGeneralAdministrativeExpenses"),
    ("Payroll Expenses", "Expense", "PayrollExpenses"),
    ("Rent or Lease", "Expense", "RentOrLeaseOfBuildings"),
    ("Shipping and Delivery", "Expense", "ShippingFreightDelivery"),
    ("Stationery & Printing", "Expense", "OfficeGeneralAdministrativeExpenses"),
    ("Supplies", "Expense", "SuppliesMaterials"),
    ("Taxes & Licenses", "Expense", "TaxesPaid"),
    ("Travel", "Expense", "Travel"),
    ("Travel Meals", "Expense", "TravelMeals"),
    ("Utilities", "Expense", "Utilities"),
    ("Utilities:Gas and Electric", "Expense", "Utilities"),
    ("Utilities:Telephone", "Expense", "Utilities"),
    ("Depreciation", "Other Expense", "Depreciation"),
    ("Penalties & Settlements", "Other Expense", "PenaltiesSettlements"),
)

TERMS = (
    ("Due on receipt", 0),
    ("Net 10", 10),
    ("Net 15", 15),
    ("Net 30", 30),
    ("Net 60", 60),
)

CLASSES = ("Administration", "Field Work", "Wholesale")
DEPARTMENTS = ("Oakland", "Sacramento", "San Jose")

PAYMENT_METHODS = (
    ("Cash", "NON_CREDIT_CARD"),
    ("Check", "NON_CREDIT_CARD"),
    ("ACH", "NON_CREDIT_CARD"),
    ("Visa", "CREDIT_CARD"),
    ("Mastercard", "CREDIT_CARD"),
)

ITEMS: tuple[tuple[str, str, str | None, int], ...] = (
    ("Services", "Services", None, 0),
    ("Hours", "Services", None, 95),
    ("Consulting", "Consulting Income", None, 150),
    ("Maintenance visit", "Maintenance Income", "Subcontractors", 220),
    ("Paper", "Sales of Product Income", "Stationery & Printing", 42),
    ("Office chair", "Sales of Product Income", "Office Expenses", 189),
    ("Freight", "Sales of Product Income", "Freight In", 25),
    ("Cleaning", "Services", "Maintenance and Repair:Building Repairs", 60),
)

VENDORS = (
    "Alameda Office Supply",
    "Bay Area Freight Lines",
    "Brosnahan Insurance Agency",
    "Cal Valley Telephone",
    "Chin's Gas and Oil",
    "Cigna Health Care",
    "Computers by Jenni",
    "Delta Janitorial Services",
    "Ellis Equipment Rental",
    "Fidelity Landlord Partners",
    "Golden Gate Printing",
    "Hall Properties",
    "Hicks Hardware",
    "Lee Advertising",
    "Mahoney Mugs",
    "Norton Lumber and Building Materials",
    "O'Brien & Sons Plumbing",
    "Pacific Gas Works",
    "Robertson & Associates",
    "Sierra Paper Company",
    "Tania's Nursery",
    "Tim Philip Masonry",
    "United States Treasury",
    "Western Water Utility",
)

CUSTOMERS = (
    "Amy's Bird Sanctuary",
    "Bill's Windsurf Shop",
    "Cool Cars",
    "Diego Rodriguez",
    "Dukes Basketball Camp",
    "Freeman Sporting Goods",
    "Geeta Kalapatapu",
    "Jeff's Jalopies",
    "Kookies by Kathy",
    "Mark Cho",
    "Paulsen Medical Supplies",
    "Red Rock Diner",
    "Rondonuwu Fruit and Vegi",
    "Sushi by Katsuyuki",
    "Travis Waldron",
    "Weiskopf Consulting",
)

EMPLOYEES = (("Emily", "Platt"), ("John", "Johnson"), ("Maria", "Ortega"))

CITIES = (
    ("Oakland", "CA", "94607"),
    ("Sacramento", "CA", "95814"),
    ("San Jose", "CA", "95112"),
    ("Fremont", "CA", "94536"),
    ("Reno", "NV", "89501"),
    ("Portland", "OR", "97204"),
)

STREETS = ("Main St.", "Harbor Blvd.", "Cedar Ave.", "Mission St.", "Bayshore Rd.", "Oak Lane")
