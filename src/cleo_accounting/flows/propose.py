"""Propose other numbers for documents whose own are taken in the company's books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.numbers import candidates, free_number
from cleo_accounting.store import decisions, links, records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration
    from cleo_accounting.store.operations import Row


def numbers(
    tx: Transaction, integration: Integration, rows: Sequence[tuple[Row, str]]
) -> dict[int, str]:
    """Give a free number for each document, of which one was refused, by the row's id.

    Nobody has it as far as we know: no document that is linked, no payable, no person's word, and
    no other document of these. Whether it is free in the books, QuickBooks says when it is sent.
    """
    if not rows:
        return {}
    kind = rows[0][0].kind
    wanted = sorted({one for row, _ in rows for one in candidates(row.label)})
    words = decisions.words_of(tx, integration.id, kind).numbers
    taken = {
        *(refused for _, refused in rows),
        *(word.value for word in words.values()),
        *links.names_among(tx, integration.id, kind, wanted),
        *records.numbers_among(tx, integration.business_id, wanted),
    }
    proposed: dict[int, str] = {}
    for row, _ in rows:
        proposed[row.id] = free_number(row.label, taken)
        taken.add(proposed[row.id])
    return proposed
