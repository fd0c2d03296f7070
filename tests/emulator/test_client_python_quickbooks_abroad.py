"""PyPI's `python-quickbooks` with a company that uses several currencies."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from quickbooks import objects
    from quickbooks.exceptions import QuickbooksException
    from quickbooks.objects.companycurrency import CompanyCurrency
    from quickbooks.objects.exchangerate import ExchangeRate
    from quickbooks.objects.taxrate import TaxRate

from quickbooks_emulator.basics.switches import Switches
from quickbooks_emulator.testing import served
from tests.emulator.connected_client import connected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quickbooks_emulator.testing import Intuit


@pytest.fixture(params=[True, False], ids=["multicurrency", "one currency"])
def intuit(request: pytest.FixtureRequest) -> Iterator[Intuit]:
    with served(switches=Switches(burst_limit="none"), multicurrency=request.param) as running:
        yield running


@pytest.fixture
def client(intuit: Intuit, monkeypatch: pytest.MonkeyPatch) -> Any:
    return connected(intuit, monkeypatch)


def test_currencies_and_rates_need_multicurrency(intuit: Intuit, client: Any) -> None:
    currency = CompanyCurrency()
    currency.Code, currency.Name = "EUR", "Euro"
    if not intuit.company.settings.multicurrency:
        with pytest.raises(QuickbooksException) as refused:
            currency.save(qb=client)
        assert refused.value.error_code == 5030
        return

    made = currency.save(qb=client)
    rates = ExchangeRate.filter(SourceCurrencyCode="EUR", AsOfDate="2026-01-05", qb=client)
    rates[0].Rate = 1.5
    changed = rates[0].save(qb=client)

    assert CompanyCurrency.get(made.Id, qb=client).Code == "EUR"
    assert [each.Code for each in CompanyCurrency.all(qb=client)] == ["EUR"]
    assert changed.Rate == 1.5


def test_tax_codes_and_rates_are_read(client: Any) -> None:
    code = objects.TaxCode.filter(Name="California", qb=client)[0]
    rate = code.SalesTaxRateList.TaxRateDetail[0].TaxRateRef.value

    assert objects.TaxCode.get("TAX", qb=client).Taxable is True
    assert TaxRate.get(rate, qb=client).RateValue == 8
