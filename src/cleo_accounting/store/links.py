"""Links between records and remotes, and the remotes as last read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Executable, Select, and_, bindparam, case, delete, func, or_, select

from cleo_accounting.core import kinds
from cleo_accounting.core.links import Base, Content, Link, Origin, Remote
from cleo_accounting.core.links import RemoteKind as Kind
from cleo_accounting.core.match import name_key
from cleo_accounting.core.records import canonical
from cleo_accounting.store.database import IDS_MAX, Transaction, insert_in
from cleo_accounting.store.tables import links, remotes

_LINKS = select(links).where(
    links.c.integration_id == bindparam("integration_id"), links.c.kind == bindparam("kind")
)
_LINKS_OF = _LINKS.where(links.c.record_id.in_(bindparam("records", expanding=True)))


def links_of(
    tx: Transaction,
    integration_id: str,
    kind: Kind,
    record_ids: Sequence[str] | None = None,
    *,
    before: datetime | None = None,
) -> dict[str, Link]:
    """Return the links of a kind, or those of the given records, by record id.

    `before`: only links that have not changed since that moment.
    """
    of: dict[str, Any] = {"integration_id": integration_id, "kind": kind}
    if record_ids is None:
        return {row.record_id: _link(row) for row in tx.execute(_LINKS, of)}
    found: dict[str, Link] = {}
    for at in range(0, len(record_ids), IDS_MAX):
        rows = tx.execute(_LINKS_OF, of | {"records": record_ids[at : at + IDS_MAX]})
        found.update(
            (row.record_id, _link(row)) for row in rows if before is None or row.at < before
        )
    return found


def elsewhere(
    tx: Transaction, integration_id: str, kind: Kind, record_ids: Sequence[str]
) -> set[str]:
    """Return the payables that are linked to another kind of document of the same role."""
    role = kinds.of(kind).role
    others = [one for one in kinds.DOCUMENTS if one is not kind and kinds.of(one).role is role]
    return {name for one in others for name in links_of(tx, integration_id, one, record_ids)}


_BASES = select(links.c.record_id, links.c.written, links.c.answered).where(
    links.c.integration_id == bindparam("integration_id"),
    links.c.kind == bindparam("kind"),
    links.c.record_id.in_(bindparam("records", expanding=True)),
    links.c.written.is_not(None),
)


def bases_of(
    tx: Transaction, integration_id: str, kind: Kind, record_ids: Sequence[str]
) -> dict[str, Base]:
    """Return the bases of our last writes by record id, for records that we have written."""
    found: dict[str, Base] = {}
    for at in range(0, len(record_ids), IDS_MAX):
        some = record_ids[at : at + IDS_MAX]
        of = {"integration_id": integration_id, "kind": kind, "records": some}
        for row in tx.execute(_BASES, of):
            answered = content(kind, row.answered) if row.answered else None
            found[row.record_id] = Base(content(kind, row.written), answered)
    return found


def older(
    tx: Transaction, integration_id: str, kind: Kind, record_ids: Sequence[str], before: datetime
) -> set[str]:
    """Return those of the records whose link has not changed since a moment."""
    found: set[str] = set()
    for at in range(0, len(record_ids), IDS_MAX):
        rows = select(links.c.record_id).where(
            links.c.integration_id == integration_id,
            links.c.kind == kind,
            links.c.record_id.in_(record_ids[at : at + IDS_MAX]),
            links.c.at < before,
        )
        found |= set(tx.scalars(rows))
    return found


def base_of(tx: Transaction, integration_id: str, kind: Kind, record_id: str) -> Base:
    """Return the base of our last write of a record; an empty one if we never wrote it."""
    return bases_of(tx, integration_id, kind, [record_id]).get(record_id, Base())


def contents(
    tx: Transaction, integration_id: str, kind: Kind, record_ids: Sequence[str]
) -> dict[str, Content]:
    """Return what we last wrote, by record id, for records that we have written."""
    bases = bases_of(tx, integration_id, kind, record_ids)
    return {record_id: base.written for record_id, base in bases.items() if base.written}


def content(kind: Kind, text: str) -> Content:
    """Decode a content from its canonical JSON."""
    return msgspec.json.decode(text, type=kinds.written(kind), strict=False)


def put_links(
    tx: Transaction,
    integration_id: str,
    given: Iterable[Link],
    *,
    by: str,
    now: datetime,
    bases: Mapping[str, Base] | None = None,
) -> None:
    """Store links, new or changed. `bases`: the bases of our writes, by record id.

    A counterpart that a person chose is kept, unless it is gone; to replace it, its link has to be
    removed first. A run can therefore not undo a mapping that a person made meanwhile.

    Raises:
        IntegrityError: a document would belong to two records, or a vendor be shared unasked.
    """
    rows = [
        {
            "integration_id": integration_id,
            "kind": link.kind.value,
            "record_id": link.record_id,
            "remote_id": link.remote_id,
            "remote_name": link.remote_name,
            "version": link.version,
            "origin": link.origin.value,
            "fingerprint": link.fingerprint,
            "written": _text(base.written),
            "answered": _text(base.answered),
            "gone": link.gone,
            "by": by,
            "at": now,
        }
        for link in given
        for base in [(bases or {}).get(link.record_id, Base())]
    ]
    if rows:
        tx.execute(_put(tx.dialect.name), rows)


@cache  # cached, so that SQLAlchemy compiles it only once
def _put(dialect: str) -> Executable:
    statement = insert_in(dialect, links)
    new = statement.excluded
    changed = [one.name for one in links.c if one.name not in ("position", *_LINK_KEY)]
    return statement.on_conflict_do_update(
        index_elements=_LINK_KEY,
        set_={
            **{name: new[name] for name in changed},
            "origin": _kept_origin(new),
            "written": func.coalesce(new.written, links.c.written),
            "answered": case((new.written.is_(None), links.c.answered), else_=new.answered),
        },
        where=or_(
            links.c.origin != Origin.MAPPED.value,
            links.c.gone.is_(True),
            links.c.remote_id == new.remote_id,
        ),
    )


def _kept_origin(new: Any) -> Any:  # noqa: ANN401  columns of an upsert
    """Return the origin to store: a document that a person entered stays so when we write to it."""
    matched = and_(links.c.origin == Origin.MATCHED.value, links.c.remote_id == new.remote_id)
    return case((matched, links.c.origin), else_=new.origin)


def _text(side: Content | None) -> str | None:
    return canonical(side) if side is not None else None


def names_among(tx: Transaction, integration_id: str, kind: Kind, names: Sequence[str]) -> set[str]:
    """Return those of the names or numbers that a linked remote of a kind is known to have."""
    found: set[str] = set()
    for at in range(0, len(names), IDS_MAX):
        found |= set(
            tx.scalars(
                select(links.c.remote_name).where(
                    links.c.integration_id == integration_id,
                    links.c.kind == kind,
                    links.c.remote_name.in_(names[at : at + IDS_MAX]),
                )
            )
        )
    return found


def owners_of(
    tx: Transaction, integration_id: str, kind: Kind, remote_ids: Sequence[str]
) -> dict[str, str]:
    """Return the record to which each document is linked; documents without a link are left out."""
    found: dict[str, str] = {}
    for at in range(0, len(remote_ids), IDS_MAX):
        rows = tx.execute(
            select(links.c.remote_id, links.c.record_id).where(
                links.c.integration_id == integration_id,
                links.c.kind == kind,
                links.c.remote_id.in_(remote_ids[at : at + IDS_MAX]),
            )
        )
        found.update((row.remote_id, row.record_id) for row in rows)
    return found


_LINK_KEY = ("integration_id", "kind", "record_id")


def remove_link(tx: Transaction, integration_id: str, kind: Kind, record_id: str) -> bool:
    """Delete a link, without any change to the remote; returns whether there was one."""
    done = tx.execute(
        delete(links).where(
            links.c.integration_id == integration_id,
            links.c.kind == kind,
            links.c.record_id == record_id,
        )
    )
    return done.rowcount > 0


def see(tx: Transaction, integration_id: str, seen: Iterable[Remote], now: datetime) -> None:
    """Store remotes as last read."""
    rows = [
        {
            "integration_id": integration_id,
            "kind": remote.kind.value,
            "remote_id": remote.id,
            "version": remote.version,
            "name": remote.name,
            "name_key": name_key(remote.full_name),
            "active": remote.active,
            "gone": remote.gone,
            "details": dict(remote.details),
            "seen_at": now,
        }
        for remote in seen
    ]
    if rows:
        tx.execute(_see(tx.dialect.name), rows)


@cache  # see `_put`
def _see(dialect: str) -> Executable:
    statement = insert_in(dialect, remotes)
    key = ("integration_id", "kind", "remote_id")
    changed = [one.name for one in remotes.c if one.name not in ("position", *key)]
    return statement.on_conflict_do_update(
        index_elements=key, set_={name: statement.excluded[name] for name in changed}
    )


_UNSEEN = (
    remotes.update()
    .where(
        remotes.c.integration_id == bindparam("integration"),
        remotes.c.kind == bindparam("of_kind"),
        remotes.c.seen_at < bindparam("before"),
    )
    .values(gone=True)
)


def forget_unseen(tx: Transaction, integration_id: str, kind: Kind, before: datetime) -> None:
    """Mark remotes as gone that a complete read of their list did not contain."""
    tx.execute(_UNSEEN, {"integration": integration_id, "of_kind": kind, "before": before})


_ABSENT = select(remotes.c.remote_id).where(
    remotes.c.integration_id == bindparam("integration_id"),
    remotes.c.kind == bindparam("kind"),
    remotes.c.gone.is_(True),
    remotes.c.remote_id.in_(
        select(links.c.remote_id).where(
            links.c.integration_id == bindparam("integration_id"),
            links.c.kind == bindparam("kind"),
        )
    ),
)


def absent(tx: Transaction, integration_id: str, kind: Kind) -> list[str]:
    """Return the ids of linked remotes of a kind that are in no list."""
    return sorted(tx.scalars(_ABSENT, {"integration_id": integration_id, "kind": kind}))


_REMOTES = select(remotes).where(
    remotes.c.integration_id == bindparam("integration_id"),
    remotes.c.kind == bindparam("kind"),
    remotes.c.gone.is_(False),
)
_BY_NAME = _REMOTES.order_by(remotes.c.name_key, remotes.c.position)


def remotes_of(
    tx: Transaction,
    integration_id: str,
    kind: Kind,
    *,
    search: str | None = None,
    active: bool | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Remote]:
    """Return remotes of a kind by full name; `search` matches any part of it, ignoring case."""
    query = _narrowed(_BY_NAME, search=search, active=active)
    if limit is not None:
        query = query.limit(limit).offset(offset)
    rows = tx.execute(query, {"integration_id": integration_id, "kind": kind})
    return [_remote(row) for row in rows]


def count_remotes(
    tx: Transaction,
    integration_id: str,
    kind: Kind,
    *,
    search: str | None = None,
    active: bool | None = None,
) -> int:
    """Return how many remotes `remotes_of` would return without a limit."""
    query = _narrowed(_REMOTES, search=search, active=active).subquery()
    count = select(func.count()).select_from(query)
    return tx.execute(count, {"integration_id": integration_id, "kind": kind}).scalar_one()


_REMOTE = select(remotes).where(
    remotes.c.integration_id == bindparam("integration_id"),
    remotes.c.kind == bindparam("kind"),
    remotes.c.remote_id == bindparam("remote_id"),
)


def remote(tx: Transaction, integration_id: str, kind: Kind, remote_id: str) -> Remote | None:
    """Return one remote as last read, or None."""
    of = {"integration_id": integration_id, "kind": kind, "remote_id": remote_id}
    row = tx.execute(_REMOTE, of).first()
    return _remote(row) if row else None


_INACTIVE = select(remotes.c.remote_id).where(
    remotes.c.integration_id == bindparam("integration_id"),
    remotes.c.kind == bindparam("kind"),
    (remotes.c.active.is_(False)) | (remotes.c.gone.is_(True)),
)


def inactive_ids(tx: Transaction, integration_id: str, kind: Kind) -> set[str]:
    """Return the ids of remotes of a kind that may no longer be used."""
    return set(tx.scalars(_INACTIVE, {"integration_id": integration_id, "kind": kind}))


def _narrowed(query: Select[Any], *, search: str | None, active: bool | None) -> Select[Any]:
    if search:
        query = query.where(remotes.c.name_key.contains(name_key(search), autoescape=True))
    if active is not None:
        query = query.where(remotes.c.active.is_(active))
    return query


def _link(row: Any) -> Link:  # noqa: ANN401  a row of the table
    return Link(
        record_id=row.record_id,
        kind=Kind(row.kind),
        remote_id=row.remote_id,
        version=row.version,
        origin=Origin(row.origin),
        fingerprint=row.fingerprint,
        remote_name=row.remote_name,
        gone=row.gone,
    )


def _remote(row: Any) -> Remote:  # noqa: ANN401  a row of the table
    return Remote(
        kind=Kind(row.kind),
        id=row.remote_id,
        version=row.version,
        name=row.name,
        active=row.active,
        gone=row.gone,
        details=row.details,
    )
