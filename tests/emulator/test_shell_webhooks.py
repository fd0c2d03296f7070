"""Webhooks: payload formats, signature, retries, and the ways in which they fail."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from quickbooks_emulator import testing
from quickbooks_emulator.basics.wire import request_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quickbooks_emulator.notices.webhooks import Notice
    from quickbooks_emulator.testing import Intuit

VERIFIER = "7a3c0000-verifier"
ENDPOINT = "https://app.example/webhooks"


class Mailbox:
    """An app's endpoint in process, which keeps the notices and responds with a given status."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.notices: list[Notice] = []
        self.status: int | None = 200

    def __call__(self, notice: Notice) -> int | None:
        self.bodies.append(json.loads(notice.body))
        self.notices.append(notice)
        return self.status


@contextmanager
def ringing(**webhook: Any) -> Iterator[tuple[Intuit, Mailbox]]:
    with testing.emulator(seeded=False) as intuit:
        subscribe(intuit, **webhook)
        intuit.authorize()
        mailbox = Mailbox()
        intuit.emulator.courier = mailbox
        yield intuit, mailbox


def subscribe(intuit: Intuit, url: str = ENDPOINT, **webhook: Any) -> None:
    intuit.emulator.add_app(
        intuit.app.client_id,
        intuit.app.client_secret,
        intuit.app.redirect_uris,
        webhook={"url": url, "verifier_token": VERIFIER, **webhook},
    )


def vendor(intuit: Intuit, name: str) -> str:
    identity: str = intuit.company.create("Vendor", {"DisplayName": name})["Id"]
    return identity


def ids(body: list[dict[str, Any]]) -> list[str]:
    return [event["intuitentityid"] for event in body]


def test_changes_arrive_as_cloud_events() -> None:
    with ringing() as (intuit, mailbox):
        identity = vendor(intuit, "Acme")
        intuit.company.update("Vendor", identity, {"CompanyName": "Acme Ltd"})

        intuit.emulator.deliver(at_once=True)

        created, updated = mailbox.bodies[0]
        assert created["type"] == "qbo.vendor.created.v1"
        assert updated["type"] == "qbo.vendor.updated.v1"
        assert created["specversion"] == "1.0"
        assert created["intuitaccountid"] == intuit.realm_id
        assert created["intuitentityid"] == identity
        assert created["time"] == "2026-01-05T17:00:00.000000000Z"
        assert created["source"].startswith("intuit.")
        assert created["id"] != updated["id"]


def test_changes_arrive_in_the_legacy_shape() -> None:
    with ringing(shape="legacy") as (intuit, mailbox):
        identity = vendor(intuit, "Acme")

        intuit.emulator.deliver(at_once=True)

        assert mailbox.bodies[0] == {
            "eventNotifications": [
                {
                    "realmId": intuit.realm_id,
                    "dataChangeEvent": {
                        "entities": [
                            {
                                "name": "Vendor",
                                "id": identity,
                                "operation": "Create",
                                "lastUpdated": "2026-01-05T17:00:00.000Z",
                            }
                        ]
                    },
                }
            ]
        }


def test_the_signature_is_of_the_raw_body_with_the_verifier_token() -> None:
    with ringing() as (intuit, mailbox):
        vendor(intuit, "Acme")
        intuit.emulator.deliver(at_once=True)

        notice = mailbox.notices[0]

        expected = hmac.new(VERIFIER.encode(), notice.body, sha256).digest()
        assert base64.b64decode(notice.headers["intuit-signature"]) == expected
        assert notice.headers["user-agent"] == "intuit_notification_server/0.1"


@pytest.mark.parametrize("shape", ["legacy", "cloud_events"])
def test_one_delivery_can_tell_of_several_companies(shape: str) -> None:
    with ringing(shape=shape) as (intuit, mailbox):
        other = intuit.emulator.add_company("Other", seeded=False)
        intuit.emulator.authorize(other.realm_id, intuit.app.client_id)
        vendor(intuit, "Acme")
        other.create("Vendor", {"DisplayName": "Beta"})

        intuit.emulator.deliver(at_once=True)

        (body,) = mailbox.bodies
        told = body["eventNotifications"] if shape == "legacy" else body
        named = {each.get("realmId") or each.get("intuitaccountid") for each in told}
        assert named == {intuit.realm_id, other.realm_id}


