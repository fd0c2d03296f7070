"""No token is valid for ever: API tokens expire after days, with a warning, JWTs after minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from cleo_accounting.errors import Invalid
from cleo_accounting.flows.admin import access
from cleo_accounting.flows.admin.examine import examine
from cleo_accounting.store.access import Rank
from cleo_accounting.web.issuer import Issuer
from tests.service import Service, served
from tests.web.test_access import Keys, _claims, _signed, trust
from tests.world import BUSINESS, World

TOKENS = "/api/integrations/accounting/tokens"


@pytest.fixture
def service(here: World) -> Iterator[Service]:
    """The API of a connected business."""
    yield from served(here)


def _issued(here: World, days: int | None = None) -> tuple[str, str]:
    token, secret = access.issue(
        here.house, business_id=BUSINESS, rank=Rank.VIEWER, name="scripts", by="cli", days=days
    )
    return token.id, secret


def test_a_token_ends_after_ninety_days(here: World) -> None:
    _, secret = _issued(here)
    here.house.clock.sleep(timedelta(days=89, hours=23).total_seconds())
    assert access.identify(here.house, secret)

    here.house.clock.sleep(timedelta(hours=1).total_seconds())

    assert access.identify(here.house, secret) is None


@pytest.mark.parametrize("days", [0, -1, 367, 10**9])
def test_nobody_can_make_a_token_for_longer_than_a_year(here: World, days: int) -> None:
    with pytest.raises(Invalid):
        _issued(here, days)


def test_whoever_uses_a_token_is_told_in_advance_that_it_ends(service: Service) -> None:
    here = service.here
    asked = {"name": "x", "role": "viewer", "businessId": BUSINESS, "expiresInDays": 20}
    made = service.ask("POST", TOKENS, as_="platform", json=asked).json()
    service.tokens["mine"] = made["token"]
    path = f"{service.base}/status"
    assert "token-expires" not in service.ask("GET", path, as_="mine").headers

    here.house.clock.sleep(timedelta(days=7).total_seconds())

    told = service.ask("GET", path, as_="mine")
    assert told.status_code == 200
    assert told.headers["token-expires"][:19] == made["expiresAt"][:19]
    assert [one.id for one in access.ending(here.house)] == [made["id"]]


def test_the_doctor_fails_in_the_last_week_of_a_token_until_it_is_replaced(here: World) -> None:
    token, _ = _issued(here, 8)

    def check() -> bool:
        return {one.name: one.passed for one in examine(here.house)}["API tokens"]

    assert check()
    here.house.clock.sleep(timedelta(days=2).total_seconds())
    assert not check()
    access.revoke(here.house, token, by="cli")
    assert check()


@pytest.mark.parametrize("life", [timedelta(minutes=16), timedelta(days=3650)])
def test_a_jwt_that_lives_for_long_is_refused(here: World, life: timedelta) -> None:
    issuer = Issuer(trust(Keys()), here.house.clock)
    now = here.house.clock.now()

    assert issuer.claims(_signed(_claims(here, exp=now + timedelta(minutes=15))))
    assert issuer.claims(_signed(_claims(here, exp=now + life))) is None
    longer = Issuer(replace(trust(Keys()), life_max=timedelta(minutes=16)), here.house.clock)
    assert longer.claims(_signed(_claims(here, exp=now + timedelta(minutes=16))))


@pytest.mark.parametrize("sub", ["", " ", "\t"])
def test_a_jwt_of_nobody_is_refused(here: World, sub: str) -> None:
    issuer = Issuer(trust(Keys()), here.house.clock)

    assert issuer.claims(_signed(_claims(here)))
    assert issuer.claims(_signed(_claims(here, sub=sub))) is None
