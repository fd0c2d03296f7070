"""Look at the document that has a number which QuickBooks refused as taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cleo_accounting.core import repeats
from cleo_accounting.core.links import Document, Remote
from cleo_accounting.core.twins import twin_of
from cleo_accounting.flows.run.adopt import adopt
from cleo_accounting.flows.run.compare import ATTEMPTS_MAX, UNANSWERED
from cleo_accounting.flows.run.desk import Desk
from cleo_accounting.flows.run.settle import keep_refused
from cleo_accounting.providers import Refused
from cleo_accounting.store import decisions, links, operations
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import Row


def look_at_numbers(desk: Desk, refused: Sequence[tuple[Row, Refused]]) -> None:
    """Decide who has a taken number: us, an unrelated or voided document (fine), or a duplicate."""
    kind = refused[0][0].kind
    found = desk.company.read(kind, [one.existing_id or "" for _, one in refused])
    twice: list[tuple[Row, Refused]] = []
    with desk.transaction() as tx:
        owners = links.owners_of(tx, desk.integration.id, kind, list(found))
        for row, one in refused:
            ours = links.content(kind, row.content or "")
            theirs = found.get(one.existing_id or "")
            assert isinstance(ours, Document)
            if theirs and not theirs.gone and theirs.details.get("marker") == ours.marker:
                adopt(desk, tx, row, theirs)
            elif theirs is None and (row.facts or {}).get("held_by") != one.existing_id:
                # Lists lag: it may be ours, and stays in doubt until it is refused once more.
                operations.note(tx, row, held_by=one.existing_id or "")
            elif _is_another(tx, row, ours, theirs, owners) and row.payload != (
                payload := desk.company.render(kind, ours, allow_duplicate_number=True)
            ):
                if row.attempts >= ATTEMPTS_MAX:
                    keep_refused(desk, tx, [(row, UNANSWERED)])
                else:
                    operations.again(tx, row, payload=payload)
            else:
                offered = theirs if theirs and theirs.id not in owners else None
                twice.append((_offering(row, ours, offered), one))
        keep_refused(desk, tx, twice)


def _offering(row: Row, ours: Document, theirs: Remote | None) -> Row:
    """Offer the document that has the number, if a person entered it: it may be the same."""
    twin = twin_of(ours, theirs) if theirs else None
    return replace(row, facts={**(row.facts or {}), "twins": [twin.as_facts()]}) if twin else row


def _is_another(
    tx: Transaction, row: Row, ours: Document, theirs: Remote | None, owners: Mapping[str, str]
) -> bool:
    """Whether the document that has the number is certainly another one.

    It belongs to another party, is voided, or a person decided that it is another one; or it
    belongs to another record of ours that the plan of this run knew, which may have been written
    in another order.
    """
    if theirs is None:
        return False
    if theirs.gone or theirs.details.get("party_id") != ours.party_id:
        return True
    said = decisions.words_of(tx, row.integration_id, row.kind).others
    if row.record_id in said and theirs.id in said[row.record_id].value.split():
        return True
    return any(
        one.record_id != row.record_id
        and (
            repeats.is_another(ours, one.dated, one.total)
            or repeats.is_said(said, row.record_id, one.record_id)
        )
        for one in repeats.owned([theirs], owners)
    )
