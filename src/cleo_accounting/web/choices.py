"""Endpoints for the choices of a business: invoice fields, and decisions on records."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Request, Response

from cleo_accounting.core.fields import InvoiceFields as Chosen
from cleo_accounting.core.fields import Place
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import Flaw, Invalid
from cleo_accounting.flows import House
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.mapping import bulk, choose, example
from cleo_accounting.store.access import Rank
from cleo_accounting.store.idempotency import Answer
from cleo_accounting.web import field_rows
from cleo_accounting.web.access import BEARER, CallerHere, Guarded, HouseHere, needs
from cleo_accounting.web.answers import (
    KeyHeader,
    PagingHere,
    act_once,
    answer,
    errors,
    page,
    say,
    version_wanted,
)
from cleo_accounting.web.choice_schemas import (
    BulkDecisionBody,
    BulkDecisionOut,
    BulkOutcome,
    DecisionBody,
    DecisionOut,
    FieldName,
    FixedField,
    InvoiceFields,
    InvoiceFieldsOut,
    OptionOut,
    UndoBody,
    UndoneOut,
)
from cleo_accounting.web.paths import ONE, BusinessId, IntegrationId, Search
from cleo_accounting.web.schemas import Page

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Choices"])

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", max_length=200, description="The ETag that you read.", examples=['"1"']
    ),
]


@router.put(
    f"{ONE}/invoice-fields",
    response_model=InvoiceFieldsOut,
    responses=errors(400, 409, 412, 413, 415, 428),
)
@needs(Rank.ADMIN)
def set_invoice_fields(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    body: InvoiceFields,
    if_match: IfMatch = None,
) -> Response:
    """Update the invoice fields. Each update is stored as a new version, with its author."""
    _, current = choose.fields(house, business_id, integration_id)
    version = version_wanted(if_match, current)
    given = body.model_dump(exclude={"custom_fields"})
    chosen = Chosen(
        **given | choose.named(house, business_id, integration_id, given),
        custom_fields=tuple(
            sorted((name, Place(where)) for name, where in body.custom_fields.items())
        ),
    )
    saved = choose.set_fields(
        house, business_id, integration_id, chosen, version=version, by=caller.user_id
    )
    return say(
        fields_shown(house, business_id, integration_id, chosen, saved),
        headers={"ETag": f'"{saved}"'},
    )


@router.post(
    f"{ONE}/invoice-fields/revert", response_model=InvoiceFieldsOut, responses=errors(409, 412, 428)
)
@needs(Rank.ADMIN)
def revert_invoice_fields(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    if_match: IfMatch = None,
) -> Response:
    """Undo the last change to the invoice fields."""
    integration = connect.integration(house, business_id, integration_id)
    version = version_wanted(if_match, integration.fields_version)
    saved = example.revert(house, integration, version=version, by=caller.user_id)
    chosen, _ = choose.fields(house, business_id, integration_id)
    told = fields_shown(house, business_id, integration_id, chosen, saved)
    return say(told, headers={"ETag": f'"{saved}"'})


@router.get(
    f"{ONE}/invoice-fields/options/{{field}}",
    response_model=Page[OptionOut],
    responses=errors(),
)
@needs(Rank.VIEWER)
def list_options(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    field: Annotated[FieldName, Path(description="The invoice field.")],
    paging: PagingHere,
    search: Search = None,
) -> Response:
    """List the options of an invoice field by name, as of the last refresh."""
    found, total = choose.options(
        house,
        business_id,
        integration_id,
        field,
        search=search,
        limit=paging.limit,
        offset=paging.offset,
    )
    shown = [
        OptionOut(id=one.id, name=one.full_name, account_type=one.details.get("type"))
        for one in found
    ]
    return page(request, shown, total, paging)


@router.get(f"{ONE}/decisions", response_model=Page[DecisionOut], responses=errors())
@needs(Rank.VIEWER)
def list_decisions(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
) -> Response:
    """List the decisions in effect."""
    found, total = choose.decided(
        house, business_id, integration_id, limit=paging.limit, offset=paging.offset
    )
    shown = [
        DecisionOut(
            kind=kind.value,
            record_id=record_id,
            decision=word.verdict,
            value=word.value,
            by=word.by,
        )
        for kind, record_id, word in found
    ]
    return page(request, shown, total, paging)


@router.post(
    f"{ONE}/decisions",
    status_code=201,
    response_model=DecisionOut,
    responses=errors(400, 409, 413, 415),
)
@needs(Rank.BOOKKEEPER)
def decide(
    request: Request,
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    body: DecisionBody,
    key: KeyHeader = None,
) -> Response:
    """Decide on a record that needs attention; the next sync applies the decision.

    - `create_as` (value: a name): for a look-alike or a taken name.
    - `number_as` (value: a number): for a bill or an invoice whose own number is taken. Applies
      until that number is corrected.
    - `same_as` (value: the id of another connection): the two connections are one business.
    - `leave_out` (value: the reason): the record is not sent.
    - `bring_back`: revokes every decision on the record.
    - `create_again`: for a record that was deleted in QuickBooks.
    - `keep_theirs`, `send_ours`: by `itemId` for a record that was changed on both sides; by `kind`
      and `recordId` for a record that differs in the latest reconciliation.
    - `link_to` (value: the id of a document in QuickBooks): a person has already entered the
      document in QuickBooks.
    - `another_one`: the document in QuickBooks is a different one.
    - `unlink`: removes a link made by `link_to`.
    - `remove_there`: lets the linked document be removed once the record is withdrawn.
    """

    def act(within: House) -> Answer:
        kind, record_id = _decide(within, business_id, integration_id, body, caller.user_id)
        word = DecisionOut(
            kind=kind.value,
            record_id=record_id,
            decision=body.decision,
            value=body.value,
            by=caller.user_id,
        )
        return answer(word, 201)

    return act_once(request, house, caller, key, body, act)


@router.post(
    f"{ONE}/decisions/bulk",
    response_model=BulkDecisionOut,
    responses=errors(400, 409, 413, 415),
)
@needs(Rank.BOOKKEEPER)
def decide_many(
    request: Request,
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    body: BulkDecisionBody,
    key: KeyHeader = None,
) -> Response:
    """Decide on several records: all that wait for one cause, or some items.

    `link_suggested` maps each record to the first candidate that its cause names, or to the
    survivor of a merge. `create_new` creates each record under its own name, `create_proposed`
    under the name proposed for it. The other decisions are the same as for a single record. Each
    item is decided, or refused with a reason, separately. The next sync applies the decisions.
    """

    def act(within: House) -> Answer:
        done = bulk.decide(
            within,
            business_id,
            integration_id,
            code=body.code,
            run_id=body.run_id,
            item_ids=body.item_ids,
            word=body.decision,
            value=body.value,
            by=caller.user_id,
        )
        return answer(_many_shown(body.decision, done), 200)

    return act_once(request, house, caller, key, body, act)


@router.post(
    f"{ONE}/decisions/bulk/undo",
    response_model=UndoneOut,
    responses=errors(400, 409, 413, 415),
)
@needs(Rank.BOOKKEEPER)
def undo_many(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    body: UndoBody,
) -> Response:
    """Undo decisions and mappings made together, unless they have been changed since."""
    number = bulk.undo(house, business_id, integration_id, body.at, caller.user_id)
    return say(UndoneOut(undone=number))


def _many_shown(decision: str, done: bulk.Decided) -> BulkDecisionOut:
    items = [
        BulkOutcome(
            item_id=one.item_id,
            kind=one.kind.value if one.kind else None,
            record_id=one.record_id,
            label=one.label,
            decided=one.refused is None,
            message=one.refused,
        )
        for one in done.outcomes
    ]
    return BulkDecisionOut(
        decision=decision,
        at=done.at,
        decided=done.number,
        refused=len(done.refused),
        items=items,
    )


def fields_shown(
    house: House, business_id: str, integration_id: str, fields: Chosen, version: int
) -> InvoiceFieldsOut:
    """Return the API's view of the invoice fields and the field mappings that follow from them."""
    integration = connect.integration(house, business_id, integration_id)
    chosen = InvoiceFields(
        expenseAccountId=fields.expense_account_id,
        apAccountId=fields.ap_account_id,
        classId=fields.class_id,
        departmentId=fields.department_id,
        termsId=fields.terms_id,
        itemId=fields.item_id,
        incomeAccountId=fields.income_account_id,
        memoTemplate=fields.memo_template,
        customFields={name: place.value for name, place in fields.custom_fields},
        goLive=fields.go_live,
        sendSubmittedBills=fields.send_submitted_bills,
        recordPayments=fields.record_payments,
        quickPay=fields.quick_pay,
        timeZone=fields.time_zone,
    )
    mappings, _ = field_rows.rows(house, integration, fields)
    fixed = [
        FixedField(payable_field=one.payable_field, bill_field=one.quickbooks_field, note=one.note)
        for one in mappings
        if one.payable_field and not one.choice
    ]
    return InvoiceFieldsOut(fields=chosen, version=version, mappings=mappings, fixed=fixed)


def _decide(
    house: House, business_id: str, integration_id: str, body: DecisionBody, by: str
) -> tuple[RemoteKind, str]:
    if body.item_id is not None:
        if body.kind or body.record_id:
            flaw = Flaw("itemId", "says it all: leave kind and recordId out")
            raise Invalid("Name the item or the record, not both.", [flaw])
        return choose.decide_item(
            house, business_id, integration_id, body.item_id, body.decision, body.value, by
        )
    if body.kind is None or body.record_id is None:
        flaw = Flaw("itemId", "is required, or kind and recordId are", "required")
        raise Invalid("Say what the decision is about.", [flaw])
    kind = RemoteKind(body.kind)
    choose.decide(
        house, business_id, integration_id, kind, body.record_id, body.decision, body.value, by
    )
    return kind, body.record_id
