"""Follow the company: read its name lists once, and from then on only what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from cleo_accounting.core.links import NAME_LISTS, Remote
from cleo_accounting.flows import House
from cleo_accounting.providers import Company
from cleo_accounting.store import integrations, links
from cleo_accounting.store.integrations import Integration

_PAGE = 1000


def look(house: House, integration: Integration, company: Company) -> Integration:
    """Bring what we know of the company up to date: all of it at first, later what changed."""
    if integration.names_cursor is None:
        return look_anew(house, integration, company)
    changes = company.changes(NAME_LISTS, integration.names_cursor)
    if not changes.complete:  # too much or too long ago for a list of changes
        return look_anew(house, integration, company)
    now = house.clock.now()
    with house.database.transaction() as tx:
        links.see(tx, integration.id, changes.remotes, now)
        integrations.set_names_cursor(tx, integration.id, changes.cursor)
    return replace(integration, names_cursor=changes.cursor)


def look_anew(house: House, integration: Integration, company: Company) -> Integration:
    """Read the company's own description and every name list from the start."""
    # The cursor is taken before the reading: what changes meanwhile is then read twice, not never.
    started = house.clock.now()
    described = describe(house, integration, company)
    for kind in NAME_LISTS:
        for page in _pages(company.all(kind)):
            with house.database.transaction() as tx:
                links.see(tx, integration.id, page, house.clock.now())
        with house.database.transaction() as tx:
            links.forget_unseen(tx, integration.id, kind, started)
    with house.database.transaction() as tx:
        integrations.set_names_cursor(tx, integration.id, started)
    return replace(described, names_cursor=started)


def describe(house: House, integration: Integration, company: Company) -> Integration:
    """Ask the company what its settings allow: its closing date, its currencies, its plan."""
    profile = company.describe()
    with house.database.transaction() as tx:
        integrations.set_profile(tx, integration.id, profile)
    return replace(integration, profile=profile)


def _pages(remotes: Iterator[Remote]) -> Iterator[Sequence[Remote]]:
    while page := list(islice(remotes, _PAGE)):
        yield page
