"""The acts: the owner's commands, called by name with plain values so that they can be replayed.

The owner is the test or person that runs the emulator. The Python interface, the control API and a
replay of the journal all call these functions.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics.dice import DIGITS
from quickbooks_emulator.books.company import Company
from quickbooks_emulator.books.seed import found, furnish
from quickbooks_emulator.books.settings import CompanySettings
from quickbooks_emulator.misfortunes.misfortune import Misfortune, Rule, Weather
from quickbooks_emulator.notices.webhooks import Bell
from quickbooks_emulator.sign_in.apps import ACCOUNTING, KNOWN_SCOPES, App, Subscription, User

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quickbooks_emulator.basics.switches import Switches
    from quickbooks_emulator.sign_in.apps import Environment
    from quickbooks_emulator.sign_in.grants import Tokens
    from quickbooks_emulator.world.world import World


def add_app(
    world: World,
    *,
    client_id: str = "",
    client_secret: str = "",
    redirect_uris: Sequence[str] = (),
    name: str = "Example App",
    environment: Environment = "development",
    disconnect_url: str = "",
    reconnect_url: str = "",
    webhook: Mapping[str, Any] | None = None,
) -> App:
    """Register an app, or replace the app with this client id; omitted keys are generated."""
    subscription = Subscription(**webhook) if webhook else None
    app = App(
        client_id=client_id or f"AB{world.dice.letters('client id', 48)}",
        client_secret=client_secret or world.dice.letters("client secret", 40),
        redirect_uris=tuple(redirect_uris),
        name=name,
        environment=environment,
        disconnect_url=disconnect_url,
        reconnect_url=reconnect_url,
        webhook=subscription,
    )
    world.oauth.apps[app.client_id] = app
    return app


def add_user(
    world: World,
    *,
    email: str,
    given_name: str = "Sam",
    family_name: str = "Example",
    realm_ids: Sequence[str] | None = None,
) -> User:
    """Register a person who administers the companies named, or all if `realm_ids` is None."""
    identity = world.dice.uuid("user")
    companies = None if realm_ids is None else tuple(realm_ids)
    user = User(identity, email, given_name, family_name, realm_ids=companies)
    world.oauth.users[user.id] = user
    return user


def add_company(
    world: World,
    *,
    name: str = "Sandbox Company_US_1",
    realm_id: str = "",
    sandbox: bool = True,
    seeded: bool = True,
    **settings: Any,  # noqa: ANN401  the fields of CompanySettings
) -> Company:
    """Create a company; `seeded` adds a chart of accounts, vendors, customers and items."""
    realm_id = realm_id or f"934145{world.dice.letters('realm', 10, DIGITS)}"
    if realm_id in world.companies:
        raise ValueError(f"there is a company {realm_id!r} already")
    company = Company(
        realm_id,
        name,
        world.clock,
        world.switches,
        CompanySettings(**settings),
        partial(world.effected, realm_id),
    )
    found(company)
    world.companies[realm_id] = company
    if not sandbox:
        world.production.add(realm_id)
    if seeded:
        furnish(company, world.seed)
    return company


def set_companies_of_user(world: World, *, user_id: str, realm_ids: Sequence[str] | None) -> User:
    """Set which companies a person administers from now on (None: all of them)."""
    companies = None if realm_ids is None else tuple(realm_ids)
    user = replace(world.oauth.users[user_id], realm_ids=companies)
    world.oauth.users[user_id] = user
    return user


def authorize(
    world: World,
    *,
    realm_id: str,
    client_id: str,
    scopes: Sequence[str] = (ACCOUNTING,),
    user_id: str | None = None,
) -> Tokens:
    """Grant consent without a browser, and return the tokens."""
    if realm_id not in world.companies:
        raise ValueError(f"there is no company {realm_id!r}")
    if client_id not in world.oauth.apps:
        raise ValueError(f"there is no app {client_id!r}")
    if unknown := set(scopes) - KNOWN_SCOPES:
        raise ValueError(f"there are no scopes {sorted(unknown)}")
    user_id = user_id or next(iter(world.oauth.users))
    if user_id not in world.oauth.users:
        raise ValueError(f"there is no user {user_id!r}")
    grant = world.grants.open(client_id, user_id, realm_id, tuple(scopes))
    return world.grants.tokens(grant)


def disconnect(world: World, *, realm_id: str, client_id: str) -> int:
    """End an app's grants to a company, as its user can; returns how many were ended."""
    return world.grants.disconnect(client_id, realm_id)


