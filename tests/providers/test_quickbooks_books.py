"""Behaviour specific to QuickBooks: lists that shift, own numbers, change log and tokens."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from cleo_accounting.core.links import Link, Origin, RemoteKind
from cleo_accounting.errors import Invalid, Reconnect, Throttled, Unavailable
from cleo_accounting.providers import Doubtful, Refused, Sought, Written
from quickbooks_emulator.basics.switches import Switches
from quickbooks_emulator.testing import REDIRECT_URI
from tests.providers.sides import QuickBooksSide
from tests.providers.world import START, bill, invoice, key, orders, party, reply, scripted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BILL, INVOICE, VENDOR = RemoteKind.BILL, RemoteKind.INVOICE, RemoteKind.VENDOR


def fill(side: QuickBooksSide, count: int) -> None:
    """Create bills as people do by hand."""
    line = {
        "Amount": 1,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": side.account_id}},
    }
    for _ in range(count):
        side.intuit.company.create(
            "Bill",
            {"VendorRef": {"value": side.vendor_id}, "TxnDate": "2026-01-05", "Line": [line]},
        )


class Meddling(httpx2.BaseTransport):
    """Performs an action in QuickBooks after a given number of responses."""

    def __init__(self, inner: httpx2.BaseTransport, acts: dict[int, Callable[[], None]]) -> None:
        self.inner, self.acts, self.count = inner, acts, 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self.inner.handle_request(request)
        self.count += 1
        self.acts.get(self.count, lambda: None)()
        return answer


def ids(rows: Sequence[Any]) -> list[str]:
    return sorted((row["Id"] if isinstance(row, dict) else row.id for row in rows), key=int)


@pytest.mark.parametrize("count", [999, 1000, 1001, 1999, 2500])
def test_a_long_list_is_read_to_its_end(count: int) -> None:
    with QuickBooksSide.opened() as side:
        fill(side, count)

        assert ids(list(side.company.all(BILL))) == ids(side.intuit.company.all("Bill"))


def test_rows_that_move_up_between_two_pages_are_not_skipped() -> None:
    acts: dict[int, Callable[[], None]] = {}
    with QuickBooksSide.opened(lambda it: Meddling(it.transport(), acts)) as side:
        fill(side, 2500)
        acts[1] = lambda: side.deletes(BILL, "7")

        read = list(side.company.all(BILL))

    assert len({one.id for one in read}) == len(read)
    assert {one.id for one in read} >= {str(number) for number in range(1, 2501) if number != 7}


def test_a_list_that_never_stands_still_is_given_up() -> None:
    acts: dict[int, Callable[[], None]] = {}
    with QuickBooksSide.opened(lambda it: Meddling(it.transport(), acts)) as side:
        fill(side, 1200)
        for at in range(1, 40, 2):
            acts[at] = lambda at=at: side.deletes(BILL, str(at))  # type: ignore[misc]

        with pytest.raises(Unavailable):
            list(side.company.all(BILL))


@pytest.mark.parametrize("own_numbers", [True, False])
def test_an_invoice_is_known_by_its_mark_whoever_numbers_it(own_numbers: bool) -> None:
    with QuickBooksSide.opened(custom_sales_numbers=own_numbers) as side:
        content = invoice("INV-7", party_id=side.customer_id, item_id=side.item_id)
        assert side.company.describe().own_invoice_numbers is own_numbers

        (done,) = side.company.write(orders(side.company, INVOICE, [content]), key=key())
        found = side.company.find(
            INVOICE,
            [
                Sought(
                    "pay",
                    marker=content.marker,
                    number=content.number,
                    party_id=content.party_id,
                    dated=content.dated,
                )
            ],
        )

        assert isinstance(done, Written)
        assert [one.id for one in found["pay"]] == [done.remote_id]


def test_an_answer_with_another_invoice_number_and_our_mark_is_ours() -> None:
    answer = {
        "Id": "9",
        "SyncToken": "0",
        "DocNumber": "1042",
        "PrivateNote": "CleoPay:pay_INV-7",
        "TotalAmt": 100.01,
    }
    company, _, _ = scripted(reply(200, {"BatchItemResponse": [{"bId": "1", "Invoice": answer}]}))

    (done,) = company.write(orders(company, INVOICE, [invoice("INV-7")]), key=key())

    assert isinstance(done, Written)
    assert (done.name, str(done.total)) == ("1042", "100.01 USD")


def test_a_void_that_was_answered_and_not_done_is_doubtful() -> None:
    answer = {"Id": "9", "SyncToken": "0", "TotalAmt": 100.01, "Line": []}
    company, _, _ = scripted(reply(200, {"BatchItemResponse": [{"bId": "1", "Invoice": answer}]}))
    link = Link("pay", INVOICE, "9", "0", Origin.CREATED)
    order = orders(company, INVOICE, [invoice()])[0]
    void = type(order)("1", INVOICE, company.render_removal(INVOICE, link), "USD")

    assert [type(one) for one in company.write([void], key=key())] == [Doubtful]


def test_the_settings_of_a_company_are_told() -> None:
    with QuickBooksSide.opened(
        country="US", multicurrency=True, classes_per_line=False, departments=True
    ) as side:
        side.intuit.company.close_books("2025-12-31")
        profile = side.company.describe()

    assert profile.multicurrency
    assert profile.departments
    assert not profile.line_classes
    assert profile.closed_until == date(2025, 12, 31)


def test_a_lapsed_subscription_reads_on_and_refuses_to_write() -> None:
    with QuickBooksSide.opened(subscription_lapsed=True) as side:
        (outcome,) = side.company.write(orders(side.company, VENDOR, [party("New")]), key=key())

        assert side.company.describe().read_only
        assert isinstance(outcome, Refused)
        assert outcome.code == "subscription_ended"


def test_closed_books_refuse_what_is_dated_before() -> None:
    with QuickBooksSide.opened() as side:
        side.intuit.company.close_books("2026-01-31")
        content = bill(party_id=side.vendor_id, account_id=side.account_id)
        (outcome,) = side.company.write(orders(side.company, BILL, [content]), key=key())

    assert isinstance(outcome, Refused)
    assert outcome.code == "books_closed"


def test_more_changes_than_the_log_tells_are_not_taken_for_complete() -> None:
    with QuickBooksSide.opened() as side:
        fill(side, 1000)

        assert not side.company.changes([BILL], side.clock.now()).complete


@pytest.mark.parametrize("switch", ["refused", "truncated"])
def test_a_change_log_that_refuses_is_not_taken_for_empty(switch: Any) -> None:
    switches = Switches(cdc_beyond_limit=switch, cdc_beyond_window=switch)
    with QuickBooksSide.opened(switches=switches) as side:
        fill(side, 1001)
        assert not side.company.changes([BILL], side.clock.now()).complete
        side.clock.sleep(timedelta(days=30).total_seconds())
        assert not side.company.changes([BILL], START).complete


@pytest.mark.parametrize("switches", [Switches(retry_after=True), Switches(throttle_status=403)])
def test_a_429_of_somebody_elses_making_is_waited_out(switches: Switches) -> None:
    with QuickBooksSide.opened(switches=switches) as side:
        side.intuit.emulator.add_fault("throttled", path="*/query")

        with pytest.raises(Throttled) as raised:
            list(side.company.all(VENDOR))
        side.clock.sleep((raised.value.until - side.clock.now()).total_seconds())

        assert len(list(side.company.all(VENDOR))) == side.count(VENDOR)


def test_reads_are_counted_as_intuit_meters_them() -> None:
    with QuickBooksSide.opened(switches=Switches(metering="always")) as side:
        side.company.describe()
        list(side.company.all(VENDOR))
        side.company.changes([BILL], START)
        side.company.write(orders(side.company, VENDOR, [party("New")]), key=key())

        metered = sum(side.intuit.emulator.throttle.metered.values())
        assert side.company.usage().reads == metered == 4


def test_a_code_works_once_and_the_token_lives_until_it_is_given_back() -> None:
    with QuickBooksSide.opened() as side:
        code = consent(side)
        held = side.provider.exchange(code, REDIRECT_URI, "state-1")
        with pytest.raises(Invalid):
            side.provider.exchange(code, REDIRECT_URI, "state-1")

        assert held.hard_expires_at is not None
        assert held.hard_expires_at > held.refresh_expires_at > held.expires_at
        side.clock.sleep(timedelta(hours=25).total_seconds())
        rotated = side.provider.refresh(held)
        assert rotated.refresh_token != held.refresh_token
        with pytest.raises(Reconnect):
            side.provider.refresh(held)
        side.provider.revoke(rotated)
        with pytest.raises(Reconnect):
            side.provider.refresh(rotated)


def test_a_grant_left_idle_for_too_long_has_to_be_given_anew() -> None:
    with QuickBooksSide.opened() as side:
        side.clock.sleep(timedelta(days=102).total_seconds())

        with pytest.raises(Reconnect):
            side.provider.refresh(side.keeper.grant)


def consent(side: QuickBooksSide) -> str:
    """Consent as a person does in the browser and return the authorization code."""
    browser = httpx2.Client(transport=side.intuit.transport())
    url = side.provider.authorization_url("state-1", REDIRECT_URI)
    page = browser.get(url).text
    hidden = {
        name: page.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("ticket", "user_id")
    }
    answer = browser.post(
        "https://intuit.test/app/connect/oauth2/authorize",
        data={**hidden, "realm_id": side.intuit.realm_id, "decision": "allow"},
    )
    back = httpx2.URL(answer.headers["location"])
    assert back.params["state"] == "state-1"
    assert back.params["realmId"] == side.intuit.realm_id
    return back.params["code"]