def test_a_merge_tells_which_record_is_gone() -> None:
    with ringing() as (intuit, mailbox):
        loser, winner = vendor(intuit, "Acme"), vendor(intuit, "Acme Corp")
        intuit.emulator.deliver(at_once=True)

        intuit.company.merge("Vendor", loser, winner)
        intuit.emulator.deliver(at_once=True)

        merged = mailbox.bodies[-1][-1]
        assert merged["type"] == "qbo.vendor.merged.v1"
        assert (merged["intuitentityid"], merged["data"]["deletedId"]) == (winner, loser)


@pytest.mark.parametrize(("switch", "word"), [("updated", "updated"), ("deleted", "deleted")])
def test_a_deactivation_arrives_as_update_or_delete(switch: str, word: str) -> None:
    with ringing() as (intuit, mailbox):
        intuit.emulator.turn(deactivation_event=switch)
        identity = vendor(intuit, "Acme")
        intuit.company.update("Vendor", identity, {"Active": False})

        intuit.emulator.deliver(at_once=True)

        assert mailbox.bodies[0][-1]["type"] == f"qbo.vendor.{word}.v1"


@pytest.mark.parametrize("word", ["voided", "void"])
def test_a_void_has_either_of_the_words_seen(word: str) -> None:
    with ringing() as (intuit, mailbox):
        intuit.emulator.turn(void_event=word)
        customer = intuit.company.create("Customer", {"DisplayName": "Beta"})["Id"]
        document = {"CustomerRef": {"value": customer}, "TotalAmt": 10}
        payment = intuit.company.create("Payment", document)["Id"]
        intuit.company.void("Payment", payment)

        intuit.emulator.deliver(at_once=True)

        assert f"qbo.payment.{word}.v1" in [event["type"] for event in mailbox.bodies[0]]


@pytest.mark.parametrize(("echo", "heard"), [(True, 1), (False, 0)])
def test_an_apps_own_writes_come_back_as_an_echo_or_not(*, echo: bool, heard: int) -> None:
    with ringing() as (intuit, mailbox):
        intuit.emulator.turn(own_writes_echo=echo)
        bearer = intuit.authorize().access_token
        intuit.emulator.handle(
            request_to(
                "POST",
                f"{intuit.url}/v3/company/{intuit.realm_id}/vendor",
                {"authorization": f"Bearer {bearer}", "accept": "application/json"},
                b'{"DisplayName": "Acme"}',
            )
        )

        intuit.emulator.deliver(at_once=True)

        assert len(mailbox.bodies) == heard


def test_an_app_hears_of_the_entities_it_chose_only() -> None:
    with ringing(entities=["Customer"]) as (intuit, mailbox):
        vendor(intuit, "Acme")
        customer = intuit.company.create("Customer", {"DisplayName": "Beta"})["Id"]

        intuit.emulator.deliver(at_once=True)

        assert ids(mailbox.bodies[0]) == [customer]


def test_a_disconnected_app_hears_nothing() -> None:
    with ringing() as (intuit, mailbox):
        intuit.emulator.disconnect(intuit.realm_id, intuit.app.client_id)
        vendor(intuit, "Acme")

        assert intuit.emulator.deliver(at_once=True) == []
        assert mailbox.bodies == []


def test_changes_gather_for_a_while_before_they_are_told() -> None:
    with ringing() as (intuit, mailbox):
        vendor(intuit, "Acme")
        intuit.emulator.advance(4)
        vendor(intuit, "Beta")
        assert intuit.emulator.deliver() == []

        intuit.emulator.advance(1)
        intuit.emulator.deliver()

        assert len(mailbox.bodies[0]) == 2


