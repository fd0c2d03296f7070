"""Convert issues, activity, timelines and weeks to the API's schemas, also for the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.records import Money
from cleo_accounting.web import shown
from cleo_accounting.web.page_schemas import (
    AuditEntryOut,
    CauseOut,
    ChapterOut,
    DifferenceOut,
    EntryOut,
    IssuesOut,
    OnHoldOut,
    PartOut,
    TimelineOut,
    WeekOut,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.flows.reporting.history import Amounts, Chapter, Entry, Issues, Week
    from cleo_accounting.store import audit


def issues(found: Issues) -> IssuesOut:
    """Return the API's view of the records that wait for a person, by cause."""
    causes = [
        CauseOut(
            code=one.code,
            title=CAUSES.get(one.code, CAUSES["rejected"]).title,
            number=one.number,
            on_hold=_amounts(one.on_hold),
            payments_on_hold=_amounts(one.payments_on_hold),
        )
        for one in found.groups
    ]
    return IssuesOut(
        total=found.total,
        settled=found.settled,
        on_hold=_amounts(found.on_hold),
        payments_on_hold=_amounts(found.payments_on_hold),
        causes=causes,
    )


def timeline(told: Sequence[Chapter]) -> TimelineOut:
    """Return the API's view of one record's timeline."""
    chapters = [
        ChapterOut(
            entry=entry(one.entry),
            changed=[
                DifferenceOut(field=each.field, before=each.before, after=each.after)
                for each in one.differences
            ],
        )
        for one in told
    ]
    return TimelineOut(chapters=chapters)


def audited(one: audit.Entry) -> AuditEntryOut:
    """Return the API's view of one entry of the audit log."""
    return AuditEntryOut(
        number=one.number,
        at=one.at,
        by=one.by,
        what=one.what,
        subject=one.subject,
        facts=json.loads(one.facts),
    )


def entry(one: Entry) -> EntryOut:
    """Return the API's view of one activity entry of a record."""
    amount = None
    if one.amount_minor is not None and one.currency:
        amount = str(Money(one.amount_minor, one.currency).decimal)
    return EntryOut(
        run_id=one.item.run_id,
        at=one.at,
        requested_by=one.asked_by,
        trigger=one.trigger,
        party=one.party,
        record_amount=amount,
        record_currency=one.currency,
        item=shown.item(one.item),
    )


def week(one: Week) -> WeekOut:
    """Return the API's view of a week's documents by outcome."""
    return WeekOut.model_validate(
        {
            "monday": one.monday,
            "parts": [
                PartOut.model_validate(
                    {
                        "outcome": name,
                        "number": number,
                        "amounts": _amounts(one.amounts.get(name, ())),
                    }
                )
                for name, number in sorted(one.numbers.items())
            ],
        }
    )


def _amounts(amounts: Amounts) -> list[OnHoldOut]:
    return [
        OnHoldOut(currency=currency, amount=str(Money(minor, currency).decimal))
        for currency, minor in amounts
    ]
