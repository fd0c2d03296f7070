"""Faults: what a client sees of each, and what has happened in the books by then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from quickbooks_emulator import testing
from quickbooks_emulator.accounting.throttle import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quickbooks_emulator.testing import Intuit

NOTHING = httpx2.Response(599)


class Client:
    """A client that creates and counts vendors; a broken connection counts as a response."""

    def __init__(self, intuit: Intuit, client: httpx2.Client) -> None:
        self._client = client
        self._base = f"{intuit.url}/v3/company/{intuit.realm_id}"
        self._headers = {
            "authorization": f"Bearer {intuit.authorize().access_token}",
            "accept": "application/json",
        }

    def create(self, name: str = "Acme", **options: Any) -> httpx2.Response:
        return self._client.post(
            f"{self._base}/vendor",
            headers=self._headers,
            json={"DisplayName": name},
            params={"minorversion": "75"},
            **options,
        )

    def batch(self, *names: str) -> httpx2.Response:
        items = [
            {"bId": name, "operation": "create", "Vendor": {"DisplayName": name}} for name in names
        ]
        return self._client.post(
            f"{self._base}/batch", headers=self._headers, json={"BatchItemRequest": items}
        )

    def attempt(self, name: str = "Acme") -> httpx2.Response:
        try:
            return self.create(name)
        except httpx2.TransportError:
            return NOTHING

    def count(self) -> int:
        query = {"query": "select count(*) from Vendor"}
        answer = self._client.get(f"{self._base}/query", headers=self._headers, params=query)
        total: int = answer.json()["QueryResponse"]["totalCount"]
        return total


@pytest.fixture(params=["in process", "over HTTP"])
def doors(request: pytest.FixtureRequest) -> Iterator[tuple[Intuit, Client]]:
    """An emulator in process, and one on a real socket, which must behave the same."""
    if request.param == "in process":
        with (
            testing.emulator(limits=UNLIMITED, seeded=False) as intuit,
            httpx2.Client(transport=intuit.transport()) as client,
        ):
            yield intuit, Client(intuit, client)
    else:
        with (
            testing.served(limits=UNLIMITED, seeded=False) as intuit,
            httpx2.Client() as client,
        ):
            yield intuit, Client(intuit, client)


def is_broken(answer: httpx2.Response) -> bool:
    return answer is NOTHING


def is_html(answer: httpx2.Response) -> bool:
    return answer.headers["content-type"] == "text/html" and "<html>" in answer.text


def is_cut(answer: httpx2.Response) -> bool:
    return answer.status_code == 200 and b"}" not in answer.content[-1:]


def is_empty(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.content) == (200, b"")


def is_failure(answer: httpx2.Response) -> bool:
    return answer.status_code == 500 and answer.json()["Fault"]["Error"][0]["code"] == "10000"


def is_timeout(answer: httpx2.Response) -> bool:
    return answer.status_code == 504 and answer.json()["fault"]["error"][0]["code"] == "6002"


def is_throttled(answer: httpx2.Response) -> bool:
    return answer.status_code == 429


def is_good(answer: httpx2.Response) -> bool:
    return answer.status_code == 200 and answer.json()["Vendor"]["DisplayName"] == "Acme"


@pytest.mark.parametrize(
    ("kind", "seen", "written"),
    [
        ("drop_before_commit", is_broken, 0),
        ("drop_after_commit", is_broken, 1),
        ("reset_mid_body", is_broken, 1),
        ("truncated_body", is_cut, 1),
        ("empty_body", is_empty, 1),
        ("html_page", is_html, 1),
        ("error_before_commit", is_failure, 0),
        ("error_after_commit", is_failure, 1),
        ("timeout_before_commit", is_timeout, 0),
        ("timeout_after_commit", is_timeout, 1),
        ("timeout_midway", is_timeout, 1),
        ("throttled", is_throttled, 0),
        ("late_commit", is_timeout, 0),
    ],
)
def test_a_misfortune_is_seen_and_has_happened_or_not(
    doors: tuple[Intuit, Client],
    kind: str,
    seen: Callable[[httpx2.Response], bool],
    written: int,
) -> None:
    intuit, client = doors
    intuit.emulator.add_fault(kind, path="*/vendor", method="POST", seconds=3600)

    answer = client.attempt()

    assert seen(answer)
    assert client.count() == written
    assert is_good(client.attempt()) or written


@pytest.mark.parametrize(("kind", "more"), [("delay", {"seconds": 0.3}), ("slow_drip", {})])
def test_a_slow_answer_is_whole(
    doors: tuple[Intuit, Client], kind: str, more: dict[str, Any]
) -> None:
    intuit, client = doors
    intuit.emulator.add_fault(kind, bytes_per_second=2000, **more)

    assert is_good(client.create())


def test_an_impatient_client_gives_up_but_the_write_has_happened(
    doors: tuple[Intuit, Client],
) -> None:
    intuit, client = doors
    intuit.emulator.add_fault("delay", seconds=0.5)

    with pytest.raises(httpx2.ReadTimeout):
        client.create(timeout=0.1)

    assert client.count() == 1


def test_a_batch_that_breaks_off_midway_has_written_its_first_half(
    doors: tuple[Intuit, Client],
) -> None:
    intuit, client = doors
    intuit.emulator.add_fault("timeout_midway", path="*/batch")

    answer = client.batch("Acme", "Bridge", "Cedar")

    assert is_timeout(answer)
    names = [vendor["DisplayName"] for vendor in intuit.company.all("Vendor")]
    assert names == ["Acme", "Bridge"]


def test_a_late_commit_comes_when_it_is_due(doors: tuple[Intuit, Client]) -> None:
    intuit, client = doors
    intuit.emulator.add_fault("late_commit", seconds=600)
    client.attempt()
    intuit.emulator.advance(500)
    assert client.count() == 0

    intuit.emulator.advance(200)

    assert client.count() == 1


def test_a_late_commit_does_not_mind_that_the_token_has_died(
    doors: tuple[Intuit, Client],
) -> None:
    intuit, client = doors
    intuit.emulator.add_fault("late_commit", seconds=7200)
    client.attempt()

    intuit.emulator.advance(7200)
    intuit.emulator.catch_up()

    assert intuit.company.count("Vendor") == 1


@pytest.mark.parametrize(("status", "is_page"), [(502, True), (503, True), (500, False)])
def test_5xx_comes_with_a_page_or_a_fault(
    doors: tuple[Intuit, Client], status: int, *, is_page: bool
) -> None:
    intuit, client = doors
    intuit.emulator.add_fault("error_after_commit", status=status)

    answer = client.attempt()

    assert answer.status_code == status
    assert answer.text.startswith("<html>") == is_page


def test_a_rule_strikes_the_requests_it_is_about(doors: tuple[Intuit, Client]) -> None:
    intuit, client = doors
    intuit.emulator.add_fault("error_before_commit", body="Beta", skip=1, times=2)

    answers = [client.attempt(name).status_code for name in ("Alpha", "Beta 1", "Beta 2", "Beta 3")]
    more = [client.attempt(name).status_code for name in ("Gamma", "Beta 4")]

    assert answers == [200, 200, 500, 500]
    assert more == [200, 200]


def test_a_rule_can_ask_for_query_parameters(doors: tuple[Intuit, Client]) -> None:
    intuit, client = doors
    intuit.emulator.add_fault("error_before_commit", query={"requestid": "a*"}, times=None)
    intuit.emulator.add_fault("error_before_commit", query={"minorversion": "7*"})

    assert [client.attempt(f"V {number}").status_code for number in range(2)] == [500, 200]


def test_a_rule_can_be_switched_off(doors: tuple[Intuit, Client]) -> None:
    intuit, client = doors
    rule = intuit.emulator.add_fault("error_before_commit", times=None)
    assert {client.attempt().status_code for _ in range(3)} == {500}

    intuit.emulator.act("remove_fault", {"id": rule})

    assert client.attempt().status_code == 200


def test_weather_from_the_same_seed_is_the_same() -> None:
    def run(seed: int) -> list[int]:
        with (
            testing.emulator(seed=seed, limits=UNLIMITED, seeded=False) as intuit,
            httpx2.Client(transport=intuit.transport()) as opened,
        ):
            client = Client(intuit, opened)
            intuit.emulator.act(
                "weather", {"rates": {"drop_after_commit": 0.2, "error_before_commit": 0.3}}
            )
            return [client.attempt(f"Vendor {number}").status_code for number in range(60)]

    assert run(5) == run(5)
    assert run(5) != run(6)
    assert {200, 599} < set(run(5))


@pytest.mark.parametrize(
    "rates", [{"nonsense": 0.1}, {"delay": 2}, {"delay": 0.6, "throttled": 0.6}]
)
def test_weather_that_cannot_be_is_refused(rates: dict[str, float]) -> None:
    with testing.emulator(seeded=False) as intuit, pytest.raises(ValueError, match="rate"):
        intuit.emulator.act("weather", {"rates": rates})


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nonsense"},
        {"kind": "delay", "nonsense": 1},
    ],
)
def test_a_misfortune_that_does_not_exist_is_refused(wrong: dict[str, Any]) -> None:
    with (
        testing.emulator(seeded=False) as intuit,
        pytest.raises((ValueError, TypeError), match="nonsense"),
    ):
        intuit.emulator.add_fault(**wrong)
