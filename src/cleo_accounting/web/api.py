"""The eleven paths of the API that the platform specified."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Flaw, Invalid
from cleo_accounting.flows import House
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.mapping import choose, pair
from cleo_accounting.flows.reporting import progress
from cleo_accounting.flows.run import sync
from cleo_accounting.store.access import Rank
from cleo_accounting.store.idempotency import Answer
from cleo_accounting.web import shown
from cleo_accounting.web.access import BEARER, Caller, CallerHere, Guarded, HouseHere, needs
from cleo_accounting.web.answers import (
    KeyHeader,
    PagingHere,
    act_once,
    answer,
    errors,
    page,
    say,
    say_shared,
    seen,
)
from cleo_accounting.web.choice_schemas import InvoiceFieldsOut
from cleo_accounting.web.choices import fields_shown
from cleo_accounting.web.paths import BASE, ONE, BusinessId, IntegrationId, where_run
from cleo_accounting.web.run_schemas import EntityType, RunOut, SyncBody, SyncStatusOut
from cleo_accounting.web.schemas import (
    BankAccountMappingBody,
    ConnectAnswer,
    ConnectBody,
    ConnectionStatusOut,
    IntegrationOut,
    MappingOut,
    Page,
    VendorMappingBody,
)

router = APIRouter(route_class=Guarded, dependencies=[BEARER])


@router.get(BASE, tags=["Connect"], response_model=Page[IntegrationOut], responses=errors())
@needs(Rank.VIEWER)
def list_integrations(
    request: Request, house: HouseHere, business_id: BusinessId, paging: PagingHere
) -> Response:
    """List the accounting integrations connected to the business."""
    every = [shown.integration(one) for one in connect.connected(house, business_id)]
    some = every[paging.offset : paging.offset + paging.limit]
    return page(request, some, len(every), paging)


@router.post(
    f"{BASE}/connect",
    tags=["Connect"],
    response_model=ConnectAnswer,
    responses=errors(400, 413, 415, 503),
)
@needs(Rank.ADMIN)
def start_connecting(
    house: HouseHere, caller: CallerHere, business_id: BusinessId, body: ConnectBody
) -> Response:
    """Start the OAuth 2.0 flow and return the URL to send the user to.

    The URL works once and expires after ten minutes.
    """
    begun = connect.begin(
        house,
        business_id,
        caller.user_id,
        body.redirect_uri or house.doorway_url,
        switch_company=body.switch_company,
    )
    url = begun.authorization_url
    return say(ConnectAnswer(authorization_url=url, auth_url=url, expires_at=begun.expires_at))


@router.get(
    f"{BASE}/status", tags=["Connect"], response_model=ConnectionStatusOut, responses=errors()
)
@needs(Rank.VIEWER)
def connection_status(house: HouseHere, business_id: BusinessId) -> Response:
    """Get the current connection status; `connected` means active."""
    return say(shown.connection_status(connect.latest(house, business_id)))


@router.delete(
    f"{BASE}/disconnect", tags=["Connect"], response_model=ConnectionStatusOut, responses=errors()
)
@needs(Rank.ADMIN)
def disconnect(house: HouseHere, caller: CallerHere, business_id: BusinessId) -> Response:
    """Disconnect the company. Data already synced stays in QuickBooks; future syncs stop."""
    return say(shown.connection_status(connect.disconnect(house, business_id, caller.user_id)))


@router.get(
    f"{BASE}/callback",
    tags=["Connect"],
    response_model=ConnectionStatusOut,
    responses=errors(400, 409, 503),
)
@needs(Rank.ADMIN)
def finish_connecting(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    state: Annotated[str, Query(max_length=512, description="As returned by QuickBooks.")],
    code: Annotated[str, Query(max_length=2048, description="As returned by QuickBooks.")] = "",
    realm_id: Annotated[
        str, Query(alias="realmId", max_length=64, description="As returned by QuickBooks.")
    ] = "",
    error: Annotated[str, Query(max_length=200, description="As returned by QuickBooks.")] = "",
    issuer: Annotated[
        str,
        Query(alias="iss", max_length=200, description="As returned by QuickBooks, if present."),
    ] = "",
) -> Response:
    """Complete the OAuth 2.0 flow for a client that receives the user back on its own page.

    Forward `code`, `state` and `realmId` (or `error`), and `iss` if present, unchanged, with the
    token of the user who started the connection.
    """
    who = {"business_id": business_id, "user_id": caller.user_id, "issuer": issuer}
    if error:
        connect.deny(house, state=state, reason=error, **who)
        raise Invalid("The user did not allow the connection.", code="access_denied")
    held = connect.complete(house, state=state, code=code, company_id=realm_id, **who)
    return say(shown.connection_status(held))


@router.get(f"{ONE}/sync/status", tags=["Sync"], response_model=SyncStatusOut, responses=errors())
@needs(Rank.VIEWER)
async def sync_status(
    request: Request, house: HouseHere, business_id: BusinessId, integration_id: IntegrationId
) -> Response:
    """Get the most recent sync and its progress."""
    return await say_shared(
        request, lambda: shown.sync_status(progress.status(house, business_id, integration_id))
    )


@router.post(
    f"{ONE}/sync",
    tags=["Sync"],
    status_code=202,
    response_model=RunOut,
    responses=errors(400, 409, 413, 415),
)
@needs(Rank.BOOKKEEPER)
def sync_everything(
    request: Request,
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    body: SyncBody | None = None,
    key: KeyHeader = None,
) -> Response:
    """Trigger a full sync of all entity types.

    If a run is already waiting to start, that run is returned.
    """

    def act(within: House) -> Answer:
        return _asked(within, caller, business_id, integration_id, list(ENTITY_TYPES), body)

    return act_once(request, house, caller, key, body, act)


@router.post(
    f"{ONE}/sync/{{entityType}}",
    tags=["Sync"],
    status_code=202,
    response_model=RunOut,
    responses=errors(400, 409, 413, 415),
)
@needs(Rank.BOOKKEEPER)
def sync_entity_type(
    request: Request,
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    entityType: EntityType,  # noqa: N803  its name in the address
    body: SyncBody | None = None,
    key: KeyHeader = None,
) -> Response:
    """Trigger a sync of one entity type: `vendors`, `bankAccounts` or `invoices`."""

    def act(within: House) -> Answer:
        return _asked(within, caller, business_id, integration_id, [entityType], body)

    return act_once(request, house, caller, key, body, act)


@router.get(
    f"{ONE}/invoice-fields",
    tags=["Choices"],
    response_model=InvoiceFieldsOut,
    responses={304: {"description": "Not changed since the version in If-None-Match."}, **errors()},
)
@needs(Rank.VIEWER)
def invoice_fields(
    request: Request, house: HouseHere, business_id: BusinessId, integration_id: IntegrationId
) -> Response:
    """Get the field mappings between payable fields and QuickBooks bill fields."""
    fields, version = choose.fields(house, business_id, integration_id)
    return seen(
        request,
        fields_shown(house, business_id, integration_id, fields, version),
        tag=f'"{version}"',
    )


@router.post(
    f"{ONE}/vendors/mappings",
    tags=["Mappings"],
    status_code=201,
    response_model=MappingOut,
    responses={200: {"model": MappingOut}, **errors(400, 409, 413, 415)},
)
@needs(Rank.BOOKKEEPER)
def map_vendor(
    request: Request,
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    body: VendorMappingBody,
    key: KeyHeader = None,
) -> Response:
    """Map a connection to a QuickBooks vendor; replaces an earlier mapping."""
    vendor_id = _one_of("vendorId", body.vendor_id, body.qbo_vendor_id)

    def act(within: House) -> Answer:
        return mapped(
            within,
            caller,
            business_id,
            integration_id,
            pair.VENDOR,
            body.connection_id,
            vendor_id,
        )

    return act_once(request, house, caller, key, body, act)


@router.post(
    f"{ONE}/bank-accounts/mappings",
    tags=["Mappings"],
    status_code=201,
    response_model=MappingOut,
    responses={200: {"model": MappingOut}, **errors(400, 409, 413, 415)},
)
@needs(Rank.BOOKKEEPER)
def map_bank_account(
    request: Request,
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    body: BankAccountMappingBody,
    key: KeyHeader = None,
) -> Response:
    """Map a funding source to a QuickBooks bank account; replaces an earlier mapping."""
    account_id = _one_of("bankAccountId", body.bank_account_id, body.qbo_bank_account_id)

    def act(within: House) -> Answer:
        return mapped(
            within,
            caller,
            business_id,
            integration_id,
            pair.BANK_ACCOUNT,
            body.funding_source_id,
            account_id,
        )

    return act_once(request, house, caller, key, body, act)


def mapped(
    house: House,
    caller: Caller,
    business_id: str,
    integration_id: str,
    target: pair.Target,
    record_id: str,
    remote_id: str,
) -> Answer:
    """Map a record, and return the mapping: 201 if it is new, 200 if it existed already."""
    one, new = pair.pair(
        house, business_id, integration_id, target, record_id, remote_id, caller.user_id
    )
    return answer(shown.mapping(one), 201 if new else 200)


def _asked(
    house: House,
    caller: Caller,
    business_id: str,
    integration_id: str,
    entity_types: list[str],
    body: SyncBody | None,
) -> Answer:
    run = sync.request(
        house,
        connect.integration(house, business_id, integration_id),
        entity_types,
        dry_run=bool(body and body.dry_run),
        trigger=Trigger.API,
        by=caller.user_id,
    )
    return answer(shown.run(run), 202, where_run(business_id, integration_id, run.id))


def _one_of(field: str, given: str | None, synonym: str | None) -> str:
    """Return an id that may be given under either of two names."""
    if given and synonym and given != synonym:
        raise Invalid("Two ids are given.", [Flaw(field, "differs from its synonym: send one")])
    found = given or synonym
    if not found:
        raise Invalid(f"{field} is required.", [Flaw(field, "is required", "required")])
    return found
