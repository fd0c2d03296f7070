"""Rule for previews: an undisturbed sync after a preview does what the preview showed."""

from __future__ import annotations

from collections.abc import Mapping

from proof.oracle.facts import Facts, Found
from proof.oracle.plain import NOTHING, Plain

# Events that change nothing that a plan depends on.
_QUIET = ("sync_asked", "works", "stopped", "shown")
_ENDED = ("succeeded", "partly_failed")
Rows = Mapping[tuple[str, str], Plain]


def previews_come_true(facts: Facts) -> Found:
    """I19: a sync right after a preview plans what the preview showed, and no more."""
    if facts.lost_at or facts.terms.get("switches", NOTHING).get("query_lag_seconds"):
        return
    runs = {row["id"]: row for row in facts.dump["runs"]}
    for preview, after in _followed(facts):
        first, then = runs.get(preview["run"], NOTHING), runs.get(after["run"], NOTHING)
        if first.get("state") != "succeeded" or then.get("state") not in _ENDED:
            continue
        if (first["entity_types"], first["retry_of"]) != (then["entity_types"], then["retry_of"]):
            continue
        said, done = _rows(facts, preview["run"]), _rows(facts, after["run"])
        for place in said.keys() | done.keys():
            if why := _otherwise(said.get(place, NOTHING), done.get(place, NOTHING)):
                yield place[1], f"{place[0]}: {why}"


def _followed(facts: Facts) -> list[tuple[Plain, Plain]]:
    """Return each preview with the sync that follows it, if nothing happens in between."""
    asked = facts.events("sync_asked")
    found = []
    for one in (event for event in asked if event["dry"]):
        mine = [event for event in asked if event["business"] == one["business"]]
        later = next((event for event in mine if event["seq"] > one["seq"]), NOTHING)
        end = facts.ends.get(later.get("run", ""), 0)
        if not later or later["dry"] or not end or facts.asked[later["run"]] is not later:
            continue
        between = facts.history[one["seq"] : end]
        since, until = one["after"], facts.history[end]["after"]
        mishaps = [req for req in facts.requests if since < req.seq <= until and req.misfortune]
        before = [event for event in mine if event["run"] not in (one["run"], later["run"])]
        open_ = any(
            event["seq"] < one["seq"] < facts.ends.get(event["run"], 10**9) for event in before
        )
        if all(event["what"] in _QUIET for event in between) and not mishaps and not open_:
            found.append((one, later))
    return found


def _rows(facts: Facts, run: str) -> Rows:
    return {place: rows[-1] for place, rows in facts.told_in.get(run, {}).items()}


def _otherwise(said: Plain, done: Plain) -> str:
    """Return how a sync's row differs from the preview's; empty if it does not."""
    if not done:
        return f"a preview says {said['action']} {said['code']}, and the sync nothing"
    if not said:
        return f"a preview says nothing, and the sync {done['action']} {done['code']}"
    if done["state"] == "left" != said["state"] and done["code"] != "deleted_there":
        return f"{said['action']} was previewed, and left with {done['code']}"
    if done["state"] == "refused" or said["action"] != "leave" != done["action"]:
        refused = done["state"] == "refused" or said["action"] == done["action"]
        return "" if refused else f"{said['action']} was previewed, and {done['action']} done"
    if (said["action"], said["code"]) != (done["action"], done["code"]):
        was, now = (f"{one['action']} {one['code']}" for one in (said, done))
        return f"{was} was previewed, and {now} done"
    return ""
