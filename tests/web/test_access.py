"""Access to every path by every business and role, and the tokens and JWTs that grant it."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from cleo_accounting.errors import Misconfigured
from cleo_accounting.flows import Trust
from cleo_accounting.flows.admin import access
from cleo_accounting.store.access import Rank
from cleo_accounting.store.audit import PLATFORM
from cleo_accounting.store.database import Database
from cleo_accounting.web.access import Guarded
from cleo_accounting.web.issuer import REFRESH_AFTER, STALE_AFTER, Issuer
from tests.service import OTHER, Service, app_of, guarded_paths, served
from tests.world import BUSINESS, World, world

PATHS = guarded_paths()
SOMEWHERE = {
    "accountingIntegrationId": "acctint_nowhere",
    "runId": "run_nowhere",
    "recordId": "conn_nowhere",
    "payableId": "pay_nowhere",
    "itemId": "1",
    "entityType": "vendors",
    "tokenId": "tok_nowhere",
    "field": "itemId",
    "kind": "bill",
    "collection": "payables",
}
BODIES: dict[str, Any] = {
    "ConnectBody": {"redirectUri": "http://localhost:8000/api/integrations/accounting/callback"},
    "VendorMappingBody": {"connectionId": "conn_1", "vendorId": "1"},
    "CustomerMappingBody": {"connectionId": "conn_1", "customerId": "1"},
    "BankAccountMappingBody": {"fundingSourceId": "fs_1", "bankAccountId": "1"},
    "InvoiceFields": {},
    "SyncBody": {},
    "SessionBody": {"role": "viewer"},
    "DecisionBody": {"itemId": 1, "decision": "bring_back"},
    "BulkDecisionBody": {"code": "look_alike", "decision": "leave_out", "value": "x"},
    "UndoBody": {"at": "2026-01-01T00:00:00Z"},
    "ConnectionBody": {"connectedBusinessName": "Harbor"},
    "FundingSourceBody": {"name": "Main", "accountType": "checking"},
    "PayableBody": {
        "connectionId": "c",
        "amount": 1,
        "status": "PAID",
        "invoiceDate": "2026-01-01",
    },
    "PaymentBody": {
        "payableId": "p",
        "fundingSourceId": "f",
        "amount": 1,
        "status": "completed",
    },
    "BulkBody": {"records": [{"type": "connection", "id": "c", "record": {}}]},
    "TokenBody": {"name": "x", "role": "viewer", "businessId": BUSINESS},
}


def _name(route: APIRoute) -> str:
    return route.name


def ask(service: Service, route: APIRoute, as_: str | None, **ids: str) -> Any:
    path = route.path.format(**{**SOMEWHERE, **ids})
    assert route.methods
    (method,) = route.methods
    body = None
    if route.body_field is not None:
        named = re.findall(r"\w+Body|InvoiceFields", str(route.body_field.field_info.annotation))
        body = BODIES[named[-1]] if named else None
    params = {"state": "x"} if path.endswith("/callback") else None
    headers = {"If-Match": '"1"'}
    return service.ask(method, path, as_=as_, json=body, params=params, headers=headers)


def plain(answer: Any) -> tuple[int, str]:
    """Return status and body without the request's id, which differs in every response."""
    body = answer.text.replace(answer.headers["x-request-id"], "…")
    return answer.status_code, body


@pytest.fixture(scope="module")
def module_service(new_sqlite: Any) -> Iterator[Service]:
    """One connected service, shared by all tests that change nothing."""
    database = Database(new_sqlite())
    with world(database) as here:
        here.open_for_business()
        yield from served(here)
    database.close()


def test_every_path_is_guarded_but_for_those_that_must_be_open(module_service: Service) -> None:
    document = module_service.client.get("/openapi.json").json()
    open_ = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if not operation.get("security")
    }

    assert open_ == {
        "/livez",
        "/readyz",
        "/to-confirm",
        "/not-connected",
        "/api/integrations/accounting/callback",
    }
    assert len(PATHS) + len(open_) == sum(map(len, document["paths"].values()))


@pytest.mark.parametrize("route", PATHS, ids=_name)
def test_nobody_enters_unknown(module_service: Service, route: Guarded) -> None:
    answer = ask(module_service, route, None, businessId=BUSINESS)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize("as_", ["viewer", "bookkeeper", "admin", "feeder"])
