"""Track the open balances of our documents in QuickBooks: what changed, and what is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core import balance
from cleo_accounting.core.balance import Balance
from cleo_accounting.flows.company.follow import pages
from cleo_accounting.store import balances, links

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from cleo_accounting.core.links import Remote, RemoteKind
    from cleo_accounting.flows import House
    from cleo_accounting.providers import Company
    from cleo_accounting.store.integrations import Integration


def follow_balances(house: House, integration: Integration, company: Company) -> None:
    """Update the known open balances of our documents.

    The change log covers all documents with one request. Only documents that a write of ours has
    changed, and that the log does not show, are read by id.

    Raises:
        Wait, Reconnect: the company cannot be read now.
    """
    with house.database.reading() as tx:
        kinds = balances.linked_kinds(tx, integration.id)
    if not kinds:
        return
    _read_changes(house, integration, company, kinds)
    for kind in kinds:
        _read_unknown(house, integration, company, kind)


def noting(
    house: House, integration_id: str, kind: RemoteKind, remotes: Iterator[Remote]
) -> Iterator[Remote]:
    """Yield all documents of a kind as they are read, and store the open balances of ours."""
    began = house.clock.now()
    for page in pages(remotes):
        _note(house, integration_id, kind, page, began)
        yield from page


def _note(
    house: House,
    integration_id: str,
    kind: RemoteKind,
    seen: Sequence[Remote],
    at: datetime,
) -> None:
    """Store the open balances of documents of one kind; `at` is when reading them began."""
    found = [
        balance.read(one.id, one.version, one.details, at, gone=one.gone)
        for one in seen
        if one.kind is kind
    ]
    with house.database.transaction() as tx:
        balances.note(tx, integration_id, kind, found, house.quiescence)


def _read_changes(
    house: House, integration: Integration, company: Company, kinds: Sequence[RemoteKind]
) -> None:
    began, since = house.clock.now(), integration.balances_cursor
    if since is None:
        # Balances from before the company was (re)connected may come from an old backup. What was
        # read since is known as of its time; the change log covers all that came after.
        with house.database.transaction() as tx:
            balances.doubt(tx, integration.id, integration.connected_at)
            since = balances.oldest(tx, integration.id) or began
            balances.set_cursor(tx, integration.id, since)
        return
    changes = company.changes(kinds, since)
    for kind in kinds:
        if changes.complete:
            _note(house, integration.id, kind, changes.remotes, began)
        else:
            for _ in noting(house, integration.id, kind, company.all(kind)):
                pass
    with house.database.transaction() as tx:
        if not changes.complete:
            balances.doubt(tx, integration.id, began)
        balances.forget_unlinked(tx, integration.id)
        balances.set_cursor(tx, integration.id, changes.cursor)


def _read_unknown(
    house: House, integration: Integration, company: Company, kind: RemoteKind
) -> None:
    """Read the documents whose open balance is unknown."""
    with house.database.reading() as tx:
        wanted = balances.unknown(tx, integration.id, kind)
    for some in pages(iter(wanted)):
        began = house.clock.now()
        found = company.read(kind, some)
        _note(house, integration.id, kind, list(found.values()), began)
        _note_absent(house, integration, kind, [one for one in some if one not in found], began)


def _note_absent(
    house: House,
    integration: Integration,
    kind: RemoteKind,
    remote_ids: Sequence[str],
    began: datetime,
) -> None:
    """Mark documents that no query shows as deleted, if each has had the time to appear."""
    with house.database.transaction() as tx:
        owners = links.owners_of(tx, integration.id, kind, remote_ids)
        appeared = began - house.quiescence
        old = links.older(tx, integration.id, kind, list(owners.values()), appeared)
        absent = [
            Balance(remote_id, 0, began, gone=True)
            for remote_id, record_id in owners.items()
            if record_id in old
        ]
        balances.note(tx, integration.id, kind, absent, house.quiescence)
