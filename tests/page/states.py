"""Every state of the page, each with a function that brings it about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.company import connect, steer
from cleo_accounting.flows.run import sync
from cleo_accounting.store import integrations
from tests.page import deeds
from tests.page.house import Place
from tests.world import BUSINESS, connection, payable, source

ALL = ("vendors", "bankAccounts", "invoices")


def records(place: Place, **more: Any) -> None:
    """Feed a small business: twelve vendors, a look-alike, two bank accounts, forty-two bills."""
    world = place.world
    names = [
        "Northwind Traders",
        "Acme Paper Goods",
        "Bright Path Clinic",
        "Harborview Catering",
        "Ünal İnşaat",
        "Mac ’n’ Cheese Co.",
        "Lakeside Janitorial",
        "Summit Legal Partners",
        "Kestrel Courier",
        "Olive & Thyme",
        "Pioneer Printing",
        "Tidewater Electric",
    ]
    world.feed(*(connection(at, name) for at, name in enumerate(names, 1)))
    world.feed(source(1, "Operating account", "4417"), source(2, "Rainy day fund", "0000"))
    world.feed(
        *(
            payable(at, 12_345 + at * 1_713, to=1 + at % len(names), number=f"INV-{1000 + at}")
            for at in range(1, 43)
        )
    )


def not_connected(place: Place) -> None:
    """Do nothing: a new business is not connected."""


def confirm_company(place: Place) -> None:
    records(place)
    place.world.connect()
    place.look()


def connecting(place: Place) -> None:
    records(place)
    place.world.connect()
    _confirmed(place)


def setup_needed(place: Place) -> None:
    confirm_company(place)
    _confirmed(place)
    _preview(place)


def preview(place: Place) -> None:
    confirm_company(place)
    _confirmed(place)
    _choose(place)
    _map_banks(place)
    _preview(place)


def connected_ok(place: Place) -> None:
    preview(place)
    place.world.sync()
    place.world.house.clock.sleep(240)


def syncing(place: Place) -> None:
    preview(place)
    place.world.feed(*(payable(at, 4_200 + at, to=1 + at % 12) for at in range(100, 640)))
    run = _ask(place)
    while not place.world.ours():
        sync.advance(place.world.house, run)


def waiting(place: Place) -> None:
    preview(place)
    run = _ask(place)
    _trouble(place, "throttled")
    _until_waiting(place, run)


def in_doubt(place: Place) -> None:
    preview(place)
    run = _ask(place)
    place.world.intuit.emulator.add_fault("drop_before_commit", path="*/batch", times=1)
    _until_waiting(place, run)


def upstream_down(place: Place) -> None:
    preview(place)
    run = _ask(place)
    _trouble(place, "error_before_commit", status=503)
    _until_waiting(place, run)


def paused_by_user(place: Place) -> None:
    syncing(place)
    world = place.world
    steer.pause(world.house, BUSINESS, world.integration_id, "user:jane@harbor.example")


def partial(place: Place) -> None:
    preview(place)
    world = place.world
    world.feed(
        connection(13, world.books("Customer")[0]["DisplayName"]),
        connection(14, world.books("Vendor")[0]["DisplayName"].upper() + ", Inc."),
        payable(50, 48_000, to=13, number="INV-2050"),
        payable(51, 125_075, to=14, number="INV-2051"),
        payable(52, 9_900, to=3, number="INV-2052", lines=[("Sum", "1", "100.00")]),
        payable(53, -4_500, to=4, number="CR-17", lines=[("Sum", "1", "-44.00")]),
    )
    world.sync()
    deeds.copied(world, "INV-1002")
    deeds.compared(place)


def needs_reconnect(place: Place) -> None:
    partial(place)
    world = place.world
    with world.house.database.transaction() as tx:
        integrations.need_reconnect(tx, world.integration_id, "invalid_grant")


def plan_limit(place: Place) -> None:
    connected_ok(place)
    world = place.world
    from dataclasses import replace  # noqa: PLC0415

    with world.house.database.transaction() as tx:
        integrations.set_profile(
            tx, world.integration_id, replace(world.integration.profile, read_only=True)
        )


def stopped(place: Place) -> None:
    syncing(place)
    world = place.world
    run = world.house
    status = latest(place)
    sync.cancel(run, BUSINESS, world.integration_id, status, "user:jane@harbor.example")
    sync.advance(run, status)


def disconnected(place: Place) -> None:
    connected_ok(place)
    connect.disconnect(place.world.house, BUSINESS, "user:jane@harbor.example")
    place.world.house.clock.sleep(3 * 3600)


STATES: dict[str, Callable[[Place], None]] = {
    one.__name__: one
    for one in (
        not_connected,
        confirm_company,
        connecting,
        setup_needed,
        preview,
        syncing,
        waiting,
        upstream_down,
        connected_ok,
        partial,
        needs_reconnect,
        paused_by_user,
        plan_limit,
        stopped,
        disconnected,
    )
}


def _confirmed(place: Place) -> None:
    world = place.world
    steer.confirm(world.house, BUSINESS, world.integration_id, "user:jane@harbor.example")


def _choose(place: Place) -> None:
    world = place.world
    world.choose(
        expense_account_id=world.account("Expense"), income_account_id=world.account("Income")
    )


def _map_banks(place: Place) -> None:
    from cleo_accounting.flows.mapping import pair  # noqa: PLC0415

    world = place.world
    banks = [one for one in world.books("Account") if one["AccountType"] == "Bank"]
    for number, bank in enumerate(banks[:2], 1):
        pair.pair(
            world.house,
            BUSINESS,
            world.integration_id,
            pair.BANK_ACCOUNT,
            f"fs_{number}",
            str(bank["Id"]),
            "user:jane@harbor.example",
        )


def _preview(place: Place) -> None:
    place.world.sync(dry_run=True)
    place.world.house.clock.sleep(60)


def _ask(place: Place) -> str:
    world = place.world
    return sync.request(
        world.house, world.integration, ALL, trigger=Trigger.PAGE, by="user:jane@harbor.example"
    ).id


def latest(place: Place) -> str:
    """Return the id of the newest run."""
    from cleo_accounting.flows.reporting.progress import status  # noqa: PLC0415

    world = place.world
    run = status(world.house, BUSINESS, world.integration_id).run
    assert run is not None
    return run.id


def _trouble(place: Place, kind: str, **more: Any) -> None:
    place.world.intuit.emulator.add_fault(kind, path="/v3/*", times=None, **more)


def _until_waiting(place: Place, run: str) -> None:
    for _ in range(50):
        progress = sync.advance(place.world.house, run)
        assert not progress.done
        if progress.wait_until:
            break
    place.world.house.clock.sleep(timedelta(seconds=20).total_seconds())