@pytest.mark.parametrize("route", [one for one in PATHS if "{businessId}" in one.path], ids=_name)
def test_a_foreign_business_answers_as_a_missing_one(
    module_service: Service, route: Guarded, as_: str
) -> None:
    one = module_service.here.integration_id
    foreign = ask(
        module_service, route, f"other {as_}", businessId=BUSINESS, accountingIntegrationId=one
    )
    missing = ask(module_service, route, f"other {as_}", businessId="biz_never")

    assert foreign.status_code == 404
    assert plain(foreign) == plain(missing)


@pytest.mark.parametrize("route", [one for one in PATHS if "{businessId}" in one.path], ids=_name)
def test_no_business_has_the_name_of_the_platform_s_own_acts(
    module_service: Service, route: Guarded
) -> None:
    answer = ask(module_service, route, "platform", businessId=PLATFORM)

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "route", [one for one in PATHS if "{accountingIntegrationId}" in one.path], ids=_name
)
def test_a_foreign_integration_answers_as_a_missing_one(
    module_service: Service, route: Guarded
) -> None:
    one = module_service.here.integration_id
    foreign = ask(
        module_service, route, "other admin", businessId=OTHER, accountingIntegrationId=one
    )
    missing = ask(module_service, route, "other admin", businessId=OTHER)

    assert foreign.status_code == 404
    assert plain(foreign) == plain(missing)


@pytest.mark.parametrize("as_", list(Rank))
@pytest.mark.parametrize("route", PATHS, ids=_name)
def test_a_role_may_do_what_it_covers_and_nothing_else(
    module_service: Service, route: Guarded, as_: str
) -> None:
    answer = ask(module_service, route, as_, businessId=BUSINESS)

    if any(Rank(as_).covers(rank) for rank in route.ranks):
        assert answer.status_code not in (401, 403)
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_roles_are_as_the_documents_say() -> None:
    needed = {route.name: " or ".join(route.ranks) for route in PATHS}

    assert {name for name, rank in needed.items() if rank == "admin"} == {
        "start_connecting",
        "confirm",
        "invite",
        "end_sessions",
        "disconnect",
        "finish_connecting",
        "set_invoice_fields",
        "revert_invoice_fields",
    }
    assert {name for name, rank in needed.items() if rank == "platform"} == {
        "list_tokens",
        "issue_token",
        "revoke_token",
        "metrics",
    }
    assert {name for name, rank in needed.items() if rank == "feeder"} == {
        "put_connection",
        "put_funding_source",
        "put_payable",
        "put_payment",
        "put_many",
        "delete_record",
    }
    for route in PATHS:
        if route.methods == {"GET"} and route.name not in ("finish_connecting", "metrics"):
            assert needed[route.name] in ("viewer", "viewer or feeder", "platform")


def test_who_may_not_act_is_told_before_the_body_is_read(module_service: Service) -> None:
    for as_, status in ((None, 401), ("other admin", 404), ("viewer", 403)):
        answer = module_service.ask(
            "POST", f"{module_service.base}/connect", as_=as_, content=b"{not json"
        )
        assert answer.status_code == status


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "bearer cleo_nobody", "Bearer a.b.c", "ü"]
)
def test_a_bearer_that_is_none_is_refused_in_the_same_words(
    module_service: Service, header: str
) -> None:
    bare = module_service.ask("GET", module_service.base, as_=None)
    answer = module_service.ask(
        "GET", module_service.base, as_=None, headers={"Authorization": header.encode()}
    )

    assert plain(answer) == plain(bare)


def test_tokens_are_given_out_and_taken_back_by_the_platform(bare: Service) -> None:
    path = "/api/integrations/accounting/tokens"
    body = {"name": "Month-end", "role": "viewer", "businessId": BUSINESS}
    made = bare.ask("POST", path, as_="platform", json=body).json()
    bare.tokens["made"] = made["token"]
    assert bare.ask("GET", bare.base, as_="made").status_code == 200

    listed = bare.ask("GET", path, as_="platform", params={"limit": 100})
    assert made["token"] not in listed.text
    assert made["id"] in listed.text

    assert bare.ask("DELETE", f"{path}/{made['id']}", as_="platform").status_code == 204
    assert bare.ask("DELETE", f"{path}/{made['id']}", as_="platform").status_code == 404
    assert bare.ask("GET", bare.base, as_="made").status_code == 401


# JWTs of the configured issuer.

