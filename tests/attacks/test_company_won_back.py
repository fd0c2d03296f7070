"""A business that consents in QuickBooks gets a company whose old connection has ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Conflict, Missing, Reconnect
from cleo_accounting.flows.company import connect, give_back, release
from cleo_accounting.flows.company.books import Keeper, open_books
from cleo_accounting.flows.reporting.progress import status
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.providers import Grant
from cleo_accounting.store import audit, ended, integrations, operations
from cleo_accounting.store.audit import Entry
from cleo_accounting.store.database import Database
from cleo_accounting.store.integrations import Status
from tests.attacks.browser import Browser
from tests.service import OTHER, Service, served
from tests.world import BUSINESS, REDIRECT_URI, World, connection, house, payable

ALL = ("vendors", "bankAccounts", "invoices")


@pytest.fixture
def service(here: World) -> Iterator[Service]:
    """The API of the business that holds the company and of another business."""
    yield from served(here)


@pytest.fixture
def owner(here: World) -> World:
    """A second business, whose people manage the same company in QuickBooks."""
    return World(here.house, here.intuit, business_id=OTHER)


def ended_in_quickbooks(here: World) -> None:
    """Disconnect the app in QuickBooks, as the owner does, and have a worker notice it."""
    here.intuit.emulator.disconnect(here.intuit.realm_id, here.intuit.app.client_id)
    with pytest.raises(Reconnect):
        open_books(here.house, here.integration).describe()
    assert here.integration.status is Status.NEEDS_RECONNECT


def acts(here: World, business: str, what: str) -> list[Entry]:
    with here.house.database.reading() as tx:
        assert audit.verify(tx, business).sound
        found, _ = audit.page(tx, business, {"what": what}, limit=100, offset=0)
    return list(found)


def test_who_consents_gets_the_company_of_a_business_that_needs_reconnecting(
    here: World, owner: World
) -> None:
    ended_in_quickbooks(here)

    won = owner.connect()

    assert (won.business_id, won.status) == (OTHER, Status.CONNECTED)
    lost = here.integration
    assert (lost.status, lost.status_reason) == (Status.DISCONNECTED, "connected_elsewhere")
    with here.house.database.reading() as tx:
        assert integrations.grant_of(tx, lost.id) is None
    owner.feed(connection(1))
    assert owner.sync("vendors").state == "succeeded"


def test_a_business_whose_connection_works_keeps_its_company(here: World, owner: World) -> None:
    with pytest.raises(Conflict) as refusal:
        owner.connect()

    assert refusal.value.code == "company_taken"
    here.feed(connection(1))
    assert here.sync("vendors").state == "succeeded"


def test_a_refusal_has_the_holder_checked_so_that_the_next_sign_in_wins(
    here: World, owner: World
) -> None:
    """The owner has ended the connection in QuickBooks, and no worker has noticed yet."""
    here.intuit.emulator.disconnect(here.intuit.realm_id, here.intuit.app.client_id)
    with pytest.raises(Conflict):
        owner.connect()

    errands.run_due(here.house)
    give_back.stale(here.house)  # nobody uses the company: the refused grant is revoked, too

    assert here.integration.status is Status.NEEDS_RECONNECT
    assert not [one for one in here.intuit.emulator.grants.grants.values() if one.ended is None]
    assert owner.connect().status is Status.CONNECTED


def test_who_lost_a_company_cannot_take_it_back_from_a_business_that_works(
    here: World, owner: World
) -> None:
    ended_in_quickbooks(here)
    owner.connect()

    with pytest.raises(Conflict) as refusal:
        here.connect()

    assert refusal.value.code == "company_taken"
    ended_in_quickbooks(owner)
    assert here.connect().status is Status.CONNECTED
    assert here.integration.status_reason is None


def test_jobs_of_the_old_business_stop_and_nothing_is_sent_with_its_grant(
    here: World, owner: World
) -> None:
    here.feed(connection(1), *(payable(number) for number in range(3)))
    here.sync("vendors")
    here.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    while not here.ours():
        sync.advance(here.house, run.id)
    later = sync.request(here.house, here.integration, ALL, trigger=Trigger.PAGE, by="t")
    with here.house.database.transaction() as tx:
        integrations.need_reconnect(tx, here.integration_id, "needs_reconnect")
        doubted = operations.unsettled(tx, here.integration_id, run_id=run.id)
    old_books, held = open_books(here.house, here.integration), here.ours()

    owner.connect()
    since = len(here.intuit.emulator.journal.requests())
    here.work(run.id)
    here.work(later.id)
    with pytest.raises(Reconnect):
        old_books.describe()
    errands.run_due(here.house)

    runs = [status(here.house, BUSINESS, here.integration_id, one.id) for one in (run, later)]
    assert [one.state for one in runs] == ["cancelled"] * 2
    assert len(doubted[0]) == 3
    with here.house.database.reading() as tx:
        still = operations.unsettled(tx, here.integration_id, run_id=run.id)
    assert [[row.id for row in one] for one in still] == [[row.id for row in doubted[0]]]
    assert here.ours() == held
    new = Keeper(here.house, owner.integration_id).current().access_token.get_secret_value()
    sent = here.intuit.emulator.journal.requests()[since:]
    assert {one.request.headers["authorization"] for one in sent if one.request} == {
        f"Bearer {new}"
    }


def test_a_renewal_that_was_in_the_air_opens_nothing_for_the_old_business(
    here: World, owner: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Keeper(here.house, here.integration_id)
    before, refresh = keeper.current(), here.house.provider.refresh

    def meanwhile(grant: Grant) -> Grant:
        with here.house.database.transaction() as tx:
            integrations.need_reconnect(tx, here.integration_id, "needs_reconnect")
        owner.connect()
        return refresh(grant)

    monkeypatch.setattr(here.house.provider, "refresh", meanwhile)
    with pytest.raises(Reconnect):
        keeper.renew(before)

    assert here.integration.status_reason == "connected_elsewhere"
    assert owner.integration.status is Status.CONNECTED


def test_a_holder_that_works_again_at_the_last_moment_keeps_its_company(
    here: World, owner: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of the holder renews its grant between the check and the transfer."""
    end = ended.end_elsewhere
    with here.house.database.transaction() as tx:
        integrations.need_reconnect(tx, here.integration_id, Reconnect.code)

    def renewed(tx: object, *args: object, **more: object) -> bool:
        integrations.need_no_reconnect(tx, here.integration_id, Reconnect.code)  # type: ignore[arg-type]
        return end(tx, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ended, "end_elsewhere", renewed)
    with pytest.raises(Conflict) as refusal:
        owner.connect()

    assert refusal.value.code == "company_taken"
    assert here.integration.status is not Status.DISCONNECTED


