"""The journal keeps every request and effect, and a run can be replayed from it."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from quickbooks_emulator import testing
from quickbooks_emulator.accounting.throttle import UNLIMITED
from quickbooks_emulator.basics.wire import Request, Response
from quickbooks_emulator.control.rerun import Incomplete, rerun
from quickbooks_emulator.world.emulator import Emulator
from quickbooks_emulator.world.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quickbooks_emulator.testing import Intuit


class Client:
    """A client that creates vendors."""

    def __init__(self, intuit: Intuit, client: httpx2.Client) -> None:
        self._intuit, self._client = intuit, client
        self._base = f"{intuit.url}/v3/company/{intuit.realm_id}"
        self._headers = {
            "authorization": f"Bearer {intuit.authorize().access_token}",
            "accept": "application/json",
        }

    def create(self, name: str, **more: str) -> httpx2.Response:
        url = f"{self._base}/vendor"
        body = {"DisplayName": name}
        return self._client.post(url, headers=self._headers, json=body, params=more)

    def query(self, statement: str) -> httpx2.Response:
        parameters = {"query": statement}
        return self._client.get(f"{self._base}/query", headers=self._headers, params=parameters)


def in_process(**choices: Any) -> Iterator[tuple[Intuit, Client]]:
    with (
        testing.emulator(seeded=False, **choices) as intuit,
        httpx2.Client(transport=intuit.transport()) as client,
    ):
        yield intuit, Client(intuit, client)


@pytest.fixture
def doors() -> Iterator[tuple[Intuit, Client]]:
    yield from in_process()


def test_a_request_and_its_effect_stand_in_the_journal_in_order(
    doors: tuple[Intuit, Client],
) -> None:
    intuit, client = doors

    answer = client.create("Acme")

    effect, request = intuit.emulator.journal.since()[-2:]
    assert effect.seq < request.seq
    assert request.response is not None
    assert request.response.body == answer.content
    assert request.facts["tid"] == answer.headers["intuit_tid"] == effect.facts["tid"]
    assert (effect.facts["entity"], effect.facts["operation"]) == ("Vendor", "Create")
    assert effect.document()["after"]["DisplayName"] == "Acme"


def test_a_refused_request_has_no_effect(doors: tuple[Intuit, Client]) -> None:
    intuit, client = doors
    client.create("Acme")
    before = len(intuit.emulator.journal.effects())

    assert client.create("acme").status_code == 400

    assert len(intuit.emulator.journal.effects()) == before


def turbulent_run(intuit: Intuit, client: Client) -> None:
    """Make a run with everything whose outcome could differ in a replay."""
    emulator = intuit.emulator
    emulator.act("weather", {"rates": {"error_before_commit": 0.2, "timeout_after_commit": 0.2}})
    for number in range(20):
        client.create(f"Vendor {number}", requestid=f"request-{number % 15}")
    emulator.act("clear_faults")
    emulator.add_fault("late_commit", seconds=60, path="*/vendor")
    client.create("Late")
    with pytest.raises(ValueError, match="http"):
        emulator.add_app(redirect_uris=["http://app.example/"])
    emulator.advance(120)
    second = emulator.add_company("Second")
    emulator.authorize(second.realm_id, intuit.app.client_id, ["openid"])
    emulator.turn(same_day_refresh="new_value")
    vendor_id = intuit.company.all("Vendor")[0]["Id"]
    person = {"realm_id": intuit.realm_id, "deed": "inactivate", "kind": "Vendor"}
    emulator.act("person", {**person, "id": vendor_id})
    client.query("select * from Vendor where Active in (true, false) orderby Id")
    client.query("select * from Nonsense")


def test_a_run_can_be_run_again_from_its_journal() -> None:
    log = io.StringIO()
    clock = testing.VirtualClock()
    emulator = Emulator(
        3, clock, base_url="https://intuit.test", limits=UNLIMITED, journal_file=log
    )
    app = emulator.add_app("id", "secret", [testing.REDIRECT_URI])
    company = emulator.add_company("First", seeded=False)
    intuit = testing.Intuit(emulator, app, company, "https://intuit.test")
    with httpx2.Client(transport=intuit.transport()) as client:
        turbulent_run(intuit, Client(intuit, client))

    again, differences = rerun(log.getvalue().splitlines())

    assert differences == []
    assert again.companies[company.realm_id].all("Vendor") == company.all("Vendor")
    assert len(company.all("Vendor")) > 10


def test_a_tampered_journal_shows_where_it_differs(doors: tuple[Intuit, Client]) -> None:
    intuit, client = doors
    client.create("Acme")
    lines = [json.loads(line) for line in intuit.emulator.journal.lines()]
    lines[-1]["request"]["body"] = json.dumps({"DisplayName": "Someone else"})

    _, differences = rerun(json.dumps(line) for line in lines)

    assert [each.seq for each in differences] == [lines[-1]["seq"]]
    assert differences[0].now.json()["Vendor"]["DisplayName"] == "Someone else"


def test_a_run_over_http_in_real_time_can_be_run_again_too() -> None:
    with (
        testing.served(limits=UNLIMITED, seeded=False) as intuit,
        httpx2.Client() as opened,
    ):
        client = Client(intuit, opened)
        for number in range(5):
            client.create(f"Vendor {number}")
        lines = opened.get(f"{intuit.url}/_emulator/journal.jsonl").text.splitlines()

    _, differences = rerun(lines)

    assert differences == []


def test_a_run_that_loaded_a_state_is_run_again_with_it(doors: tuple[Intuit, Client]) -> None:
    intuit, client = doors
    client.create("Acme")
    saved = intuit.emulator.save()
    client.create("Beta")
    intuit.emulator.load(saved)
    assert client.create("Beta").status_code == 200
    lines = list(intuit.emulator.journal.lines())

    _, differences = rerun(lines, [saved])

    assert differences == []
    with pytest.raises(Incomplete):
        rerun(lines)


def test_half_a_journal_is_not_run(doors: tuple[Intuit, Client]) -> None:
    intuit, client = doors
    client.create("Acme")

    with pytest.raises(Incomplete):
        rerun(list(intuit.emulator.journal.lines())[1:])


def test_the_journals_memory_is_bounded_by_entries_and_by_bytes() -> None:
    moment = testing.VirtualClock().now()
    few, small = Journal(entries_max=10), Journal(bytes_max=1000)

    for number in range(100):
        request, response = Request("POST", f"/{number}", body=b"x" * 90), Response(200, {}, b"y")
        few.write("request", moment, {}, request, response)
        small.write("request", moment, {}, request, response)

    assert [each.seq for each in few] == list(range(91, 101))
    assert [each.seq for each in small] == list(range(91, 101))


def test_bodies_that_are_no_text_survive_the_journal() -> None:
    with (
        testing.emulator(seeded=False) as intuit,
        httpx2.Client(transport=intuit.transport()) as client,
    ):
        answer = client.post(f"{intuit.url}/anything", content=b"\xff\xfe\x00")
        assert answer.status_code == 501
        lines = list(intuit.emulator.journal.lines())

    _, differences = rerun(lines)

    assert differences == []


def test_equal_seeds_and_requests_give_byte_identical_answers() -> None:
    def run() -> list[bytes]:
        for intuit, client in in_process(seed=11, limits=UNLIMITED):
            turbulent_run(intuit, client)
            requests = intuit.emulator.journal.requests()
            return [each.response.body for each in requests if each.response]
        raise AssertionError

    assert run() == run()
