"""Runs a journal again on a fresh emulator and tells every answer that comes out differently.

A journal that is complete (kept in a file, or short enough) is all there is to a run: the seed, the
owner's acts and the clients' requests, each with its moment.
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
    """The journal does not begin at the beginning."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that is not the one in the journal."""

    seq: int
    was: dict[str, Any]
    now: Response


def rerun(lines: Iterable[str], states: Sequence[bytes] = ()) -> tuple[Emulator, list[Difference]]:
    """Run a journal's lines again; the emulator stands afterwards where the first one stood.

    Saved states that were loaded meanwhile are not in the journal: they are given as `states`.
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
            with suppress(*REFUSALS):  # refused now as it was then
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
