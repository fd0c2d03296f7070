"""Read plain values of the records: documents, lines, names, amounts, times."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Plain = Mapping[str, Any]

NOTHING: Plain = {}  # stands in for a missing mapping, so that it can be read like others
MARK = "CleoPay:"


def mark(document: Plain) -> str:
    """Return the id of the record that a document is marked with; empty if there is none."""
    words = str(document.get("PrivateNote", "")).split()
    return next((word.removeprefix(MARK) for word in words[::-1] if word.startswith(MARK)), "")


def called(party: Plain) -> str:
    """Return the name of a party, an account or an item."""
    return str(party.get("DisplayName", party.get("Name", "")))


def parties_of(entry: Plain, survivors: Mapping[str, str]) -> list[str | None]:
    """Return the vendor and the customer of an entry; a merged one is replaced by its survivor."""
    named = [reference(entry, which) for which in ("VendorRef", "CustomerRef")]
    return [survivors.get(one or "", one) for one in named]


def cents(amount: object) -> int:
    """Return an amount as whole cents; it is never rounded."""
    exact = Decimal(str(amount)).scaleb(2)
    if int(exact) != exact:
        raise ValueError(f"{amount} is not a whole number of cents")
    return int(exact)


def line_cents(record: Plain) -> list[int]:
    """Return the amount of each line of a payable in whole cents; halves are rounded up."""
    exact = [Decimal(quantity) * Decimal(price) * 100 for quantity, price in record["lines"]]
    return [math.floor(amount + Decimal("0.5")) for amount in exact] or [record["cents"]]


def lines(document: Plain) -> list[Plain]:
    """Return a document's lines, without the subtotals that QuickBooks adds."""
    return [it for it in document.get("Line", []) if it.get("DetailType") != "SubTotalLineDetail"]


def reference(document: Plain, which: str) -> str | None:
    """Return the id in a reference; None if there is none."""
    found = document.get(which)
    return str(found["value"]) if isinstance(found, Mapping) and "value" in found else None


def request_id(run: str, kind: str, position: str, generation: int) -> str:
    """Return the request id of a batch; the protocol fixes it, so that a resend has the same id."""
    text = f"{run}:{kind}:{position}:{generation}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def moment(text: str) -> datetime:
    """Parse a time; without a zone, as databases store it, it is in UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
