"""Undocumented responses are read as far as they make sense, and never taken as empty."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from cleo_accounting.core.links import Document, Item, Link, Origin, RemoteKind
from cleo_accounting.errors import Throttled, Unavailable
from cleo_accounting.providers import Doubtful, Order, Refused, Sought, Written
from tests.providers.sides import QuickBooksSide
from tests.providers.world import START, bill, key, orders, party, reply, scripted, text

BILL, INVOICE, VENDOR, ITEM = (
    RemoteKind.BILL,
    RemoteKind.INVOICE,
    RemoteKind.VENDOR,
    RemoteKind.ITEM,
)
INFO = {"CompanyInfo": {"Id": "1", "CompanyName": "Acme", "Country": "US"}}
PREFERENCES = {"Preferences": {"CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}}}


def rows(entity: str, *some: Any) -> Any:
    return reply(200, {"QueryResponse": {entity: list(some), "maxResults": len(some)}})


def read(kind: RemoteKind, raw: Any) -> Any:
    entity = {BILL: "Bill", INVOICE: "Invoice", ITEM: "Item", VENDOR: "Vendor"}[kind]
    company, _, _ = scripted(rows(entity, raw), reply(200, INFO), reply(200, PREFERENCES))
    (remote,) = company.all(kind)
    return remote


@pytest.mark.parametrize(
    ("info", "preferences"),
    [
        ({}, PREFERENCES),
        ({"CompanyInfo": {"Id": "1"}}, PREFERENCES),
        ({"CompanyInfo": {"Id": "9130350000000000002", "CompanyName": "Other"}}, PREFERENCES),
        (INFO, {}),
        (INFO, {"Preferences": {"CurrencyPrefs": {}}}),
    ],
)
def test_a_company_that_does_not_describe_itself_is_not_connected(
    info: Any, preferences: Any
) -> None:
    company, _, _ = scripted(reply(200, info), reply(200, preferences))

    with pytest.raises(Unavailable):
        company.describe()


def test_a_company_described_in_words_is_understood() -> None:
    words = {
        "CurrencyPrefs": {"HomeCurrency": {"value": "CAD"}, "MultiCurrencyEnabled": "true"},
        "AccountingInfoPrefs": {"ClassTrackingPerTxnLine": "True", "BookCloseDate": "soon"},
        "SalesFormsPrefs": {"CustomTxnNumbers": "false"},
        "OtherPrefs": None,
    }
    company, _, _ = scripted(reply(200, INFO), reply(200, {"Preferences": words}))

    profile = company.describe()

    assert (profile.currency, profile.multicurrency, profile.line_classes) == ("CAD", True, True)
    assert (profile.closed_until, profile.own_invoice_numbers) == (None, False)


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, {"time": "2026-01-05T09:00:00Z"}),
        reply(400, {"Fault": {"Error": [{"code": "4000"}], "type": "ValidationFault"}}),
        rows("Vendor", {"DisplayName": "No id"}),
    ],
)
def test_an_answer_that_is_no_list_is_not_taken_for_an_empty_one(answer: Any) -> None:
    company, _, _ = scripted(answer)

    with pytest.raises(Unavailable):
        list(company.all(VENDOR))
    with pytest.raises(Unavailable):
        company.find(VENDOR, [Sought("a", name="Acme")])


def test_an_answer_that_is_no_change_log_is_not_taken_for_no_changes() -> None:
    company, _, _ = scripted(reply(200, {"QueryResponse": {}}))

    with pytest.raises(Unavailable):
        company.changes([BILL], START)


def test_a_change_log_without_a_sound_time_goes_by_our_clock() -> None:
    for written in ("yesterday", "2026-01-05T09:00:00", ""):
        company, _, _ = scripted(
            reply(200, {"CDCResponse": [{"QueryResponse": [{}]}], "time": written})
        )

        assert company.changes([BILL], START).cursor == START


def test_pages_that_stay_too_large_are_given_up() -> None:
    company, script, _ = scripted(
        text(200, b" " * 20_000, "application/json"), answer_bytes_max=10_000
    )

    with pytest.raises(Unavailable):
        list(company.all(VENDOR))

    assert len(script.asked) < 10


def test_a_page_with_one_row_too_many_is_not_taken_for_the_last() -> None:
    def page(request: httpx2.Request) -> httpx2.Response:
        words = request.content.decode().split()
        start, more = int(words[-3]), int(words[-1]) + 1
        vendors = [{"Id": str(at), "DisplayName": str(at)} for at in range(start, start + more)]
        return httpx2.Response(200, json={"QueryResponse": {"Vendor": vendors[: 2500 - start + 1]}})

    company, _, _ = scripted(page)

    assert len(list(company.all(VENDOR))) == 2500


def test_a_description_that_is_too_large_is_given_up() -> None:
    company, _, _ = scripted(text(200, b" " * 20_000, "application/json"), answer_bytes_max=10_000)

    with pytest.raises(Unavailable):
        company.describe()


def test_a_document_without_a_currency_is_in_the_companys_own() -> None:
    remote = read(BILL, {"Id": 7, "SyncToken": 2, "TotalAmt": "12.30", "Balance": 0})

    assert (remote.id, remote.version) == ("7", "2")
    assert remote.details["total"] == "12.30"
    assert remote.details["currency"] == "USD"
    assert remote.content is None


def test_an_amount_finer_than_a_cent_is_not_rounded_away() -> None:
    raw = {"Id": "7", "TotalAmt": 12.345, "CurrencyRef": {"value": "USD"}, "TxnDate": "2026-01-05"}

    assert read(BILL, raw).content is None
    assert "total" not in read(BILL, raw).details


def test_what_people_add_to_a_document_is_seen() -> None:
    raw = {
        "Id": "7",
        "SyncToken": "3",
        "CustomerRef": {"value": "58", "name": "Amy"},
        "CurrencyRef": {"value": "USD"},
        "TxnDate": "2026-01-05",
        "TotalAmt": 90.00,
        "Line": [
            {
                "Id": "1",
                "Amount": 100.00,
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {"ItemRef": {"value": "19"}, "Qty": 4, "UnitPrice": 25},
            },
            {"Id": "2", "DetailType": "DescriptionOnly", "Description": "Thank you"},
            {"Amount": 100.00, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
            {"Amount": 10.00, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {}},
            "nonsense",
        ],
    }

    content = read(INVOICE, raw).content

    assert isinstance(content, Document)
    assert [(str(line.amount), line.description) for line in content.lines] == [
        ("100.00 USD", ""),
        ("0.00 USD", "Thank you"),
        ("10.00 USD", ""),
    ]
    assert (content.lines[0].quantity, content.lines[0].unit_price) == (Decimal(4), Decimal(25))


def test_an_item_without_an_income_account_is_still_an_item() -> None:
    assert read(ITEM, {"Id": "1", "Name": "Hours"}).content is None
    sold = read(ITEM, {"Id": "1", "Name": "Hours", "IncomeAccountRef": {"value": "79"}})
    assert sold.content == Item("Hours", "79")


def test_an_update_answered_about_another_id_is_doubtful() -> None:
    link = Link("pay", VENDOR, "5", "0", Origin.CREATED)
    answer = {"Id": "6", "SyncToken": "1", "DisplayName": "Acme"}
    company, _, _ = scripted(reply(200, {"BatchItemResponse": [{"bId": "1", "Vendor": answer}]}))
    order = Order("1", VENDOR, company.render(VENDOR, party("Acme"), link=link), "USD")

    assert [type(one) for one in company.write([order], key=key())] == [Doubtful]


@pytest.mark.parametrize(
    "answer", [{"Id": "8", "status": "Deleted"}, {"Id": "7"}, {"Id": "7", "status": "Pending"}]
)
def test_a_deletion_that_was_not_confirmed_is_doubtful(answer: Any) -> None:
    link = Link("pay", BILL, "7", "0", Origin.CREATED)
    company, _, _ = scripted(reply(200, {"BatchItemResponse": [{"bId": "1", "Bill": answer}]}))
    order = Order("1", BILL, company.render_removal(BILL, link), "USD")

    assert [type(one) for one in company.write([order], key=key())] == [Doubtful]


def test_a_name_that_was_tidied_is_still_the_one_sent() -> None:
    answer = {"Id": "5", "SyncToken": "0", "DisplayName": "Zoë Söhne"}
    company, _, _ = scripted(reply(200, {"BatchItemResponse": [{"bId": "1", "Vendor": answer}]}))
    decomposed = party("Zoe\u0308  So\u0308hne")

    (done,) = company.write(orders(company, VENDOR, [decomposed]), key=key())

    assert isinstance(done, Written)


def test_a_gateways_words_are_not_shown() -> None:
    fault = {"error": [{"message": "Token expired: eyJ", "detail": "eyJ", "code": "003900"}]}
    company, _, _ = scripted(reply(403, {"fault": {**fault, "type": "SERVICE"}}))

    (outcome,) = company.write(orders(company, BILL, [bill()]), key=key())

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.provider_code) == ("rejected", "3900")
    assert "eyJ" not in outcome.message


def test_a_refusal_shows_no_control_characters_and_not_too_many_words() -> None:
    error = {"code": "6000", "Detail": "Bad\x1b[31m\nthing " + "x" * 10_000}
    company, _, _ = scripted(reply(400, {"Fault": {"Error": error, "type": "ValidationFault"}}))

    (outcome,) = company.write(orders(company, BILL, [bill()]), key=key())

    assert isinstance(outcome, Refused)
    assert outcome.message.startswith("Bad [31m thing x")
    assert len(outcome.message) == 500


@pytest.mark.parametrize("fault", [[], "no", {"Error": "no"}, {"Error": [], "type": None}])
def test_a_fault_that_says_nothing_is_doubtful(fault: Any) -> None:
    company, _, _ = scripted(reply(400, {"Fault": fault}))

    (outcome,) = company.write(orders(company, BILL, [bill()]), key=key())

    assert isinstance(outcome, Doubtful)


def test_typographic_names_are_found_without_asking_for_their_typography() -> None:
    names = ["Zoë’s “Café” — Süd", "Zoë's Café", "100% O'Brien\\"]
    with QuickBooksSide.opened() as side:
        side.company.write(orders(side.company, VENDOR, [party(name) for name in names]), key=key())
        sought = [Sought(name, name=name) for name in [*names, "Zoë“s ”Café’ — Süd"]]

        found = side.company.find(VENDOR, sought)

        asked = [
            entry.request.body.decode()
            for entry in side.intuit.emulator.journal
            if entry.request and entry.request.path.endswith("/query")
        ]
    assert [[one.name for one in found[name]] for name in names] == [[name] for name in names]
    assert found["Zoë“s ”Café’ — Süd"] == []
    assert not any(char in statement for statement in asked for char in "’“”—")


def test_the_least_delay_is_not_taken_for_a_throttle_of_the_past() -> None:
    throttled = reply(429, {}, retry_after="Mon, 05 Jan 2026 16:00:00 GMT")
    company, _, clock = scripted(throttled, rows("Vendor", {"Id": "1", "DisplayName": "Acme"}))

    with pytest.raises(Throttled) as raised:
        list(company.all(VENDOR))

    assert START < raised.value.until <= START + timedelta(seconds=6)
    clock.sleep(6)
    assert len(list(company.all(VENDOR))) == 1
