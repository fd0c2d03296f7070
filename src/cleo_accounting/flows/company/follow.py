"""Follow a company: read its name lists once, and from then on only the changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

import structlog

from cleo_accounting.core.kinds import ENTRIES, NAME_LISTS, PARTIES
from cleo_accounting.core.links import Entry, Link, Origin, Remote, RemoteKind
from cleo_accounting.core.render import record_of
from cleo_accounting.flows import House
from cleo_accounting.flows.apart import within
from cleo_accounting.providers import Company
from cleo_accounting.store import integrations, joining, links
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.integrations import Integration

log = structlog.get_logger(__name__)

T = TypeVar("T")

_PAGE = 1000
_OTHER_LISTS = tuple(kind for kind in NAME_LISTS if kind not in PARTIES)


def look(house: House, integration: Integration, company: Company) -> Integration:
    """Update what we know of the company: read everything the first time, later the changes."""
    since = integration.names_cursor
    if since is None:
        return look_anew(house, integration, company)
    changes = company.changes(NAME_LISTS, since)
    if not changes.complete:
        # Most often we wrote a thousand vendors ourselves: read only the lists of the parties anew.
        changes = company.changes(_OTHER_LISTS, since)
        if not changes.complete:
            return look_anew(house, integration, company)
        _read_lists(house, integration, company, PARTIES)
    now = house.clock.now()
    with house.database.transaction() as tx:
        _see(tx, integration, changes.remotes, now)
        integrations.set_names_cursor(tx, integration.id, changes.cursor)
    _look_for_absent(house, integration, company)
    return replace(integration, names_cursor=changes.cursor)


def _see(tx: Transaction, integration: Integration, seen: Sequence[Remote], now: datetime) -> None:
    """Store the remotes seen; one that cannot be stored is logged and does not block the others."""

    def aside(remote: Remote, trouble: Exception) -> None:
        told = {"integration_id": integration.id, "kind": remote.kind, "remote_id": remote.id}
        log.error("remote_not_kept", exc_info=trouble, **told)

    within(tx, seen, lambda some: links.see(tx, integration.id, some, now), aside)


def _look_for_absent(house: House, integration: Integration, company: Company) -> None:
    """Read by id the linked parties that no list showed: a list may lag."""
    for kind in PARTIES:
        with house.database.reading() as tx:
            absent = links.absent(tx, integration.id, kind)
        if absent:
            found = company.read(kind, absent)
            with house.database.transaction() as tx:
                _see(tx, integration, list(found.values()), house.clock.now())


def look_anew(house: House, integration: Integration, company: Company) -> Integration:
    """Read the company's own description, every name list, and the documents that are ours."""
    # The cursor is taken before reading: a change in between is then read twice, not missed.
    started = house.clock.now()
    described = describe(house, integration, company)
    _read_lists(house, integration, company, NAME_LISTS)
    recognise(house, integration, company)
    with house.database.transaction() as tx:
        integrations.set_names_cursor(tx, integration.id, started)
    return replace(described, names_cursor=started)


def describe(house: House, integration: Integration, company: Company) -> Integration:
    """Read what the company's settings allow: its closing date, its currencies, its plan."""
    profile = company.describe()
    with house.database.transaction() as tx:
        integrations.set_profile(tx, integration.id, profile)
    return replace(integration, profile=profile)


def recognise(house: House, integration: Integration, company: Company) -> int:
    """Link documents in QuickBooks that carry our marker but are unknown here; return how many.

    With this, a database that was lost, or restored from an old backup, finds its documents again
    instead of writing everything a second time.
    """
    found = 0
    for kind in ENTRIES:
        with house.database.reading() as tx:
            known = {link.remote_id for link in links.links_of(tx, integration.id, kind).values()}
        for page in pages(company.all(kind)):
            ours = [one for one in page if one.id not in known and is_live_document(one)]
            with house.database.transaction() as tx:
                found += _link_again(house, tx, integration, kind, ours)
    return found


def _link_again(
    house: House,
    tx: Transaction,
    integration: Integration,
    kind: RemoteKind,
    ours: Sequence[Remote],
) -> int:
    by_record = {record_of(one.details["marker"]): one for one in reversed(ours)}
    linked = links.links_of(tx, integration.id, kind, list(by_record))
    fresh = [
        Link(record_id, kind, one.id, one.version, Origin.CREATED, remote_name=one.name)
        for record_id, one in by_record.items()
        if record_id not in linked
    ]
    now = house.clock.now()
    held = joining.join(tx, integration.id, fresh, by="recognised", now=now)
    found = [link.record_id for link in fresh if link.record_id not in held]
    # A restored database may hold a run that was active at the time of the backup, with creates
    # that waited to be sent then and have been sent since.
    joining.drop_creates(tx, integration.id, kind, found, now)
    return len(found)


def _read_lists(
    house: House, integration: Integration, company: Company, kinds: Sequence[RemoteKind]
) -> None:
    started = house.clock.now()
    for kind in kinds:
        for page in pages(company.all(kind)):
            with house.database.transaction() as tx:
                _see(tx, integration, page, house.clock.now())
        with house.database.transaction() as tx:
            # What we saw a moment ago may be so new that the list does not show it yet.
            links.forget_unseen(tx, integration.id, kind, started - house.quiescence)


def is_live_document(remote: Remote) -> bool:
    """Whether a document carries our marker and is not void: a voided document has a zero total."""
    total = remote.content.total if isinstance(remote.content, Entry) else None
    return bool(remote.details.get("marker")) and not remote.gone and bool(total and total.minor)


def pages(remotes: Iterator[T]) -> Iterator[Sequence[T]]:
    """Yield a list in pages, each of which is stored in one transaction."""
    while page := list(islice(remotes, _PAGE)):
        yield page