ISSUER, AUDIENCE = "https://id.cleo-pay.example", "cleo-accounting"
KEY, STRANGER = (rsa.generate_private_key(65537, 2048) for _ in range(2))


def _jwk(key: rsa.RSAPrivateKey, kid: str = "one", **more: str) -> dict[str, Any]:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**public, "kid": kid, "use": "sig", "alg": "RS256", **more}


class Keys:
    """The issuer's published keys, which count how often they are fetched."""

    def __init__(self) -> None:
        self.listed = [_jwk(KEY)]
        self.asked = 0
        self.down = False

    def __call__(self) -> object:
        self.asked += 1
        if self.down:
            raise ValueError("not JSON")
        return {"keys": self.listed}


def trust(keys: Keys, algorithms: tuple[str, ...] = ("RS256",)) -> Trust:
    return Trust(ISSUER, AUDIENCE, keys, algorithms)


@pytest.fixture(scope="module")
def trusting(module_service: Service) -> tuple[World, TestClient, Keys]:
    keys = Keys()
    house = replace(module_service.here.house, trust=trust(keys))
    return module_service.here, TestClient(app_of(house)), keys


def _claims(here: World, **changes: Any) -> dict[str, Any]:
    now = here.house.clock.now()
    whole = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "user_1",
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "role": "admin",
        "businessId": BUSINESS,
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def _signed(claims: dict[str, Any], key: Any = KEY, alg: str = "RS256", **header: Any) -> str:
    return jwt.encode(claims, key, alg, headers={"kid": "one", **header})


def _status(client: TestClient, token: str, business: str = BUSINESS) -> int:
    answer = client.get(
        f"/api/businesses/{business}/integrations/accounting",
        headers={"Authorization": f"Bearer {token}"},
    )
    return int(answer.status_code)


def test_a_jwt_of_our_issuer_acts_for_its_businesses_in_its_role(
    trusting: tuple[World, TestClient, Keys],
) -> None:
    here, client, _ = trusting

    assert _status(client, _signed(_claims(here))) == 200
    assert _status(client, _signed(_claims(here)), OTHER) == 404
    both = _claims(here, businessId=None, businesses=[BUSINESS, OTHER])
    assert _status(client, _signed(both), OTHER) == 200
    platform = _claims(here, businessId=None, role="platform")
    assert _status(client, _signed(platform), "biz_any") == 200


