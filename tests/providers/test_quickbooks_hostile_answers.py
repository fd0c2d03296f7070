"""Without a sound response, a write is neither taken as done nor as not done."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import Reconnect, Throttled, Unavailable
from cleo_accounting.providers import Doubtful, Refused, Written
from tests.providers.world import (
    REALM,
    START,
    SameGrant,
    Script,
    VirtualTime,
    bill,
    failing,
    grant,
    key,
    orders,
    party,
    provider,
    reply,
    scripted,
    sent,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleo_accounting.providers import Grant

VENDORS = {"QueryResponse": {"Vendor": [{"Id": "1", "SyncToken": "0", "DisplayName": "Acme"}]}}
HTML = "<html><h1>Please sign in</h1>secret-canary</html>"
XML_THROTTLED = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<IntuitResponse time="2026-01-05T09:00:00.000-08:00" xmlns="http://schema.intuit.com/finance/v3">
<Fault type="SERVICE"><Error code="003001"><Message>message=ThrottleExceeded; errorCode=003001;
statusCode=429</Message><Detail>The request limit was reached.</Detail></Error></Fault>
</IntuitResponse>"""


def gateway(code: str, message: str = "message=Nope", kind: str = "SERVICE") -> Any:
    """Return a fault in the gateway's format."""
    error = {"message": message, "detail": "Token expired: eyJhbGciOi", "code": code}
    return {"warnings": None, "fault": {"error": [error], "type": kind}, "time": 1767632400000}


def service(code: str, detail: str = "As it says", kind: str = "ValidationFault") -> Any:
    """Return a fault in the accounting service's format."""
    error = {"Message": "Message", "Detail": detail, "code": code, "element": ""}
    return {"Fault": {"Error": [error], "type": kind}, "time": "2026-01-05T09:00:00.000-08:00"}


def written(number: str = "1001", key_: str = "1", **more: object) -> Any:
    """Return a batch response that says that a bill was written."""
    answer = {
        "Id": "130",
        "SyncToken": "0",
        "DocNumber": number,
        "PrivateNote": f"As agreed\nCleoPay:pay_{number}",
        "TotalAmt": 100.00,
        "CurrencyRef": {"value": "USD"},
        **more,
    }
    return {"BatchItemResponse": [{"bId": key_, "Bill": answer}], "time": "2026-01-05T09:00:00Z"}


@pytest.mark.parametrize(
    "answer",
    [
        text(200, HTML, "text/html"),
        text(502, HTML, "text/html"),
        text(503, HTML, "text/html"),
        text(403, HTML, "text/html"),
        text(404, "", "text/plain"),
        text(200, "", "application/json"),
        text(200, b'{"BatchItemResponse":[{"bId":"1","Bill":{"Id"', "application/json"),
        text(200, b"\xff\xfe{}", "application/json"),
        text(200, b"[]", "application/json"),
        text(200, b"[" * 100_000, "application/json"),
        text(302, "", "text/html", location="https://elsewhere.test/"),
        text(200, gzip.compress(b"0" * 20_000_000), "application/json", content_encoding="br"),
        reply(200, {"time": "2026-01-05T09:00:00Z"}),
        reply(200, {"BatchItemResponse": []}),
        reply(200, written(key_="2")),
        reply(200, written(number="1002")),
        reply(200, written(SyncToken=None)),
        reply(200, written(TotalAmt="much")),
        reply(200, {"BatchItemResponse": written()["BatchItemResponse"] * 2}),
        reply(500, service("10000", kind="SystemFault")),
        reply(500, service("2020")),
        reply(503, written()),
        reply(200, service("10000", kind="SystemFault")),
        reply(504, gateway("006002")),
        reply(400, service("600")),
        reply(400, service("500", "Unsupported Operation")),
        failing(httpx2.ReadTimeout),
        failing(httpx2.ReadError),
        failing(httpx2.WriteError),
        failing(httpx2.RemoteProtocolError),
    ],
)
def test_a_write_without_a_sound_answer_is_doubtful_and_not_sent_again(answer: Any) -> None:
    company, script, _ = scripted(answer)

    outcomes = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert [type(outcome) for outcome in outcomes] == [Doubtful]
    assert "canary" not in repr(outcomes)
    assert len(script.asked) == 1


@pytest.mark.parametrize("error", [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout])
def test_a_write_that_never_left_was_certainly_not_done(error: Any) -> None:
    company, _, clock = scripted(failing(error))

    with pytest.raises(Unavailable) as raised:
        company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert raised.value.until > clock.now()


