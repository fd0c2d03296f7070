"""The account types of QuickBooks, with their subtypes and classifications."""

from __future__ import annotations

CLASSIFICATIONS = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
}

_SUBTYPES = {
    "Bank": (
        "Checking CashOnHand MoneyMarket RentsHeldInTrust Savings TrustAccounts "
        "CashAndCashEquivalents OtherEarMarkedBankAccounts"
    ),
    "Accounts Receivable": "AccountsReceivable",
    "Other Current Asset": (
        "OtherCurrentAssets AllowanceForBadDebts DevelopmentCosts EmployeeCashAdvances "
        "Inventory Investment_MortgageRealEstateLoans Investment_Other "
        "Investment_TaxExemptSecurities Investment_USGovernmentObligations LoansToOfficers "
        "LoansToOthers LoansToStockholders PrepaidExpenses Retainage UndepositedFunds"
    ),
    "Fixed Asset": (
        "OtherFixedAssets AccumulatedAmortization AccumulatedDepletion AccumulatedDepreciation "
        "Buildings DepletableAssets FixedAssetComputers FixedAssetCopiers FixedAssetFurniture "
        "FixedAssetOtherToolsEquipment FixedAssetPhone FixedAssetPhotoVideo FixedAssetSoftware "
        "FurnitureAndFixtures IntangibleAssets Land LeaseholdImprovements MachineryAndEquipment "
        "Vehicles"
    ),
    "Other Asset": (
        "OtherLongTermAssets AccumulatedAmortizationOfOtherAssets Goodwill LeaseBuyout Licenses "
        "OrganizationalCosts SecurityDeposits"
    ),
    "Accounts Payable": "AccountsPayable",
    "Credit Card": "CreditCard",
    "Other Current Liability": (
        "OtherCurrentLiabilities DirectDepositPayable FederalIncomeTaxPayable InsurancePayable "
        "LineOfCredit LoanPayable PayrollClearing PayrollTaxPayable PrepaidExpensesPayable "
        "RentsInTrustLiability SalesTaxPayable StateLocalIncomeTaxPayable "
        "TrustAccountsLiabilities GlobalTaxPayable GlobalTaxSuspense"
    ),
    "Long Term Liability": (
        "OtherLongTermLiabilities NotesPayable ShareholderNotesPayable LongTermDebit"
    ),
    "Equity": (
        "OpeningBalanceEquity AccumulatedAdjustment CommonStock EstimatedTaxes Healthcare "
        "OwnersEquity PaidInCapitalOrSurplus PartnerContributions PartnerDistributions "
        "PartnersEquity PersonalExpense PersonalIncome PreferredStock RetainedEarnings "
        "TreasuryStock"
    ),
    "Income": (
        "SalesOfProductIncome DiscountsRefundsGiven NonProfitIncome OtherPrimaryIncome "
        "ServiceFeeIncome UnappliedCashPaymentIncome"
    ),
    "Other Income": (
        "OtherMiscellaneousIncome DividendIncome InterestEarned OtherInvestmentIncome "
        "TaxExemptInterest"
    ),
    "Cost of Goods Sold": (
        "SuppliesMaterialsCogs CostOfLaborCos EquipmentRentalCos OtherCostsOfServiceCos "
        "ShippingFreightDeliveryCos"
    ),
    "Expense": (
        "OfficeGeneralAdministrativeExpenses AdvertisingPromotional Auto BadDebts BankCharges "
        "CharitableContributions CommissionsAndFees CostOfLabor DuesSubscriptions Entertainment "
        "EntertainmentMeals EquipmentRental FinanceCosts GlobalTaxExpense Insurance InterestPaid "
        "LegalProfessionalFees OtherBusinessExpenses OtherMiscellaneousServiceCost "
        "PayrollExpenses PayrollTaxExpenses PayrollWageExpenses PromotionalMeals "
        "RentOrLeaseOfBuildings RepairMaintenance ShippingFreightDelivery SuppliesMaterials "
        "TaxesPaid Travel TravelMeals UnappliedCashBillPaymentExpense Utilities"
    ),
    "Other Expense": (
        "OtherMiscellaneousExpense Amortization Depreciation ExchangeGainOrLoss GasAndFuel "
        "HomeOffice HomeOwnerRentalInsurance MortgageInterestHomeOffice OtherHomeOfficeExpenses "
        "OtherVehicleExpenses ParkingAndTolls PenaltiesSettlements RentAndLeaseHomeOffice "
        "RepairsAndMaintenanceHomeOffice UtilitiesHomeOffice Vehicle VehicleInsurance "
        "VehicleLease VehicleLoan VehicleLoanInterest VehicleRegistration VehicleRepairs "
        "WashAndRoadServices"
    ),
}

TYPE_OF = {
    subtype: account_type
    for account_type, subtypes in _SUBTYPES.items()
    for subtype in subtypes.split()
}
"""AccountSubType → AccountType."""

FIRST_SUBTYPE = {account_type: words.split()[0] for account_type, words in _SUBTYPES.items()}
"""AccountType → the AccountSubType of an account sent without one."""
