"""Determine the outcome of a write: the response must match what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from cleo_accounting.core.kinds import ENTRIES
from cleo_accounting.providers import Doubtful, Outcome, Refused, Written
from cleo_accounting.providers.quickbooks.translate.entities import (
    ENTITY,
    inside,
    markers,
    name_property,
    same_name,
    text,
    version,
)
from cleo_accounting.providers.quickbooks.translate.faults import NOT_FOUND, refusal
from cleo_accounting.providers.quickbooks.translate.reading import remote
from cleo_accounting.providers.quickbooks.translate.values import amount, is_voided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleo_accounting.core.links import Remote
    from cleo_accounting.providers import Order

    Json = Mapping[str, Any]


def outcome(order: Order, item: Json | None, fault: Json | None, tid: str | None) -> Outcome:
    """Return the outcome of an order from its item in the batch response."""
    sent: Json = msgspec.json.decode(order.body)
    if item is None:
        return Doubtful("the answer does not speak of it", tid)
    if fault is not None:
        return _refused(order, sent, refusal(fault, tid))
    answer = inside(item, ENTITY[order.kind])
    if sent["operation"] == "delete":
        return _deleted(order, sent, answer, tid)
    if flaw := _foreign(order, sent, answer):
        return Doubtful(flaw, tid)
    gone = sent.get("optionsData") == "void"
    counts = order.kind in ENTRIES and not gone
    total = amount(answer, "TotalAmt", order.currency) if counts else None
    there = None if gone else _there(order, answer)
    if counts and total is None:
        return Doubtful("the answer's total cannot be read", tid)
    return Written(
        remote_id=text(answer, "Id"),
        version=version(answer),
        name=text(answer, name_property(order.kind)),
        total=total,
        tid=tid,
        gone=gone,
        content=there.content if there else None,
        details=there.details if there else {},
    )


def _there(order: Order, answer: Json) -> Remote | None:
    """Return the remote as the response states it; None if it cannot be read."""
    try:
        return remote(order.kind, answer, order.currency)
    except ValueError:
        return None


def _refused(order: Order, sent: Json, refused: Refused | Doubtful) -> Outcome:
    """Return the outcome of a rejected write; deleting a missing remote counts as done."""
    if (
        isinstance(refused, Refused)
        and refused.provider_code == NOT_FOUND
        and sent["operation"] == "delete"
    ):
        return _gone(order, sent, refused.tid, absent=True)
    return refused


def _deleted(order: Order, sent: Json, answer: Json, tid: str | None) -> Outcome:
    ours = text(inside(sent, ENTITY[order.kind]), "Id")
    if text(answer, "Id") != ours or text(answer, "status").lower() != "deleted":
        return Doubtful("the answer does not say that it was deleted", tid)
    return _gone(order, sent, tid)


def _gone(order: Order, sent: Json, tid: str | None, *, absent: bool = False) -> Written:
    ours = inside(sent, ENTITY[order.kind])
    return Written(text(ours, "Id"), text(ours, "SyncToken"), tid=tid, gone=True, absent=absent)


def _foreign(order: Order, sent: Json, answer: Json) -> str | None:
    """Return why a response cannot belong to what was sent; None if it can."""
    ours = inside(sent, ENTITY[order.kind])
    if not text(answer, "Id") or not version(answer):
        return "the answer has no id or no version"
    if "Id" in ours and text(ours, "Id") != text(answer, "Id"):
        return "the answer is about another id"
    if sent.get("optionsData") == "void":
        return None if is_voided(answer) else "the answer does not say that it was voided"
    if not _echoes(order, ours, answer):
        return "the answer is about something else"
    return None


def _echoes(order: Order, ours: Json, answer: Json) -> bool:
    if order.kind in ENTRIES:
        # A company that numbers invoices itself responds with its own number; the marker is ours.
        return set(markers(text(ours, "PrivateNote"))) <= set(markers(text(answer, "PrivateNote")))
    name = name_property(order.kind)
    if "Id" in ours and name not in ours:  # an update that does not change the name
        return True
    return same_name(text(ours, name), text(answer, name))
