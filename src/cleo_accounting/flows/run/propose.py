"""Propose other numbers and names for those that the company's books refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cleo_accounting.core.directory import Directory
from cleo_accounting.core.kinds import PARTIES
from cleo_accounting.core.links import Party, Remote
from cleo_accounting.core.match import plainer
from cleo_accounting.core.numbers import candidates, free_number
from cleo_accounting.store import decisions, links, records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.providers import Refused
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration
    from cleo_accounting.store.operations import Row

_LENGTH_KNOWN = 100  # Intuit, older pages: DisplayName; some companies still seem to have it

_Key = TypeVar("_Key")


def numbers(
    tx: Transaction,
    integration: Integration,
    kind: RemoteKind,
    documents: Sequence[tuple[_Key, str, str]],
) -> dict[_Key, str]:
    """Return a free number for each document, by its key.

    Each of `documents` is a key, the document's own number, and the number that is taken.

    A number is free as far as we know: not used by a linked document, a payable, a person's
    decision, or another of these documents. QuickBooks has the last word when it is sent.
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


def names_among(integration: Integration, kind: RemoteKind) -> Sequence[RemoteKind]:
    """Return the kinds of party that must not share a name with each other."""
    return (kind,) if integration.profile.names_by_kind else PARTIES


def names(
    tx: Transaction, integration: Integration, refused: Sequence[tuple[Row, Refused]]
) -> dict[int, dict[str, str]]:
    """Explain what is wrong with names that QuickBooks refused, and propose free ones that fit.

    Returns the facts of the cause `name_not_allowed`, by the id of the row.
    """
    flawed = [
        (row, one, content)
        for row, one in refused
        if one.code == "name_not_allowed" and row.content
        for content in [links.content(row.kind, row.content)]
        if isinstance(content, Party)
    ]
    if not flawed:
        return {}
    among = names_among(integration, flawed[0][0].kind)
    known = [one for kind in among for one in links.remotes_of(tx, integration.id, kind)]
    directory = Directory(known)
    told: dict[int, dict[str, str]] = {}
    for row, one, content in flawed:
        name, suffix = content.name, row.kind.value.capitalize()
        if one.provider_code == "2050":
            limit = f"longer than {one.length_max} characters" if one.length_max else "too long"
            longest = max(1, min(one.length_max or _LENGTH_KNOWN, len(name) - 1))
            flaw, proposed = f"is {limit}", directory.mended(name, suffix, longest)
        else:
            flaw, proposed = "has a special character", directory.mended(plainer(name), suffix)
        told[row.id] = {"flaw": flaw, "proposed": proposed}
        directory.add(Remote(row.kind, f"proposed:{row.id}", "0", proposed))
    return told