def test_of_many_who_consent_at_once_one_wins(new_postgres: Callable[[], str], here: World) -> None:
    database = Database(new_postgres())
    with house(database, here.intuit) as built:
        holder = World(built, here.intuit)
        holder.connect()
        ended_in_quickbooks(holder)
        rivals = [World(built, here.intuit, business_id=f"biz_{number}") for number in range(3)]
        begun = [connect.begin(built, one.business_id, "u", REDIRECT_URI) for one in rivals]
        backs = [
            one.consent(each.authorization_url) for one, each in zip(rivals, begun, strict=True)
        ]

        def come(at: int) -> str:
            back = backs[at]
            try:
                connect.complete(
                    built,
                    state=back["state"],
                    code=back["code"],
                    company_id=back["realmId"],
                    business_id=rivals[at].business_id,
                    user_id="u",
                )
            except Conflict as refusal:
                return refusal.code
            return "connected"

        with ThreadPoolExecutor(3) as pool:
            came = sorted(pool.map(come, range(3)))
    database.close()

    assert came == ["company_taken"] * 2 + ["connected"]


def test_both_chains_say_so_and_neither_names_the_other_business(service: Service) -> None:
    here = service.here
    ended_in_quickbooks(here)
    person = Browser(service, OTHER).in_as("jane@owner.example")
    path = service.base.replace(BUSINESS, OTHER)
    body = {"redirectUri": REDIRECT_URI}
    begun = service.ask("POST", f"{path}/connect", as_="other admin", json=body).json()
    person.get(
        "/api/integrations/accounting/callback", **here.consent(str(begun["authorizationUrl"]))
    )

    asked = person.get(f"{person.page}/connect/finish").text
    person.post("/connect/finish")

    assert "Another business in Cleo Pay had connected" in asked
    assert BUSINESS not in asked
    (lost,) = acts(here, BUSINESS, "connected_elsewhere")
    (won,) = acts(here, OTHER, "connected")
    company = {"company_id": here.intuit.realm_id, "company_name": here.intuit.company.name}
    assert (lost.by, lost.subject, json.loads(lost.facts)) == (
        "worker",
        here.integration_id,
        company,
    )
    facts = json.loads(won.facts)
    assert facts["won_back"] is True
    assert BUSINESS not in won.facts
    mine = Browser(service).in_as("jo@harbor.example")
    told = service.ask("GET", f"{service.base}/status").json()
    pages = [told["message"], mine.get(mine.page).text, mine.get(f"{mine.page}/settings").text]
    assert told["integration"]["statusReason"] == "connected_elsewhere"
    for text in pages:
        assert "connected elsewhere" in text or "connected the company elsewhere" in text
        assert OTHER not in text
        assert "owner" not in text


def test_the_operator_releases_a_company_and_another_business_connects_it(
    here: World, owner: World
) -> None:
    begun = connect.begin(here.house, BUSINESS, "user_1", REDIRECT_URI)
    held = release.holder(here.house, here.intuit.realm_id)

    release.release(here.house, held, by="cli:op")
    owner.connect()
    since = len(here.intuit.emulator.journal.requests())
    errands.run_due(here.house)

    assert held.id == here.integration_id
    released = here.integration
    assert (released.status, released.status_reason) == (Status.DISCONNECTED, "released")
    with here.house.database.reading() as tx:
        assert integrations.grant_of(tx, released.id) is None
    sent = here.intuit.emulator.journal.requests()[since:]
    assert not [one for one in sent if one.request and one.request.path.endswith("/revoke")]
    (platform,) = acts(here, audit.PLATFORM, "company_released")
    assert (platform.by, json.loads(platform.facts)["business_id"]) == ("cli:op", BUSINESS)
    (noted,) = acts(here, BUSINESS, "disconnected")
    assert (noted.by, json.loads(noted.facts)["reason"]) == ("cli:op", "released")
    back = here.consent(begun.authorization_url)
    with pytest.raises(Exception, match="begin again"):
        connect.take(here.house, back["state"])
    with pytest.raises(Missing):
        release.release(here.house, held, by="cli:op")
