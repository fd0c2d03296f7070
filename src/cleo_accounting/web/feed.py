"""Endpoints for the platform's records: create or update (one or up to 1,000), read, delete."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from cleo_accounting.flows import House
from cleo_accounting.flows.records import feed, keep
from cleo_accounting.flows.records.feed import Given
from cleo_accounting.platform import shape
from cleo_accounting.store.access import Rank
from cleo_accounting.web import shown
from cleo_accounting.web.access import BEARER, Caller, CallerHere, Guarded, HouseHere, needs
from cleo_accounting.web.answers import PagingHere, errors, page, say, seen
from cleo_accounting.web.paths import RECORDS, BusinessId, RecordId
from cleo_accounting.web.record_schemas import AnyRecord, document
from cleo_accounting.web.schemas import BulkAnswer, BulkBody, Page, RecordOutcome

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Records"])

Collection = Annotated[
    Literal["connections", "bank-accounts", "payables", "payments"],
    Path(description="The type of the records.", examples=["payables"]),
]
Word = Annotated[str, Query(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Number = Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]

_RESPONSES = {201: {"model": RecordOutcome}, **errors(400, 413, 415)}


@router.put(
    f"{RECORDS}/connections/{{recordId}}", response_model=RecordOutcome, responses=_RESPONSES
)
@needs(Rank.FEEDER)
def put_connection(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    record_id: RecordId,
    body: shape.ConnectionBody,
) -> Response:
    """Create or update a connection."""
    return _put(house, caller, business_id, "connection", record_id, body)


@router.put(
    f"{RECORDS}/bank-accounts/{{recordId}}", response_model=RecordOutcome, responses=_RESPONSES
)
@needs(Rank.FEEDER)
def put_funding_source(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    record_id: RecordId,
    body: shape.FundingSourceBody,
) -> Response:
    """Create or update a funding source."""
    return _put(house, caller, business_id, "fundingSource", record_id, body)


@router.put(f"{RECORDS}/payables/{{recordId}}", response_model=RecordOutcome, responses=_RESPONSES)
@needs(Rank.FEEDER)
def put_payable(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    record_id: RecordId,
    body: shape.PayableBody,
) -> Response:
    """Create or update a payable.

    The `role` of a payable cannot be changed. Delete the payable and send it again instead; if it
    is in QuickBooks, first send it as CANCELLED and sync.
    """
    return _put(house, caller, business_id, "payable", record_id, body)


@router.put(f"{RECORDS}/payments/{{recordId}}", response_model=RecordOutcome, responses=_RESPONSES)
@needs(Rank.FEEDER)
def put_payment(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    record_id: RecordId,
    body: shape.PaymentBody,
) -> Response:
    """Create or update a payment."""
    return _put(house, caller, business_id, "payment", record_id, body)


@router.get(f"{RECORDS}/{{collection}}", response_model=Page[AnyRecord], responses=errors())
@needs(Rank.VIEWER, Rank.FEEDER)
def list_records(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    collection: Collection,
    paging: PagingHere,
    status: Annotated[Word | None, Query(description="Only records with this status.")] = None,
    connection_id: Annotated[
        Word | None, Query(alias="connectionId", description="Only payables of this connection.")
    ] = None,
    role: Annotated[
        Literal["payer", "payee"] | None,
        Query(description="Only payables in which the business has this role."),
    ] = None,
    invoice_number: Annotated[
        Number | None, Query(alias="invoiceNumber", description="Only payables with this number.")
    ] = None,
) -> Response:
    """List records, in the order in which they were received."""
    wanted = {
        "status": status,
        "connectionId": connection_id,
        "role": role,
        "invoiceNumber": invoice_number,
    }
    found, total = keep.page(
        house,
        business_id,
        keep.COLLECTIONS[collection],
        wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    told = [document(one, amounts_in=house.amounts_in) for one in found]
    return page(request, told, total, paging)


@router.get(
    f"{RECORDS}/{{collection}}/{{recordId}}",
    response_model=AnyRecord,
    responses={304: {"description": "Not changed since the version in If-None-Match."}, **errors()},
)
@needs(Rank.VIEWER, Rank.FEEDER)
def get_record(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    collection: Collection,
    record_id: RecordId,
) -> Response:
    """Get a record, in the platform's JSON format."""
    found = keep.one(house, business_id, keep.COLLECTIONS[collection], record_id)
    return seen(request, document(found, amounts_in=house.amounts_in))


@router.delete(f"{RECORDS}/{{collection}}/{{recordId}}", status_code=204, responses=errors(409))
@needs(Rank.FEEDER)
def delete_record(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    collection: Collection,
    record_id: RecordId,
) -> Response:
    """Delete a record, unless it is in QuickBooks or payables refer to it."""
    keep.delete(house, business_id, keep.COLLECTIONS[collection], record_id, caller.user_id)
    return Response(status_code=204)


@router.post(f"{RECORDS}/bulk", response_model=BulkAnswer, responses=errors(400, 413, 415))
@needs(Rank.FEEDER)
def put_many(
    house: HouseHere, caller: CallerHere, business_id: BusinessId, body: BulkBody
) -> Response:
    """Create or update up to 1,000 records. Each has its own outcome."""
    given = [Given(one.type, one.id, one.record) for one in body.records]
    outcomes = feed.take_all(house, business_id, given, by=caller.user_id)
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


def _put(
    house: House, caller: Caller, business_id: str, kind: str, record_id: str, body: shape.Body
) -> Response:
    taken = feed.take_one(house, business_id, record_id, body, by=caller.user_id)
    shown_outcome = shown.outcome(feed.Outcome(kind, record_id, taken))
    return say(shown_outcome, 201 if taken == "created" else 200)
