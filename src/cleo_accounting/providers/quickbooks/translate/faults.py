"""Map Intuit's faults to our causes by their codes; the messages vary with the language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cleo_accounting.core.render import printable
from cleo_accounting.providers import Doubtful, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Json = Mapping[str, Any]

NOT_FOUND = "610"
TEXT_LENGTH_MAX = 500

_CAUSE = {
    "6240": "name_taken",
    "6140": "duplicate_number",
    NOT_FOUND: "reference_refused",
    "2500": "reference_refused",
    "5010": "stale",
    "6190": "subscription_ended",
    "6200": "books_closed",
    "6210": "books_closed",
    "120": "no_permission",
    "3100": "no_permission",
    "3201": "no_permission",
    "5020": "no_permission",
}
# A text is too long or has a forbidden character: if it is a name, a person can choose another one.
_FORM = frozenset({"2040", "2050"})
_NAME = "DisplayName"
# These do not tell whether the write was or will still be done: a repeated request id (600),
# throttled (3001), timed out behind the gateway (6002), internal error (10000), token (3200).
_TELLS_NOTHING = frozenset({"600", "3001", "3200", "6002", "10000"})

# `… DocNumber=17 is assigned to TxnType=Bill with TxnId=3632`; names say `Id=58`.
_EXISTING = re.compile(r"\b(?:Txn)?Id=(\d+)")
# `… does not match the supported length. Min:0 Max:21 supported. Supplied length:45`
_LENGTH_MAX = re.compile(r"\bMax:(\d{1,6})\b")


def refusal(fault: Json, tid: str | None) -> Refused | Doubtful:
    """Return the outcome of the write that a fault responds to."""
    errors = fault["Error"]
    codes = [error["code"] for error in errors]
    if fault["type"] == "SystemFault" or not codes or _TELLS_NOTHING.intersection(codes):
        return Doubtful("QuickBooks answered with an error of its own", tid)
    first = next((error for error in errors if _cause(error)), errors[0])
    existing = _EXISTING.search(first["Detail"])
    longest = _LENGTH_MAX.search(first["Detail"]) if first["code"] == "2050" else None
    return Refused(
        code=_cause(first) or "rejected",
        message=told(fault),
        provider_code=first["code"],
        tid=tid,
        existing_id=existing[1] if existing else None,
        length_max=int(longest[1]) if longest else None,
    )


def _cause(error: Json) -> str | None:
    """Return our cause for one error; None if no cause covers its code."""
    if error["code"] in _FORM and error.get("element") == _NAME:
        return "name_not_allowed"
    return _CAUSE.get(error["code"])


def told(fault: Json) -> str:
    """Return a fault's message to show; of a gateway only its codes, as it may quote a token."""
    if not fault["type"].endswith("Fault"):
        codes = ", ".join(error["code"] for error in fault["Error"])
        return f"QuickBooks refused it (code {codes})"
    words = [error["Detail"] or error["Message"] for error in fault["Error"]]
    said = "; ".join(" ".join(printable(word).split()) for word in words if word)
    return said[:TEXT_LENGTH_MAX] or "QuickBooks gave no reason"
