"""Endpoints for mappings: counterparts in QuickBooks, suggestions and existing mappings."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from cleo_accounting.flows import House
from cleo_accounting.flows.mapping import pair
from cleo_accounting.flows.mapping.pair import BANK_ACCOUNT, CUSTOMER, VENDOR, Target
from cleo_accounting.flows.work import errands
from cleo_accounting.store.access import Rank
from cleo_accounting.store.errands import Verb
from cleo_accounting.store.idempotency import Answer
from cleo_accounting.web import shown
from cleo_accounting.web.access import BEARER, CallerHere, Guarded, HouseHere, needs
from cleo_accounting.web.answers import (
    KeyHeader,
    Paging,
    PagingHere,
    act_once,
    answer,
    errors,
    page,
    say,
)
from cleo_accounting.web.paths import ONE, BusinessId, IntegrationId, RecordId, Search
from cleo_accounting.web.schemas import (
    Accepted,
    CounterpartOut,
    CustomerMappingBody,
    MappingOut,
    Page,
    UnmappedOut,
)

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Mappings"])

_SEEN_BEFORE: dict[int | str, dict[str, Any]] = {
    304: {"description": "Not changed since the version in If-None-Match."}
}

Active = Annotated[bool | None, Query(description="Only active, or only inactive entries.")]
OnlyRecord = Annotated[
    str | None,
    Query(
        alias="recordId",
        pattern=r"^[A-Za-z0-9_.:-]{1,64}$",
        description="Only suggestions for this connection or funding source.",
    ),
]


@router.get(f"{ONE}/vendors", response_model=Page[CounterpartOut], responses=errors())
@needs(Rank.VIEWER)
def list_vendors(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
    search: Search = None,
    active: Active = None,
) -> Response:
    """List QuickBooks vendors by name, as of the last refresh."""
    return _listed(request, house, business_id, integration_id, VENDOR, paging, search, active)


@router.get(f"{ONE}/customers", response_model=Page[CounterpartOut], responses=errors())
@needs(Rank.VIEWER)
def list_customers(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
    search: Search = None,
    active: Active = None,
) -> Response:
    """List QuickBooks customers by name, as of the last refresh."""
    return _listed(request, house, business_id, integration_id, CUSTOMER, paging, search, active)


@router.get(f"{ONE}/bank-accounts", response_model=Page[CounterpartOut], responses=errors())
@needs(Rank.VIEWER)
def list_bank_accounts(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
    search: Search = None,
    active: Active = None,
) -> Response:
    """List QuickBooks accounts that payments can use, as of the last refresh.

    Accounts of type Bank come first, by name, followed by accounts of type Other Current Asset,
    which serve as clearing accounts.
    """
    return _listed(
        request, house, business_id, integration_id, BANK_ACCOUNT, paging, search, active
    )


@router.get(f"{ONE}/vendors/suggestions", response_model=Page[UnmappedOut], responses=errors())
@needs(Rank.VIEWER)
def suggest_vendors(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
    record_id: OnlyRecord = None,
) -> Response:
    """List unmapped connections with suggested vendors, reasons and confidence."""
    return _unmapped(request, house, business_id, integration_id, VENDOR, paging, record_id)


@router.get(f"{ONE}/customers/suggestions", response_model=Page[UnmappedOut], responses=errors())
@needs(Rank.VIEWER)
def suggest_customers(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
    record_id: OnlyRecord = None,
) -> Response:
    """List unmapped connections with suggested customers, reasons and confidence."""
    return _unmapped(request, house, business_id, integration_id, CUSTOMER, paging, record_id)


@router.get(
    f"{ONE}/bank-accounts/suggestions", response_model=Page[UnmappedOut], responses=errors()
)
@needs(Rank.VIEWER)
def suggest_bank_accounts(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
    record_id: OnlyRecord = None,
) -> Response:
    """List unmapped funding sources with suggested bank accounts and reasons."""
    return _unmapped(request, house, business_id, integration_id, BANK_ACCOUNT, paging, record_id)


@router.get(
    f"{ONE}/vendors/mappings",
    response_model=Page[MappingOut],
    responses={**_SEEN_BEFORE, **errors()},
)
@needs(Rank.VIEWER)
def list_vendor_mappings(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
) -> Response:
    """List vendor mappings and their origin."""
    return _mappings(request, house, business_id, integration_id, VENDOR, paging)


@router.get(
    f"{ONE}/customers/mappings",
    response_model=Page[MappingOut],
    responses={**_SEEN_BEFORE, **errors()},
)
@needs(Rank.VIEWER)
def list_customer_mappings(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
) -> Response:
    """List customer mappings and their origin."""
    return _mappings(request, house, business_id, integration_id, CUSTOMER, paging)


@router.get(
    f"{ONE}/bank-accounts/mappings",
    response_model=Page[MappingOut],
    responses={**_SEEN_BEFORE, **errors()},
)
@needs(Rank.VIEWER)
def list_bank_account_mappings(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
) -> Response:
    """List bank account mappings and their origin."""
    return _mappings(request, house, business_id, integration_id, BANK_ACCOUNT, paging)


@router.post(
    f"{ONE}/customers/mappings",
    status_code=201,
    response_model=MappingOut,
    responses={200: {"model": MappingOut}, **errors(400, 409, 413, 415)},
)
@needs(Rank.BOOKKEEPER)
def map_customer(
    request: Request,
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    body: CustomerMappingBody,
    key: KeyHeader = None,
) -> Response:
    """Map a connection to a QuickBooks customer."""

    def act(within: House) -> Answer:
        one, new = pair.pair(
            within,
            business_id,
            integration_id,
            CUSTOMER,
            body.connection_id,
            body.customer_id,
            caller.user_id,
        )
        return answer(shown.mapping(one), 201 if new else 200)

    return act_once(request, house, caller, key, body, act)


@router.delete(f"{ONE}/vendors/mappings/{{recordId}}", status_code=204, responses=errors())
@needs(Rank.BOOKKEEPER)
def unmap_vendor(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    record_id: RecordId,
) -> Response:
    """Remove a vendor mapping. Nothing changes in QuickBooks."""
    pair.unpair(house, business_id, integration_id, VENDOR, record_id, caller.user_id)
    return Response(status_code=204)


@router.delete(f"{ONE}/customers/mappings/{{recordId}}", status_code=204, responses=errors())
@needs(Rank.BOOKKEEPER)
def unmap_customer(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    record_id: RecordId,
) -> Response:
    """Remove a customer mapping. Nothing changes in QuickBooks."""
    pair.unpair(house, business_id, integration_id, CUSTOMER, record_id, caller.user_id)
    return Response(status_code=204)


@router.delete(f"{ONE}/bank-accounts/mappings/{{recordId}}", status_code=204, responses=errors())
@needs(Rank.BOOKKEEPER)
def unmap_bank_account(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    record_id: RecordId,
) -> Response:
    """Remove a bank account mapping. Nothing changes in QuickBooks."""
    pair.unpair(house, business_id, integration_id, BANK_ACCOUNT, record_id, caller.user_id)
    return Response(status_code=204)


@router.post(f"{ONE}/refresh", status_code=202, response_model=Accepted, responses=errors(409))
@needs(Rank.BOOKKEEPER)
def refresh(house: HouseHere, business_id: BusinessId, integration_id: IntegrationId) -> Response:
    """Refresh the lists of vendors, customers, accounts and so on from QuickBooks."""
    errands.ask_to(house, business_id, integration_id, Verb.LOOK)
    return say(Accepted(message="QuickBooks is looked at again; namesSeenAt says when."), 202)


def _listed(
    request: Request,
    house: House,
    business_id: str,
    integration_id: str,
    target: Target,
    paging: Paging,
    search: str | None,
    active: bool | None,  # noqa: FBT001  a filter as it came
) -> Response:
    found, total = pair.listed(
        house,
        business_id,
        integration_id,
        target,
        search=search,
        active=active,
        limit=paging.limit,
        offset=paging.offset,
    )
    return page(request, [shown.counterpart(one) for one in found], total, paging)


def _unmapped(
    request: Request,
    house: House,
    business_id: str,
    integration_id: str,
    target: Target,
    paging: Paging,
    record_id: str | None,
) -> Response:
    found, total = pair.unmapped(
        house,
        business_id,
        integration_id,
        target,
        record_id=record_id,
        limit=paging.limit,
        offset=paging.offset,
    )
    return page(request, [shown.unmapped(one) for one in found], total, paging)


def _mappings(
    request: Request,
    house: House,
    business_id: str,
    integration_id: str,
    target: Target,
    paging: Paging,
) -> Response:
    found, total = pair.mappings(
        house,
        business_id,
        integration_id,
        target,
        limit=paging.limit,
        offset=paging.offset,
    )
    return page(request, [shown.mapping(one) for one in found], total, paging, versioned=True)
