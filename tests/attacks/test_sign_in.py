"""The person who consents in QuickBooks decides in that browser which business is connected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from cleo_accounting.errors import Conflict, Invalid
from cleo_accounting.flows import DOORWAY
from cleo_accounting.flows.company import connect, give_back, offer
from cleo_accounting.store import audit, authorizations
from cleo_accounting.store.access import Rank
from cleo_accounting.store.database import Database
from tests.attacks.browser import Browser
from tests.service import OTHER, Service, app_of, served
from tests.world import BUSINESS, REDIRECT_URI, World, connection, world

VICTIM, ATTACKER = "victim@acme.example", "mallory@evil.example"


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """The service with two businesses, neither connected."""
    with world(database) as here:
        yield from served(here)


def begun_over_the_api(service: Service, role: str = "admin", business: str = BUSINESS) -> str:
    base = service.base.replace(BUSINESS, business)
    answer = service.ask("POST", f"{base}/connect", as_=role, json={"redirectUri": REDIRECT_URI})
    return str(answer.json()["authorizationUrl"])


def back_from(service: Service, url: str) -> dict[str, str]:
    return service.here.consent(url)


def holds(service: Service, business: str = BUSINESS) -> str:
    """Return the name of the company that a business is connected to, or an empty string."""
    held = connect.connected(service.here.house, business)
    return held[0].company_name if held else ""


def test_a_stranger_who_consents_to_a_link_connects_nothing_and_reads_to_whom(
    service: Service,
) -> None:
    """The attacker begins a sign-in; the victim, who does not know that business, consents."""
    stranger = Browser(service)

    door = stranger.get(DOORWAY, **back_from(service, begun_over_the_api(service)))
    page = stranger.get(door.headers["location"])

    assert holds(service) == ""
    assert urlsplit(door.headers["location"]).path == "/to-confirm"
    assert service.here.intuit.company.name in page.text
    assert BUSINESS in page.text
    assert "is not connected yet" in page.text


def test_what_a_victim_consented_to_cannot_be_accepted_from_another_browser(
    service: Service,
) -> None:
    victim, attacker = Browser(service), Browser(service).in_as(ATTACKER)
    victim.get(DOORWAY, **back_from(service, begun_over_the_api(service)))

    looked = attacker.get(f"{attacker.page}/connect/finish")
    pressed = attacker.post("/connect/finish")

    assert "This sign-in has expired" in looked.text
    assert service.here.intuit.company.name not in looked.text
    assert "/connect/failed" in pressed.headers["location"]
    assert holds(service) == ""


def test_a_person_of_the_business_reads_company_business_and_name_and_connects_by_a_click(
    service: Service,
) -> None:
    person = Browser(service).in_as("jane@harbor.example")

    door = person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))
    asked = person.get(door.headers["location"])
    assert holds(service) == ""
    done = person.post("/connect/finish")

    for name in (service.here.intuit.company.name, BUSINESS, "jane@harbor.example"):
        assert name in asked.text
    assert urlsplit(done.headers["location"]).path == person.page
    (held,) = connect.connected(service.here.house, BUSINESS)
    assert (held.connected_by, held.confirmed_by) == ("user:jane@harbor.example",) * 2


def test_who_comes_in_after_consenting_is_asked_at_once(service: Service) -> None:
    """The platform's own flow: sign in, consent, then open the page's link, in one browser."""
    person = Browser(service)
    person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))

    came = person.enter("jane@harbor.example")

    assert came.headers["location"].endswith("/connect/finish")
    person.post("/connect/finish")
    assert holds(service) == service.here.intuit.company.name


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {}],
    ids=["another site", "no word of where from"],
)
def test_no_other_site_can_press_connect(service: Service, headers: dict[str, str]) -> None:
    person = Browser(service).in_as(VICTIM)
    person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))

    answer = person.post("/connect/finish", headers=headers)

    assert answer.status_code == 403
    assert holds(service) == ""


def test_a_get_of_the_last_page_connects_nothing(service: Service) -> None:
    person = Browser(service).in_as(VICTIM)
    person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))

    for _ in range(2):
        assert person.get(f"{person.page}/connect/finish").status_code == 200

    assert holds(service) == ""


@pytest.mark.parametrize("role", ["viewer", "bookkeeper"])
def test_who_may_not_connect_cannot_finish_a_sign_in(service: Service, role: str) -> None:
    person = Browser(service).in_as(VICTIM, Rank(role))
    person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))

    assert person.post("/connect/finish").status_code == 403
    assert holds(service) == ""


def test_an_offer_is_of_one_business_only(service: Service) -> None:
    """The victim is signed in to another business, which cannot accept the attacker's offer."""
    victim = Browser(service, OTHER).in_as(VICTIM)
    victim.get(DOORWAY, **back_from(service, begun_over_the_api(service)))

    victim.post("/connect/finish")

    assert (holds(service), holds(service, OTHER)) == ("", "")


