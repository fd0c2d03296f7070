"""The fields of the platform's JSON that are not used, and how many records had them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select

from cleo_accounting.store.database import Transaction, insert
from cleo_accounting.store.tables import ignored_fields as table

FIELDS_MAX = 50  # per business and kind; further fields are counted together
REST = "(other)"

Field = tuple[str, str]  # a kind and a field's name


def note(tx: Transaction, business_id: str, given: Iterable[Field], now: datetime) -> None:
    """Count ignored fields; beyond the limit, new names are counted together."""
    counted = Counter(given)
    if not counted:
        return
    kinds = sorted({kind for kind, _ in counted})
    mine = select(table.c.kind, table.c.field).where(
        table.c.business_id == business_id, table.c.kind.in_(kinds)
    )
    known = {(row.kind, row.field) for row in tx.execute(mine)}
    number: Counter[Field] = Counter()
    for (kind, field), many in sorted(counted.items()):
        room = sum(one == kind for one, _ in known) < FIELDS_MAX
        kept = (kind, field if (kind, field) in known or room else REST)
        known.add(kept)
        number[kept] += many
    statement = insert(tx, table)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["business_id", "kind", "field"],
            set_={
                "number": table.c.number + statement.excluded.number,
                "seen_at": statement.excluded.seen_at,
            },
        ),
        [
            {
                "business_id": business_id,
                "kind": kind,
                "field": field,
                "number": many,
                "seen_at": now,
            }
            for (kind, field), many in sorted(number.items())
        ],
    )


def counted(tx: Transaction) -> Mapping[Field, int]:
    """Return how many records had each field, over all businesses, most frequent first."""
    number = func.sum(table.c.number)
    rows = tx.execute(
        select(table.c.kind, table.c.field, number.label("number"))
        .group_by(table.c.kind, table.c.field)
        .order_by(number.desc(), table.c.kind, table.c.field)
    )
    found: dict[Field, int] = {}
    taken: Counter[str] = Counter()
    for row in rows:
        one = (row.kind, row.field if taken[row.kind] < FIELDS_MAX else REST)
        taken[row.kind] += one not in found
        found[one] = found.get(one, 0) + int(row.number)
    return found
