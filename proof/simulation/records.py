"""Build the platform's records from steps, in the form in which the service receives them."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cleo_accounting.core.records import (
    Connection,
    ConnectionStatus,
    FundingSource,
    LineItem,
    Money,
    Part,
    Payable,
    PayableStatus,
    Payment,
    PaymentStatus,
    Role,
)

Step = dict[str, Any]


def connection(step: Step) -> Connection:
    """Return a connection: a party that is paid, or that pays."""
    return Connection(
        id=f"conn_{step['n']}",
        name=step["name"],
        status=ConnectionStatus(step.get("status", "active")),
        email=step.get("email"),
        net_terms_days=step.get("net"),
    )


def source(step: Step) -> FundingSource:
    """Return a bank account of the business."""
    return FundingSource(f"fs_{step['n']}", step["name"], "checking", step.get("digits"))


def payable(step: Step) -> Payable:
    """Return a payable, which becomes a bill, an invoice or a credit."""
    currency = step.get("currency", "USD")
    day = date.fromisoformat(step.get("day", "2026-01-05"))
    due = step.get("due")
    return Payable(
        id=f"pay_{step['n']}",
        connection_id=f"conn_{step['to']}",
        role=Role(step.get("role", "payer")),
        status=PayableStatus(step.get("status", "APPROVED")),
        amount=Money(step["cents"], currency),
        issued_on=day,
        due_on=date.fromisoformat(due) if due else None,
        number=step.get("number", f"INV-{step['n']}"),
        memo=step.get("memo"),
        lines=tuple(
            LineItem(f"line {at}", Decimal(quantity), Decimal(price))
            for at, (quantity, price) in enumerate(_lines(step))
        ),
    )


def payment(step: Step) -> Payment:
    """Return a payment: money that moved, or is to move, for a payable."""
    return Payment(
        id=f"pmt_{step['n']}",
        funding_source_id=f"fs_{step.get('source', 1)}",
        amount=Money(step["cents"], "USD"),
        status=PaymentStatus(step["status"]),
        payable_id=None if step["of"] is None else f"pay_{step['of']}",
        paid_on=date.fromisoformat(step["day"]),
        return_code=step.get("code"),
        credits=tuple(Part(f"pay_{n}", Money(cents, "USD")) for n, cents in step.get("credits", ()))
        or None,
        connection_id=None if step.get("to") is None else f"conn_{step['to']}",
    )


def cents_of(quantity: str, price: str) -> int:
    """Return the amount of a line in whole cents; halves are rounded up."""
    exact = Decimal(quantity) * Decimal(price) * 100
    return int(exact.to_integral_value(ROUND_HALF_UP))


def _lines(step: Step) -> list[tuple[str, str]]:
    """Return quantity and price of each line: of `parts` as given, of `lines` from whole cents."""
    whole = [("1", str(Decimal(cents).scaleb(-2))) for cents in step.get("lines", ())]
    return [(quantity, price) for quantity, price in step.get("parts", whole)]


def told(step: Step) -> dict[str, Any]:
    """Return what the history keeps of a record: plain values, money as whole cents."""
    kind = step["do"]
    if kind == "connection":
        return {
            "kind": "connection",
            "id": f"conn_{step['n']}",
            "name": step["name"],
            "status": step.get("status", "active"),
            "email": step.get("email") or "",
            "net": step.get("net"),
        }
    if kind == "source":
        said = {"name": step["name"], "digits": step.get("digits")}
        return {"kind": "funding_source", "id": f"fs_{step['n']}", **said}
    if kind == "payment":
        return {
            "kind": "payment",
            "id": f"pmt_{step['n']}",
            "payable": None if step["of"] is None else f"pay_{step['of']}",
            "connection": None if step.get("to") is None else f"conn_{step['to']}",
            "source": f"fs_{step.get('source', 1)}",
            "cents": step["cents"],
            "credits": [(f"pay_{n}", cents) for n, cents in step.get("credits", ())],
            "status": step["status"],
            "day": step["day"],
        }
    return {
        "kind": "payable",
        "id": f"pay_{step['n']}",
        "connection": f"conn_{step['to']}",
        "role": step.get("role", "payer"),
        "status": step.get("status", "APPROVED"),
        "cents": step["cents"],
        "currency": step.get("currency", "USD"),
        "lines": _lines(step),
        "memo": step.get("memo"),
        "day": step.get("day", "2026-01-05"),
        "due": step.get("due"),
        "number": step.get("number", f"INV-{step['n']}"),
    }