def test_an_answer_of_another_item_does_not_count_as_ours() -> None:
    company, _, _ = scripted(reply(200, written(number="1001", key_="2")))

    outcomes = company.write(
        orders(company, RemoteKind.BILL, [bill("1001"), bill("1002")]), key=key()
    )

    assert [type(outcome) for outcome in outcomes] == [Doubtful, Doubtful]


def test_each_item_of_a_batch_has_its_own_outcome() -> None:
    faults = {
        "2": service("6140", "DocNumber=1002 is assigned to TxnType=Bill with TxnId=3632"),
        "3": service("10000", kind="SystemFault"),
        "4": service("2500", "Ungültige Referenz-Id : Accounts element id 999 not found"),
    }
    items = [{"bId": item, "Fault": fault["Fault"]} for item, fault in faults.items()]
    document = written()
    document["BatchItemResponse"] = [*reversed(items), *document["BatchItemResponse"]]
    company, _, _ = scripted(reply(200, document, intuit_tid="1-2-3"))
    contents = [bill(str(number)) for number in range(1001, 1005)]

    done, duplicate, broken, reference = company.write(
        orders(company, RemoteKind.BILL, contents), key=key()
    )

    assert isinstance(done, Written)
    assert (done.remote_id, done.version, str(done.total)) == ("130", "0", "100.00 USD")
    assert done.tid == "1-2-3"
    assert isinstance(duplicate, Refused)
    assert (duplicate.code, duplicate.existing_id) == ("duplicate_number", "3632")
    assert isinstance(broken, Doubtful)
    assert isinstance(reference, Refused)
    assert (reference.code, reference.provider_code) == ("reference_refused", "2500")
    assert "Ungültige" in reference.message


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("6240", "name_taken"),
        ("6140", "duplicate_number"),
        ("610", "reference_refused"),
        ("2500", "reference_refused"),
        ("5010", "stale"),
        ("6190", "subscription_ended"),
        ("6200", "books_closed"),
        ("6210", "books_closed"),
        ("2050", "rejected"),
        ("6000", "rejected"),
    ],
)
def test_a_fault_within_http_200_refuses_by_its_code(code: str, cause: str) -> None:
    company, _, _ = scripted(reply(200, service(code)))

    (outcome,) = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.provider_code) == (cause, code)


@pytest.mark.parametrize(
    ("code", "element", "detail", "cause", "length_max"),
    [
        ("2050", "DisplayName", "Min:0 Max:100 supported.", "name_not_allowed", 100),
        ("2050", "DisplayName", "Zu lang", "name_not_allowed", None),
        ("2040", "DisplayName", "Supplied value:A*B", "name_not_allowed", None),
        ("2040", "PrimaryEmailAddr", "Supplied value:A*B", "rejected", None),
        ("2050", "DocNumber", "Min:0 Max:21 supported.", "rejected", 21),
    ],
)
def test_the_form_of_a_name_is_told_from_that_of_other_texts(
    code: str, element: str, detail: str, cause: str, length_max: int | None
) -> None:
    fault = service(code, detail)
    fault["Fault"]["Error"][0]["element"] = element
    company, _, _ = scripted(reply(200, fault))

    (outcome,) = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.length_max) == (cause, length_max)


def test_of_several_errors_the_one_that_we_know_decides_and_all_are_told() -> None:
    fault = service("2050", "Too long")
    fault["Fault"]["Error"].append(service("6210", "Closed")["Fault"]["Error"][0])
    company, _, _ = scripted(reply(400, fault))

    (outcome,) = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert isinstance(outcome, Refused)
    assert outcome.code == "books_closed"
    assert outcome.message == "Too long; Closed"


def test_reads_are_repeated_until_they_are_answered() -> None:
    broken = [text(503, HTML, "text/html"), failing(httpx2.ReadError)]
    company, script, _ = scripted(*broken, reply(200, VENDORS))

    assert [remote.name for remote in company.all(RemoteKind.VENDOR)] == ["Acme"]
    assert len(script.asked) == 3


