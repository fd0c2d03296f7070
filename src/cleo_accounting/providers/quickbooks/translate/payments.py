"""Read and write payments of documents: Intuit's BillPayment and Payment.

The money goes through one bank account. Each line applies a part of it to one document, by
`LinkedTxn`, or uses a credit, whose amount is positive as well. Intuit prevents neither a second
payment of a document nor an overpayment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleo_accounting.core import kinds
from cleo_accounting.core.links import Applied, Remote, RemoteKind, Settlement
from cleo_accounting.core.records import Money
from cleo_accounting.providers.quickbooks.translate.entities import (
    ENTITY,
    inside,
    marker_of,
    name_property,
    objects,
    party_property,
    reference,
    text,
)
from cleo_accounting.providers.quickbooks.translate.entry import entry
from cleo_accounting.providers.quickbooks.translate.values import amount, day, is_voided, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Json = Mapping[str, Any]


def properties(kind: RemoteKind, payment: Settlement) -> dict[str, Any]:
    """Return a payment as Intuit's JSON; ACH payments use `Check`, as Intuit has no ACH type."""
    declared = kinds.payment(kind)
    account = {"value": payment.account_id}
    through: dict[str, Any] = (
        {"PayType": "Check", "CheckPayment": {"BankAccountRef": account}}
        if kind is RemoteKind.BILL_PAYMENT
        else {"DepositToAccountRef": account}
    )
    return {
        party_property(kind): {"value": payment.party_id},
        name_property(kind): payment.number,
        "TxnDate": payment.dated.isoformat(),
        "TotalAmt": number(payment.total.decimal),
        "PrivateNote": payment.note,
        **through,
        "Line": [
            {
                "Amount": number(one.amount.decimal),
                "LinkedTxn": [
                    {
                        "TxnId": one.document_id,
                        "TxnType": ENTITY[declared.applies_to(one)],
                    }
                ],
            }
            for one in payment.applied
        ],
    }


def read(kind: RemoteKind, raw: Json, home: str) -> Remote:
    """Read a payment; a voided payment counts as gone."""
    details = {
        "party_id": reference(raw, party_property(kind)),
        "account_id": _account_id(kind, raw),
    }
    content = _content(kind, raw, amount(raw, "TotalAmt", home))
    return entry(kind, raw, home, content, details, gone=is_voided(raw))


def _content(kind: RemoteKind, raw: Json, total: Money | None) -> Settlement | None:
    """Return the content that we would write for this payment; None if we could not write it."""
    dated, party_id = day(text(raw, "TxnDate")), reference(raw, party_property(kind))
    if dated is None or party_id is None or total is None:
        return None
    return Settlement(
        party_id=party_id,
        account_id=_account_id(kind, raw) or "",
        number=text(raw, name_property(kind)),
        dated=dated,
        total=total,
        note=text(raw, "PrivateNote"),
        marker=marker_of(text(raw, "PrivateNote")),
        applied=tuple(_applied(kind, raw, total.currency)),
    )


def _applied(kind: RemoteKind, raw: Json, currency: str) -> Sequence[Applied]:
    """Return what a payment applies to documents and uses of credits, without journal entries."""
    declared = kinds.payment(kind)
    is_credit = {ENTITY[declared.document]: False, ENTITY[declared.credit]: True}
    return [
        Applied(text(one, "TxnId"), paid, is_credit[text(one, "TxnType")])
        for line in objects(raw.get("Line"))
        for one in objects(line.get("LinkedTxn"))
        if text(one, "TxnType") in is_credit and (paid := amount(line, "Amount", currency))
    ]


def paying(document: RemoteKind, raw: Json) -> Sequence[str]:
    """Return the ids of the payments that a document in QuickBooks is linked to."""
    entity = ENTITY[kinds.payment_of(document).remote]
    # A bill links to BillPaymentCheck or BillPaymentCreditCard, depending on how it was paid.
    return [
        text(one, "TxnId")
        for one in objects(raw.get("LinkedTxn"))
        if text(one, "TxnType").startswith(entity)
    ]


def _account_id(kind: RemoteKind, raw: Json) -> str | None:
    if kind is not RemoteKind.BILL_PAYMENT:
        return reference(raw, "DepositToAccountRef")
    check = reference(inside(raw, "CheckPayment"), "BankAccountRef")
    return check or reference(inside(raw, "CreditCardPayment"), "CCAccountRef")
