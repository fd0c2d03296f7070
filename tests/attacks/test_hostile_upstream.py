"""No response of a hostile or broken upstream can hold up the process."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import Money
from cleo_accounting.errors import Unavailable
from cleo_accounting.providers import Doubtful
from tests.providers.world import bill, key, orders, reply, scripted, text

SECONDS_MAX = 2.0
HUGE_NUMBERS = ["9E80000", "9E999990", "1E+999999999999", "1E-999999999", "9" * 4000, "1E31"]
XML_BOMBS = [
    "<Fault>" + "<Error>" * 100_000,
    "<Fault>" + "<Error " * 100_000,
    "<Fault>" + "<Error>" + "<Message>" * 100_000 + "</Error>",
    "<Fault>" + '<Error code="' * 100_000,
    "<Fault " * 100_000,
]


@pytest.mark.parametrize("body", XML_BOMBS, ids=[bomb[:24] for bomb in XML_BOMBS])
def test_an_xml_fault_is_read_in_time_proportional_to_its_length(body: str) -> None:
    company, _, _ = scripted(text(400, body, "application/xml"))
    began = time.process_time()

    outcomes = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert time.process_time() - began < SECONDS_MAX
    assert len(outcomes) == 1


@pytest.mark.parametrize("number", HUGE_NUMBERS, ids=[one[:16] for one in HUGE_NUMBERS])
def test_a_huge_json_number_makes_the_answer_unreadable(number: str) -> None:
    answer = (
        '{"BatchItemResponse":[{"bId":"1","Bill":{"Id":"9","SyncToken":"0",'
        f'"PrivateNote":"CleoPay:pay_1001","TotalAmt":{number}}}}}]}}'
    )
    company, _, _ = scripted(text(200, answer, "application/json"))
    began = time.process_time()

    (outcome,) = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert isinstance(outcome, Doubtful)
    assert time.process_time() - began < SECONDS_MAX


@pytest.mark.parametrize("number", HUGE_NUMBERS, ids=[one[:16] for one in HUGE_NUMBERS])
def test_a_huge_number_written_as_text_is_no_amount(number: str) -> None:
    line = {"Amount": number, "AccountBasedExpenseLineDetail": {}}
    row = {"Id": "9", "SyncToken": "0", "TotalAmt": number, "TxnDate": "2026-01-05"}
    document = {
        "QueryResponse": {"Bill": [{**row, "Line": [line], "CurrencyRef": {"value": "USD"}}]}
    }
    company, _, _ = scripted(reply(200, document))
    began = time.process_time()

    (remote,) = company.all(RemoteKind.BILL)

    assert remote.content is None
    assert time.process_time() - began < SECONDS_MAX


@pytest.mark.parametrize("token", ["9" * 5000, "-1", "1.5", "one", "9" * 19])
def test_a_version_that_is_no_whole_number_is_not_taken_for_one(token: str) -> None:
    vendor = {"Id": "9", "SyncToken": token, "DisplayName": "Acme"}
    company, _, _ = scripted(reply(200, {"QueryResponse": {"Vendor": [vendor]}}))

    (remote,) = company.all(RemoteKind.VENDOR)

    assert remote.version == ""
    assert company.next_version(remote.version) == "1"


@pytest.mark.parametrize("amount", [*HUGE_NUMBERS, "NaN", "Infinity", "1E31", Decimal("1E-31")])
def test_money_refuses_what_is_larger_than_any_amount(amount: str | Decimal) -> None:
    with pytest.raises(ValueError, match=r"amount|decimals"):
        Money.of(amount, "USD")


def test_an_unreadable_list_is_a_failure_of_the_provider_and_not_of_the_run() -> None:
    company, _, _ = scripted(
        text(200, '{"QueryResponse":{"Vendor":[{"Id":"1","X":9E80000}]}}', "application/json")
    )
    with pytest.raises(Unavailable):
        list(company.all(RemoteKind.VENDOR))