def _forged_with_the_public_key(here: World) -> str:
    public = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "kid": "one", "typ": "JWT"}
    head, body = (
        base64.urlsafe_b64encode(json.dumps(one, default=lambda at: at.timestamp()).encode())
        .rstrip(b"=")
        .decode()
        for one in (header, _claims(here))
    )
    mac = hmac.digest(public, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _twice(here: World) -> str:
    """Return a token with a valid signature that names its business twice."""
    token = _signed(_claims(here))
    head, body, _ = token.split(".")
    text = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    doubled = text[:-1] + f', "businessId": "{OTHER}"' + "}"
    body = base64.urlsafe_b64encode(doubled.encode()).rstrip(b"=").decode()
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    signature = algorithm.sign(f"{head}.{body}".encode(), KEY)
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _late(here: World, seconds: int) -> Any:
    return here.house.clock.now() + timedelta(seconds=seconds)


FORGERIES: dict[str, Any] = {
    "none": lambda here: _signed(_claims(here), None, "none"),
    "hmac with the public key": _forged_with_the_public_key,
    "an algorithm not on the list": lambda here: _signed(_claims(here), alg="RS512"),
    "another key": lambda here: _signed(_claims(here), STRANGER),
    "unknown kid": lambda here: _signed(_claims(here), kid="two"),
    "kid as a path": lambda here: _signed(_claims(here), kid="../../dev/null"),
    "kid as sql": lambda here: _signed(_claims(here), kid="' or 1=1 --"),
    "huge kid": lambda here: _signed(_claims(here), kid="k" * 7_000),
    "no kid": lambda here: jwt.encode(_claims(here), KEY, "RS256"),
    "its own jwk": lambda here: _signed(_claims(here), STRANGER, jwk=_jwk(STRANGER)),
    "a jku": lambda here: _signed(_claims(here), STRANGER, jku="https://evil.example/jwks"),
    "another issuer": lambda here: _signed(_claims(here, iss="https://evil.example")),
    "no issuer": lambda here: _signed(_claims(here, iss=None)),
    "another audience": lambda here: _signed(_claims(here, aud="someone-else")),
    "no audience": lambda here: _signed(_claims(here, aud=None)),
    "ours among others": lambda here: _signed(_claims(here, aud=[AUDIENCE, "other"])),
    "expired": lambda here: _signed(_claims(here, exp=_late(here, -61))),
    "never expires": lambda here: _signed(_claims(here, exp=None)),
    "not yet": lambda here: _signed(_claims(here, nbf=_late(here, 61))),
    "from the future": lambda here: _signed(_claims(here, iat=_late(here, 61))),
    "endless": lambda here: _signed(_claims(here, exp="9999999999")),
    "another type": lambda here: _signed(_claims(here), typ="id_token"),
    "no subject": lambda here: _signed(_claims(here, sub=None)),
    "no role": lambda here: _signed(_claims(here, role=None)),
    "an unknown role": lambda here: _signed(_claims(here, role="root")),
    "businesses of no sort": lambda here: _signed(_claims(here, businesses="*")),
    "no business": lambda here: _signed(_claims(here, businessId=None)),
    "twice the same claim": _twice,
    "too long": lambda here: _signed(_claims(here, more="x" * 9_000)),
    "a changed body": lambda here: _signed(_claims(here)).replace(".", ".e", 1),
    "two parts": lambda here: _signed(_claims(here)).rpartition(".")[0],
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_no_forgery_is_believed(trusting: tuple[World, TestClient, Keys], forge: Any) -> None:
    here, client, _ = trusting

    assert _status(client, forge(here)) == 401


def test_clocks_may_differ_by_a_minute(trusting: tuple[World, TestClient, Keys]) -> None:
    here, client, _ = trusting

    assert _status(client, _signed(_claims(here, exp=_late(here, -59)))) == 200
    assert _status(client, _signed(_claims(here, nbf=_late(here, 59)))) == 200


def test_keys_are_asked_for_seldom_however_often_a_kid_is_made_up(module_service: Service) -> None:
    here, keys = module_service.here, Keys()
    issuer = Issuer(trust(keys), here.house.clock)

    for number in range(100):
        assert issuer.claims(_signed(_claims(here), kid=f"made-up-{number}")) is None

    assert keys.asked == 1


def test_a_new_key_is_known_after_five_minutes_and_an_outage_lasts_a_day(bare: Service) -> None:
    here, keys = bare.here, Keys()
    issuer = Issuer(trust(keys), here.house.clock)
    assert issuer.claims(_signed(_claims(here)))
    keys.listed = [_jwk(STRANGER, "two")]
    assert issuer.claims(_signed(_claims(here), STRANGER, kid="two")) is None

    here.house.clock.sleep(REFRESH_AFTER.total_seconds())
    assert issuer.claims(_signed(_claims(here), STRANGER, kid="two"))
    assert issuer.claims(_signed(_claims(here))) is None

    keys.down = True
    here.house.clock.sleep(3600)
    assert issuer.claims(_signed(_claims(here), STRANGER, kid="two"))
    here.house.clock.sleep(STALE_AFTER.total_seconds())
    assert issuer.claims(_signed(_claims(here), STRANGER, kid="two")) is None


def test_a_secret_among_the_keys_is_no_key(bare: Service) -> None:
    keys = Keys()
    keys.listed = [{"kty": "oct", "kid": "one", "k": "c2VjcmV0"}, {"kty": "?", "kid": "x"}]
    issuer = Issuer(trust(keys), bare.here.house.clock)

    assert issuer.claims(_signed(_claims(bare.here))) is None


def test_only_algorithms_with_a_public_key_can_be_set_up(bare: Service) -> None:
    for algorithms in (("HS256",), ("none",), ("RS256", "HS256")):
        with pytest.raises(Misconfigured, match="CLEO_JWT_ALGORITHMS"):
            Issuer(trust(Keys(), algorithms), bare.here.house.clock)


def test_a_token_of_ours_cannot_be_guessed_from_another(bare: Service) -> None:
    _, first = access.issue(
        bare.here.house, business_id=BUSINESS, rank=Rank.ADMIN, name="x", by="cli"
    )

    for guess in (first[:-1], first + "A", first.upper(), first.removeprefix("cleo_")):
        bare.tokens["guess"] = guess
        assert bare.ask("GET", bare.base, as_="guess").status_code == 401
