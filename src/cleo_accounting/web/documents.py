"""The status of a payable in QuickBooks: its document, its open balance and its payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from cleo_accounting.flows.reporting import document
from cleo_accounting.store.access import Rank
from cleo_accounting.web.access import BEARER, Guarded, HouseHere, needs
from cleo_accounting.web.answers import errors, say
from cleo_accounting.web.document_schemas import (
    DocumentOut,
    DocumentPaymentOut,
    OtherPaymentOut,
    ReasonOut,
)
from cleo_accounting.web.paths import ONE, BusinessId, IntegrationId, PayableId

if TYPE_CHECKING:
    from cleo_accounting.core.records import Money
    from cleo_accounting.flows.reporting.document import DocumentStatus, PaymentHere, There

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Sync"])


@router.get(f"{ONE}/documents/{{payableId}}", response_model=DocumentOut, responses=errors())
@needs(Rank.VIEWER)
def get_document(
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    payable_id: PayableId,
) -> Response:
    """Get the status of a payable in QuickBooks: its document, open balance and payments.

    Amounts are as QuickBooks reported them at `asOf`. This call makes no request to QuickBooks:
    each sync of bills and invoices, each refresh and each comparison updates the amounts.
    """
    return say(shown(document.document_status(house, business_id, integration_id, payable_id)))


def shown(one: DocumentStatus) -> DocumentOut:
    """Return the API's view of a payable's status in QuickBooks."""
    return DocumentOut.model_validate(
        {
            "payable_id": one.payable.id,
            "kind": one.there.kind.value,
            "amount": _decimal(one.payable.amount),
            "currency": one.payable.amount.currency,
            "state": one.there.state.value,
            "reason": _reason(one.there),
            "remote_id": one.there.remote_id,
            "number": one.there.number,
            "url": one.there.address,
            "total": one.total and _decimal(one.total),
            "open_balance": one.open and _decimal(one.open),
            "payment_state": one.payment_state.value,
            "as_of": one.as_of,
            "payments": [_payment(each) for each in one.payments],
            "other_payments": [
                OtherPaymentOut(remote_id=each.remote_id, url=each.address) for each in one.others
            ],
            "payment_not_received": one.payment_is_missing,
        }
    )


def _payment(one: PaymentHere) -> DocumentPaymentOut:
    return DocumentPaymentOut.model_validate(
        {
            "payment_id": one.payment.id,
            "kind": one.there.kind.value,
            "amount": _decimal(one.amount),
            "currency": one.amount.currency,
            "status": one.payment.status.value,
            "state": one.there.state.value,
            "reason": _reason(one.there),
            "remote_id": one.there.remote_id,
            "url": one.there.address,
        }
    )


def _reason(one: There) -> ReasonOut | None:
    newest = one.newest
    if newest is None or newest.code is None:
        return None
    return ReasonOut(
        code=newest.code,
        title=newest.title,
        cause=newest.cause,
        fix=newest.fix,
        needs_attention=newest.needs_attention,
    )


def _decimal(money: Money) -> str:
    return str(money.decimal)
