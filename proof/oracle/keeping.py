"""Rules for what must not be forgotten: accepted records, sent requests and progress."""

from __future__ import annotations

import hmac
import json
from collections import Counter, defaultdict

from proof.oracle.facts import Facts, Found
from proof.oracle.plain import Plain, moment

_ENDED = ("succeeded", "partly_failed", "failed", "cancelled")
_ORDER = {"never_run": 0, "queued": 1, "running": 2, "waiting": 2, **dict.fromkeys(_ENDED, 3)}
_PARTS = "created updated linked unchanged skipped failed in_doubt pending".split()
_DONE = ("created", "updated", "linked")


def nothing_lost(facts: Facts) -> Found:
    """I3: what was accepted is stored as accepted, and no exception was raised in the service."""
    kept = {(row["business_id"], row["kind"], row["id"]): row for row in facts.dump["records"]}
    for key, record in facts.records.items():
        if key not in kept and not facts.lost_at:
            yield key[2], "was accepted and is not there"
        elif key in kept and key[1] == "payable" and kept[key]["amount_minor"] != record["cents"]:
            yield key[2], f"was accepted with {record['cents']} cents"
    states = {row["id"]: row["state"] for row in facts.dump["runs"]}
    for event in facts.events("sync_asked"):
        run, ends = event["run"], facts.events("disconnected", business=event["business"])
        ended = [one["seq"] > event["seq"] for one in [*ends, *facts.events("cancelled", run=run)]]
        if run not in states and event["after"] >= facts.lost_at:
            yield run, "was asked for and is not there"
        if states.get(run) == "cancelled" and not any(ended):
            yield run, "was asked for, and cancelled by nobody"
    for event in facts.events("broke"):
        yield str(event["run"]), f"broke on our side: {event['error']} {event['where']}"


def every_send_is_known(facts: Facts) -> Found:
    """I12: every operation that QuickBooks received from us is in the database."""
    for request in facts.requests:
        sent, known = request.items, facts.sent[request.tid]
        if request.seq > facts.lost_at and len(known) != len(sent):
            yield request.key, f"{len(sent)} operations were sent, {len(known)} of them are known"


def one_body_a_key(facts: Facts) -> Found:
    """I12: a request id is never reused with another body."""
    first: dict[str, str] = {}
    for request in facts.requests:
        if request.items and first.setdefault(request.key, request.body) != request.body:
            yield request.key, "another body was sent under this request id before"


def the_chain_holds(facts: Facts) -> Found:
    """I12: the hash chain of the audit log is intact, so that no act was changed or left out."""
    chains: defaultdict[str, list[Plain]] = defaultdict(list)
    for row in sorted(facts.dump["audit"], key=lambda row: row["number"]):
        chains[row["business_id"]].append(row)
    for business, rows in chains.items():
        before = "0" * 64
        for number, row in enumerate(rows, 1):
            act = {name: row[name] for name in ("number", "by", "what", "subject", "facts")}
            whole = [business, {**act, "at": moment(row["at"]).isoformat()}, before, row["key_id"]]
            text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            expected = hmac.digest(bytes(range(32)), text.encode(), "sha256").hex()
            if (row["number"], row["previous"], row["hash"]) != (number, before, expected):
                yield business, f"the chain of acts breaks at {number}"
                break
            before = row["hash"]


def states_only_move_forward(facts: Facts) -> Found:
    """I13: states of a run only move forward, counts do not decrease, and parts add up."""
    states: Counter[str] = Counter()
    done: Counter[tuple[str, str]] = Counter()
    for event in facts.events("shown"):
        run, order = event["run"], _ORDER[event["state"]]
        if event["after"] <= facts.lost_at:
            continue
        if order < states[run]:
            yield run, f"went back to {event['state']}"
        states[run] = order
        for name, parts in event["tallies"].items():
            before, now = done[run, name], sum(parts[part] for part in _DONE)
            if parts["total"] != sum(parts[part] for part in _PARTS):
                yield run, f"{name}: the parts of {parts} do not add up"
            if now < before:
                yield run, f"{name}: {before} done, then {now}"
            done[run, name] = now


def done_was_done(facts: Facts) -> Found:
    """I13: a run never shows more operations as done than were done."""
    written = [row for row in facts.operations if row["state"] == "written"]
    done = Counter(row["run_id"] for row in written if row["action"] != "keep")
    real = {row["id"] for row in facts.dump["runs"] if not row["dry_run"]}
    for run, event in {event["run"]: event for event in facts.events("shown")}.items():
        shown = sum(parts[part] for parts in event["tallies"].values() for part in _DONE)
        if run in real and event["state"] in _ENDED and shown > done[run]:
            yield run, f"shows {shown} done of {done[run]}"


def bounded(facts: Facts) -> Found:
    """I16: no operation is tried without end, by our count or by QuickBooks'."""
    most = facts.terms.get("attempts_max", 0)
    for row in facts.operations:
        if row["attempts"] > most:
            yield row["record_id"], f"was tried {row['attempts']} times"
    sent = [facts.sent[one.tid] for one in facts.requests if one.answer["status"] != 429]
    times = Counter((row["run_id"], row["kind"], row["record_id"]) for of in sent for row, _ in of)
    for (_, kind, record), often in times.items():
        if often > 2 * most:
            yield record, f"{kind} was sent {often} times in one run"
