"""The boundary of each limit: the last value that is accepted and the first that is not."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from cleo_accounting.core.kinds import NAME_LISTS
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import Throttled, Unavailable
from cleo_accounting.providers import Doubtful, Refused, Sought, Written
from tests.providers.world import (
    START,
    SameGrant,
    Script,
    VirtualTime,
    bill,
    failing,
    key,
    orders,
    provider,
    reply,
    scripted,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = "application/json"
NONE: dict[str, Any] = {"QueryResponse": {}}
FAULT = {"Fault": {"Error": [{"Message": "No", "code": "2020"}], "type": "ValidationFault"}}
DONE = (
    '{"BatchItemResponse":[{"bId":"1","Bill":{"Id":"1","SyncToken":"0","TotalAmt":100,'
    '"PrivateNote":"CleoPay:pay_1001","Odd":%s}}]}'
)


def written(*answers: Callable[[httpx2.Request], httpx2.Response], **more: Any) -> Any:
    """Write a bill to which Intuit gives these responses, and return the outcome."""
    company, _, _ = scripted(*answers, **more)
    (outcome,) = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())
    return outcome


@pytest.mark.parametrize(("status", "kind"), [(499, Refused), (500, Doubtful)])
def test_from_500_on_no_fault_is_believed(status: int, kind: type) -> None:
    assert isinstance(written(reply(status, FAULT)), kind)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("1." + "0" * 98, Written),
        ("1." + "0" * 99, Doubtful),
        ("1.0e30", Written),
        ("1.0e31", Doubtful),
        ("1.0e-30", Written),
        ("1.0e-31", Doubtful),
    ],
)
def test_no_number_is_taken_that_is_longer_or_larger_than_any_in_accounting(
    number: str, kind: type
) -> None:
    assert isinstance(written(text(200, DONE % number, JSON)), kind)


@pytest.mark.parametrize(("spare", "kind"), [(0, Written), (-1, Doubtful)])
def test_an_answer_is_taken_up_to_the_last_byte_that_is_allowed(spare: int, kind: type) -> None:
    body = DONE % "1.5"

    assert isinstance(written(text(200, body, JSON), answer_bytes_max=len(body) + spare), kind)


def _xml(errors: int, padding: int = 0) -> str:
    other = '<Error code="2020"><Message>No</Message></Error>'
    throttled = '<Error code="003001"><Message>Slower</Message></Error>'
    start = '<IntuitResponse><Fault type="SERVICE">' + other * (errors - 1)
    return start + " " * max(0, padding - len(start) - len(throttled)) + throttled + "</Fault>"


@pytest.mark.parametrize(
    ("fault", "heard"),
    [(_xml(20), True), (_xml(21), False), (_xml(1, 65_536), True), (_xml(1, 65_537), False)],
)
def test_so_many_errors_of_so_long_a_fault_in_xml_are_read(fault: str, heard: bool) -> None:
    company, _, _ = scripted(text(403, fault, "application/xml"))

    with pytest.raises(Throttled if heard else Unavailable):
        list(company.all(RemoteKind.VENDOR))


@pytest.mark.parametrize(("said", "seconds"), [("0", 1), ("1", 1), ("2", 2), ("9999", 3600)])
def test_a_silence_lasts_from_a_second_to_an_hour_and_a_little_longer(
    said: str, seconds: int
) -> None:
    company, script, clock = scripted(reply(429, {}, retry_after=said), reply(200, NONE))

    with pytest.raises(Throttled) as raised:
        list(company.all(RemoteKind.VENDOR))

    assert raised.value.until == START + timedelta(seconds=seconds + 2.5)  # half of the jitter
    clock.sleep(seconds + 2.4)
    with pytest.raises(Throttled):
        list(company.all(RemoteKind.VENDOR))
    clock.sleep(0.1)
    assert list(company.all(RemoteKind.VENDOR)) == []
    assert len(script.asked) == 2


def test_a_read_is_asked_again_after_a_second_and_after_two_more() -> None:
    company, _, clock = scripted(*[failing(httpx2.ReadError)] * 2, reply(200, NONE))

    list(company.all(RemoteKind.VENDOR))

    assert clock.now() - START == timedelta(seconds=3)


@pytest.mark.parametrize(("seconds", "asked"), [(129, 2), (130, 2), (131, 1)])
def test_a_read_that_took_too_long_is_not_asked_again(seconds: int, asked: int) -> None:
    clock = VirtualTime()
    script = Script([failing(httpx2.ReadError), reply(200, NONE)])

    def carry(request: httpx2.Request) -> httpx2.Response:
        if not script.asked:
            clock.sleep(seconds)
        return script(request)

    company = provider(httpx2.MockTransport(carry), clock).open("1", SameGrant())
    with suppress(Unavailable):
        list(company.all(RemoteKind.VENDOR))

    assert len(script.asked) == asked


def test_nothing_leaves_at_the_moment_by_which_it_had_to_leave() -> None:
    company, script, clock = scripted(text(200, DONE % "1.5", JSON))
    bills = orders(company, RemoteKind.BILL, [bill()])

    with pytest.raises(Unavailable) as raised:
        company.write(bills, key=key(), leaves_by=clock.monotonic())

    assert raised.value.until == START + timedelta(seconds=30)
    assert script.asked == []
    company.write(bills, key=key(), leaves_by=clock.monotonic() + 0.001)
    assert len(script.asked) == 1


@pytest.mark.parametrize("header", ["intuit_tid", "intuit-tid"])
def test_no_more_is_kept_of_an_exchanges_number_than_intuit_writes(header: str) -> None:
    answer = text(200, DONE % "1.5", JSON)

    def named(request: httpx2.Request) -> httpx2.Response:
        response = answer(request)
        response.headers[header] = "t" * 65
        return response

    assert written(named).tid == "t" * 64


@pytest.mark.parametrize(("number", "asked"), [(200, 1), (201, 2)])
def test_two_hundred_ids_are_asked_for_at_once(number: int, asked: int) -> None:
    company, script, _ = scripted(reply(200, NONE))

    company.read(RemoteKind.BILL, [str(one) for one in range(number)])

    assert len(script.asked) == asked


@pytest.mark.parametrize(("number", "asked"), [(30, 1), (31, 2)])
def test_thirty_numbers_are_asked_for_at_once(number: int, asked: int) -> None:
    company, script, _ = scripted(reply(200, NONE))

    company.find(RemoteKind.BILL, [Sought(str(one), number=str(one)) for one in range(number)])

    assert len(script.asked) == asked


@pytest.mark.parametrize(("days", "asked"), [(30, 1), (30.001, 0)])
def test_changes_are_asked_for_with_five_minutes_of_overlap_and_of_thirty_days_at_most(
    days: float, asked: int
) -> None:
    company, script, _ = scripted(reply(200, {"CDCResponse": []}))

    found = company.changes(NAME_LISTS, START - timedelta(days=days) + timedelta(minutes=5))

    assert found.complete is bool(asked)
    told = [one.url.params["changedSince"] for one in script.asked]
    assert told == ["2025-12-06T17:00:00+00:00"][:asked]


@pytest.mark.parametrize(("number", "complete"), [(999, True), (1000, False)])
def test_a_thousand_changes_may_not_be_all(number: int, complete: bool) -> None:
    rows = [{"Id": str(one), "SyncToken": "0", "DisplayName": str(one)} for one in range(number)]
    company, _, _ = scripted(reply(200, {"CDCResponse": [{"QueryResponse": [{"Vendor": rows}]}]}))

    assert company.changes(NAME_LISTS, START).complete is complete


def test_an_answer_too_large_is_asked_for_in_pages_down_to_ten_rows() -> None:
    company, script, _ = scripted(reply(200, {"QueryResponse": "x" * 2000}), answer_bytes_max=1000)

    with pytest.raises(Unavailable):
        list(company.all(RemoteKind.VENDOR))

    rows = [int(one.content.decode().split()[-1]) for one in script.asked]
    assert rows == [1000, 500, 250, 125, 62, 31, 15, 7]


def test_a_list_that_never_stands_still_is_read_five_times() -> None:
    def page(request: httpx2.Request) -> httpx2.Response:
        start, rows = (int(request.content.decode().split()[at]) for at in (-3, -1))
        ids = range(start * 10_000, start * 10_000 + rows)
        vendors = [{"Id": str(one), "SyncToken": "0", "DisplayName": str(one)} for one in ids]
        return httpx2.Response(200, json={"QueryResponse": {"Vendor": vendors}})

    company, script, _ = scripted(page)

    with pytest.raises(Unavailable):
        list(company.all(RemoteKind.VENDOR))

    assert len(script.asked) == 10  # two pages each time: the second contradicts the first


def test_ten_reads_are_asked_in_a_second_and_the_next_a_hundredth_later() -> None:
    company, script, clock = scripted(reply(200, NONE))

    for _ in range(11):
        list(company.all(RemoteKind.VENDOR))

    assert len(script.asked) == 11
    assert clock.monotonic() == pytest.approx(1.01)


def test_forty_batches_are_written_in_a_minute_and_the_next_a_hundredth_later() -> None:
    company, script, clock = scripted(text(200, DONE % "1.5", JSON), requests_per_second=500)

    for _ in range(41):
        company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert len(script.asked) == 41
    assert clock.monotonic() == pytest.approx(60.01)