def turn(world: World, **switches: Any) -> Switches:  # noqa: ANN401  each has its own type
    """Change some switches, for the emulator and all its companies."""
    world.switches = world.switches.changed(switches)
    for company in world.companies.values():
        company.switches = world.switches
    return world.switches


def limit(world: World, **limits: int) -> None:
    """Change some of the request limits."""
    world.throttle.limits = replace(world.throttle.limits, **limits)


def add_fault(
    world: World,
    *,
    kind: str,
    **more: Any,  # noqa: ANN401  the fields of Misfortune and Rule
) -> str:
    """Add a rule for a misfortune; takes the fields of `Misfortune` and of `Rule` side by side."""
    shapes = {each.name for each in fields(Misfortune)} & more.keys()
    misfortune = Misfortune(kind=kind, **{name: more[name] for name in shapes})  # type: ignore[arg-type]
    conditions = {name: value for name, value in more.items() if name not in shapes}
    return world.faults.add(Rule(misfortune, **conditions)).id


def remove_fault(world: World, *, id: str) -> bool:  # noqa: A002  the name in the control API
    """Remove the rule with this id; returns whether there was one."""
    return world.faults.remove(id)


def clear_faults(world: World) -> None:
    """Remove all rules, and reset the weather and the webhooks' failures."""
    world.faults.clear()
    world.webhooks.bell = Bell()


def weather(world: World, **choices: Any) -> None:  # noqa: ANN401  the fields of Weather
    """Set the probabilities of random misfortunes."""
    world.faults.weather = Weather(**choices)


def bell(world: World, **choices: float) -> None:
    """Set the probabilities with which webhooks are lost, doubled or reordered, and their delay."""
    world.webhooks.bell = Bell(**choices)


def advance(world: World, *, seconds: float) -> str:
    """Move the clock forward; returns the new time."""
    world.clock.advance(seconds)
    return world.clock.now().isoformat()


def set_clock(world: World, *, moment: str) -> str:
    """Set the clock to this moment; returns the new time."""
    parsed = datetime.fromisoformat(moment)
    if parsed.tzinfo is None:
        raise ValueError("the moment needs an offset, such as 2026-01-05T09:00:00-08:00")
    world.clock.set(parsed)
    return world.clock.now().isoformat()


def person(world: World, *, realm_id: str, deed: str, **facts: Any) -> Any:  # noqa: ANN401  each deed has its own
    """Do what a person would do in QuickBooks' own interface; see `DEEDS`."""
    if realm_id not in world.companies:
        raise ValueError(f"there is no company {realm_id!r}")
    if deed not in DEEDS:
        raise ValueError(f"there is no deed {deed!r}; there are {', '.join(DEEDS)}")
    return DEEDS[deed](world.companies[realm_id], **facts)


DEEDS: dict[str, Callable[..., Any]] = {
    "create": lambda company, kind, document: company.create(kind, document),
    "edit": lambda company, kind, id, changes: company.update(kind, id, changes),  # noqa: A006
    "inactivate": lambda company, kind, id: company.update(kind, id, {"Active": False}),  # noqa: A006
    "reactivate": lambda company, kind, id: company.update(kind, id, {"Active": True}),  # noqa: A006
    "merge": lambda company, kind, id, winner: company.merge(kind, id, winner),  # noqa: A006
    "void": lambda company, kind, id: company.void(kind, id),  # noqa: A006
    "delete": lambda company, kind, id: company.delete(kind, id),  # noqa: A006
    "pay": lambda company, id, account_id=None, amount=None, kind="Bill": (  # noqa: A006
        company.receive_payment if kind == "Invoice" else company.pay_bill
    )(id, account_id, amount),
    "close_books": lambda company, last_day: company.close_books(last_day),
    "configure": lambda company, **choices: company.configure(**choices),
}
"""What people can do in QuickBooks, each with the facts that its function takes."""

ACTS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        add_app,
        add_user,
        add_company,
        set_companies_of_user,
        authorize,
        disconnect,
        person,
        turn,
        limit,
        add_fault,
        remove_fault,
        clear_faults,
        weather,
        bell,
        advance,
        set_clock,
    )
}
