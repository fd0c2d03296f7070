"""Who did what, when: a chain of hashes per business, so that no entry changes unnoticed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, select

from cleo_accounting.core.records import canonical
from cleo_accounting.store.database import one_at_a_time
from cleo_accounting.store.tables import audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cleo_accounting.store.database import Transaction

_START = "0" * 64
PLATFORM = "-"  # the chain of what concerns no business


@dataclass(frozen=True, slots=True)
class Entry:
    """One act, as it stands in the chain."""

    number: int
    at: datetime
    by: str
    what: str
    subject: str
    facts: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of checking a chain: how many entries, and the number of the first bad one."""

    entries: int
    broken_at: int | None = None

    @property
    def sound(self) -> bool:
        """Whether the chain is as it was written."""
        return self.broken_at is None


_LAST = (
    select(audit.c.number, audit.c.hash)
    .where(audit.c.business_id == bindparam("business_id"))
    .order_by(audit.c.number.desc())
    .limit(1)
)


_ADD = audit.insert()


def note(
    tx: Transaction,
    business_id: str,
    *,
    by: str,
    what: str,
    subject: str,
    now: datetime,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Write an act into the business's chain, in the transaction of the act itself."""
    one_at_a_time(tx, f"audit {business_id}")  # two would take the same number
    last = tx.execute(_LAST, {"business_id": business_id}).first()
    number = last.number + 1 if last else 1
    previous = last.hash if last else _START
    entry = Entry(number, now, by, what, subject, canonical(dict(facts or {})))
    values = {
        "business_id": business_id,
        "number": number,
        "at": now,
        "by": by,
        "what": what,
        "subject": subject,
        "facts": entry.facts,
        "previous": previous,
        "hash": _hash(business_id, entry, previous),
    }
    tx.execute(_ADD, values)


def verify(tx: Transaction, business_id: str) -> Verdict:
    """Walk a business's chain from its start and say where it breaks, if it does."""
    rows = tx.execute(
        select(audit).where(audit.c.business_id == business_id).order_by(audit.c.number)
    )
    previous, count = _START, 0
    for row in rows:
        count += 1
        entry = Entry(row.number, row.at, row.by, row.what, row.subject, row.facts)
        expected = _hash(business_id, entry, previous)
        if (row.number, row.previous, row.hash) != (count, previous, expected):
            return Verdict(count, broken_at=count)
        previous = row.hash
    return Verdict(count)


def businesses(tx: Transaction) -> Sequence[str]:
    """Give every business that has a chain."""
    rows = tx.execute(select(audit.c.business_id).distinct().order_by(audit.c.business_id))
    return list(rows.scalars())


def head(tx: Transaction, business_id: str) -> tuple[int, str]:
    """Give the chain's length and last hash; kept elsewhere, they show a chain cut short."""
    row = tx.execute(_LAST, {"business_id": business_id}).first()
    return (row.number, row.hash) if row else (0, _START)


def page(
    tx: Transaction,
    business_id: str,
    wanted: Mapping[str, str | None] | None = None,
    *,
    limit: int,
    offset: int,
) -> tuple[Sequence[Entry], int]:
    """Return some entries, the newest first, and how many there are.

    `wanted` says who did it (`by`), `what` was done, and about what (`subject`).
    """
    mine = and_(
        audit.c.business_id == business_id,
        *(audit.c[name] == value for name, value in (wanted or {}).items() if value is not None),
    )
    count = tx.execute(select(func.count()).select_from(audit).where(mine)).scalar_one()
    rows = tx.execute(
        select(audit).where(mine).order_by(audit.c.number.desc()).limit(limit).offset(offset)
    )
    return [
        Entry(row.number, row.at, row.by, row.what, row.subject, row.facts) for row in rows
    ], count


def about(
    tx: Transaction, business_id: str, subject: str, *, what: str | None = None, limit: int = 20
) -> Sequence[Entry]:
    """Give the newest entries about one thing."""
    query = select(audit).where(audit.c.business_id == business_id, audit.c.subject == subject)
    if what:
        query = query.where(audit.c.what == what)
    rows = tx.execute(query.order_by(audit.c.number.desc()).limit(limit))
    return [Entry(row.number, row.at, row.by, row.what, row.subject, row.facts) for row in rows]


def _hash(business_id: str, entry: Entry, previous: str) -> str:
    return hashlib.sha256(canonical([business_id, entry, previous]).encode()).hexdigest()
