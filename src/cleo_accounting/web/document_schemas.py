"""Response schemas of a payable's status in QuickBooks: document, open balance and payments."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from cleo_accounting.web.schemas import Amount, Out

DocumentState = Literal["written", "gone", "removed", "waiting", "in_doubt", "left", "not_sent"]
PaidState = Literal["unpaid", "partly_paid", "paid", "unknown"]

_STATE = (
    "`written`: it is in QuickBooks. `gone`: somebody deleted or voided it there. `removed`: Cleo"
    " Pay deleted or voided it. `waiting`: it needs attention before it can be sent. `in_doubt`: it"
    " was sent and is being checked. `left`: the last sync skipped it. `not_sent`: no sync has sent"
    " it yet."
)


class ReasonOut(Out):
    """The reason why a record was not sent, or a note about it."""

    code: str = Field(examples=["already_paid_there"])
    title: str | None
    cause: str | None
    fix: str | None
    needs_attention: bool


class DocumentPaymentOut(Out):
    """A payment of Cleo Pay that pays the payable, or uses its credit."""

    payment_id: str = Field(examples=["pmt_12"])
    kind: str = Field(description="What it becomes in QuickBooks.", examples=["bill_payment"])
    amount: Amount = Field(
        description="How much of this payable it pays, or of its credit it uses."
    )
    currency: str = Field(examples=["USD"])
    status: str = Field(description="Its status in Cleo Pay.", examples=["completed"])
    state: DocumentState = Field(description=_STATE)
    reason: ReasonOut | None
    remote_id: str | None = Field(description="Its id in QuickBooks.", examples=["145"])
    url: str | None = Field(description="Where a person sees it in QuickBooks.")


class OtherPaymentOut(Out):
    """A payment in QuickBooks that is not linked to a payment of Cleo Pay."""

    remote_id: str = Field(description="Its id in QuickBooks.", examples=["146"])
    url: str | None = Field(description="Where a person sees it in QuickBooks.")


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
        description="What it becomes in QuickBooks.", examples=["bill", "vendor_credit"]
    )
    amount: Amount = Field(
        description="The amount of the payable in Cleo Pay; of a credit, below zero."
    )
    currency: str = Field(examples=["USD"])
    state: DocumentState = Field(description=_STATE)
    reason: ReasonOut | None = Field(
        description="What the last sync said of it, where it did not simply write it."
    )
    remote_id: str | None = Field(description="Its id in QuickBooks.", examples=["57"])
    number: str | None = Field(description="Its number in QuickBooks.", examples=["INV-2041"])
    url: str | None = Field(description="Where a person sees it in QuickBooks.")
    total: Amount | None = Field(
        description="Its total in QuickBooks, at `asOf`; there, that of a credit is above zero."
    )
    open_balance: Amount | None = Field(
        description="What QuickBooks said is open of it, at `asOf`; null if that is not known."
    )
    payment_state: PaidState = Field(
        description="How much of it is paid in QuickBooks, or of a credit used, at `asOf`."
    )
    as_of: datetime | None = Field(
        description="When QuickBooks said so. Null: not yet, or Cleo Pay has changed or paid the"
        " document since; the next sync or refresh asks again."
    )
    payments: list[DocumentPaymentOut] = Field(description="The payments of Cleo Pay that pay it.")
    other_payments: list[OtherPaymentOut] = Field(
        description="Payments of it in QuickBooks that are not linked to a payment of Cleo Pay, at"
        " `asOf`: somebody recorded them there."
    )
    payment_not_received: bool = Field(
        description="Paid on Cleo Pay, and the payment has not been received yet: none is recorded."
    )
