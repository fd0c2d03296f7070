"""Over all runs: what waits for a person, what was done about each record, how the weeks went."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.records import Money
from cleo_accounting.flows import history
from cleo_accounting.store.access import Rank
from cleo_accounting.web import shown
from cleo_accounting.web.access import BEARER, Guarded, HouseHere, needs
from cleo_accounting.web.answers import PagingHere, errors, page, say
from cleo_accounting.web.page_schemas import (
    CauseOut,
    ChapterOut,
    DifferenceOut,
    EntryOut,
    IssuesOut,
    OnHoldOut,
    PartOut,
    TimelineOut,
    WeekOut,
    WeeksOut,
)
from cleo_accounting.web.paths import ONE, BusinessId, IntegrationId, RecordId, Search
from cleo_accounting.web.schemas import Page

if TYPE_CHECKING:
    from cleo_accounting.flows.history import Amounts, Entry, Week

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Sync"])

Outcome = Literal["sent", "changed", "linked", "waiting", "left", "in_doubt"]
Kind = Literal["vendor", "customer", "account", "item", "bill", "invoice"]


@router.get(f"{ONE}/issues", response_model=IssuesOut, responses=errors())
@needs(Rank.VIEWER)
def list_issues(
    house: HouseHere, business_id: BusinessId, integration_id: IntegrationId
) -> Response:
    """What waits for a person now, over all runs, by cause; `waiting` entries tell each."""
    found = history.issues(house, business_id, integration_id)
    causes = [
        CauseOut(
            code=one.code,
            title=CAUSES.get(one.code, CAUSES["rejected"]).title,
            number=one.number,
            on_hold=_amounts(one.on_hold),
        )
        for one in found.groups
    ]
    return say(
        IssuesOut(
            total=found.total,
            settled=found.settled,
            on_hold=_amounts(found.on_hold),
            causes=causes,
        )
    )


@router.get(f"{ONE}/activity", response_model=Page[EntryOut], responses=errors())
@needs(Rank.VIEWER)
def list_activity(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
    outcome: Annotated[Outcome | None, Query(description="Only what came out so.")] = None,
    kind: Annotated[Kind | None, Query(description="Only this kind.")] = None,
    since: Annotated[date | None, Query(description="From this day on (UTC).")] = None,
    until: Annotated[date | None, Query(description="Up to this day (UTC).")] = None,
    search: Search = None,
) -> Response:
    """What was done about records over all runs, the newest first; previews are not doing."""
    found, total = history.acts(
        house,
        business_id,
        integration_id,
        outcome=outcome,
        kind=kind,
        search=search,
        since=since,
        until=until,
        limit=paging.limit,
        offset=paging.offset,
    )
    return page(request, [_entry(one) for one in found], total, paging)


@router.get(f"{ONE}/activity/{{kind}}/{{recordId}}", response_model=TimelineOut, responses=errors())
@needs(Rank.VIEWER)
def get_timeline(
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    kind: Annotated[Kind, Path(description="What the record became.", examples=["bill"])],
    record_id: RecordId,
) -> Response:
    """All that was done about one record, the newest first, with what each act changed."""
    told = history.timeline(house, business_id, integration_id, kind, record_id)
    chapters = [
        ChapterOut(
            entry=_entry(one.entry),
            changed=[
                DifferenceOut(field=each.field, before=each.before, after=each.after)
                for each in one.differences
            ],
        )
        for one in told
    ]
    return say(TimelineOut(chapters=chapters))


@router.get(f"{ONE}/weeks", response_model=WeeksOut, responses=errors())
@needs(Rank.VIEWER)
def list_weeks(
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    number: Annotated[int, Query(ge=1, le=53, description="How many.")] = history.WEEKS,
) -> Response:
    """Documents and money of the last weeks by what became of them; empty weeks too."""
    weeks = history.weeks(house, business_id, integration_id, number)
    return say(WeeksOut(weeks=[_week(one) for one in weeks]))


def _entry(one: Entry) -> EntryOut:
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


def _week(one: Week) -> WeekOut:
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
