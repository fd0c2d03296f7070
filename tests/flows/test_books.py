"""The grant of a company is renewed once, stored before use, and ended only when that is sure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from cleo_accounting.errors import Reconnect, Unavailable
from cleo_accounting.flows import Locks
from cleo_accounting.flows.admin import keys
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.company.books import Keeper, need_reconnect, open_books
from cleo_accounting.providers import Grant
from cleo_accounting.store import integrations
from cleo_accounting.store.integrations import Status
from cleo_accounting.store.vault import Vault
from tests.world import KEY, World

HOUR = 3600


def _refreshes(here: World) -> int:
    return sum(
        1
        for one in here.intuit.emulator.journal.requests()
        if one.request and b"grant_type=refresh_token" in one.request.body
    )


def _keeper(here: World) -> Keeper:
    return Keeper(here.house, here.integration_id)


def test_a_grant_that_is_good_is_not_renewed(here: World) -> None:
    assert _keeper(here).current() == _keeper(here).current()
    assert _refreshes(here) == 0


def test_a_grant_is_renewed_shortly_before_it_ends(here: World) -> None:
    before = _keeper(here).current()
    here.house.clock.sleep(HOUR - 60)

    after = _keeper(here).current()

    assert after.access_token != before.access_token
    assert _refreshes(here) == 1


@pytest.mark.both
def test_sixteen_threads_renew_an_ended_grant_once(here: World) -> None:
    before = _keeper(here).current()
    here.house.clock.sleep(HOUR + 1)
    together = Barrier(16)

    def renew(_: int) -> Grant:
        together.wait()
        return _keeper(here).renew(before)

    with ThreadPoolExecutor(16) as pool:
        grants = list(pool.map(renew, range(16)))

    assert len({grant.access_token for grant in grants}) == 1
    assert _refreshes(here) == 1


@pytest.mark.both
def test_of_processes_that_renew_at_once_all_end_with_the_same_stored_grant(here: World) -> None:
    before = _keeper(here).current()
    here.intuit.emulator.turn(superseded_refresh_token="lives_24_hours")
    here.house.clock.sleep(HOUR + 1)
    together = Barrier(4)

    def renew(_: int) -> Grant:
        elsewhere = replace(here.house, locks=Locks())  # another process has its own locks
        together.wait()
        return Keeper(elsewhere, here.integration_id).renew(before)

    with ThreadPoolExecutor(4) as pool:
        grants = list(pool.map(renew, range(4)))

    assert {grant.access_token for grant in grants} == {_keeper(here).current().access_token}
    assert here.integration.status is Status.CONNECTED
    assert open_books(here.house, here.integration).describe().company_id == here.intuit.realm_id


def test_who_was_refused_an_older_grant_gets_the_newer_one_without_a_call(here: World) -> None:
    before = _keeper(here).current()
    newer = _keeper(here).renew(before)

    assert _keeper(here).renew(before) == newer
    assert _refreshes(here) == 1


def test_a_single_invalid_grant_of_an_outage_ends_nothing(here: World) -> None:
    before = _keeper(here).current()
    here.intuit.emulator.add_fault("invalid_grant", path="*/bearer", times=1)

    after = _keeper(here).renew(before)

    assert after.access_token != before.access_token
    assert here.integration.status is Status.CONNECTED


@pytest.mark.both
def test_a_grant_that_ended_needs_a_person_and_says_so_from_then_on(here: World) -> None:
    before = _keeper(here).current()
    here.intuit.emulator.disconnect(here.intuit.realm_id, here.intuit.app.client_id)

    with pytest.raises(Reconnect):
        _keeper(here).renew(before)

    assert here.integration.status is Status.NEEDS_RECONNECT
    asked = _refreshes(here)
    with pytest.raises(Reconnect, match=here.integration.company_name):
        _keeper(here).current()
    assert _refreshes(here) == asked


def test_a_renewal_that_a_suspended_process_held_in_its_hand_opens_the_books_again(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by the simulation, seed 9140: meanwhile another process used the superseded grant."""
    before = _keeper(here).current()
    here.intuit.emulator.turn(superseded_refresh_token="dies", same_day_refresh="new_value")
    refresh, elsewhere = here.house.provider.refresh, replace(here.house, locks=Locks())

    def suspended(grant: Grant) -> Grant:
        newer = refresh(grant)
        monkeypatch.setattr(here.house.provider, "refresh", refresh)
        with pytest.raises(Reconnect):
            Keeper(elsewhere, here.integration_id).renew(before)
        assert here.integration.status is Status.NEEDS_RECONNECT
        return newer

    monkeypatch.setattr(here.house.provider, "refresh", suspended)
    after = _keeper(here).renew(before)

    assert here.integration.status is Status.CONNECTED
    assert _keeper(here).current() == after


@pytest.mark.both
def test_reconnecting_opens_the_books_again(here: World) -> None:
    need_reconnect(here.house, here.integration_id, "no_permission")
    assert here.integration.status_reason == "no_permission"

    here.connect()

    assert here.integration.status is Status.CONNECTED
    assert open_books(here.house, here.integration).describe().name == here.intuit.company.name


def test_an_outage_while_renewing_leaves_a_grant_that_still_works_in_use(here: World) -> None:
    before = _keeper(here).current()
    here.house.clock.sleep(HOUR - 60)
    here.intuit.emulator.add_fault("error_before_commit", path="*/bearer", times=None)

    assert _keeper(here).current() == before
    here.house.clock.sleep(120)
    with pytest.raises(Unavailable):
        _keeper(here).current()
    assert here.integration.status is Status.CONNECTED


def test_a_disconnected_grant_opens_nothing(here: World) -> None:
    connect.disconnect(here.house, here.business_id, "user_1")

    with pytest.raises(Reconnect):
        _keeper(here).current()
    with pytest.raises(Reconnect):
        open_books(here.house, here.integration).describe()


def test_a_renewal_that_was_in_the_air_at_a_disconnect_opens_nothing(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, refresh = _keeper(here).current(), here.house.provider.refresh

    def meanwhile(grant: Grant) -> Grant:
        connect.disconnect(here.house, here.business_id, "user_1")
        return refresh(grant)

    monkeypatch.setattr(here.house.provider, "refresh", meanwhile)
    with pytest.raises(Reconnect):
        _keeper(here).renew(before)


def test_a_new_key_takes_every_grant_over_and_the_old_one_may_go(here: World) -> None:
    new = KEY[::-1].replace("=", "") + "="
    rotating = replace(here.house, vault=Vault([new, KEY], here.house.random))

    assert keys.reseal(rotating, by="cli") == (1, 0)
    assert keys.reseal(rotating, by="cli") == (0, 0)

    alone = replace(here.house, vault=Vault([new], here.house.random))
    assert Keeper(alone, here.integration_id).current().access_token
    with here.house.database.reading() as tx:
        sealed = integrations.grant_of(tx, here.integration_id)
    assert sealed
    assert alone.vault.is_newest(sealed.text)


def test_no_grant_shows_its_tokens(here: World) -> None:
    grant = _keeper(here).current()

    assert grant.access_token.get_secret_value() not in repr(grant)
    assert grant.refresh_token.get_secret_value() not in f"{grant!r} {here.house!r}"
