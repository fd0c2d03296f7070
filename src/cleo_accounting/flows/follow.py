"""Follow the company: read its name lists once, and from then on only what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from cleo_accounting.core.links import NAME_LISTS, PARTIES, Remote, RemoteKind
from cleo_accounting.flows import House
from cleo_accounting.providers import Company
from cleo_accounting.store import integrations, links
from cleo_accounting.store.integrations import Integration

_PAGE = 1000
_OTHER_LISTS = tuple(kind for kind in NAME_LISTS if kind not in PARTIES)


def look(house: House, integration: Integration, company: Company) -> Integration:
    """Bring what we know of the company up to date: all of it at first, later what changed."""
    since = integration.names_cursor
    if since is None:
        return look_anew(house, integration, company)
    changes = company.changes(NAME_LISTS, since)
    if not changes.complete:
        # Most often it was we who wrote a thousand vendors: read those lists, not all of them.
        changes = company.changes(_OTHER_LISTS, since)
        if not changes.complete:
            return look_anew(house, integration, company)
        _read_lists(house, integration, company, PARTIES)
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
    _read_lists(house, integration, company, NAME_LISTS)
    with house.database.transaction() as tx:
        integrations.set_names_cursor(tx, integration.id, started)
    return replace(described, names_cursor=started)


def describe(house: House, integration: Integration, company: Company) -> Integration:
    """Ask the company what its settings allow: its closing date, its currencies, its plan."""
    profile = company.describe()
    with house.database.transaction() as tx:
        integrations.set_profile(tx, integration.id, profile)
    return replace(integration, profile=profile)


def _read_lists(
    house: House, integration: Integration, company: Company, kinds: Sequence[RemoteKind]
) -> None:
    started = house.clock.now()
    for kind in kinds:
        for page in _pages(company.all(kind)):
            with house.database.transaction() as tx:
                links.see(tx, integration.id, page, house.clock.now())
        with house.database.transaction() as tx:
            links.forget_unseen(tx, integration.id, kind, started)


def _pages(remotes: Iterator[Remote]) -> Iterator[Sequence[Remote]]:
    while page := list(islice(remotes, _PAGE)):
        yield page
