"""Parse QuickBooks' journal: each change in its books, and each request that reached it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from proof.oracle.entities import DOCUMENTS, PAYMENTS
from proof.oracle.plain import NOTHING, Plain, cents, moment

# The properties of a document that change with each payment of it.
_FOLLOWING = (
    *("SyncToken", "MetaData", "LinkedTxn"),
    *("Balance", "HomeBalance", "RemainingCredit"),
)


@dataclass(frozen=True, slots=True)
class Effect:
    """One change in a company's books, by us or by a person."""

    seq: int
    at: datetime
    realm: str
    entity: str
    id: str
    by: str  # a request's tid, or `person`
    before: Plain
    after: Plain
    left: Plain  # the state after it; empty after a deletion, a void or an inactivation
    ours: bool
    made: bool  # one of ours was created

    def __str__(self) -> str:
        return f"{self.entity} {self.id}"


@dataclass(frozen=True, slots=True)
class Request:
    """One request that reached QuickBooks, and its answer."""

    seq: int
    at: datetime
    tid: str
    misfortune: str | None
    until: datetime  # when its answer is sent, even if the client has given up
    path: str
    realm: str  # empty if it concerns no company
    key: str  # the request id
    bearer: str
    body: str
    items: Sequence[Plain]  # the operations of a batch
    answer: Plain


def follows(effect: Effect) -> bool:
    """Return whether a document changed only because a payment of ours was written or voided."""
    if not effect.ours or effect.entity not in DOCUMENTS or not (effect.before and effect.after):
        return False
    kept = [
        {name: one for name, one in side.items() if name not in _FOLLOWING}
        for side in (effect.before, effect.after)
    ]
    return kept[0] == kept[1]


def effect_of(entry: Plain) -> Effect:
    """Return an effect from an entry of the journal."""
    before, after = entry["before"] or NOTHING, entry["after"] or NOTHING
    voidable = entry["entity"] in ("Invoice", *PAYMENTS)
    amounts = [after.get("TotalAmt", 1), *(it.get("Amount", 0) for it in after.get("Line", ()))]
    void = voidable and not any(map(cents, amounts))  # if only credits pay, it has lines
    left = NOTHING if void or after.get("Active") is False else after
    ours = entry["by"] != "person"
    made = ours and entry["operation"] == "Create"
    same = {name: entry[name] for name in ("seq", "entity", "id", "by")}
    where = {"at": moment(entry["at"]), "realm": entry["realm_id"]}
    return Effect(**same, **where, before=before, after=after, left=left, ours=ours, made=made)


def request_of(entry: Plain) -> Request:
    """Return a request from an entry of the journal."""
    asked = entry["request"]
    path, body = asked["path"], asked["body"]
    at, seconds = moment(entry["at"]), timedelta(seconds=entry.get("seconds", 0))
    about = (entry["seq"], at, entry["tid"], entry.get("misfortune"), at + seconds, path)
    realm = path.split("/")[3] if path.startswith("/v3/company/") else ""
    key = str(dict(asked["query"]).get("requestid"))
    bearer = asked["headers"].get("authorization", "").removeprefix("Bearer ")
    batch = json.loads(body, parse_float=Decimal) if path.endswith("/batch") else NOTHING
    items = batch.get("BatchItemRequest", [])
    return Request(*about, realm, key, bearer, body, items, entry["response"])
