"""Endpoints for reconciliation: compare every document and payment, and remove duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field

from cleo_accounting.core import kinds
from cleo_accounting.core.headline import summary
from cleo_accounting.core.kinds import DocumentKind
from cleo_accounting.core.reconciliation import (
    Apart,
    Discrepancy,
    Open,
    Outcome,
    Reconciliation,
    outcome_of,
)
from cleo_accounting.core.records import Money
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store.access import Rank
from cleo_accounting.store.errands import Verb
from cleo_accounting.web import shown
from cleo_accounting.web.access import BEARER, CallerHere, Guarded, HouseHere, needs
from cleo_accounting.web.answers import errors, say
from cleo_accounting.web.paths import ONE, BusinessId, IntegrationId, where_run
from cleo_accounting.web.run_schemas import ContrastOut, RunOut
from cleo_accounting.web.schemas import Accepted, Amount, Out

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Reconciliation"])

DISCREPANCIES_MAX = 1_000


class DiscrepancyOut(Out):
    """A document or payment that differs between Cleo Pay and QuickBooks."""

    kind: str = Field(examples=["bill"])
    record_id: str = Field(examples=["pay_889"])
    label: str = Field(examples=["INV-2041"])
    finding: str = Field(
        examples=["differing"],
        description="`missing`: it is no longer in QuickBooks. `differing`: a field or line"
        " differs. `twice`: it is in QuickBooks more than once. `withdrawn`: it is still in"
        " QuickBooks, though declined or cancelled in Cleo Pay. `extra`: it has the marker of this"
        " service, but there is no record for it. `paid`: the document is equal, but was settled"
        " in QuickBooks by something that this service did not write.",
    )
    said: str = Field(examples=["It differs in the date and the account of line 1."])
    ours: Amount | None
    theirs: Amount | None
    currency: str | None
    remote_ids: list[str] = Field(description="The ids in QuickBooks.")
    differences: list[ContrastOut] = Field(
        description="Every field that differs, with both values."
    )
    decisions: list[str] = Field(
        description="Decisions that resolve it, to be sent to `POST …/decisions` with `kind` and"
        " `recordId`. Without one, `twice` and `withdrawn` are resolved by"
        " `POST …/reconciliation/remove-duplicates`."
    )


class ApartOut(Out):
    """The records with one reason: their number and total amounts."""

    code: str = Field(
        examples=["lines_differ"],
        description="A cause, or `next_sync` if the next sync will send them.",
    )
    title: str
    sort: str = Field(examples=["document"], description="`document` or `payment`.")
    number: int
    worth: dict[str, Amount] = Field(description="The total amounts, by currency.")


class ComparedKindOut(Out):
    """The result for one kind of document or payment. Totals are by currency."""

    kind: str = Field(examples=["bill"])
    sort: str = Field(examples=["document"], description="`document` or `payment`.")
    equal: int
    accepted: int
    differing: int
    not_sent: int
    not_sent_worth: dict[str, Amount]
    changes: int
    ours: dict[str, Amount] = Field(description="The total of what was sent, or decided.")
    theirs: dict[str, Amount] = Field(description="The total of what is in QuickBooks.")


class BalanceOut(Out):
    """The open balance of one vendor or customer, by currency."""

    party_id: str = Field(description="The id of the vendor or customer in QuickBooks.")
    name: str = Field(examples=["Acme Paper"])
    ours: dict[str, Amount] = Field(description="What was sent, less the payments recorded.")
    theirs: dict[str, Amount] = Field(
        description="The balance of the same documents in QuickBooks."
    )


class OpenOut(Out):
    """The open balance of all vendors or of all customers, by currency."""

    party: str = Field(examples=["vendor"], description="`vendor` or `customer`.")
    parties: int = Field(description="The number of vendors or customers compared.")
    ours: dict[str, Amount]
    theirs: dict[str, Amount]
    differing: list[BalanceOut] = Field(description="Those whose balances differ.")


class ReconciliationOut(Out):
    """The latest comparison of every document and payment, made once a day and on request."""

    at: datetime | None = Field(
        description="When the comparison was made; null if there is none yet."
    )
    outcome: Literal["equal", "unsent", "differs"] | None = Field(
        description="`equal`: every document and payment is in QuickBooks, once, and equal."
        " `unsent`: everything that was sent is equal, but something is not sent yet. `differs`:"
        " something that was sent differs."
    )
    agrees: bool | None = Field(description="Whether the outcome is `equal`.")
    headline: str = Field(
        examples=["All sent documents are equal; 3 documents worth 120.00 USD wait."]
    )
    equal: int = Field(description="The number of documents and payments that are equal.")
    accepted: int = Field(description="The number that differ because a person decided so.")
    not_sent: int
    not_sent_worth: dict[str, Amount] = Field(
        description="The total of the documents that are not sent, by currency. Payments are never"
        " added to the documents that they pay; their totals are in `kinds`."
    )
    changes: int = Field(
        description="The number that changed or were cancelled in Cleo Pay since they were sent."
    )
    kinds: list[ComparedKindOut]
    open: list[OpenOut] = Field(description="The open balances on both sides.")
    unsent: list[ApartOut] = Field(description="The records that are not sent, by cause.")
    changed: list[ApartOut] = Field(
        description="The records with changes that are not sent, by cause."
    )
    kept_out: list[ApartOut] = Field(description="The records that are not to be sent, by cause.")
    discrepancies: list[DiscrepancyOut]
    discrepancies_total: int


@router.get(f"{ONE}/reconciliation", response_model=ReconciliationOut, responses=errors())
@needs(Rank.VIEWER)
def latest(house: HouseHere, business_id: BusinessId, integration_id: IntegrationId) -> Response:
    """Get the result of the latest reconciliation."""
    at, found = reconcile.latest(house, business_id, integration_id) or (None, ())
    discrepancies = [one for kind in found for one in kind.discrepancies]
    outcome = outcome_of(found) if at else None
    whole = summary(found)
    documents = next(one for one in whole.tallies if one.sort == DocumentKind.sort)
    return say(
        ReconciliationOut(
            at=at,
            outcome=outcome.value if outcome else None,
            agrees=outcome is Outcome.EQUAL if outcome else None,
            headline=whole.headline if at else "Not compared yet.",
            equal=whole.equal,
            accepted=whole.accepted,
            not_sent=whole.not_sent,
            not_sent_worth=_worth(documents.waiting),
            changes=whole.changes,
            kinds=[_kind(one) for one in found],
            open=[_open(one) for one in whole.opens],
            unsent=[_apart(one) for one in whole.unsent],
            changed=[_apart(one) for one in whole.changed],
            kept_out=[_apart(one) for one in whole.kept_out],
            discrepancies=[_shown(one) for one in discrepancies[:DISCREPANCIES_MAX]],
            discrepancies_total=len(discrepancies),
        )
    )


@router.post(
    f"{ONE}/reconciliation", status_code=202, response_model=Accepted, responses=errors(409)
)
@needs(Rank.BOOKKEEPER)
def ask(house: HouseHere, business_id: BusinessId, integration_id: IntegrationId) -> Response:
    """Compare every document and payment again.

    This reads all of them from QuickBooks, with requests that Intuit meters.
    """
    errands.ask_to(house, business_id, integration_id, Verb.RECONCILE)
    return say(Accepted(message="A new comparison has started; `at` changes when it is done."), 202)


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
    """Remove duplicates found by the latest reconciliation, unless they were paid or changed."""
    integration = connect.integration(house, business_id, integration_id)
    reconcile.remove_duplicates(house, business_id, integration_id, caller.user_id)
    run = sync.request(house, integration, ["invoices"], trigger=Trigger.REPAIR, by=caller.user_id)
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
        differences=[shown.contrast(each) for each in one.fields],
        decisions=list(one.decisions),
    )


def _kind(one: Reconciliation) -> ComparedKindOut:
    return ComparedKindOut(
        kind=one.kind.value,
        sort=kinds.entry(one.kind).sort,
        equal=one.equal,
        accepted=one.accepted,
        differing=len(one.discrepancies),
        not_sent=one.not_sent,
        not_sent_worth=_worth(one.waiting),
        changes=one.changes,
        ours=_worth(one.ours),
        theirs=_worth(one.theirs),
    )


def _open(one: Open) -> OpenOut:
    return OpenOut(
        party=one.party.value,
        parties=one.parties,
        ours=_worth(one.total.ours),
        theirs=_worth(one.total.theirs),
        differing=[
            BalanceOut(
                party_id=each.party_id,
                name=each.name,
                ours=_worth(each.ours),
                theirs=_worth(each.theirs),
            )
            for each in one.differing[:DISCREPANCIES_MAX]
        ],
    )


def _apart(one: Apart) -> ApartOut:
    worth = _worth(one.worth)
    return ApartOut(code=one.code, title=one.title, sort=one.sort, number=one.number, worth=worth)


def _worth(sums: Mapping[str, int]) -> dict[str, str]:
    return {currency: str(Money(minor, currency).decimal) for currency, minor in sums.items()}


def _amount(money: Money | None) -> str | None:
    return str(money.decimal) if money else None
