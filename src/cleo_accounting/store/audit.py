"""The audit trail: a signed chain of entries per business, so that no change goes unnoticed.

Every entry has an HMAC (RFC 2104, SHA-256) of itself and of the entry before it. The key belongs to
the operator and is never in the database, so that write access to the database is not enough to
forge an entry. A chain that was cut short is still valid; its length and last signature, its
*head*, are kept elsewhere and reveal that. Entries from before chains were signed have a plain
hash and are valid only if a signed entry follows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, select

from cleo_accounting.core.records import canonical
from cleo_accounting.store.database import LET_IN_BY, one_at_a_time
from cleo_accounting.store.signer import Signer
from cleo_accounting.store.tables import audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cleo_accounting.store.database import Transaction

_START = "0" * 64
_CHANGED = "changed, or another one was taken out"
PLATFORM = "-"  # the chain of acts that concern no business
WORKER = "worker"  # the service itself, if no person of the business acted


@dataclass(frozen=True, slots=True)
class Entry:
    """One act in a chain."""

    number: int
    at: datetime
    by: str
    what: str
    subject: str
    facts: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of checking a chain: the number of entries, the first bad one, and the problem."""

    entries: int
    broken_at: int | None = None
    trouble: str = ""

    @property
    def sound(self) -> bool:
        """Whether the chain is as it was written."""
        return self.broken_at is None


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a chain at a moment: the number and the signature of its last entry."""

    business_id: str
    number: int
    hash: str


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
    """Append an act to the business's chain, in the same transaction as the act.

    If a person acts on the page, the facts also name who created the person's session.
    """
    signer = signer_of(tx)
    one_at_a_time(tx, f"audit {business_id}")  # two writers would take the same number
    last = tx.execute(_LAST, {"business_id": business_id}).first()
    number = last.number + 1 if last else 1
    previous = last.hash if last else _START
    told = dict(facts or {})
    maker = tx.get_execution_options().get(LET_IN_BY)
    if maker and by != WORKER:
        told[LET_IN_BY] = maker
    entry = Entry(number, now, by, what, subject, canonical(told))
    values = {
        "business_id": business_id,
        "number": number,
        "at": now,
        "by": by,
        "what": what,
        "subject": subject,
        "facts": entry.facts,
        "previous": previous,
        "hash": signer.sign(_text(business_id, entry, previous, signer.newest)),
        "key_id": signer.newest,
    }
    tx.execute(_ADD, values)


def signer_of(tx: Transaction) -> Signer:
    """Return the signer of the audit chains of this database; see `Database.sign_acts_with`."""
    found = tx.get_execution_options().get("cleo_signer")
    assert isinstance(found, Signer), "a database whose acts nobody signs takes none"
    return found


def verify(tx: Transaction, business_id: str, heads: Sequence[Head] = ()) -> Verdict:
    """Check a business's chain from its start, and report where it breaks, if it does.

    `heads` are earlier heads of this chain that were kept elsewhere; each must still be part of it.
    """
    signer = signer_of(tx)
    rows = tx.execute(
        select(audit).where(audit.c.business_id == business_id).order_by(audit.c.number)
    )
    kept = {one.number: one.hash for one in heads}
    previous, count, signed = _START, 0, False
    for row in rows:
        count += 1
        trouble = _trouble(signer, row, previous, signed=signed)
        if not trouble and row.number != count:
            trouble = _CHANGED
        if not trouble and kept.pop(count, row.hash) != row.hash:
            trouble = "written anew since its head was kept elsewhere"
        if trouble:
            return Verdict(count, count, trouble)
        previous, signed = row.hash, row.key_id is not None
    if kept:
        said = f"cut short: {max(kept)} entries were there" if count else "taken out altogether"
        return Verdict(count, count + 1, said)
    if count and not signed:
        return Verdict(count, count, "not signed: the whole chain may have been written anew")
    return Verdict(count)


def unsigned(tx: Transaction) -> Sequence[str]:
    """Return the businesses whose chain has no signed entry."""
    rows = tx.execute(
        select(audit.c.business_id)
        .group_by(audit.c.business_id)
        .having(func.count(audit.c.key_id) == 0)
        .order_by(audit.c.business_id)
    )
    return list(rows.scalars())


def heads(tx: Transaction) -> Sequence[Head]:
    """Return the head of every chain."""
    last = (
        select(audit.c.business_id, func.max(audit.c.number).label("number"))
        .group_by(audit.c.business_id)
        .subquery()
    )
    joined = and_(audit.c.business_id == last.c.business_id, audit.c.number == last.c.number)
    rows = tx.execute(
        select(audit.c.business_id, audit.c.number, audit.c.hash)
        .join(last, joined)
        .order_by(audit.c.business_id)
    )
    return [Head(row.business_id, row.number, row.hash) for row in rows]


def businesses(tx: Transaction) -> Sequence[str]:
    """Return every business that has a chain."""
    rows = tx.execute(select(audit.c.business_id).distinct().order_by(audit.c.business_id))
    return list(rows.scalars())


def page(
    tx: Transaction,
    business_id: str,
    wanted: Mapping[str, str | None] | None = None,
    *,
    limit: int,
    offset: int,
) -> tuple[Sequence[Entry], int]:
    """Return a page of entries, newest first, and their total number.

    `wanted` filters by who acted (`by`), the act (`what`), and its subject (`subject`).
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
    """Return the newest entries about one subject."""
    query = select(audit).where(audit.c.business_id == business_id, audit.c.subject == subject)
    if what:
        query = query.where(audit.c.what == what)
    rows = tx.execute(query.order_by(audit.c.number.desc()).limit(limit))
    return [Entry(row.number, row.at, row.by, row.what, row.subject, row.facts) for row in rows]


def _trouble(signer: Signer, row: Any, previous: str, *, signed: bool) -> str:  # noqa: ANN401  a row
    """Return what is wrong with an entry that follows another one; empty if it is valid."""
    entry = Entry(row.number, row.at, row.by, row.what, row.subject, row.facts)
    if row.key_id is None:
        if signed:
            return "not signed, behind entries that are"
        plain = canonical([row.business_id, entry, previous]).encode()
        holds = hashlib.sha256(plain).hexdigest() == row.hash
    elif signer.knows(row.key_id):
        text = _text(row.business_id, entry, previous, row.key_id)
        holds = signer.holds(text, row.key_id, row.hash)
    else:
        return f"signed with the key {row.key_id}, which is not set"
    return "" if holds and row.previous == previous else _CHANGED


def _text(business_id: str, entry: Entry, previous: str, key_id: str) -> str:
    return canonical([business_id, entry, previous, key_id])
