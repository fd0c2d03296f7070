"""Check decisions about which document in QuickBooks a record is, or is not."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.kinds import ENTRIES
from cleo_accounting.core.links import Link, Origin
from cleo_accounting.core.plan import Verdict
from cleo_accounting.errors import Flaw, Invalid
from cleo_accounting.store import decisions, links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.operations import Row

ABOUT_DOCUMENTS = (Decision.LINK_TO, Decision.ANOTHER_ONE, Decision.UNLINK, Decision.REMOVE_THERE)
_ID = re.compile(r"[A-Za-z0-9-]{1,40}")
_OURS = re.compile(r"ours:[A-Za-z0-9_.:-]{1,64}")


def offered(item: Row | None) -> Sequence[str]:
    """Return the ids of the documents in QuickBooks that an item offers as possible matches."""
    return [str(one["remote_id"]) for one in (item.facts or {}).get("twins", ())] if item else []


def beside(item: Row | None) -> Sequence[str]:
    """Return the names of the other records with the same number that an item asks about."""
    return [str(one) for one in (item.facts or {}).get("beside", ())] if item else []


def completed(
    tx: Transaction,
    integration_id: str,
    kind: RemoteKind,
    record_id: str,
    word: Verdict,
    item: Row | None = None,
) -> Verdict:
    """Complete a decision about a document in QuickBooks with the documents it is about.

    Raises:
        Invalid: it does not fit the record, or it is not clear which document it is about.
    """
    if kind not in ENTRIES:
        raise unfit("decision", "fits only bills, invoices, payments and expenses")
    link = links.links_of(tx, integration_id, kind, [record_id]).get(record_id)
    if word.verdict in (Decision.UNLINK, Decision.REMOVE_THERE):
        said = decisions.verdicts_of(tx, integration_id, kind).get(record_id)
        return _of_link(word, link, said)
    another = word.verdict == Decision.ANOTHER_ONE
    asked = [*offered(item), *(beside(item) if another else ())]
    ids = word.value.replace(",", " ").split() or asked
    if not ids:
        raise unfit("value", "is required: the id of the document in QuickBooks", "required")
    if wrong := [
        one for one in ids if not (_ID.fullmatch(one) or (another and _OURS.fullmatch(one)))
    ]:
        raise unfit("value", f"is no id of a document in QuickBooks: {wrong[0]}")
    if another:
        return replace(word, value=" ".join(ids))
    return _linked(tx, integration_id, kind, record_id, replace(word, value=" ".join(ids)), link)


def _linked(
    tx: Transaction,
    integration_id: str,
    kind: RemoteKind,
    record_id: str,
    word: Verdict,
    link: Link | None,
) -> Verdict:
    """Check the decision that links a record to a document."""
    ids = word.value.split()
    if len(ids) > 1:
        raise unfit("value", f"is required: say which one it is ({', '.join(ids)})", "required")
    if link and not link.gone and link.remote_id != ids[0]:
        raise unfit("recordId", "is linked to another document already; unlink that first")
    owner = links.owners_of(tx, integration_id, kind, ids).get(ids[0])
    if owner is not None and owner != record_id:
        raise unfit("value", f"is linked to another record already: {owner}", "taken")
    return word


def _of_link(word: Verdict, link: Link | None, said: Verdict | None) -> Verdict:
    """Check a decision about the document that a person linked to the record."""
    if link and not link.gone and link.origin is Origin.MATCHED:
        return replace(word, value=link.remote_id)
    if (
        word.verdict == Decision.UNLINK
        and said
        and said.verdict == Decision.LINK_TO
        and (link is None or link.gone)
    ):
        return replace(word, value=said.value)  # the next sync would have linked it
    raise unfit("decision", "fits only a record that a person linked to a document")


def unfit(field: str, message: str, code: str = "invalid") -> Invalid:
    """Return the refusal of a decision because of one field."""
    return Invalid("This decision is not possible here.", [Flaw(field, message, code)])
