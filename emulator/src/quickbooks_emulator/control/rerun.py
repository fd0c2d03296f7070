"""Replay a journal on a new emulator and report every response that differs.

A complete journal (kept in a file, or short enough) determines a run: it has the seed, the owner's
acts and the clients' requests, each with its time.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.accounting.throttle import Limits
from quickbooks_emulator.basics.clock import VirtualClock
from quickbooks_emulator.basics.switches import Switches
from quickbooks_emulator.world.emulator import REFUSALS, Emulator
from quickbooks_emulator.world.journal import body_of, request_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from quickbooks_emulator.basics.wire import Response

HAPPENED_BY_ITSELF = frozenset({"begin", "late commit"})


class Incomplete(ValueError):
    """The journal lacks its beginning, or a saved state that was loaded is not given."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A response that differs from the one in the journal."""

    seq: int
    was: dict[str, Any]
    now: Response


def rerun(lines: Iterable[str], states: Sequence[bytes] = ()) -> tuple[Emulator, list[Difference]]:
    """Replay a journal's lines; returns the emulator, in its final state, and the differences.

    The journal does not contain the saved states that were loaded during the run: pass them as
    `states`. Raises Incomplete if one of them, or the journal's beginning, is missing.
    """
    saved = {sha256(each).hexdigest(): each for each in states}
    entries = [json.loads(line) for line in lines]
    if not entries or entries[0].get("do") != "begin":
        raise Incomplete("the journal's first line is not the beginning of a run")
    clock = VirtualClock(datetime.fromisoformat(entries[0]["at"]))
    emulator = _begun(entries[0]["with"], clock)
    differences = []
    for entry in entries[1:]:
        if entry["kind"] not in {"act", "request"} or entry.get("do") in HAPPENED_BY_ITSELF:
            continue
        clock.set(datetime.fromisoformat(entry["at"]))
        if entry.get("do") == "load":
            emulator.load(_of_digest(saved, entry["with"]["sha256"]))
            continue
        if entry["kind"] == "act":
            with suppress(*REFUSALS):  # refused in the original run, too
                emulator.act(entry["do"], entry["with"])
            continue
        answer = emulator.handle(request_of(entry["request"]))
        if not _same(answer, entry["response"]):
            differences.append(Difference(entry["seq"], entry["response"], answer))
    return emulator, differences


def _of_digest(saved: Mapping[str, bytes], digest: str) -> bytes:
    if digest not in saved:
        raise Incomplete(f"the saved state {digest[:12]}… that was loaded is not given")
    return saved[digest]


def _same(answer: Response, was: dict[str, Any]) -> bool:
    then = (was["status"], was["headers"], body_of(was))
    return (answer.status, dict(answer.headers), answer.body) == then


def _begun(facts: dict[str, Any], clock: VirtualClock) -> Emulator:
    return Emulator(
        facts["seed"],
        clock,
        Switches().changed(facts["switches"]),
        base_url=facts["base_url"],
        limits=Limits(**facts["limits"]),
        latency_seconds=facts["latency_seconds"],
    )
