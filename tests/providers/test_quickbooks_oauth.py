"""OAuth requests go only to Intuit and only over TLS, and every response is validated."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import pytest

from cleo_accounting.errors import Invalid, Misconfigured, Reconnect, Unavailable
from tests.providers.world import (
    START,
    Script,
    VirtualTime,
    failing,
    grant,
    provider,
    reply,
    text,
)

DISCOVERY = {
    "issuer": "https://oauth.platform.intuit.com/op/v1",
    "authorization_endpoint": "https://appcenter.intuit.com/connect/oauth2",
    "token_endpoint": "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
    "revocation_endpoint": "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
}
URL = "https://developer.api.intuit.com/.well-known/openid_configuration"
TOKENS = {
    "token_type": "bearer",
    "access_token": "new-access",
    "refresh_token": "new-refresh",
    "expires_in": 3600,
    "x_refresh_token_expires_in": 8726400,
    "x_refresh_token_hard_expires_in": 157680000,
    "something_new": True,
}
BACK = "https://cleo.test/callback"


def intuit(*answers: Any, discovery: Any = None, url: str = URL) -> Any:
    script = Script([discovery or reply(200, DISCOVERY), *answers])
    return provider(httpx2.MockTransport(script), VirtualTime(), discovery_url=url), script


def without(*names: str, **changed: Any) -> dict[str, Any]:
    return {name: value for name, value in {**TOKENS, **changed}.items() if name not in names}


def test_the_user_is_sent_to_intuits_consent_page_with_everything_it_asks_for() -> None:
    books, _ = intuit()

    url = urlsplit(books.authorization_url("st&te=1", BACK))

    assert f"{url.scheme}://{url.netloc}{url.path}" == DISCOVERY["authorization_endpoint"]
    asked = dict(parse_qsl(url.query, strict_parsing=True))
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", asked.pop("code_challenge"))
    assert asked == {
        "client_id": "client",
        "response_type": "code",
        "scope": "com.intuit.quickbooks.accounting",
        "redirect_uri": BACK,
        "state": "st&te=1",
        "code_challenge_method": "S256",
    }


def test_discovery_is_asked_for_once() -> None:
    books, script = intuit()

    for state in ("1", "2", "3"):
        books.authorization_url(state, BACK)

    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "document",
    [
        {},
        {**DISCOVERY, "issuer": "http://oauth.platform.intuit.com/op/v1"},
        {**DISCOVERY, "issuer": "https://oauth.platform.intuit.com/op/v1/"},
        {**DISCOVERY, "issuer": "https://mallory.example/op/v1"},
        {**DISCOVERY, "token_endpoint": "http://oauth.platform.intuit.com/oauth2"},
        {**DISCOVERY, "token_endpoint": "https://intuit.com.evil.test/oauth2"},
        {**DISCOVERY, "revocation_endpoint": "https://evil-intuit.com/revoke"},
        {**DISCOVERY, "authorization_endpoint": "https://user@appcenter.intuit.com/x"},
        {**DISCOVERY, "authorization_endpoint": None},
        {**DISCOVERY, "token_endpoint": "http://127.0.0.1:9000/oauth2"},
    ],
)
def test_a_discovery_document_that_leads_elsewhere_is_not_followed(document: Any) -> None:
    books, script = intuit(discovery=reply(200, document))

    with pytest.raises(Unavailable):
        books.refresh(grant("access-1"))

    assert len(script.asked) == 1


def test_intuit_on_this_machine_may_do_without_tls_but_not_beyond_it() -> None:
    local = "http://127.0.0.1:9000"
    paths = {name: f"{local}/{name}" for name in DISCOVERY if name != "issuer"}
    books, _ = intuit(discovery=reply(200, {**DISCOVERY, **paths}), url=f"{local}/discovery")

    assert books.authorization_url("1", BACK).startswith(f"{local}/authorization_endpoint?")
    for name in ("discovery_url", "api_url"):
        with pytest.raises(Misconfigured):
            provider(None, VirtualTime(), **{name: "http://quickbooks.api.intuit.com/x"})


def test_a_code_is_exchanged_for_a_grant_with_all_its_ends() -> None:
    books, script = intuit(reply(200, TOKENS))

    got = books.exchange("c+de", BACK, "state-1")

    assert got.access_token.get_secret_value() == "new-access"
    assert got.refresh_token.get_secret_value() == "new-refresh"
    assert got.expires_at == START + timedelta(hours=1)
    assert got.refresh_expires_at == START + timedelta(seconds=8726400)
    assert got.hard_expires_at == START + timedelta(seconds=157680000)
    request = script.asked[1]
    assert str(request.url) == DISCOVERY["token_endpoint"]
    asked = parse_qs(request.content.decode())
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", *asked.pop("code_verifier"))
    assert asked == {
        "grant_type": ["authorization_code"],
        "code": ["c+de"],
        "redirect_uri": [BACK],
    }
    assert request.headers["x-include-refresh-token-hard-expires-in"] == "true"
    assert base64.b64decode(request.headers["authorization"].removeprefix("Basic ")) == (
        b"client:secret-of-the-client"
    )


def test_a_grant_shows_its_tokens_to_nobody() -> None:
    books, _ = intuit(reply(200, TOKENS))

    assert "new-" not in repr(books.exchange("code", BACK, "state-1"))


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, {}),
        reply(200, {"error": "invalid_grant"}),
        reply(200, without("refresh_token")),
        reply(200, without("access_token")),
        reply(200, without(access_token="")),
        reply(200, without(access_token=None)),
        reply(200, without(access_token="x" * 4097)),
        reply(200, without(refresh_token="x" * 513)),
        reply(200, without(refresh_token="")),
        reply(200, without(refresh_token="two words")),
        reply(200, without(refresh_token="line\r\nX-Header: 1")),
        reply(200, without("expires_in")),
        reply(200, without(expires_in=-1)),
        reply(200, without(expires_in=0)),
        reply(200, without(expires_in="soon")),
        reply(200, without(expires_in=True)),
        reply(200, without(expires_in=10**18)),
        reply(200, without("x_refresh_token_expires_in")),
        reply(200, without(token_type="mac")),
        text(200, json.dumps(TOKENS), "text/html"),
        text(200, "<html>canary</html>", "text/html"),
        text(200, "", "application/json"),
        reply(500, {"error": "server_error"}),
        text(503, "<html>canary</html>", "text/html"),
        reply(401, {"error": "invalid_client"}),
        reply(400, {"error": "unsupported_grant_type"}),
        reply(302, None, location="https://elsewhere.test/"),
        failing(httpx2.ReadTimeout),
        failing(httpx2.ConnectError),
    ],
)
def test_an_answer_that_is_no_grant_neither_replaces_nor_ends_one(answer: Any) -> None:
    books, script = intuit(answer)
    held = grant("access-1")

    with pytest.raises(Unavailable) as refreshed:
        books.refresh(held)
    with pytest.raises(Unavailable):
        books.exchange("code", BACK, "state-1")

    assert refreshed.value.until == START + timedelta(seconds=30)
    assert not re.search("canary|refresh-1|secret-of", str(refreshed.value))
    assert len(script.asked) == 3


def test_the_longest_tokens_and_the_shortest_life_are_taken() -> None:
    longest = {"access_token": "a" * 4096, "refresh_token": "r" * 512}
    books, _ = intuit(reply(200, without(**longest, expires_in="1")))

    got = books.refresh(grant("access-1"))

    assert len(got.access_token.get_secret_value()) == 4096
    assert len(got.refresh_token.get_secret_value()) == 512
    assert got.expires_at == START + timedelta(seconds=1)


@pytest.mark.parametrize(
    "document",
    [
        {"error": "invalid_grant"},
        {"error": "invalid_grant", "error_description": "Incorrect or invalid refresh token"},
        {"error_description": "Token invalid", "error": "invalid_grant"},
    ],
)
def test_only_invalid_grant_ends_a_code_or_a_connection(document: Any) -> None:
    books, _ = intuit(reply(400, document))

    with pytest.raises(Invalid):
        books.exchange("code", BACK, "state-1")
    with pytest.raises(Reconnect):
        books.refresh(grant("access-1"))


def test_a_refresh_shows_the_refresh_token_in_the_body_alone() -> None:
    books, script = intuit(reply(200, without("x_refresh_token_hard_expires_in")))

    got = books.refresh(grant("access-1"))

    assert got.hard_expires_at is None
    assert "refresh-1" not in str(script.asked[1].url)
    assert parse_qs(script.asked[1].content.decode()) == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["refresh-1"],
    }


def test_giving_a_grant_back_tells_intuit_and_fails_loudly() -> None:
    books, script = intuit(text(200, "", "application/json"))
    books.revoke(grant("access-1"))

    assert str(script.asked[1].url) == DISCOVERY["revocation_endpoint"]
    assert json.loads(script.asked[1].content) == {"token": "refresh-1"}
    for answer in (reply(500), reply(401, {"error": "invalid_client"}), failing(httpx2.ReadError)):
        books, _ = intuit(answer)
        with pytest.raises(Unavailable):
            books.revoke(grant("access-1"))


def test_a_grant_that_is_no_longer_good_needs_no_giving_back() -> None:
    books, _ = intuit(reply(400, {"error": "invalid_grant"}))

    books.revoke(grant("access-1"))


def test_no_cookie_of_one_answer_is_shown_in_the_next_request() -> None:
    books, script = intuit(
        reply(200, TOKENS, set_cookie="session=canary; Path=/"), reply(200, TOKENS)
    )

    books.refresh(grant("access-1"))
    books.refresh(grant("access-1"))

    assert all("cookie" not in request.headers for request in script.asked)