def test_an_offer_works_once_and_for_ten_minutes(service: Service) -> None:
    person = Browser(service).in_as("jane@harbor.example")
    person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))
    late = Browser(service).in_as("kim@harbor.example")
    late.get(DOORWAY, **back_from(service, begun_over_the_api(service)))
    cookies = dict(person.client.cookies)

    person.post("/connect/finish")
    person.client.cookies.update(cookies)
    again = person.post("/connect/finish")
    service.here.house.clock.sleep(601)
    after = late.post("/connect/finish")

    assert "/connect/failed" in again.headers["location"]
    assert "/connect/failed" in after.headers["location"]


def test_who_declines_connects_nothing_and_the_grant_is_given_back(service: Service) -> None:
    person = Browser(service).in_as("jane@harbor.example")
    person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))

    person.post("/connect/decline")
    person.post("/connect/finish")

    assert holds(service) == ""
    assert revocations(service) == 1


def revocations(service: Service) -> int:
    """Return how often a grant was revoked."""
    journal = service.here.intuit.emulator.journal.requests()
    return sum(1 for one in journal if one.request and one.request.path.endswith("/revoke"))


def test_a_grant_that_nobody_accepts_is_given_back_unless_the_company_is_connected(
    service: Service,
) -> None:
    house = service.here.house
    Browser(service).get(DOORWAY, **back_from(service, begun_over_the_api(service)))
    assert give_back.stale(house) == 0
    house.clock.sleep(601)

    assert (give_back.stale(house), revocations(service)) == (1, 1)

    Browser(service).get(DOORWAY, **back_from(service, begun_over_the_api(service)))
    house.clock.sleep(300)
    begun_over_the_api(service)
    house.clock.sleep(301)
    assert give_back.stale(house) == 0  # revoking it would end the grant of the new sign-in
    service.here.connect()
    house.clock.sleep(601)
    assert (give_back.stale(house), revocations(service)) == (1, 1)
    assert give_back.stale(house) == 0


def test_the_grant_of_a_sign_in_that_the_company_does_not_confirm_is_given_back(
    service: Service,
) -> None:
    """Over the API and the doorway: the company id in the callback is not that of the grant."""
    other = service.here.intuit.emulator.add_company().realm_id
    over_api = back_from(service, begun_over_the_api(service)) | {"realmId": other}
    refused = service.ask("GET", f"{service.base}/callback", params=over_api)
    at_door = back_from(service, begun_over_the_api(service)) | {"realmId": other}
    Browser(service).get(DOORWAY, **at_door)

    assert (refused.status_code, refused.json()["code"]) == (422, "company_unconfirmed")
    assert (give_back.stale(service.here.house), revocations(service)) == (2, 2)
    assert living(service) == 0


def test_the_grant_of_a_sign_in_that_met_an_outage_waits_for_the_next_sign_in(
    service: Service,
) -> None:
    """Intuit revokes all grants of a company at once: the new sign-in must not lose its own."""
    here = service.here
    back = back_from(service, begun_over_the_api(service))
    here.intuit.emulator.add_fault("error_before_commit", path="*companyinfo*", times=None)
    assert service.ask("GET", f"{service.base}/callback", params=back).status_code == 503
    here.intuit.emulator.act("clear_faults", {})
    again = back_from(service, begun_over_the_api(service))

    assert (give_back.stale(here.house), revocations(service)) == (0, 0)
    assert service.ask("GET", f"{service.base}/callback", params=again).status_code == 200
    here.house.clock.sleep(601)
    assert (give_back.stale(here.house), revocations(service)) == (1, 0)


def test_the_grant_of_another_company_than_before_is_given_back(service: Service) -> None:
    here = service.here
    here.connect()
    second = replace(here.intuit, company=here.intuit.emulator.add_company(name="Another Company"))
    there = World(here.house, second)

    with pytest.raises(Conflict) as refusal:
        there.connect()

    assert refusal.value.code == "another_company"
    assert (give_back.stale(here.house), revocations(service)) == (1, 1)
    assert holds(service) == here.intuit.company.name


