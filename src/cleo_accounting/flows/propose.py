"""Propose other numbers for documents whose own are taken in the company's books."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cleo_accounting.core.numbers import candidates, free_number
from cleo_accounting.store import decisions, links, records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration


_Key = TypeVar("_Key")


def numbers(
    tx: Transaction,
    integration: Integration,
    kind: RemoteKind,
    documents: Sequence[tuple[_Key, str, str]],
) -> dict[_Key, str]:
    """Give a free number for each document, by its key.

    Each of `documents` is a key, the document's own number, and the number that is taken.

    Nobody has it as far as we know: no document that is linked, no payable, no person's word, and
    no other document of these. Whether it is free in the books, QuickBooks says when it is sent.
    """
    wanted = sorted({one for _, own, _ in documents for one in candidates(own)})
    words = decisions.words_of(tx, integration.id, kind).numbers
    taken = {
        *(refused for _, _, refused in documents),
        *(word.value for word in words.values()),
        *links.names_among(tx, integration.id, kind, wanted),
        *records.numbers_among(tx, integration.business_id, wanted),
    }
    proposed: dict[_Key, str] = {}
    for key, own, _ in documents:
        proposed[key] = free_number(own, taken)
        taken.add(proposed[key])
    return proposed
