"""Rules for what the pages show at the end, against the last run and its operations."""

from __future__ import annotations

from proof.oracle.effects import Effect
from proof.oracle.entities import entity_of
from proof.oracle.facts import Facts, Found, Key
from proof.oracle.plain import NOTHING, Plain, cents


def what_waits_is_told(facts: Facts) -> Found:
    """I13: after all syncs, the issues shown are the causes of the last run."""
    for event in facts.events("surveyed"):
        shown = [one for one in facts.events("shown", final=True) if _is_of(one, event)]
        if not shown or facts.lost_at:
            continue
        causes = shown[-1]["causes"]
        if event["issues"] != causes:
            yield event["business"], f"{event['issues']} wait, and the last run left {causes}"
        expected = "partial" if causes else "connected_ok"
        if event["state"] not in (expected, "needs_reconnect"):
            yield event["business"], f"is said to be {event['state']}, not {expected}"


def _is_of(shown: Plain, event: Plain) -> bool:
    return bool(shown["business"] == event["business"])


def timelines_are_whole(facts: Facts) -> Found:
    """I19: a document's timeline has all operations on it, the newest first."""
    previews = {row["id"] for row in facts.dump["runs"] if row["dry_run"]}
    for event in facts.events("surveyed"):
        for told in event["timelines"]:
            rows = [
                [row["id"], row["action"], row["code"]]
                for row in facts.operations
                if (row["business"], row["kind"], row["record_id"])
                == (event["business"], told["kind"], told["record"])
                and row["run_id"] not in previews
            ]
            if told["entries"] != rows[::-1]:
                yield told["record"], f"its history is {told['entries']}, not {rows[::-1]}"
            for before, after in told["totals"]:
                if before == after:
                    yield told["record"], f"its total is said to change from {before} to {after}"


def what_stands_is_named(facts: Facts) -> Found:
    """I19: a record that waits also names its document in QuickBooks, if one stands."""
    for place, row in facts.outcome.items():
        link = facts.links.get(place)
        stands = link is not None and not link["gone"] and row["action"] == "leave"
        if stands and link and not row["remote_id"] and not facts.lost_at:
            yield row["record_id"], f"waits, and {link['remote_id']} that stands is not named"


def open_is_quickbooks_own(facts: Facts) -> Found:
    """I13: after all syncs, the open balance that we show is QuickBooks' own balance."""
    stories: dict[Key, list[Effect]] = {}
    for effect in sorted((*facts.effects, *facts.followed), key=lambda one: one.seq):
        stories.setdefault((effect.realm, effect.entity, effect.id), []).append(effect)
    for event in facts.events("balances"):
        for told in event["told"]:
            entity = entity_of(told["kind"])
            story = stories.get((event["realm"], entity, told["remote"]), [])
            past = [one for one in story if one.seq <= event["after"]]
            left = past[-1].left if past else NOTHING
            stands = cents(left["Balance"]) if left else None
            if told["open"] != stands:
                said = f"{told['open']} cents are said to be open of {entity} {told['remote']}"
                yield told["record"], f"{said}, and {stands} are"


def previews_write_nothing(facts: Facts) -> Found:
    """I13: no operation of a preview is shown as done, sent or to be sent."""
    previews = {row["id"] for row in facts.dump["runs"] if row["dry_run"]}
    for row in facts.operations:
        if row["run_id"] in previews and row["state"] not in ("planned", "left"):
            yield row["record_id"], f"is {row['state']} in a preview"
