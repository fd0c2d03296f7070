"""The life of a token as clients see it: exchange, refresh, rotation, expiry, revocation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import jwt
import pytest

from quickbooks_emulator import testing
from quickbooks_emulator.basics.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quickbooks_emulator.testing import Intuit

ACCOUNTING = "com.intuit.quickbooks.accounting"
DAY = 86_400


@pytest.fixture
def intuit() -> Iterator[Intuit]:
    with testing.emulator(latency_seconds=0, seeded=False) as started:
        yield started


@pytest.fixture
def client(intuit: Intuit) -> Iterator[httpx2.Client]:
    with httpx2.Client(transport=intuit.transport(), base_url=intuit.url) as opened:
        yield opened


def consent(
    client: httpx2.Client, intuit: Intuit, scope: str = ACCOUNTING, **more: str
) -> dict[str, str]:
    """Consent on the page as a browser does and return the callback's parameters."""
    query = {
        "client_id": intuit.app.client_id,
        "redirect_uri": testing.REDIRECT_URI,
        "response_type": "code",
        "scope": scope,
        "state": "state-1",
        **more,
    }
    page = client.get(f"/connect/oauth2?{urlencode(query)}")
    ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
    user_id = page.text.split('name="user_id" value="')[1].split('"')[0]
    decision = {
        "ticket": ticket,
        "user_id": user_id,
        "decision": "allow",
        "realm_id": intuit.realm_id,
    }
    answer = client.post("/app/connect/oauth2/authorize", data=decision)
    assert answer.status_code == 302
    callback = urlsplit(answer.headers["location"])
    assert callback._replace(query="").geturl() == testing.REDIRECT_URI
    return {name: values[0] for name, values in parse_qs(callback.query).items()}


def token(client: httpx2.Client, intuit: Intuit, **form: str) -> httpx2.Response:
    return client.post(
        "/oauth2/v1/tokens/bearer",
        data=form,
        auth=(intuit.app.client_id, intuit.app.client_secret),
    )


def exchange(client: httpx2.Client, intuit: Intuit, code: str) -> httpx2.Response:
    form = {"grant_type": "authorization_code", "redirect_uri": testing.REDIRECT_URI}
    return token(client, intuit, code=code, **form)


def connect(client: httpx2.Client, intuit: Intuit, scope: str = ACCOUNTING) -> dict[str, Any]:
    answer = exchange(client, intuit, consent(client, intuit, scope)["code"])
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def refresh(client: httpx2.Client, intuit: Intuit, value: str) -> httpx2.Response:
    return token(client, intuit, grant_type="refresh_token", refresh_token=value)


def read_company(client: httpx2.Client, intuit: Intuit, access_token: str) -> httpx2.Response:
    return client.get(
        f"/v3/company/{intuit.realm_id}/companyinfo/{intuit.realm_id}",
        headers={"authorization": f"Bearer {access_token}", "accept": "application/json"},
    )


@pytest.mark.parametrize("slash", ["", "/"])
def test_discovery_differs_between_production_and_sandbox_in_userinfo_only(
    client: httpx2.Client, slash: str
) -> None:
    production = client.get(f"/.well-known/openid_configuration{slash}").json()
    sandbox = client.get(f"/.well-known/openid_sandbox_configuration{slash}").json()

    different = {name for name in production if production[name] != sandbox[name]}

    assert different == {"userinfo_endpoint"}
    assert production["issuer"] == "https://oauth.platform.intuit.com/op/v1"
    assert production["token_endpoint"] == "https://intuit.test/oauth2/v1/tokens/bearer"


def test_the_callback_carries_code_state_and_realm_id(
    client: httpx2.Client, intuit: Intuit
) -> None:
    callback = consent(client, intuit)

    assert callback["state"] == "state-1"
    assert callback["realmId"] == intuit.realm_id
    assert 0 < len(callback["code"]) <= 512


