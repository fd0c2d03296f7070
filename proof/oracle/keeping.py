"""What we must not forget: what was acknowledged, what was sent, and how far things stood."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from proof.oracle.facts import Facts, Plain, Violation, aware

_ENDED = ("succeeded", "partly_failed", "failed", "cancelled")
_ORDER = {"never_run": 0, "queued": 1, "running": 2, "waiting": 2, **dict.fromkeys(_ENDED, 3)}
_PARTS = "created updated linked unchanged skipped failed in_doubt pending".split()
_DONE = ("created", "updated", "linked")


def nothing_lost(facts: Facts) -> Iterator[Violation]:
    """I3: what was accepted is kept as it was accepted, and every run that was asked for ended."""
    kept = {(row["business_id"], row["kind"], row["id"]): row for row in facts.dump["records"]}
    runs = {row["id"]: row for row in facts.dump["runs"]}
    for key, record in facts.records.items():
        row = kept.get(key)
        if row is None:
            if not facts.lost_at:
                yield Violation("I3", "was accepted and is not there", key[2])
        elif record["kind"] == "payable" and row["amount_minor"] != record["cents"]:
            yield Violation("I3", f"was accepted with {record['cents']} cents", key[2])
    for event in facts.events("sync_asked"):
        run = runs.get(event["run"])
        if run is None:
            if event["after"] > facts.lost_at or not facts.lost_at:
                yield Violation("I3", "was asked for and is not there", event["run"])
        elif run["state"] not in _ENDED:
            yield Violation("I4", f"is still {run['state']}", event["run"])
    for event in facts.events("broke"):
        yield Violation(
            "I3", f"broke on our side: {event['error']} {event['where']}", str(event["run"])
        )


def every_send_is_known(facts: Facts) -> Iterator[Violation]:
    """I12: whatever QuickBooks received of ours stands in our memory; the chain of acts holds."""
    for request in facts.requests:
        if not request.items or request.seq <= facts.lost_at:
            continue
        known = facts.sent[request.tid]
        if len(known) != len(request.items):
            said = f"{len(request.items)} operations were sent, {len(known)} of them are known"
            yield Violation("I12", said, str(request.params.get("requestid")))
    yield from _unbroken(facts)


def _unbroken(facts: Facts) -> Iterator[Violation]:
    chains: defaultdict[str, list[Plain]] = defaultdict(list)
    for row in facts.dump["audit"]:
        chains[row["business_id"]].append(row)
    for business, rows in chains.items():
        previous = "0" * 64
        for number, row in enumerate(sorted(rows, key=lambda row: row["number"]), 1):
            entry = {name: row[name] for name in ("number", "by", "what", "subject", "facts")}
            whole = [business, {**entry, "at": aware(row["at"]).isoformat()}, previous]
            text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            expected = hashlib.sha256(text.encode()).hexdigest()
            if (row["number"], row["previous"], row["hash"]) != (number, previous, expected):
                yield Violation("I12", f"the chain of acts breaks at {number}", business)
                break
            previous = row["hash"]


def states_only_move_forward(facts: Facts) -> Iterator[Violation]:
    """I13: a run only moves forward, what is done stays done, and the parts make the whole."""
    yield from _miscounted(facts)
    states: dict[str, int] = {}
    done: Counter[tuple[str, str]] = Counter()
    for event in facts.events("shown"):
        if event["after"] <= facts.lost_at:
            continue
        order = _ORDER[event["state"]]
        if order < states.get(event["run"], 0):
            yield Violation("I13", f"went back to {event['state']}", event["run"])
        states[event["run"]] = order
        for name, parts in event["tallies"].items():
            if parts["total"] != sum(parts[part] for part in _PARTS):
                yield Violation("I13", f"{name}: the parts of {parts} do not add up", event["run"])
            now = sum(parts[part] for part in _DONE)
            if now < done[event["run"], name]:
                yield Violation(
                    "I13", f"{name}: {done[event['run'], name]} done, then {now}", event["run"]
                )
            done[event["run"], name] = now


def _miscounted(facts: Facts) -> Iterator[Violation]:
    """A run never shows more done than there are operations that were done."""
    last = {event["run"]: event for event in facts.events("shown")}
    for run in facts.dump["runs"]:
        event = last.get(run["id"])
        if event is None or event["state"] not in _ENDED or run["dry_run"]:
            continue
        shown = sum(parts[part] for parts in event["tallies"].values() for part in _DONE)
        rows = [row for row in facts.dump["operations"] if row["run_id"] == run["id"]]
        done = sum(row["state"] == "written" and row["action"] != "keep" for row in rows)
        if shown > done:
            yield Violation("I13", f"shows {shown} done of {done}", run["id"])


def bounded(facts: Facts) -> Iterator[Violation]:
    """I16: no operation is tried without end, neither by our count nor by QuickBooks'."""
    most = facts.terms.get("attempts_max")
    if most is None:
        return
    for row in facts.dump["operations"]:
        if row["attempts"] > most:
            yield Violation("I16", f"was tried {row['attempts']} times", row["record_id"])
    seen = Counter(
        (sent.run, sent.kind, sent.record) for many in facts.sent.values() for sent in many
    )
    for (_, kind, record), times in seen.items():
        if times > 2 * most:
            yield Violation("I16", f"{kind} was sent {times} times in one run", record)