def test_retries_follow_the_published_ladder() -> None:
    ladder = [10, 20, 30, 300, 1200, 7200, 14400, 21600, 21600, 21600]
    with ringing() as (intuit, mailbox):
        mailbox.status = 500
        vendor(intuit, "Acme")
        intuit.emulator.deliver(at_once=True)
        for seconds in ladder:
            count = len(mailbox.bodies)
            intuit.emulator.advance(seconds - 1)
            intuit.emulator.deliver()
            assert len(mailbox.bodies) == count

            intuit.emulator.advance(1)
            intuit.emulator.deliver()
            assert len(mailbox.bodies) == count + 1

        assert len({json.dumps(body) for body in mailbox.bodies}) == 1


@pytest.mark.parametrize(("blocking", "arrived"), [(True, 0), (False, 1)])
def test_later_notices_wait_behind_an_unacknowledged_one(*, blocking: bool, arrived: int) -> None:
    with ringing() as (intuit, mailbox):
        intuit.emulator.turn(webhook_blocking=blocking)
        mailbox.status = None
        first = vendor(intuit, "Acme")
        intuit.emulator.deliver(at_once=True)
        mailbox.status = 200
        second = vendor(intuit, "Beta")
        intuit.emulator.advance(6)

        intuit.emulator.deliver()
        assert [ids(body) for body in mailbox.bodies[1:]] == [[second]] * arrived

        intuit.emulator.advance(10)
        intuit.emulator.deliver()
        assert [first] in [ids(body) for body in mailbox.bodies[1:]]
        assert [second] in [ids(body) for body in mailbox.bodies]


def test_a_notice_can_be_lost() -> None:
    with ringing() as (intuit, mailbox):
        intuit.emulator.act("bell", {"lose": 1.0})
        vendor(intuit, "Acme")

        assert intuit.emulator.deliver(at_once=True) == []
        assert mailbox.bodies == []
        assert intuit.emulator.webhooks.sent()[0].state == "lost"


def test_a_notice_can_come_twice() -> None:
    with ringing() as (intuit, mailbox):
        intuit.emulator.act("bell", {"double": 1.0})
        vendor(intuit, "Acme")

        intuit.emulator.deliver(at_once=True)

        assert len(mailbox.bodies) == 2
        assert mailbox.bodies[0] == mailbox.bodies[1]


def test_events_can_come_out_of_order() -> None:
    with ringing() as (intuit, mailbox):
        intuit.emulator.act("bell", {"reorder": 1.0})
        created = [vendor(intuit, f"Vendor {number}") for number in range(8)]

        intuit.emulator.deliver(at_once=True)

        assert sorted(ids(mailbox.bodies[0]), key=int) == created
        assert ids(mailbox.bodies[0]) != created


def test_a_notice_can_be_late() -> None:
    with ringing() as (intuit, mailbox):
        intuit.emulator.act("bell", {"delay_seconds": 3600})
        vendor(intuit, "Acme")
        intuit.emulator.advance(5)
        intuit.emulator.deliver()
        assert mailbox.bodies == []

        intuit.emulator.advance(3600)
        intuit.emulator.deliver()

        assert len(mailbox.bodies) == 1


class Endpoint(BaseHTTPRequestHandler):
    """A real endpoint whose first response is too slow."""

    received: list[dict[str, str]]
    slow: threading.Event

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.received.append({**headers, "body": body})
        if len(self.received) == 1:
            self.slow.wait(10)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            """The emulator did not wait."""


@contextmanager
def endpoint() -> Iterator[tuple[str, type[Endpoint]]]:
    handler = type("Here", (Endpoint,), {"received": [], "slow": threading.Event()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", handler
        finally:
            handler.slow.set()
            server.shutdown()
            thread.join()


def test_over_http_an_endpoint_has_three_seconds_and_then_another_try() -> None:
    with testing.emulator(seeded=False) as intuit, endpoint() as (url, here):
        subscribe(intuit, url)
        intuit.authorize()
        vendor(intuit, "Acme")

        (first,) = intuit.emulator.deliver(at_once=True)
        here.slow.set()
        (second,) = intuit.emulator.deliver(at_once=True)

        assert first.attempts[0][1] is None
        assert second.state == "delivered"
        assert len({each["body"] for each in here.received}) == 1
        assert here.received[0]["intuit-signature"] == here.received[1]["intuit-signature"]
