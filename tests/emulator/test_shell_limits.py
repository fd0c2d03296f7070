"""Limits per second, per minute, at once, on batches, and on reads per month."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from quickbooks_emulator import testing
from quickbooks_emulator.accounting.throttle import UNLIMITED, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quickbooks_emulator.testing import Intuit

MANY = 10**6


class Caller:
    """A client of one company."""

    def __init__(self, intuit: Intuit, client: httpx2.Client, client_id: str | None = None) -> None:
        tokens = intuit.emulator.authorize(intuit.realm_id, client_id or intuit.app.client_id)
        self._client = client
        self._base = f"/v3/company/{intuit.realm_id}"
        self._headers = {
            "authorization": f"Bearer {tokens.access_token}",
            "accept": "application/json",
        }

    def read(self) -> httpx2.Response:
        return self._client.get(f"{self._base}/preferences", headers=self._headers)

    def batch(self) -> httpx2.Response:
        items = {"BatchItemRequest": [{"bId": "1", "Query": "select * from Vendor"}]}
        return self._client.post(f"{self._base}/batch", headers=self._headers, json=items)

    def in_xml(self) -> httpx2.Response:
        headers = {**self._headers, "accept": "application/xml"}
        return self._client.get(f"{self._base}/preferences", headers=headers)


@contextmanager
def calling(**choices: Any) -> Iterator[tuple[Intuit, Caller]]:
    with (
        testing.emulator(latency_seconds=0, seeded=False, **choices) as intuit,
        httpx2.Client(transport=intuit.transport(), base_url=intuit.url) as client,
    ):
        yield intuit, Caller(intuit, client)


def statuses(caller: Caller, count: int) -> list[int]:
    return [caller.read().status_code for _ in range(count)]


def test_ten_a_second_pass_and_the_eleventh_waits() -> None:
    with calling() as (intuit, caller):
        assert statuses(caller, 11) == [200] * 10 + [429]
        intuit.emulator.advance(1)
        assert statuses(caller, 1) == [200]


def test_five_hundred_a_minute_pass() -> None:
    with calling(limits=Limits(burst=MANY)) as (intuit, caller):
        assert statuses(caller, 501) == [200] * 500 + [429]
        intuit.emulator.advance(60)
        assert statuses(caller, 1) == [200]


def test_the_limit_a_minute_is_the_companys_the_burst_the_apps() -> None:
    with (
        calling(limits=Limits(requests_per_minute=15)) as (intuit, first),
        httpx2.Client(transport=intuit.transport(), base_url=intuit.url) as client,
    ):
        second = Caller(intuit, client, intuit.emulator.add_app("another", "secret").client_id)

        assert statuses(first, 10) == [200] * 10
        assert statuses(second, 6) == [200] * 5 + [429]


def test_forty_batches_a_minute_for_an_app_and_a_hundred_and_twenty_for_a_company() -> None:
    with (
        calling(limits=Limits(burst=MANY)) as (intuit, caller),
        httpx2.Client(transport=intuit.transport(), base_url=intuit.url) as client,
    ):
        assert [caller.batch().status_code for _ in range(41)] == [200] * 40 + [429]
        for name in ("b", "c"):
            other = Caller(intuit, client, intuit.emulator.add_app(name, "s").client_id)
            assert {other.batch().status_code for _ in range(40)} == {200}
        fourth = Caller(intuit, client, intuit.emulator.add_app("d", "s").client_id)
        assert fourth.batch().status_code == 429


def test_ten_at_once_when_that_is_the_limit() -> None:
    with calling() as (intuit, caller):
        intuit.emulator.turn(burst_limit="concurrent")
        assert statuses(caller, 30) == [200] * 30

        intuit.emulator.latency_seconds = 2.0
        answers = [intuit.emulator.handle(request_like(intuit, caller)).status for _ in range(11)]

        assert answers == [200] * 10 + [429]
        intuit.emulator.advance(2)
        assert intuit.emulator.handle(request_like(intuit, caller)).status == 200


def test_a_slow_answer_holds_its_place() -> None:
    with calling() as (intuit, caller):
        intuit.emulator.turn(burst_limit="concurrent")
        intuit.emulator.add_fault("delay", seconds=30, times=10)

        answers = [intuit.emulator.handle(request_like(intuit, caller)).status for _ in range(11)]

        assert answers == [200] * 10 + [429]


def test_a_place_is_free_at_the_very_moment_at_which_its_answer_sets_out() -> None:
    with calling(limits=Limits(burst=1)) as (intuit, caller):
        intuit.emulator.turn(burst_limit="concurrent")
        intuit.emulator.latency_seconds = 0.2

        answers = []
        for _ in range(50):
            answers.append(intuit.emulator.handle(request_like(intuit, caller)).status)
            intuit.emulator.advance(0.2)

        assert answers == [200] * 50


def test_the_journal_tells_how_long_an_answer_took() -> None:
    with calling() as (intuit, caller):
        intuit.emulator.add_fault("delay", seconds=30, times=1)

        slow, quick = (intuit.emulator.handle(request_like(intuit, caller)) for _ in range(2))

        told = [one.facts.get("seconds", 0) for one in intuit.emulator.journal.requests()[-2:]]
        assert told == [slow.delivery.delay_seconds, quick.delivery.delay_seconds]
        assert told[0] >= 30 > told[1]


def request_like(intuit: Intuit, caller: Caller) -> Any:
    """Return a request for the core itself, which responds without waiting for delivery."""
    from quickbooks_emulator.basics.wire import request_to  # noqa: PLC0415  only here

    url = f"{intuit.url}/v3/company/{intuit.realm_id}/preferences"
    return request_to("GET", url, caller._headers)


def test_the_refusal_is_the_gateways_in_json() -> None:
    with calling(limits=Limits(burst=0)) as (_, caller):
        answer = caller.read()

        fault = answer.json()["fault"]
        assert fault["type"] == "SERVICE"
        assert fault["error"][0] == {
            "message": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
            "detail": "The request limit was reached.  Try again later",
            "code": "3001",
            "element": None,
        }
        assert "retry-after" not in answer.headers


def test_the_refusal_is_xml_for_those_who_read_that() -> None:
    with calling(limits=Limits(burst=0)) as (_, caller):
        answer = caller.in_xml()

        assert answer.status_code == 429
        assert '<Error code="3001">' in answer.text


def test_a_refusal_can_say_when_to_come_back() -> None:
    with calling(limits=Limits(requests_per_minute=1, burst=MANY)) as (intuit, caller):
        intuit.emulator.turn(retry_after=True)
        caller.read()
        intuit.emulator.advance(45)

        wait = int(caller.read().headers["retry-after"])

        intuit.emulator.advance(wait)
        assert caller.read().status_code == 200
        assert wait <= 16


@pytest.mark.parametrize(("counted", "last"), [(True, 429), (False, 200)])
def test_calls_that_fail_count_or_not(*, counted: bool, last: int) -> None:
    with calling(limits=Limits(requests_per_minute=2, burst=MANY)) as (intuit, caller):
        intuit.emulator.turn(failed_calls_count=counted)
        for _ in range(2):
            address = f"{caller._base}/vendor/999999"
            assert caller._client.get(address, headers=caller._headers).status_code == 400

        assert statuses(caller, 1) == [last]


def test_many_threads_are_served_together_and_nothing_is_lost() -> None:
    with (
        testing.served(limits=UNLIMITED, seeded=False) as intuit,
        httpx2.Client(base_url=intuit.url) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        caller = Caller(intuit, client)

        def create(number: int) -> str:
            document = {"DisplayName": f"Vendor {number}"}
            answer = client.post(f"{caller._base}/vendor", headers=caller._headers, json=document)
            identity: str = answer.json()["Vendor"]["Id"]
            return identity

        created = list(pool.map(create, range(200)))

        assert len(set(created)) == 200
        tids = [each.facts["tid"] for each in intuit.emulator.journal.requests()]
        assert len(set(tids)) == len(tids)


def test_earlier_years_said_403() -> None:
    with calling(limits=Limits(burst=0)) as (intuit, caller):
        intuit.emulator.turn(throttle_status=403)

        assert caller.read().status_code == 403


@pytest.mark.parametrize(("counted", "passing"), [("one", 3), ("its_items", 1)])
def test_a_batch_weighs_one_or_its_items(counted: str, passing: int) -> None:
    limits = Limits(requests_per_minute=3, burst=MANY)
    with calling(limits=limits) as (intuit, caller):
        intuit.emulator.turn(batch_counts_as=counted)
        items = [{"bId": str(n), "Query": "select * from Vendor"} for n in range(2)]

        answers = [
            caller._client.post(
                f"{caller._base}/batch",
                headers=caller._headers,
                json={"BatchItemRequest": items},
            ).status_code
            for _ in range(4)
        ]

        assert answers == [200] * passing + [429] * (4 - passing)


def test_reads_are_metered_by_the_month_and_cut_off() -> None:
    with calling() as (intuit, caller):
        intuit.emulator.turn(metering="always", metered_reads_monthly=3)

        assert statuses(caller, 4) == [200, 200, 200, 429]
        intuit.emulator.act("set_clock", {"moment": "2026-01-31T23:59:00+00:00"})
        again = Caller(intuit, caller._client)
        assert statuses(again, 1) == [429]
        intuit.emulator.advance(60)
        assert statuses(again, 1) == [200]


def test_production_keys_are_metered_for_real_companies() -> None:
    with calling(sandbox=False) as (intuit, _):
        app = intuit.emulator.add_app("live", "secret", environment="production")
        intuit.emulator.turn(metered_reads_monthly=2)
        with httpx2.Client(transport=intuit.transport(), base_url=intuit.url) as client:
            live = Caller(intuit, client, app.client_id)

            assert statuses(live, 3) == [200, 200, 429]


def test_the_sandbox_is_not_metered() -> None:
    with calling() as (intuit, caller):
        intuit.emulator.turn(metered_reads_monthly=3)

        assert statuses(caller, 5) == [200] * 5
