"""Response schemas of a payable's status in QuickBooks: document, open balance and payments."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from cleo_accounting.web.schemas import Amount, Out

DocumentState = Literal["written", "gone", "removed", "waiting", "in_doubt", "left", "not_sent"]
PaidState = Literal["unpaid", "partly_paid", "paid", "unknown"]

_STATE = (
    "`written`: it is in QuickBooks. `gone`: somebody deleted or voided it in QuickBooks."
    " `removed`: Cleo Pay deleted or voided it. `waiting`: it needs attention before it can be"
    " sent. `in_doubt`: it was sent, and the outcome is being checked. `left`: the last sync"
    " skipped it. `not_sent`: no sync has sent it yet."
)


class ReasonOut(Out):
    """Why a record was not sent, or a note about it."""

    code: str = Field(examples=["already_paid_there"])
    title: str | None
    cause: str | None
    fix: str | None
    needs_attention: bool


class DocumentPaymentOut(Out):
    """A Cleo Pay payment that pays the payable, or uses its credit."""

    payment_id: str = Field(examples=["pmt_12"])
    kind: str = Field(
        description="What the payment becomes in QuickBooks.", examples=["bill_payment"]
    )
    amount: Amount = Field(
        description="The amount of the payable that it pays, or of the credit that it uses."
    )
    currency: str = Field(examples=["USD"])
    status: str = Field(description="The payment's status in Cleo Pay.", examples=["completed"])
    state: DocumentState = Field(description=_STATE)
    reason: ReasonOut | None
    remote_id: str | None = Field(description="The payment's id in QuickBooks.", examples=["145"])
    url: str | None = Field(description="The address of the payment in QuickBooks, for people.")


class OtherPaymentOut(Out):
    """A payment in QuickBooks that is not linked to a Cleo Pay payment."""

    remote_id: str = Field(description="The payment's id in QuickBooks.", examples=["146"])
    url: str | None = Field(description="The address of the payment in QuickBooks, for people.")


class DocumentOut(Out):
    """The status of a payable in QuickBooks, as last read."""

    model_config = ConfigDict(
        **Out.model_config,
        json_schema_extra={
            "examples": [
                {
                    "payableId": "pay_889",
                    "kind": "bill",
                    "amount": "100.00",
                    "currency": "USD",
                    "state": "written",
                    "reason": None,
                    "remoteId": "57",
                    "number": "INV-2041",
                    "url": "https://qbo.intuit.com/app/bill?txnId=57",
                    "total": "100.00",
                    "openBalance": "40.00",
                    "paymentState": "partly_paid",
                    "asOf": "2026-11-02T09:31:04Z",
                    "payments": [
                        {
                            "paymentId": "pmt_12",
                            "kind": "bill_payment",
                            "amount": "60.00",
                            "currency": "USD",
                            "status": "completed",
                            "state": "written",
                            "reason": None,
                            "remoteId": "145",
                            "url": "https://qbo.intuit.com/app/billpayment?txnId=145",
                        }
                    ],
                    "otherPayments": [],
                    "paymentNotReceived": False,
                }
            ]
        },
    )

    payable_id: str
    kind: str = Field(
        description="What the payable becomes in QuickBooks.", examples=["bill", "vendor_credit"]
    )
    amount: Amount = Field(
        description="The amount of the payable in Cleo Pay; negative for a credit."
    )
    currency: str = Field(examples=["USD"])
    state: DocumentState = Field(description=_STATE)
    reason: ReasonOut | None = Field(
        description="What the last sync reported about the payable, unless it simply wrote it."
    )
    remote_id: str | None = Field(description="The document's id in QuickBooks.", examples=["57"])
    number: str | None = Field(
        description="The document's number in QuickBooks.", examples=["INV-2041"]
    )
    url: str | None = Field(description="The address of the document in QuickBooks, for people.")
    total: Amount | None = Field(
        description="The total in QuickBooks at `asOf`; for a credit, it is positive in QuickBooks."
    )
    open_balance: Amount | None = Field(
        description="The open balance in QuickBooks at `asOf`; null if it is not known."
    )
    payment_state: PaidState = Field(
        description="How much of the document is paid in QuickBooks at `asOf`; for a credit, how"
        " much of it is used."
    )
    as_of: datetime | None = Field(
        description="When QuickBooks reported these values. Null if it has not reported them yet,"
        " or if Cleo Pay has changed or paid the document since; the next sync or refresh reads"
        " them again."
    )
    payments: list[DocumentPaymentOut] = Field(
        description="The Cleo Pay payments that pay the payable."
    )
    other_payments: list[OtherPaymentOut] = Field(
        description="Payments of the document at `asOf` that somebody recorded in QuickBooks and"
        " that are not linked to a Cleo Pay payment."
    )
    payment_not_received: bool = Field(
        description="Whether the payable is paid on Cleo Pay, but this service has not received the"
        " payment yet, so that none is recorded."
    )
