"""Connecting accepts only the company that was confirmed, for the user who began it, once."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import AccountingError, Conflict, Forbidden, Invalid, Missing
from cleo_accounting.flows.admin import access
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting.progress import status
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store import audit, integrations
from cleo_accounting.store.access import Rank
from cleo_accounting.store.database import Database
from cleo_accounting.store.integrations import Status
from cleo_accounting.store.tables import metadata
from tests.world import BUSINESS, REDIRECT_URI, World, connection, world


@pytest.fixture
def fresh(database: Database) -> Iterator[World]:
    """A business that has never connected."""
    with world(database) as made:
        yield made


def _begun(here: World, user: str = "user_1", **options: bool) -> dict[str, str]:
    begun = connect.begin(here.house, here.business_id, user, REDIRECT_URI, **options)
    return here.consent(begun.authorization_url)


def _complete(
    here: World, back: dict[str, str], user_id: str = "user_1", business_id: str = ""
) -> integrations.Integration:
    return connect.complete(
        here.house,
        state=back["state"],
        code=back["code"],
        company_id=back["realmId"],
        business_id=business_id or here.business_id,
        user_id=user_id,
    )


def _token_calls(here: World) -> int:
    journal = here.intuit.emulator.journal.requests()
    return sum(1 for one in journal if one.request and one.request.path.endswith("/bearer"))


def _second_company(here: World, name: str = "Another Company") -> str:
    return str(here.intuit.emulator.add_company(name).realm_id)


def test_a_company_is_connected_under_the_name_that_it_gives_itself(fresh: World) -> None:
    held = fresh.connect()

    assert held.status is Status.CONNECTED
    assert held.company_name == fresh.intuit.company.name
    assert connect.connected(fresh.house, BUSINESS) == [held]
    assert connect.latest(fresh.house, BUSINESS) == held


def test_the_user_is_sent_to_intuit_with_the_state_and_nothing_of_ours(fresh: World) -> None:
    begun = connect.begin(fresh.house, BUSINESS, "user_1", REDIRECT_URI)

    query = parse_qs(urlsplit(begun.authorization_url).query)
    assert query["redirect_uri"] == [REDIRECT_URI]
    assert query["scope"] == ["com.intuit.quickbooks.accounting"]
    assert len(query["state"][0]) >= 43
    assert BUSINESS not in begun.authorization_url


@pytest.mark.parametrize(
    "spoil",
    [
        {"state": ""},
        {"state": "x" * 43},
        {"business_id": "biz_two"},
        {"user_id": "user_2"},
    ],
    ids=["missing", "unknown", "another business", "another user"],
)
def test_a_callback_that_is_not_the_one_begun_makes_no_call(
    fresh: World, spoil: dict[str, str]
) -> None:
    back = _begun(fresh)

    with pytest.raises(Invalid) as refusal:
        _complete(
            fresh,
            {**back, "state": spoil.get("state", back["state"])},
            **{name: value for name, value in spoil.items() if name != "state"},
        )

    assert refusal.value.code == "state_invalid"
    assert _token_calls(fresh) == 0


def test_a_state_works_once_and_for_ten_minutes(fresh: World) -> None:
    back, late = _begun(fresh), _begun(fresh)
    _complete(fresh, back)

    with pytest.raises(Invalid, match="unknown, used or older"):
        _complete(fresh, back)
    fresh.house.clock.sleep(601)
    with pytest.raises(Invalid, match="unknown, used or older"):
        _complete(fresh, late)

    assert _token_calls(fresh) == 1


@pytest.mark.both
def test_of_fifty_callbacks_at_once_one_is_exchanged(fresh: World) -> None:
    back = _begun(fresh)

    def come(_: int) -> bool:
        try:
            _complete(fresh, back)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(come, range(50))).count(True) == 1
    assert _token_calls(fresh) == 1


def test_a_tampered_company_id_connects_nothing(fresh: World) -> None:
    other = _second_company(fresh)
    back = _begun(fresh)

    with pytest.raises(Invalid) as refusal:
        _complete(fresh, {**back, "realmId": other})

    assert refusal.value.code == "company_unconfirmed"
    assert connect.connected(fresh.house, BUSINESS) == []


@pytest.mark.parametrize("company_id", ["", "../1", "1" * 41, "1 or 1", "1\n"])
def test_a_company_id_that_is_none_goes_nowhere(fresh: World, company_id: str) -> None:
    back = _begun(fresh)

    with pytest.raises(Invalid) as refusal:
        _complete(fresh, {**back, "realmId": company_id})

    assert refusal.value.code == "callback_incomplete"
    assert _token_calls(fresh) == 0


def test_a_code_that_intuit_refuses_is_said_so(fresh: World) -> None:
    back = _begun(fresh)

    with pytest.raises(Invalid) as refusal:
        _complete(fresh, {**back, "code": "made-up"})

    assert refusal.value.code == "code_refused"
    assert connect.connected(fresh.house, BUSINESS) == []


def test_denying_connects_nothing_and_uses_the_state_up(fresh: World) -> None:
    begun = connect.begin(fresh.house, BUSINESS, "user_1", REDIRECT_URI)
    back = fresh.consent(begun.authorization_url, "deny")
    assert back["error"] == "access_denied"

    connect.deny(fresh.house, state=back["state"], reason=back["error"])

    with pytest.raises(Invalid):
        connect.deny(fresh.house, state=back["state"], reason=back["error"])
    assert connect.latest(fresh.house, BUSINESS) is None


BAD_REDIRECTS = [
    "",
    "http://localhost:8000",
    REDIRECT_URI + "/",
    REDIRECT_URI + "?x=1",
    REDIRECT_URI + "#x",
    REDIRECT_URI.upper(),
    REDIRECT_URI.replace("localhost", "LOCALHOST"),
    REDIRECT_URI.replace("localhost", "localhost."),
    REDIRECT_URI.replace("localhost", "localhost.evil.example"),
    REDIRECT_URI.replace("localhost", "localhost@evil.example"),
    REDIRECT_URI.replace("localhost", "evil.example#localhost"),
    REDIRECT_URI.replace("localhost", "127.0.0.1"),
    REDIRECT_URI.replace("localhost", "[::1]"),
    REDIRECT_URI.replace("localhost", "lоcalhost"),  # noqa: RUF001  a Cyrillic o, on purpose
    REDIRECT_URI.replace("8000", "8001"),
    REDIRECT_URI.replace(":8000", ""),
    REDIRECT_URI.replace("http", "https"),
    REDIRECT_URI.replace("http:", ""),
    REDIRECT_URI.replace("http://", "http:/\\"),
    REDIRECT_URI.replace("http://", "http:///"),
    REDIRECT_URI.replace("http://", "http:\\\\"),
    REDIRECT_URI.replace("callback", "%63allback"),
    REDIRECT_URI.replace("callback", "../callback"),
    REDIRECT_URI.replace("/api", "/%2e%2e/api"),
    REDIRECT_URI.replace("/api", "//api"),
    REDIRECT_URI + "%0d%0aSet-Cookie:x",
    REDIRECT_URI + "\r\nSet-Cookie: x",
    REDIRECT_URI + " ",
    " " + REDIRECT_URI,
    REDIRECT_URI + "\x00",
    REDIRECT_URI + "/..;/x",
    "//evil.example",
    "//localhost:8000/api/integrations/accounting/callback",
    "https://evil.example/" + REDIRECT_URI,
    "https://evil.example?" + REDIRECT_URI,
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "/api/integrations/accounting/callback",
    "*",
    REDIRECT_URI + "&x=1",
    REDIRECT_URI + ";x=1",
    REDIRECT_URI + "%20",
    REDIRECT_URI + "%00",
    REDIRECT_URI + "/.",
    REDIRECT_URI + "\\",
    REDIRECT_URI + "\t",
    REDIRECT_URI + "," + REDIRECT_URI,
    REDIRECT_URI.replace("callback", "callback/../callback"),
    REDIRECT_URI.replace("callback", "Callback"),
    REDIRECT_URI.replace("callback", "call\u200bback"),
    REDIRECT_URI.replace("8000", "08000"),
    REDIRECT_URI.replace("8000", "8000@evil.example"),
    REDIRECT_URI.replace("localhost", "localhost%2eevil.example"),
    REDIRECT_URI.replace("localhost", "xn--lcalhost-wij"),
    REDIRECT_URI.replace("localhost", "user:pw@localhost"),
    REDIRECT_URI.replace("localhost", "2130706433"),
    REDIRECT_URI.replace("http", "hTTp"),
    REDIRECT_URI.replace("http://", "http:"),
    "https://evil.example/?next=" + REDIRECT_URI,
]


@pytest.mark.parametrize("redirect_uri", BAD_REDIRECTS)
def test_only_the_very_letters_of_an_allowed_address_are_taken(
    fresh: World, redirect_uri: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        connect.begin(fresh.house, BUSINESS, "user_1", redirect_uri)

    (flaw,) = refusal.value.flaws
    assert flaw.field == "redirectUri"
    assert not redirect_uri or redirect_uri not in flaw.message


def test_an_address_of_the_operators_list_is_taken_and_sent_on_as_it_is(fresh: World) -> None:
    ours = "https://app.cleo-pay.com/qbo/back?from=settings"
    house = replace(fresh.house, redirect_uris=(ours,))

    begun = connect.begin(house, BUSINESS, "user_1", ours)

    assert parse_qs(urlsplit(begun.authorization_url).query)["redirect_uri"] == [ours]


def test_a_company_that_another_business_has_is_refused_without_a_name(fresh: World) -> None:
    fresh.connect()
    rival = World(fresh.house, fresh.intuit, business_id="biz_two")

    with pytest.raises(Conflict) as refusal:
        rival.connect()

    assert refusal.value.code == "company_taken"
    assert BUSINESS not in refusal.value.message
    assert fresh.intuit.company.name not in refusal.value.message
    assert connect.connected(fresh.house, "biz_two") == []
    assert fresh.integration.status is Status.CONNECTED


@pytest.mark.both
def test_of_two_businesses_that_race_for_a_company_one_wins(fresh: World) -> None:
    rivals = [World(fresh.house, fresh.intuit, business_id=f"biz_{n}") for n in range(4)]
    backs = [_begun(rival) for rival in rivals]

    def come(at: int) -> str:
        try:
            _complete(rivals[at], backs[at])
        except Conflict as refusal:
            return refusal.code
        return "connected"

    with ThreadPoolExecutor(4) as pool:
        came = sorted(pool.map(come, range(4)))

    assert came == ["company_taken"] * 3 + ["connected"]


def test_reconnecting_keeps_the_integration_and_its_links(fresh: World) -> None:
    fresh.open_for_business()
    fresh.feed(connection(1))
    fresh.sync("vendors")
    first = fresh.integration
    connect.disconnect(fresh.house, BUSINESS, "user_1")

    again = fresh.connect()

    assert again.id == first.id
    assert again.status is Status.CONNECTED
    assert again.fields == first.fields
    assert fresh.sync("vendors").tallies["vendors"].unchanged == 1


def test_another_company_than_before_is_refused_and_both_are_named(fresh: World) -> None:
    fresh.connect()
    before = fresh.integration
    connect.disconnect(fresh.house, BUSINESS, "user_1")
    other = replace(
        fresh.intuit,
        company=fresh.intuit.emulator.companies[_second_company(fresh)],
    )
    elsewhere = World(fresh.house, other)

    with pytest.raises(Conflict) as refusal:
        elsewhere.connect()

    assert refusal.value.code == "another_company"
    assert before.company_name in refusal.value.message
    assert "Another Company" in refusal.value.message


def test_switching_companies_on_purpose_lets_the_old_one_go(fresh: World) -> None:
    fresh.connect()
    before = fresh.integration
    other = replace(
        fresh.intuit,
        company=fresh.intuit.emulator.companies[_second_company(fresh)],
    )

    now = World(fresh.house, other).connect(switch_company=True)

    assert now.company_name == "Another Company"
    assert now.id != before.id
    assert connect.connected(fresh.house, BUSINESS) == [now]
    assert fresh.integration.status is Status.DISCONNECTED


def test_who_lost_the_right_meanwhile_connects_nothing(fresh: World) -> None:
    token, _ = access.issue(
        fresh.house, business_id=BUSINESS, rank=Rank.ADMIN, name="laptop", by="cli"
    )
    back = _begun(fresh, f"token:{token.id}")
    access.revoke(fresh.house, token.id, by="cli")

    with pytest.raises(Forbidden):
        _complete(fresh, back, user_id=f"token:{token.id}")

    assert _token_calls(fresh) == 0


def test_disconnecting_closes_the_books_at_once_and_gives_the_grant_back(fresh: World) -> None:
    fresh.open_for_business()
    fresh.feed(connection(1))
    run = sync.request(
        fresh.house, fresh.integration, ["vendors"], trigger=Trigger.PAGE, by="tester"
    )

    gone = connect.disconnect(fresh.house, BUSINESS, "user_1")
    fresh.work(run.id)

    assert gone.status is Status.DISCONNECTED
    assert status(fresh.house, BUSINESS, gone.id, run.id).state == "cancelled"
    with pytest.raises(Conflict):
        sync.request(fresh.house, gone, ["vendors"], trigger=Trigger.PAGE, by="tester")
    with pytest.raises(Missing):
        connect.disconnect(fresh.house, BUSINESS, "user_1")

    assert errands.run_due(fresh.house) == 1
    with fresh.house.database.reading() as tx:
        assert integrations.grant_of(tx, gone.id) is None
    assert fresh.intuit.emulator.journal.requests()[-1].request.path.endswith("/revoke")  # type: ignore[union-attr]


@pytest.mark.both
def test_a_revocation_that_fails_is_tried_again_and_given_up_in_the_end(fresh: World) -> None:
    fresh.connect()
    errands.run_due(fresh.house)
    connect.disconnect(fresh.house, BUSINESS, "user_1")
    fresh.intuit.emulator.add_fault("error_before_commit", path="*/revoke", times=None)

    tried = 0
    for _ in range(200):
        tried += errands.run_due(fresh.house)
        fresh.house.clock.sleep(7 * 3600)

    assert tried == 20
    with fresh.house.database.reading() as tx:
        assert integrations.grant_of(tx, fresh.integration_id) is None


def test_reconnecting_before_the_old_grant_was_given_back_keeps_the_new_one(fresh: World) -> None:
    fresh.open_for_business()
    connect.disconnect(fresh.house, BUSINESS, "user_1")
    fresh.connect()

    errands.run_due(fresh.house)

    fresh.feed(connection(1))
    assert fresh.sync("vendors").state == "succeeded"


@pytest.mark.both
def test_nothing_of_a_sign_in_lies_open_in_the_database(fresh: World) -> None:
    begun = connect.begin(fresh.house, BUSINESS, "user_1", REDIRECT_URI)
    back = fresh.consent(begun.authorization_url)
    _complete(fresh, back)
    tokens = [
        each
        for entry in fresh.intuit.emulator.journal.requests()
        if entry.request and entry.request.path.endswith("/bearer") and entry.response
        for each in _secrets(entry.response.body.decode())
    ]
    canaries = [back["state"], back["code"], fresh.intuit.app.client_secret, *tokens]
    assert len(canaries) == 5

    with fresh.house.database.reading() as tx:
        everything = "\n".join(
            str(row) for table in metadata.sorted_tables for row in tx.execute(table.select())
        )

    assert fresh.integration_id in everything
    assert [one for one in canaries if one in everything] == []


def _secrets(body: str) -> list[str]:
    answer = json.loads(body)
    return [answer["access_token"], answer["refresh_token"]]


def test_every_act_of_connecting_stands_in_an_unbroken_chain(fresh: World) -> None:
    fresh.connect()
    connect.disconnect(fresh.house, BUSINESS, "user_1")
    errands.run_due(fresh.house)

    with fresh.house.database.reading() as tx:
        entries, total = audit.page(tx, BUSINESS, limit=10, offset=0)
        assert audit.verify(tx, BUSINESS).sound
    assert total == 4
    assert [one.what for one in reversed(entries)] == [
        "connect_begun",
        "connected",
        "disconnected",
        "grant_revoked",
    ]


def test_an_outage_while_coming_back_connects_nothing_and_says_to_begin_again(
    fresh: World,
) -> None:
    back = _begun(fresh)
    fresh.intuit.emulator.add_fault("error_before_commit", path="*companyinfo*", times=None)

    with pytest.raises(AccountingError):
        _complete(fresh, back)

    assert connect.connected(fresh.house, BUSINESS) == []


def test_states_are_as_random_as_the_chance_they_are_given(fresh: World) -> None:
    house = replace(fresh.house, random=secrets.token_bytes)
    urls = {
        connect.begin(house, BUSINESS, "user_1", REDIRECT_URI).authorization_url for _ in range(20)
    }

    assert len(urls) == 20
