"""Requests stay within Intuit's limits, however many threads send them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import Throttled
from cleo_accounting.providers import Written
from quickbooks_emulator.basics.switches import Switches
from tests.providers.sides import QuickBooksSide
from tests.providers.world import SameGrant, VirtualTime, bill, key, orders, provider

VENDORS = {"QueryResponse": {"Vendor": [{"Id": "1", "DisplayName": "Acme"}]}}


def bills(side: QuickBooksSide, start: int, stop: int) -> Any:
    contents = [
        bill(str(number), party_id=side.vendor_id, account_id=side.account_id)
        for number in range(start, stop)
    ]
    return orders(side.company, RemoteKind.BILL, contents)


@pytest.mark.parametrize("burst_limit", ["per_second", "concurrent"])
@pytest.mark.parametrize("latency_seconds", [0.0, 0.05, 2.0])
def test_a_thousand_bills_in_small_batches_never_meet_a_429(
    burst_limit: Any, latency_seconds: float
) -> None:
    with QuickBooksSide.opened(
        switches=Switches(burst_limit=burst_limit), latency_seconds=latency_seconds
    ) as side:
        started = side.clock.monotonic()
        batches = [bills(side, at, at + 8) for at in range(0, 1000, 8)]
        with ThreadPoolExecutor(8) as threads:
            outcomes = threads.map(lambda one: side.company.write(one, key=key()), batches)
            assert {type(one) for batch in outcomes for one in batch} == {Written}

        assert side.count(RemoteKind.BILL) == 1000
        assert side.company.usage().throttled == 0
        assert side.clock.monotonic() - started > 180  # 125 batches at 40 a minute


def test_six_hundred_reads_in_a_burst_never_meet_a_429() -> None:
    with QuickBooksSide.opened(latency_seconds=0.01) as side:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: side.company.read(RemoteKind.VENDOR, ["1"]), range(600)))

        usage = side.company.usage()
        assert (usage.reads, usage.throttled) == (600, 0)


def test_books_opened_twice_share_one_pace() -> None:
    with QuickBooksSide.opened(latency_seconds=0.01) as side:
        doubles = [side.provider.open(side.intuit.realm_id, side.keeper) for _ in range(4)]
        for at in range(120):
            doubles[at % 4].read(RemoteKind.VENDOR, ["1"])

        assert {books.usage().throttled for books in doubles} == {0}


def test_without_a_pace_the_same_bills_would_meet_a_429() -> None:
    with QuickBooksSide.opened(latency_seconds=0.0) as side:
        limits = {"requests_per_minute": 10**6, "requests_per_second": 10**6}
        hasty = provider(
            side.intuit.transport(), side.clock, **limits, batches_per_minute=10**6
        ).open(side.intuit.realm_id, side.keeper)

        batches = [bills(side, at, at + 8) for at in range(0, 1000, 8)]
        with pytest.raises(Throttled):
            [hasty.write(batch, key=key()) for batch in batches]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1.5), st.floats(0, 1.5)), min_size=30, max_size=60))
def test_no_delay_on_the_way_makes_two_of_our_seconds_into_one_of_theirs(
    delays: list[tuple[float, float]],
) -> None:
    clock = VirtualTime()
    arrivals: list[float] = []

    def arrive(_: httpx2.Request) -> httpx2.Response:
        there, back = delays[len(arrivals)]
        clock.sleep(there)
        arrivals.append(clock.monotonic())
        clock.sleep(back)
        return httpx2.Response(200, json=VENDORS)

    books = provider(httpx2.MockTransport(arrive), clock, requests_per_second=3).open(
        "1", SameGrant()
    )
    for _ in delays:
        books.read(RemoteKind.VENDOR, ["1"])

    for first, fourth in zip(arrivals, arrivals[3:], strict=False):
        assert fourth - first > 1
