"""The whole state can be saved and loaded, and a loaded emulator continues exactly the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from quickbooks_emulator import testing
from quickbooks_emulator.basics.wire import Request, request_to
from quickbooks_emulator.world.emulator import Emulator
from quickbooks_emulator.world.state import Unreadable

if TYPE_CHECKING:
    from quickbooks_emulator.testing import Intuit


def furnished() -> tuple[Intuit, str]:
    """Return an emulator with work of every kind in progress, and an access token."""
    emulator = Emulator(4, testing.VirtualClock(), base_url="https://intuit.test")
    webhook = {"url": "https://app.example/hook", "verifier_token": "v"}
    app = emulator.add_app("id", "secret", [testing.REDIRECT_URI], webhook=webhook)
    company = emulator.add_company("First")
    intuit = testing.Intuit(emulator, app, company, "https://intuit.test")
    bearer = intuit.authorize().access_token
    emulator.turn(same_day_refresh="new_value")
    emulator.act("weather", {"rates": {"error_before_commit": 0.3}})
    emulator.courier = lambda _notice: 500
    for number in range(8):
        emulator.handle(post(intuit, bearer, "vendor", {"DisplayName": f"V {number}"}, number))
        emulator.advance(1)
    emulator.deliver(at_once=True)
    emulator.add_fault("late_commit", seconds=60, path="*/customer")
    emulator.handle(post(intuit, bearer, "customer", {"DisplayName": "Late"}, 99))
    emulator.add_fault("delay", times=3, skip=1, path="*/vendor")
    emulator.handle(
        request_to(
            "GET",
            "https://intuit.test/connect/oauth2?client_id=id&response_type=code&state=s&scope=openid"
            f"&redirect_uri={testing.REDIRECT_URI}",
        )
    )
    return intuit, bearer


def post(intuit: Intuit, bearer: str, kind: str, body: dict[str, Any], number: int) -> Request:
    return request_to(
        "POST",
        f"https://intuit.test/v3/company/{intuit.realm_id}/{kind}?requestid=r{number}",
        {"authorization": f"Bearer {bearer}", "accept": "application/json"},
        json.dumps(body).encode(),
    )


def afterwards(emulator: Emulator, intuit: Intuit, bearer: str) -> list[tuple[int, bytes]]:
    """Send the same further requests to an emulator and return its responses and notices."""
    emulator.clock.advance(120)
    requests = [
        post(intuit, bearer, "vendor", {"DisplayName": f"W {number}"}, number)
        for number in range(5, 12)
    ]
    address = f"https://intuit.test/v3/company/{intuit.realm_id}/query?query="
    header = {"authorization": f"Bearer {bearer}", "accept": "application/json"}
    requests += [
        request_to("GET", f"{address}select * from {kind}", header)
        for kind in ("Vendor", "Customer", "Account", "Item", "Term")
    ]
    answers = [emulator.handle(each) for each in requests]
    emulator.courier = lambda _notice: 200
    notices = emulator.deliver(at_once=True)
    return [(each.status, each.body) for each in answers] + [(0, each.body) for each in notices]


def test_a_loaded_state_goes_on_exactly_as_the_saved_one() -> None:
    intuit, bearer = furnished()
    saved = intuit.emulator.save()
    other = Emulator(99, testing.VirtualClock(), base_url="https://intuit.test")

    other.load(saved)

    assert other.save() == saved
    assert afterwards(other, intuit, bearer) == afterwards(intuit.emulator, intuit, bearer)
    assert other.companies[intuit.realm_id].trial_balance() == intuit.company.trial_balance()


def test_a_loaded_company_still_tells_its_changes() -> None:
    intuit, _ = furnished()
    other = Emulator(99, testing.VirtualClock())
    other.load(intuit.emulator.save())

    other.companies[intuit.realm_id].create("Vendor", {"DisplayName": "New"})

    assert [each.facts["entity"] for each in other.journal.effects()] == ["Vendor"]


def test_the_state_travels_through_the_control_api() -> None:
    with (
        testing.emulator() as intuit,
        httpx2.Client(transport=intuit.transport(), base_url=f"{intuit.url}/_emulator") as client,
    ):
        saved = client.get("/state").content
        client.post("/companies", json={"name": "Another", "seeded": False})
        assert len(client.get("/companies").json()) == 2

        assert client.put("/state", content=saved).status_code == 200

        assert len(client.get("/companies").json()) == 1


@pytest.mark.parametrize(
    "nonsense", [b"", b"{}", b"[]", b'{"format":99}', b'{"!":"os.system","of":"ls"}']
)
def test_what_is_no_state_is_refused(nonsense: bytes) -> None:
    with testing.emulator(seeded=False) as intuit, pytest.raises(Unreadable):
        intuit.emulator.load(nonsense)


def test_what_has_no_place_in_a_state_is_not_saved_by_halves() -> None:
    with testing.emulator(seeded=False) as intuit:
        intuit.company.books.files["1"] = b"\xff\xfe"
        intuit.emulator.save()
        intuit.emulator.dice.counts["strange"] = object()  # type: ignore[assignment]

        with pytest.raises(TypeError, match="no place"):
            intuit.emulator.save()