def test_a_code_needs_the_verifier_of_its_challenge_once_pkce_is_checked(
    client: httpx2.Client, intuit: Intuit
) -> None:
    """The verifier and the challenge are those of RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    asked = {
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    form = {"grant_type": "authorization_code", "redirect_uri": testing.REDIRECT_URI}
    ignored = token(client, intuit, code=consent(client, intuit, **asked)["code"], **form)
    intuit.emulator.turn(pkce="checked")

    without, wrong, right = (
        token(client, intuit, code=consent(client, intuit, **asked)["code"], **form, **more)
        for more in ({}, {"code_verifier": "x" * 43}, {"code_verifier": verifier})
    )
    unasked = token(
        client, intuit, code=consent(client, intuit)["code"], code_verifier=verifier, **form
    )

    answers = (ignored, without, wrong, right, unasked)
    assert [one.status_code for one in answers] == [200, 400, 400, 200, 400]
    told = client.get("/.well-known/openid_configuration").json()
    assert told["code_challenge_methods_supported"] == ["S256"]


def test_the_callback_can_name_its_issuer(client: httpx2.Client, intuit: Intuit) -> None:
    assert "iss" not in consent(client, intuit)
    intuit.emulator.turn(callback_issuer=True)

    told = client.get("/.well-known/openid_configuration").json()

    assert consent(client, intuit)["iss"] == told["issuer"]
    assert told["authorization_response_iss_parameter_supported"] is True


def test_without_a_data_scope_no_company_is_named(client: httpx2.Client, intuit: Intuit) -> None:
    assert "realmId" not in consent(client, intuit, "openid email")


def test_a_code_becomes_tokens_for_an_hour_and_a_hundred_days(
    client: httpx2.Client, intuit: Intuit
) -> None:
    answer = exchange(client, intuit, consent(client, intuit)["code"])

    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)
    assert body["x_refresh_token_expires_in"] == 8_726_400
    assert "x_refresh_token_hard_expires_in" not in body
    assert "id_token" not in body
    assert len(body["refresh_token"]) <= 512
    assert len(body["access_token"]) <= 4096
    assert answer.headers["cache-control"] == "no-cache, no-store"
    assert answer.headers["intuit_tid"]
    assert read_company(client, intuit, body["access_token"]).status_code == 200


def test_a_code_serves_once(client: httpx2.Client, intuit: Intuit) -> None:
    code = consent(client, intuit)["code"]
    first = exchange(client, intuit, code)

    second = exchange(client, intuit, code)

    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    assert read_company(client, intuit, first.json()["access_token"]).status_code == 200


def test_a_second_exchange_can_kill_the_tokens_of_the_first(
    client: httpx2.Client, intuit: Intuit
) -> None:
    intuit.emulator.turn(double_use_revokes=True)
    code = consent(client, intuit)["code"]
    first = exchange(client, intuit, code)

    exchange(client, intuit, code)

    assert read_company(client, intuit, first.json()["access_token"]).status_code == 401


def test_a_code_dies_after_ten_minutes(client: httpx2.Client, intuit: Intuit) -> None:
    code = consent(client, intuit)["code"]
    intuit.emulator.advance(601)

    assert exchange(client, intuit, code).json()["error"] == "invalid_grant"


def test_a_code_is_bound_to_its_redirect_uri(client: httpx2.Client, intuit: Intuit) -> None:
    form = {"grant_type": "authorization_code", "code": consent(client, intuit)["code"]}

    answer = token(client, intuit, redirect_uri=testing.REDIRECT_URI + "/", **form)

    assert answer.json()["error"] == "invalid_grant"


def test_the_hard_end_is_told_to_whoever_asks_by_header(
    client: httpx2.Client, intuit: Intuit
) -> None:
    body = connect(client, intuit)
    intuit.emulator.advance(100)

    answer = client.post(
        "/oauth2/v1/tokens/bearer",
        data={"grant_type": "refresh_token", "refresh_token": body["refresh_token"]},
        auth=(intuit.app.client_id, intuit.app.client_secret),
        headers={"x-include-refresh-token-hard-expires-in": "true"},
    )

    assert answer.json()["x_refresh_token_hard_expires_in"] == 157_680_000 - 100


def test_a_refresh_leaves_the_former_access_token_alive(
    client: httpx2.Client, intuit: Intuit
) -> None:
    body = connect(client, intuit)

    refresh(client, intuit, body["refresh_token"])

    assert read_company(client, intuit, body["access_token"]).status_code == 200


def test_several_apps_can_be_connected_to_one_company(
    client: httpx2.Client, intuit: Intuit
) -> None:
    other = intuit.emulator.add_app("other", "secret")
    mine = connect(client, intuit)["access_token"]
    theirs = intuit.emulator.authorize(intuit.realm_id, other.client_id).access_token

    intuit.emulator.disconnect(intuit.realm_id, intuit.app.client_id)

    assert read_company(client, intuit, mine).status_code == 401
    assert read_company(client, intuit, theirs).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_request"),
    ],
)
def test_an_incomplete_token_request_is_refused(
    client: httpx2.Client, intuit: Intuit, form: dict[str, str], error: str
) -> None:
    answer = token(client, intuit, **form)

    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_what_is_not_modelled_is_named(client: httpx2.Client) -> None:
    answer = client.get("/v4/graphql")

    assert answer.status_code == 501
    assert "GET /v4/graphql" in answer.json()["error"]


def test_an_access_token_dies_after_an_hour(client: httpx2.Client, intuit: Intuit) -> None:
    body = connect(client, intuit)
    intuit.emulator.advance(3600)

    answer = read_company(client, intuit, body["access_token"])

    error = answer.json()["fault"]["error"][0]
    assert (answer.status_code, error["code"]) == (401, "3200")
    assert error["detail"] == f"Token expired: {body['access_token'][:24]}"
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_the_refresh_token_stays_the_same_for_a_day_then_changes(
    client: httpx2.Client, intuit: Intuit
) -> None:
    first = connect(client, intuit)
    intuit.emulator.advance(DAY - 1)
    same_day = refresh(client, intuit, first["refresh_token"]).json()
    intuit.emulator.advance(1)
    next_day = refresh(client, intuit, first["refresh_token"]).json()

    assert same_day["refresh_token"] == first["refresh_token"]
    assert same_day["access_token"] != first["access_token"]
    assert next_day["refresh_token"] != first["refresh_token"]


def test_a_superseded_refresh_token_is_dead_at_once(client: httpx2.Client, intuit: Intuit) -> None:
    first = connect(client, intuit)
    intuit.emulator.advance(DAY)
    winner = refresh(client, intuit, first["refresh_token"]).json()

    loser = refresh(client, intuit, first["refresh_token"])

    assert loser.status_code == 400
    assert loser.json() == {
        "error": "invalid_grant",
        "error_description": "Incorrect or invalid refresh token",
    }
    assert refresh(client, intuit, winner["refresh_token"]).status_code == 200


def test_a_superseded_refresh_token_can_live_another_day(
    client: httpx2.Client, intuit: Intuit
) -> None:
    intuit.emulator.turn(superseded_refresh_token="lives_24_hours")
    first = connect(client, intuit)
    intuit.emulator.advance(DAY)
    winner = refresh(client, intuit, first["refresh_token"]).json()
    intuit.emulator.advance(DAY - 1)

    again = refresh(client, intuit, first["refresh_token"])
    assert again.json()["refresh_token"] == winner["refresh_token"]

    intuit.emulator.advance(1)
    assert refresh(client, intuit, first["refresh_token"]).status_code == 400


def test_a_doubled_refresh_can_kill_the_winner(client: httpx2.Client, intuit: Intuit) -> None:
    intuit.emulator.turn(double_use_revokes=True, same_day_refresh="new_value")
    first = connect(client, intuit)
    winner = refresh(client, intuit, first["refresh_token"]).json()
    assert winner["refresh_token"] != first["refresh_token"]

    refresh(client, intuit, first["refresh_token"])

    assert refresh(client, intuit, winner["refresh_token"]).json()["error"] == "invalid_grant"


def test_each_use_extends_the_hundred_days(client: httpx2.Client, intuit: Intuit) -> None:
    value = connect(client, intuit)["refresh_token"]
    for _ in range(3):
        intuit.emulator.advance(8_726_400 - 1)
        value = refresh(client, intuit, value).json()["refresh_token"]

    intuit.emulator.advance(8_726_400)

    assert refresh(client, intuit, value).json()["error"] == "invalid_grant"


def test_after_five_years_even_a_busy_grant_ends(client: httpx2.Client, intuit: Intuit) -> None:
    value = connect(client, intuit)["refresh_token"]
    for _ in range(1825 // 73):
        answer = refresh(client, intuit, value)
        assert answer.status_code == 200
        value = answer.json()["refresh_token"]
        intuit.emulator.advance(73 * DAY)

    assert refresh(client, intuit, value).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("variant", "body"),
    [
        ("bare", b'{"error":"invalid_grant"}'),
        ("token_invalid", b'{"error_description":"Token invalid","error":"invalid_grant"}'),
    ],
)
def test_invalid_grant_comes_in_the_wordings_seen(
    client: httpx2.Client, intuit: Intuit, variant: str, body: bytes
) -> None:
    intuit.emulator.turn(invalid_grant=variant)

    assert refresh(client, intuit, "nonsense").content == body


@pytest.mark.parametrize("credentials", [("nobody", "secret"), (testing.CLIENT_ID, "wrong")])
def test_wrong_credentials_of_an_app_are_invalid_client(
    client: httpx2.Client, credentials: tuple[str, str]
) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "any"}

    answer = client.post("/oauth2/v1/tokens/bearer", data=form, auth=credentials)

    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_credentials_may_come_in_the_form(client: httpx2.Client, intuit: Intuit) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": connect(client, intuit)["refresh_token"],
        "client_id": intuit.app.client_id,
        "client_secret": intuit.app.client_secret,
    }

    assert client.post("/oauth2/v1/tokens/bearer", data=form).status_code == 200


def test_one_apps_refresh_token_is_nothing_in_anothers_hands(
    client: httpx2.Client, intuit: Intuit
) -> None:
    value = connect(client, intuit)["refresh_token"]
    other = intuit.emulator.add_app("other", "secret")

    answer = client.post(
        "/oauth2/v1/tokens/bearer",
        data={"grant_type": "refresh_token", "refresh_token": value},
        auth=(other.client_id, other.client_secret),
    )

    assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_either_token_kills_both(
    client: httpx2.Client, intuit: Intuit, which: str
) -> None:
    body = connect(client, intuit)
    credentials = (intuit.app.client_id, intuit.app.client_secret)

    answer = client.post("/v2/oauth2/tokens/revoke", json={"token": body[which]}, auth=credentials)

    assert (answer.status_code, answer.content) == (200, b"")
    assert read_company(client, intuit, body["access_token"]).status_code == 401
    assert refresh(client, intuit, body["refresh_token"]).json()["error"] == "invalid_grant"
    again = client.post("/v2/oauth2/tokens/revoke", json={"token": body[which]}, auth=credentials)
    assert again.status_code == 400


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {}},
        {"json": []},
        {"content": b"{", "headers": {"content-type": "application/json"}},
        {"data": {}},
    ],
)
def test_a_revocation_without_a_token_is_refused(
    client: httpx2.Client, intuit: Intuit, sent: dict[str, Any]
) -> None:
    credentials = (intuit.app.client_id, intuit.app.client_secret)

    answer = client.post("/v2/oauth2/tokens/revoke", auth=credentials, **sent)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_revocation_reads_forms_too_and_knows_its_client(
    client: httpx2.Client, intuit: Intuit
) -> None:
    form = {"token": connect(client, intuit)["refresh_token"]}
    header = {"authorization": "Basic not-base64"}
    refused = client.post("/v2/oauth2/tokens/revoke", data=form, headers=header)

    credentials = (intuit.app.client_id, intuit.app.client_secret)
    answer = client.post("/v2/oauth2/tokens/revoke", data=form, auth=credentials)

    assert (refused.status_code, answer.status_code) == (401, 200)


def test_the_token_endpoint_takes_posts_only(client: httpx2.Client) -> None:
    assert client.get("/oauth2/v1/tokens/bearer").status_code == 405


def test_a_person_who_disconnects_the_app_ends_its_tokens(
    client: httpx2.Client, intuit: Intuit
) -> None:
    body = connect(client, intuit)

    assert intuit.emulator.disconnect(intuit.realm_id, intuit.app.client_id) == 1

    assert read_company(client, intuit, body["access_token"]).status_code == 401
    assert refresh(client, intuit, body["refresh_token"]).status_code == 400


def test_an_id_token_is_signed_and_names_the_company() -> None:
    with (
        testing.emulator(seeded=False) as intuit,
        httpx2.Client(transport=intuit.transport(), base_url=intuit.url) as client,
    ):
        intuit.emulator.clock.set(datetime.now(UTC) - timedelta(minutes=1))
        body = connect(client, intuit, f"{ACCOUNTING} openid")
        keys = client.get("/op/v1/jwks").json()["keys"]

        claims = jwt.decode(
            body["id_token"],
            jwt.PyJWK(keys[0]),
            algorithms=["RS256"],
            audience=intuit.app.client_id,
            issuer="https://oauth.platform.intuit.com/op/v1",
        )

        assert claims["realmid"] == intuit.realm_id
        assert claims["aud"] == [intuit.app.client_id]


def test_userinfo_tells_what_was_agreed_to(client: httpx2.Client, intuit: Intuit) -> None:
    body = connect(client, intuit, f"{ACCOUNTING} openid email")
    bearer = {"authorization": f"Bearer {body['access_token']}"}

    told = client.get("/v1/openid_connect/userinfo", headers=bearer).json()

    assert told["email"] == "dana.rivera@example.com"
    assert set(told) == {"sub", "email", "emailVerified"}


def test_userinfo_of_every_scope(client: httpx2.Client, intuit: Intuit) -> None:
    body = connect(client, intuit, "openid profile email phone address")
    bearer = {"authorization": f"Bearer {body['access_token']}"}

    told = client.get("/sandbox/v1/openid_connect/userinfo", headers=bearer).json()

    assert told["givenName"] == "Dana"
    assert told["address"]["locality"] == "Mountain View"
    assert told["phoneNumberVerified"] is True


def test_userinfo_needs_a_living_token(client: httpx2.Client) -> None:
    assert client.get("/v1/openid_connect/userinfo").status_code == 401


def test_a_nonce_comes_back_in_the_id_token(client: httpx2.Client, intuit: Intuit) -> None:
    code = consent(client, intuit, "openid", nonce="n-1")["code"]

    body = exchange(client, intuit, code).json()

    claims = jwt.decode(body["id_token"], options={"verify_signature": False})
    assert claims["nonce"] == "n-1"
    assert "realmid" not in claims


def test_userinfo_needs_openid(client: httpx2.Client, intuit: Intuit) -> None:
    bearer = {"authorization": f"Bearer {connect(client, intuit)['access_token']}"}

    assert client.get("/v1/openid_connect/userinfo", headers=bearer).status_code == 403


def test_an_outage_of_the_token_service_looks_like_invalid_grant(
    client: httpx2.Client, intuit: Intuit
) -> None:
    value = connect(client, intuit)["refresh_token"]
    intuit.emulator.add_fault("invalid_grant", path="/oauth2/*")

    assert refresh(client, intuit, value).json()["error"] == "invalid_grant"
    assert refresh(client, intuit, value).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer short", "Bearer " + "x" * 5000])
def test_a_malformed_bearer_token_is_refused_by_the_gateway(
    client: httpx2.Client, intuit: Intuit, header: str
) -> None:
    headers = {"accept": "application/json"} | ({"authorization": header} if header else {})

    answer = client.get(f"/v3/company/{intuit.realm_id}/vendor/1", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["fault"]["type"] == "AUTHENTICATION"


def test_a_token_opens_one_company_only(client: httpx2.Client, intuit: Intuit) -> None:
    other = intuit.emulator.add_company("Another", seeded=False)
    bearer = {"authorization": f"Bearer {connect(client, intuit)['access_token']}"}

    answer = client.get(
        f"/v3/company/{other.realm_id}/companyinfo/{other.realm_id}",
        headers={**bearer, "accept": "application/json"},
    )

    error = answer.json()["fault"]["error"][0]
    assert (answer.status_code, error["code"], error["detail"]) == (403, "3100", None)


def test_development_keys_do_not_open_a_real_company() -> None:
    with (
        testing.emulator(seeded=False, sandbox=False) as intuit,
        httpx2.Client(transport=intuit.transport(), base_url=intuit.url) as client,
    ):
        tokens = intuit.authorize()

        answer = read_company(client, intuit, tokens.access_token)

        assert answer.status_code == 403


def test_the_gateway_speaks_xml_unless_json_is_asked_for(
    client: httpx2.Client, intuit: Intuit
) -> None:
    answer = client.get(f"/v3/company/{intuit.realm_id}/vendor/1")

    assert answer.headers["content-type"] == "application/xml;charset=UTF-8"
    assert '<Fault type="AUTHENTICATION"><Error code="3202">' in answer.text


def test_an_administrator_who_was_removed_locks_the_app_out(
    client: httpx2.Client, intuit: Intuit
) -> None:
    body = connect(client, intuit)
    user_id = next(iter(intuit.emulator.oauth.users))
    intuit.emulator.act("set_companies_of_user", {"user_id": user_id, "realm_ids": []})

    answer = read_company(client, intuit, body["access_token"])

    assert answer.status_code == 401
    assert answer.json()["Fault"]["Error"][0]["code"] == "120"


def test_equal_seeds_give_equal_tokens() -> None:
    def run() -> bytes:
        with (
            testing.emulator(seed=7, seeded=False) as intuit,
            httpx2.Client(transport=intuit.transport(), base_url=intuit.url) as client,
        ):
            code = consent(client, intuit, f"{ACCOUNTING} openid")["code"]
            return exchange(client, intuit, code).content

    assert run() == run()


def test_an_unknown_client_can_be_answered_with_404() -> None:
    with (
        testing.emulator(seeded=False, switches=Switches(unknown_client_status=404)) as intuit,
        httpx2.Client(transport=intuit.transport(), base_url=intuit.url) as client,
    ):
        answer = client.post("/oauth2/v1/tokens/bearer", auth=("nobody", "secret"))

        assert answer.status_code == 404