def test_reads_are_not_repeated_for_ever() -> None:
    company, script, clock = scripted(text(503, HTML, "text/html"))

    with pytest.raises(Unavailable) as raised:
        list(company.all(RemoteKind.VENDOR))

    assert len(script.asked) == 3
    assert raised.value.until > clock.now()
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    ("throttled", "seconds"),
    [
        (reply(429, gateway("3001"), retry_after="7"), 7),
        (
            reply(
                429,
                gateway("3001"),
                date="Mon, 05 Jan 2026 18:00:00 GMT",
                retry_after="Mon, 05 Jan 2026 18:00:20 GMT",
            ),
            20,
        ),
        (reply(429, gateway("3001")), 60),
        (reply(429, gateway("3001"), retry_after="soon"), 60),
        (reply(403, gateway("003001")), 60),
        (text(429, XML_THROTTLED, "application/xml"), 60),
        (text(403, XML_THROTTLED, "text/xml;charset=UTF-8"), 60),
        (text(429, HTML, "text/html"), 60),
    ],
)
def test_after_a_429_nothing_is_sent_before_its_time(throttled: Any, seconds: int) -> None:
    company, script, clock = scripted(throttled, reply(200, VENDORS))

    with pytest.raises(Throttled) as raised:
        list(company.all(RemoteKind.VENDOR))
    until = raised.value.until
    with pytest.raises(Throttled):
        company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert len(script.asked) == 1
    assert timedelta(0) < until - START - timedelta(seconds=seconds) <= timedelta(seconds=5)
    clock.sleep((until - clock.now()).total_seconds())
    assert len(list(company.all(RemoteKind.VENDOR))) == 1
    assert company.usage().throttled == 1


def test_a_429_is_heeded_though_its_process_slept_too_long_to_take_an_answer() -> None:
    """Found by the simulation with seed 2796."""
    clock = VirtualTime()
    slowed = reply(429, gateway("3001"), retry_after="60")
    script = Script([slowed, reply(200, VENDORS)])

    def carry(request: httpx2.Request) -> httpx2.Response:
        clock.sleep(200)
        return script(request)

    company = provider(httpx2.MockTransport(carry), clock).open("1", SameGrant())

    for _ in range(2):
        with pytest.raises(Throttled):
            list(company.all(RemoteKind.VENDOR))

    assert len(script.asked) == 1


def test_a_silence_asked_of_one_company_does_not_silence_another() -> None:
    script = Script([reply(429, gateway("3001")), reply(200, VENDORS)])
    books = provider(httpx2.MockTransport(script), VirtualTime())
    with pytest.raises(Throttled):
        list(books.open("1", SameGrant()).all(RemoteKind.VENDOR))

    assert len(list(books.open("2", SameGrant()).all(RemoteKind.VENDOR))) == 1
    with pytest.raises(Throttled):
        list(books.open("1", SameGrant()).all(RemoteKind.VENDOR))


class NewerGrant(SameGrant):
    """A keeper that has one newer grant."""

    def renew(self, refused: Grant) -> Grant:
        self.renewals += 1
        assert refused == self.grant
        self.grant = grant("access-2")
        return self.grant


def test_an_expired_token_is_renewed_once_and_the_same_request_sent_again() -> None:
    keeper = NewerGrant()
    expired = reply(401, gateway("003200", kind="AUTHENTICATION"))
    company, script, _ = scripted(expired, reply(200, written()), keeper=keeper)

    (outcome,) = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert isinstance(outcome, Written)
    first, second = script.asked
    assert (first.url, first.content) == (second.url, second.content)
    assert [one.headers["authorization"] for one in script.asked] == [
        "Bearer access-1",
        "Bearer access-2",
    ]
    assert keeper.renewals == 1


def test_a_token_refused_twice_asks_for_a_new_connection_without_telling_the_token() -> None:
    expired = reply(401, gateway("003200", kind="AUTHENTICATION"))
    company, script, _ = scripted(expired, keeper=NewerGrant())

    with pytest.raises(Reconnect) as raised:
        company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert len(script.asked) == 2
    assert "access-" not in str(raised.value)
    assert "eyJ" not in str(raised.value)


def test_a_401_page_of_some_proxy_does_not_end_the_connection() -> None:
    company, _, _ = scripted(text(401, HTML, "text/html"), keeper=NewerGrant())

    (outcome,) = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert isinstance(outcome, Doubtful)


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (403, gateway("003100")),
        (401, service("120", ": -11014-You do not have access", "AuthorizationFault")),
        (400, service("5020")),
    ],
)
def test_who_may_not_open_the_books_any_more_has_to_connect_again(
    status: int, document: Any
) -> None:
    company, _, _ = scripted(reply(status, document))

    with pytest.raises(Reconnect) as raised:
        list(company.all(RemoteKind.VENDOR))

    assert raised.value.code == "no_permission"


