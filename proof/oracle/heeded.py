"""Rule for decisions: the next sync carries them out, if nothing else happened since."""

from __future__ import annotations

from proof.oracle.content import stands_as_said
from proof.oracle.effects import Effect
from proof.oracle.entities import DOCUMENTS, entity_of
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import NOTHING, Plain, mark

# Decision → the causes that a record may no longer wait for after the next run.
_SETTLES = {
    "create_again": ("deleted_there",),
    "send_ours": ("changed_there", "paid_there", "below_paid"),
    "keep_theirs": ("changed_there", "paid_there", "below_paid"),
    "another_one": ("possible_duplicate",),
    "link_to": ("possible_duplicate",),
    "bring_back": ("left_out",),
}
_OF_PAID = ("paid_there", "below_paid")
_ENDED = ("succeeded", "partly_failed")


def words_are_heeded(facts: Facts) -> Found:
    """I4: the next sync carries out a person's decision, and does not ask for it again."""
    if facts.lost_at:
        return
    for word in facts.events("decided"):
        run = _next_whole(facts, word)
        if run is None or entity_of(word["kind"]) not in DOCUMENTS:
            continue
        rows = facts.told_in.get(run["id"], {}).get((word["kind"], word["record"]), [])
        code = rows[-1]["code"] if rows else None
        if code in _OF_PAID and _said_of(facts, word) != code:
            continue  # a decision by a comparison does not cover what is paid
        if code in _SETTLES.get(word["verdict"], ()):
            yield word["record"], f"a person said {word['verdict']}, and {code} is asked once more"
        left_out = word["verdict"] == "leave_out"
        if left_out and (not rows or code not in ("left_out", "internal")):
            yield word["record"], f"a person left it out, and the next sync says {code}"
        compared = word["verdict"] == "send_ours" and word["run"] is None and code is None
        if compared and (flaw := _unsent(facts, word, run)):
            yield word["record"], f"a person said send_ours, and it has {flaw}"


def _said_of(facts: Facts, word: Plain) -> str | None:
    """Return the cause that the person saw; None if they decided by a comparison."""
    rows = facts.told_in.get(word.get("run") or "", {}).get((word["kind"], word["record"]), [])
    return str(rows[-1]["code"]) if rows else None


def _next_whole(facts: Facts, word: Plain) -> Plain | None:
    """Return the first run after a decision, if it was whole and undisturbed."""
    asked = facts.events("sync_asked", business=word["business"])
    later = next((one for one in asked if one["seq"] > word["seq"]), NOTHING)
    runs = {row["id"]: row for row in facts.dump["runs"]}
    run, end = runs.get(later.get("run")), facts.ends.get(later.get("run", ""))
    if run is None or end is None or run["state"] not in _ENDED:
        return None
    if run["dry_run"] or run["retry_of"] or "invoices" not in run["entity_types"]:
        return None
    waited = facts.asked[later["run"]]["seq"] < word["seq"]  # an older run, since widened
    between = facts.history[word["seq"] + 1 : end]
    about = (word["business"], word["record"])
    disturbed = any(_disturbs(event, about) for event in between)
    theirs = [one for one in _story(facts, word) if not one.ours]
    until = facts.history[end]["after"]
    moved = any(word["after"] < one.seq <= until for one in theirs)
    return None if waited or disturbed or moved else run


def _disturbs(event: Plain, about: tuple[str, str]) -> bool:
    """Return whether an event may change the outcome of a record, or of what it depends on."""
    if event["what"] in ("fed", "imported"):
        record = event.get("record", NOTHING)
        named = record.get("id") if isinstance(record, dict) else record
        return event["business"] == about[0] and (named == about[1] or str(named)[:4] == "conn")
    if event["what"] == "decided":
        return bool(event["business"] == about[0])
    return event["what"] in ("person", "mapped", "chosen", "disconnected", "lost", "turned")


def _story(facts: Facts, word: Plain) -> list[Effect]:
    """Return all effects on documents that ever carried the mark of a record."""
    stories = facts.stories.get((entity_of(word["kind"]), word["record"]), [])
    mine = [one for story in stories for one in story]
    return [one for one in mine if facts.business_of.get(one.realm) == word["business"]]


def _unsent(facts: Facts, word: Plain, run: Plain) -> str:
    """Return how a document differs from its record, though a person decided to send ours."""
    end = facts.history[facts.ends[run["id"]]]
    entity = entity_of(word["kind"])
    standing = {
        one.id: one for one in _story(facts, word) if one.seq <= end["after"]
    }  # the last effect of each
    live = [one for one in standing.values() if one.left and mark(one.left) == word["record"]]
    said = facts.versions(word["business"], word["record"], word["seq"], word["seq"])
    if len(live) != 1 or not said or facts.is_late(live[0]):
        return ""
    return stands_as_said(facts, live[0].left, entity, said[-1])
