"""The platform's records coming in: one by one, or a thousand at once."""

from __future__ import annotations

from fastapi import APIRouter, Response

from cleo_accounting.flows import House, feed
from cleo_accounting.flows.feed import Given
from cleo_accounting.platform import shape
from cleo_accounting.store.access import Rank
from cleo_accounting.web import shown
from cleo_accounting.web.access import BEARER, Guarded, HouseHere, needs
from cleo_accounting.web.answers import errors, say
from cleo_accounting.web.paths import RECORDS, BusinessId, RecordId
from cleo_accounting.web.schemas import BulkAnswer, BulkBody, RecordOutcome

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Records"])

_RESPONSES = {201: {"model": RecordOutcome}, **errors(400, 413, 415)}


@router.put(
    f"{RECORDS}/connections/{{recordId}}", response_model=RecordOutcome, responses=_RESPONSES
)
@needs(Rank.FEEDER)
def put_connection(
    house: HouseHere, business_id: BusinessId, record_id: RecordId, body: shape.ConnectionBody
) -> Response:
    """Take in a connection; the same again changes nothing."""
    return _put(house, business_id, "connection", record_id, body)


@router.put(
    f"{RECORDS}/bank-accounts/{{recordId}}", response_model=RecordOutcome, responses=_RESPONSES
)
@needs(Rank.FEEDER)
def put_funding_source(
    house: HouseHere, business_id: BusinessId, record_id: RecordId, body: shape.FundingSourceBody
) -> Response:
    """Take in a funding source; the same again changes nothing."""
    return _put(house, business_id, "fundingSource", record_id, body)


@router.put(f"{RECORDS}/payables/{{recordId}}", response_model=RecordOutcome, responses=_RESPONSES)
@needs(Rank.FEEDER)
def put_payable(
    house: HouseHere, business_id: BusinessId, record_id: RecordId, body: shape.PayableBody
) -> Response:
    """Take in a payable; the same again changes nothing."""
    return _put(house, business_id, "payable", record_id, body)


@router.put(f"{RECORDS}/payments/{{recordId}}", response_model=RecordOutcome, responses=_RESPONSES)
@needs(Rank.FEEDER)
def put_payment(
    house: HouseHere, business_id: BusinessId, record_id: RecordId, body: shape.PaymentBody
) -> Response:
    """Take in a payment; the same again changes nothing."""
    return _put(house, business_id, "payment", record_id, body)


@router.post(f"{RECORDS}/bulk", response_model=BulkAnswer, responses=errors(400, 413, 415))
@needs(Rank.FEEDER)
def put_many(house: HouseHere, business_id: BusinessId, body: BulkBody) -> Response:
    """Take in up to 1,000 records; each has its outcome, and a bad one harms no other."""
    given = [Given(one.type, one.id, one.record) for one in body.records]
    outcomes = feed.take_all(house, business_id, given)
    counted = [one.outcome for one in outcomes]
    return say(
        BulkAnswer(
            created=counted.count("created"),
            updated=counted.count("updated"),
            unchanged=counted.count("unchanged"),
            refused=counted.count("refused"),
            outcomes=[shown.outcome(one) for one in outcomes],
        )
    )


def _put(house: House, business_id: str, kind: str, record_id: str, body: shape.Body) -> Response:
    taken = feed.take_one(house, business_id, record_id, body)
    shown_outcome = shown.outcome(feed.Outcome(kind, record_id, taken))
    return say(shown_outcome, 201 if taken == "created" else 200)