def test_the_grant_of_a_company_that_another_business_uses_is_left_alone(service: Service) -> None:
    """Revoking it would let anybody at the company end the connection of the other business."""
    here = service.here
    here.connect()

    with pytest.raises(Conflict):
        World(here.house, here.intuit, business_id=OTHER).connect()

    assert (give_back.stale(here.house), revocations(service)) == (1, 0)
    here.feed(connection(1))
    assert here.sync("vendors").state == "succeeded"


def test_the_grant_of_a_refused_sign_in_lies_sealed_and_connects_nothing(service: Service) -> None:
    back = back_from(service, begun_over_the_api(service))
    realm = back["realmId"]
    other = service.here.intuit.emulator.add_company().realm_id
    service.ask("GET", f"{service.base}/callback", params=back | {"realmId": other})

    with service.here.house.database.reading() as tx:
        (row,) = tx.exec_driver_sql("select * from authorizations").mappings()
        assert not authorizations.waits(
            tx, BUSINESS, row["user_id"], now=service.here.house.clock.now()
        )
    assert str(row["offer_sealed"]).startswith("v1.")
    again = service.ask("GET", f"{service.base}/callback", params=back | {"realmId": realm})
    assert again.json()["code"] == "state_invalid"
    assert holds(service) == ""


def living(service: Service) -> int:
    """Return how many grants of the app are in force at Intuit."""
    grants = service.here.intuit.emulator.grants.grants.values()
    return sum(1 for one in grants if one.ended is None)


def test_a_sign_in_over_the_api_ends_with_the_same_token_and_no_other(service: Service) -> None:
    path, back = f"{service.base}/callback", back_from(service, begun_over_the_api(service))

    other = service.ask("GET", path, as_="platform", params=back)
    same = service.ask("GET", path, params=back)

    assert (other.status_code, other.json()["code"]) == (400, "state_invalid")
    assert same.json()["status"] == "connected"


def test_what_was_begun_before_a_disconnect_is_void_after_it(service: Service) -> None:
    """A colleague's unfinished sign-in, in QuickBooks or already back, connects nothing."""
    here = service.here
    person = Browser(service).in_as("jane@harbor.example")
    person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))
    away = back_from(service, begun_over_the_api(service))
    here.connect()

    connect.disconnect(here.house, BUSINESS, "user:boss@harbor.example")
    back = person.post("/connect/finish")
    late = service.ask("GET", f"{service.base}/callback", params=away)

    assert "/connect/failed" in back.headers["location"]
    assert (late.status_code, late.json()["code"]) == (400, "state_invalid")
    assert holds(service) == ""


def test_the_right_to_connect_is_asked_again_when_the_sign_in_ends(service: Service) -> None:
    """An admin begins; before they finish, the platform makes them a viewer."""
    here = service.here
    person = Browser(service).in_as("jane@harbor.example")
    person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))

    person.in_as("jane@harbor.example", Rank.VIEWER)

    assert person.post("/connect/finish").status_code == 403
    with pytest.raises(Invalid):
        offer.accept(here.house, "x" * 43, BUSINESS, "user:jane@harbor.example")
    assert holds(service) == ""


def test_who_began_and_who_finished_both_stand_in_the_audit_trail(service: Service) -> None:
    person = Browser(service).in_as("jane@harbor.example")
    person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))
    person.post("/connect/finish")

    with service.here.house.database.reading() as tx:
        entries, _ = audit.page(tx, BUSINESS, {"what": "connected"}, limit=5, offset=0)

    (entry,) = entries
    assert entry.by == "user:jane@harbor.example"
    assert '"begun_by":"token:tok_' in entry.facts
    assert '"let_in_by":"platform"' in entry.facts


def test_nothing_of_an_offer_lies_open_in_the_database(service: Service) -> None:
    person = Browser(service)
    person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))
    secret = person.client.cookies["cleo-offer"]

    with service.here.house.database.reading() as tx:
        rows = str(tx.exec_driver_sql("select * from authorizations").all())

    assert "v1." in rows
    assert secret not in rows
    assert service.here.intuit.company.name not in rows


def test_the_operators_own_page_hears_that_a_person_has_to_confirm(service: Service) -> None:
    house = replace(service.here.house, return_url="https://app.cleo-pay.com/books?tab=qbo")
    with TestClient(app_of(house)) as client:
        service.client = client
        person = Browser(service)
        door = person.get(DOORWAY, **back_from(service, begun_over_the_api(service)))
        person.enter("jane@harbor.example")
        done = person.post("/connect/finish")
        onward = person.get(done.headers["location"])

    assert parse_qs(urlsplit(door.headers["location"]).query) == {
        "tab": ["qbo"],
        "status": ["to_confirm"],
    }
    assert "https://app.cleo-pay.com/books?tab=qbo&amp;status=connected" in onward.text
