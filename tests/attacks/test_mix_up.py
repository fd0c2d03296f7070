"""A response of another issuer, or a code of another sign-in, connects nothing."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from cleo_accounting.errors import Unavailable
from cleo_accounting.flows import DOORWAY
from cleo_accounting.flows.company import connect
from cleo_accounting.store.database import Database
from tests.attacks.browser import Browser
from tests.providers.test_quickbooks_oauth import BACK, DISCOVERY, TOKENS, intuit
from tests.providers.world import reply
from tests.service import Service, served
from tests.world import BUSINESS, REDIRECT_URI, world

ISSUER = "https://oauth.platform.intuit.com/op/v1"
STRANGER = "https://mallory.example/op/v1"


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """The service with a business that has not connected."""
    with world(database) as here:
        yield from served(here)


def came_back(service: Service) -> dict[str, str]:
    """Begin a sign-in over the API and consent; return the parameters of Intuit's redirect."""
    body = {"redirectUri": REDIRECT_URI}
    begun = service.ask("POST", f"{service.base}/connect", json=body)
    return service.here.consent(begun.json()["authorizationUrl"])


def finish(service: Service, **came: str) -> httpx2.Response:
    return service.ask("GET", f"{service.base}/callback", params=came)


def asked_for_tokens(service: Service) -> int:
    journal = service.here.intuit.emulator.journal.requests()
    return sum(1 for one in journal if one.request and one.request.path.endswith("/bearer"))


@pytest.mark.parametrize("switch", ["ignored", "checked"])
def test_a_sign_in_works_whether_or_not_intuit_checks_the_verifier(
    service: Service, switch: str
) -> None:
    service.here.intuit.emulator.turn(pkce=switch)

    assert finish(service, **came_back(service)).status_code == 200


def test_a_code_of_another_sign_in_is_refused(service: Service) -> None:
    """The attacker uses a code stolen from another sign-in in a sign-in of their own."""
    service.here.intuit.emulator.turn(pkce="checked")
    stolen, own = came_back(service), came_back(service)

    answer = finish(service, **{**own, "code": stolen["code"]})

    assert (answer.status_code, answer.json()["code"]) == (400, "code_refused")
    assert connect.connected(service.here.house, BUSINESS) == []


def test_every_sign_in_has_a_challenge_of_its_own_that_does_not_tell_the_verifier() -> None:
    books, script = intuit(reply(200, TOKENS))
    first, second = (
        parse_qs(urlsplit(books.authorization_url(state, BACK)).query)["code_challenge"]
        for state in ("state-1", "state-2")
    )
    books.exchange("code", BACK, "state-1")

    (verifier,) = parse_qs(script.asked[1].content.decode())["code_verifier"]
    assert first != second
    assert [verifier] not in (first, second)


@pytest.mark.parametrize("more", [{}, {"error": "access_denied"}])
def test_an_answer_of_another_issuer_is_refused_before_any_code_is_sent(
    service: Service, more: dict[str, str]
) -> None:
    came = {**came_back(service), **more}

    answer = finish(service, **came, iss=STRANGER)
    again = finish(service, **came)

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_issuer")
    assert (again.status_code, again.json()["code"]) == (400, "state_invalid")
    assert asked_for_tokens(service) == 0


def test_the_doorway_refuses_an_answer_of_another_issuer(service: Service) -> None:
    stranger = Browser(service)

    answer = stranger.get(DOORWAY, **came_back(service), iss=STRANGER)
    told = stranger.get(answer.headers["location"])

    assert "Another service than QuickBooks answered" in told.text
    assert "mallory" not in told.text + answer.headers["location"]
    assert asked_for_tokens(service) == 0


def test_an_intuit_that_names_itself_has_to_do_so_in_every_answer(service: Service) -> None:
    service.here.intuit.emulator.turn(callback_issuer=True)
    named, bare = came_back(service), came_back(service)
    del bare["iss"]

    assert named["iss"] == ISSUER
    assert finish(service, **bare).json()["code"] == "wrong_issuer"
    assert finish(service, **named).status_code == 200


@pytest.mark.parametrize("issuer", [STRANGER, f"{ISSUER}/", ISSUER.upper(), None, [ISSUER]])
def test_a_discovery_document_of_another_issuer_begins_no_sign_in(issuer: object) -> None:
    books, script = intuit(discovery=reply(200, {**DISCOVERY, "issuer": issuer}))

    with pytest.raises(Unavailable):
        books.authorization_url("state-1", BACK)

    assert len(script.asked) == 1
