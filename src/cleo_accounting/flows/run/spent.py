"""Look for expenses that a person entered in QuickBooks before a payment becomes one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.expenses import settle
from cleo_accounting.core.kinds import EXPENSES
from cleo_accounting.core.links import Expense
from cleo_accounting.core.parties import NEW
from cleo_accounting.core.plan import Create, Operation
from cleo_accounting.core.twins import DAYS_APART_MAX, Words
from cleo_accounting.providers import Sought
from cleo_accounting.store import decisions, earlier, links

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cleo_accounting.core.links import Remote, RemoteKind
    from cleo_accounting.flows.run.desk import Desk
    from cleo_accounting.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Spent:
    """The expenses in QuickBooks that may be ours, by id, and what people decided about them."""

    seen: Mapping[str, Remote] = field(default_factory=dict)
    words: Words = field(default_factory=Words)


def look_for_expenses(desk: Desk, kind: RemoteKind, planned: Sequence[Operation]) -> Spent:
    """Read the expenses that resemble those about to be recorded.

    Called outside any transaction, also in previews. A vendor that this run created has none yet.

    Raises:
        Wait, Reconnect: the company cannot be read now.
    """
    creates = [one for one in planned if isinstance(one, Create)]
    if kind not in EXPENSES or not creates:
        return Spent()
    with desk.house.database.reading() as tx:
        said = decisions.words_of(tx, desk.integration.id, kind)
        fresh = earlier.made(tx, desk.run.id, kinds.expense(kind).party)
    words = Words.about(creates, said.verdicts, said.others)
    sought = [
        Sought(one.record_id, party_id=content.party_id, dated=content.dated, total=content.total)
        for one in creates
        if isinstance(content := one.content, Expense)
        and one.record_id not in words.same
        and content.party_id not in fresh
        and not content.party_id.startswith(NEW)
    ]
    seen = {}
    if sought:
        found = desk.company.resembling(kind, sought, days=DAYS_APART_MAX)
        seen = {one.id: one for one in found}
    named = desk.company.read(kind, sorted(words.same.values())) if words.same else {}
    return Spent({**seen, **named}, words)


def in_view_of_expenses(
    desk: Desk, tx: Transaction, planned: Sequence[Operation], found: Spent
) -> Iterator[Operation]:
    """Yield the plan with every expense decided: record it, link it, or ask a person."""
    creates = [one for one in planned if isinstance(one, Create)]
    if not creates or creates[0].kind not in EXPENSES:
        yield from planned
        return
    owners = links.owners_of(tx, desk.integration.id, creates[0].kind, sorted(found.seen))
    for one in planned:
        if isinstance(one, Create):
            yield settle(one, found.seen.values(), found.words, owners)
        else:
            yield one
