"""Plain values as the records hold them: documents, lines, names, amounts, moments."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Plain = Mapping[str, Any]

NOTHING: Plain = {}  # what is not there can be asked like the rest
MARK = "CleoPay:"


def mark(document: Plain) -> str:
    """The payable that a document says it is; empty: none."""
    words = str(document.get("PrivateNote", "")).split()
    return next((word.removeprefix(MARK) for word in words[::-1] if word.startswith(MARK)), "")


def called(party: Plain) -> str:
    """The name of a party, an account or an item."""
    return str(party.get("DisplayName", party.get("Name", "")))


def parties_of(entry: Plain, survivors: Mapping[str, str]) -> list[str | None]:
    """The vendor and the customer that an entry names; of those merged away, the survivors."""
    named = [reference(entry, which) for which in ("VendorRef", "CustomerRef")]
    return [survivors.get(one or "", one) for one in named]


def cents(amount: object) -> int:
    """An amount as whole cents; never rounded."""
    exact = Decimal(str(amount)).scaleb(2)
    if int(exact) != exact:
        raise ValueError(f"{amount} is not a whole number of cents")
    return int(exact)


def line_cents(record: Plain) -> list[int]:
    """What each line of a payable comes to, in whole cents; halves are rounded up."""
    exact = [Decimal(quantity) * Decimal(price) * 100 for quantity, price in record["lines"]]
    return [math.floor(amount + Decimal("0.5")) for amount in exact] or [record["cents"]]


def lines(document: Plain) -> list[Plain]:
    """A document's lines, without the subtotals that QuickBooks adds."""
    return [it for it in document.get("Line", []) if it.get("DetailType") != "SubTotalLineDetail"]


def reference(document: Plain, which: str) -> str | None:
    """The id that a reference names."""
    found = document.get(which)
    return str(found["value"]) if isinstance(found, Mapping) and "value" in found else None


def request_id(run: str, kind: str, position: str, generation: int) -> str:
    """The request id of a batch, as the protocol fixes it: any other would be a second identity."""
    text = f"{run}:{kind}:{position}:{generation}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def moment(text: str) -> datetime:
    """A moment: of UTC, where it names no zone, as databases do."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