def test_a_company_under_maintenance_is_asked_again_later() -> None:
    company, _, _ = scripted(reply(400, service("150")))

    with pytest.raises(Unavailable):
        company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())


def test_an_answer_larger_than_we_take_is_asked_for_in_smaller_pages() -> None:
    def page(request: httpx2.Request) -> httpx2.Response:
        statement = request.content.decode()
        start, rows = int(statement.split()[-3]), int(statement.split()[-1])
        ids = range(start, min(start + rows, 101))
        vendors = [{"Id": f"{one:04}", "DisplayName": "n" * 5000} for one in ids]
        return httpx2.Response(200, json={"QueryResponse": {"Vendor": vendors}})

    company, _, _ = scripted(page, answer_bytes_max=200_000)

    assert len(list(company.all(RemoteKind.VENDOR))) == 100


def test_an_answer_that_is_sound_but_larger_than_we_take_is_doubtful() -> None:
    company, _, _ = scripted(reply(200, written(Memo="x" * 1000)), answer_bytes_max=1000)

    (outcome,) = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert isinstance(outcome, Doubtful)


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(b" " * 50_000_000), b"no gzip at all", gzip.compress(b"{}")[:-9]],
    ids=["huge", "another", "cut off"],  # named, because the bytes contain the time
)
def test_a_packed_answer_that_is_huge_or_broken_is_doubtful(packed: bytes) -> None:

    class Raw(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield packed

    def explode(_: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        return httpx2.Response(200, headers=headers, stream=Raw())

    company, _, _ = scripted(explode)

    (outcome,) = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert isinstance(outcome, Doubtful)


def test_packed_answers_are_unpacked() -> None:
    packed = gzip.compress(b'{"QueryResponse":{"Vendor":[{"Id":"7","DisplayName":"Zo\xc3\xab"}]}}')

    class Raw(httpx2.SyncByteStream):
        def __init__(self, cut: int | None) -> None:
            self.cut = cut

        def __iter__(self) -> Iterator[bytes]:
            yield packed[:20]
            yield packed[20 : self.cut]

    def zipped(cut: int | None) -> Any:
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        return lambda _: httpx2.Response(200, headers=headers, stream=Raw(cut))

    company, script, _ = scripted(zipped(-9), zipped(None))

    assert [remote.name for remote in company.all(RemoteKind.VENDOR)] == ["Zoë"]
    assert len(script.asked) == 2


def test_an_answer_that_drips_is_given_up_at_the_deadline() -> None:
    company, _, clock = scripted(lambda _: httpx2.Response(200, stream=Drip(clock)))

    (outcome,) = company.write(orders(company, RemoteKind.BILL, [bill()]), key=key())

    assert isinstance(outcome, Doubtful)
    assert clock.now() - START <= timedelta(seconds=132)


class Drip(httpx2.SyncByteStream):
    """An endless response of one byte a second."""

    def __init__(self, clock: VirtualTime) -> None:
        self.clock = clock

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.clock.sleep(1)
            yield b" "


def test_every_request_is_bound_to_its_company_and_carries_its_key() -> None:
    company, script, _ = scripted(reply(200, written()))
    (order,) = orders(company, RemoteKind.BILL, [bill()])

    company.write([order], key="k" * 36)

    (request,) = script.asked
    assert request.url.path == f"/v3/company/{REALM}/batch"
    assert dict(request.url.params) == {"requestid": "k" * 36, "minorversion": "75"}
    assert [item["bId"] for item in sent(request)["BatchItemRequest"]] == ["1"]


def test_a_company_id_from_outside_cannot_lead_elsewhere() -> None:
    script = Script([reply(200, VENDORS)])
    books = provider(httpx2.MockTransport(script), VirtualTime())

    list(books.open("1/../2?x=#", SameGrant()).all(RemoteKind.VENDOR))

    assert script.asked[0].url.raw_path.startswith(b"/v3/company/1%2F..%2F2%3Fx%3D%23/query")


def test_the_name_in_a_vendors_answer_has_to_be_the_one_sent() -> None:
    def vendor(name: str) -> Any:
        item = {"bId": "1", "Vendor": {"Id": "5", "SyncToken": "0", "DisplayName": name}}
        return reply(200, {"BatchItemResponse": [item]})

    company, _, _ = scripted(vendor("Acme "), vendor("Another"))
    order = orders(company, RemoteKind.VENDOR, [party("ACME")])

    assert isinstance(company.write(order, key=key())[0], Written)
    assert isinstance(company.write(order, key=key())[0], Doubtful)
