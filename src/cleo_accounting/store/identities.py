"""The decisions of people about documents of files that cannot be told apart; never deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, select

from cleo_accounting.core.identity import Remembered, Word
from cleo_accounting.store.database import Transaction, insert
from cleo_accounting.store.tables import identities

_KEYS_MAX = 500
_ANY_DAY = ""

_OF_KEYS = select(identities.c.key, identities.c.day, identities.c.word).where(
    identities.c.business_id == bindparam("business_id"),
    identities.c.key.in_(bindparam("keys", expanding=True)),
)


def key(vendor_key: str, number_key: str) -> str:
    """Return the key under which decisions about a vendor and a number are stored."""
    return hashlib.sha256(f"{vendor_key}\x1f{number_key}".encode()).hexdigest()


def remembered(tx: Transaction, business_id: str, keys: Sequence[str]) -> dict[str, Remembered]:
    """Return the decisions about vendors and numbers by key; keys without any are left out."""
    others: set[str] = set()
    earlier: dict[str, set[date]] = {}
    for at in range(0, len(keys), _KEYS_MAX):
        some = {"business_id": business_id, "keys": keys[at : at + _KEYS_MAX]}
        for row in tx.execute(_OF_KEYS, some):
            if row.word == Word.OTHER:
                others.add(row.key)
            else:
                earlier.setdefault(row.key, set()).add(date.fromisoformat(row.day))
    return {
        one: Remembered(one in others, frozenset(earlier.get(one, ())))
        for one in others | earlier.keys()
    }


def remember(
    tx: Transaction,
    business_id: str,
    key: str,
    word: Word,
    *,
    earlier: date | None,
    by: str,
    now: datetime,
) -> None:
    """Store a decision: every other date is a different document, or a date is a former one."""
    values = {
        "business_id": business_id,
        "key": key,
        "day": earlier.isoformat() if earlier else _ANY_DAY,
        "word": word.value,
        "by": by,
        "at": now,
    }
    tx.execute(insert(tx, identities).values(values).on_conflict_do_nothing())
