"""Reconciliation: both sides, per document, to the cent; and removing what is there twice."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field

from cleo_accounting.core.reconciliation import Discrepancy
from cleo_accounting.core.records import Money
from cleo_accounting.flows import connect, errands, reconcile, sync
from cleo_accounting.store.access import Rank
from cleo_accounting.store.errands import Verb
from cleo_accounting.web import shown
from cleo_accounting.web.access import BEARER, CallerHere, Guarded, HouseHere, needs
from cleo_accounting.web.answers import errors, say
from cleo_accounting.web.paths import ONE, BusinessId, IntegrationId, where_run
from cleo_accounting.web.run_schemas import RunOut
from cleo_accounting.web.schemas import Accepted, Amount, Out

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Reconciliation"])

DISCREPANCIES_MAX = 1_000


class DiscrepancyOut(Out):
    """One document about which the two sides differ."""

    kind: str = Field(examples=["bill"])
    record_id: str = Field(examples=["pay_889"])
    label: str = Field(examples=["INV-2041"])
    finding: str = Field(
        examples=["twice"], description="missing, differing, twice, withdrawn or extra."
    )
    said: str = Field(examples=["It is there 2 times."])
    ours: Amount | None
    theirs: Amount | None
    currency: str | None
    remote_ids: list[str] = Field(description="Their ids in QuickBooks.")


class ReconciliationOut(Out):
    """The latest comparison of every document, made by a worker once a day or when asked."""

    at: datetime | None = Field(description="None: not made yet.")
    agrees: bool | None = Field(description="Whether every document is there once, to the cent.")
    equal: int
    not_sent: int
    discrepancies: list[DiscrepancyOut]
    discrepancies_total: int


@router.get(f"{ONE}/reconciliation", response_model=ReconciliationOut, responses=errors())
@needs(Rank.VIEWER)
def latest(house: HouseHere, business_id: BusinessId, integration_id: IntegrationId) -> Response:
    """Tell what the latest reconciliation found."""
    found = reconcile.latest(house, business_id, integration_id)
    at, kinds = found or (None, ())
    discrepancies = [_shown(one) for kind in kinds for one in kind.discrepancies]
    return say(
        ReconciliationOut(
            at=at,
            agrees=all(kind.agrees for kind in kinds) if found else None,
            equal=sum(kind.equal for kind in kinds),
            not_sent=sum(kind.not_sent for kind in kinds),
            discrepancies=discrepancies[:DISCREPANCIES_MAX],
            discrepancies_total=len(discrepancies),
        )
    )


@router.post(
    f"{ONE}/reconciliation", status_code=202, response_model=Accepted, responses=errors(409)
)
@needs(Rank.BOOKKEEPER)
def ask(house: HouseHere, business_id: BusinessId, integration_id: IntegrationId) -> Response:
    """Have every document compared again. It reads them all, so it counts against the reads."""
    errands.ask_to(house, business_id, integration_id, Verb.RECONCILE)
    return say(Accepted(message="Every document is compared again; at says when."), 202)


@router.post(
    f"{ONE}/reconciliation/remove-duplicates",
    status_code=202,
    response_model=RunOut,
    responses=errors(409),
)
@needs(Rank.BOOKKEEPER)
def remove_duplicates(
    house: HouseHere, caller: CallerHere, business_id: BusinessId, integration_id: IntegrationId
) -> Response:
    """Remove what is there too often by the latest reconciliation; not what was paid or changed."""
    integration = connect.integration(house, business_id, integration_id)
    reconcile.remove_duplicates(house, business_id, integration_id, caller.user_id)
    run = sync.request(house, integration, ["invoices"], trigger="repair", by=caller.user_id)
    where = where_run(business_id, integration_id, run.id)
    return say(shown.run(run), 202, headers={"location": where})


def _shown(one: Discrepancy) -> DiscrepancyOut:
    money = one.ours or one.theirs
    return DiscrepancyOut(
        kind=one.kind.value,
        record_id=one.record_id,
        label=one.label,
        finding=one.finding.value,
        said=one.said,
        ours=_amount(one.ours),
        theirs=_amount(one.theirs),
        currency=money.currency if money else None,
        remote_ids=list(one.remote_ids),
    )


def _amount(money: Money | None) -> str | None:
    return str(money.decimal) if money else None
