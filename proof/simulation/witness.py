"""The journal of QuickBooks as plain values with exact amounts: the second of three records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from quickbooks_emulator.world.journal import Entry

Plain = dict[str, Any]


def journal(entries: Iterable[Entry]) -> list[Plain]:
    """Return the emulator's journal as a list of plain entries."""
    return [_plain(entry) for entry in entries]


def _plain(entry: Entry) -> Plain:
    told: Plain = {"seq": entry.seq, "at": entry.at.isoformat(), "kind": entry.kind, **entry.facts}
    for name in ("before", "after"):
        if isinstance(told.get(name), bytes):
            told[name] = json.loads(told[name], parse_float=Decimal)
    if entry.request is not None:
        told["request"] = {
            "method": entry.request.method,
            "path": entry.request.path,
            "query": dict(entry.request.query),
            "headers": dict(entry.request.headers),
            "body": entry.request.body.decode(errors="replace"),
        }
    if entry.response is not None:
        told["response"] = {
            "status": entry.response.status,
            "headers": dict(entry.response.headers),
            "body": entry.response.body.decode(errors="replace"),
        }
    return told
