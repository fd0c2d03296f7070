"""Rules for the rows of a run: attempts, results and states agree with what QuickBooks noted."""

from __future__ import annotations

from collections import Counter

from proof.oracle.entities import DOCUMENTS, ENTRIES, entity_of
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import MARK, Plain, mark, moment

KEY_LENGTH_MAX = 50  # characters of a request id and an item's id together
_BATCH_MAX = 30
_GOOD = 200
_NOT_TAKEN = (401, 403, 429)
_BODY_MAX = 1_000_000


def attempts_are_counted(facts: Facts) -> Found:
    """I12: every request that reached QuickBooks is an attempt of each operation in it."""
    reached: Counter[int] = Counter()
    rows: dict[int, Plain] = {}
    for request in facts.requests:
        if request.answer["status"] not in _NOT_TAKEN and request.seq > facts.lost_at:
            for row, _ in facts.sent[request.tid]:
                reached[row["id"]] += 1
                rows[row["id"]] = row
    for number, often in reached.items():
        if often > rows[number]["attempts"]:
            said = rows[number]["attempts"]
            yield rows[number]["record_id"], f"was sent {often} times, and {said} are told of"
    if facts.events("interrupted") or facts.lost_at:
        return  # a process that crashed or slept with a batch in hand had counted it already
    for row in facts.operations:
        if row["attempts"] > reached[row["id"]]:
            often = reached[row["id"]]
            yield row["record_id"], f"was sent {often} times, and {row['attempts']} are told of"


def written_was_written(facts: Facts) -> Found:
    """I13: what an operation reports as created is in this company's books, made by us."""
    for row in facts.operations:
        entity = entity_of(row["kind"])
        made = row["state"] == "written" and row["action"] == "create"
        if not made or entity not in ENTRIES:
            continue
        story = facts.books.get((row["realm"], entity, row["remote_id"]), [])
        if not story or (story[0].ours and mark(story[0].after) != row["record_id"]):
            yield (
                row["record_id"],
                f"says that it made {entity} {row['remote_id']}, which is not so",
            )


def answers_are_believed(facts: Facts) -> Found:
    """I13: an operation with an intact answer is settled by that answer, and by no other."""
    if any(facts.events(what) for what in ("crashed", "resumed", "database_trouble", "broke")):
        return
    for request in facts.requests:
        whole = request.misfortune is None and request.answer["status"] == _GOOD
        if not whole or request.seq <= facts.lost_at or not request.items:
            continue
        made = [one for one in facts.effects if one.by == request.tid and one.made]
        by_record = {mark(one.after): one.id for one in made if one.entity in DOCUMENTS}
        for row, _ in facts.sent[request.tid]:
            believed = row["state"] != "written" or row["tid"] == request.tid
            if by_record.get(row["record_id"]) == row["remote_id"] and not believed:
                yield row["record_id"], "was written and answered, and the answer not believed"


def two_are_told(facts: Facts) -> Found:
    """I13: a look that finds two of ours reports both, and adopts neither without a notice."""
    for row in facts.operations:
        entity = entity_of(row["kind"])
        looked = row["state"] == "written" and row["action"] == "create" and row["tid"] is None
        if not looked or entity not in DOCUMENTS or row["code"] or not row["sent_at"]:
            continue
        stories = facts.stories.get((entity, row["record_id"]), ())
        past = [one for story in stories for one in story if one.at <= moment(row["settled_at"])]
        gone = any(not one.left or not mark(one.after) for one in past)
        if not gone and _was_shown_two(facts, row):
            yield row["record_id"], "stood there twice, one was adopted, and nobody was told"


def _was_shown_two(facts: Facts, row: Plain) -> bool:
    """Return whether an answer to a look held two documents with the mark of an operation's record.

    A look that finds the document by its number is its last: later ones look for other records.
    """
    since, until = (moment(row[name]) for name in ("sent_at", "settled_at"))
    ends = f'{MARK}{row["record_id"]}"'
    looks = [
        request
        for request in facts.requests
        if request.realm == row["realm"]
        and since - facts.clocks_apart <= request.at <= until + facts.clocks_apart
        and request.path.endswith("/query")
        and _looks_for_ours(request.body)
        and request.misfortune is None
    ]
    for look in looks:
        shown = look.answer["body"].count(ends)
        if shown > 1:
            return True
        if shown and "DocNumber IN" in look.body and f"'{row['label']}'" in look.body:
            return False
    return False


def _looks_for_ours(question: str) -> bool:
    """Return whether a query looks for what was sent, not for what resembles another document."""
    by_number = "DocNumber IN" in question and "Ref IN" not in question
    return by_number or "TxnDate IN" in question


def requests_are_in_bounds(facts: Facts) -> Found:
    """I10: request ids and batches are no larger than QuickBooks accepts."""
    for request in facts.requests:
        names = [str(item.get("bId", "")) for item in request.items]
        longest = len(request.key) + max(map(len, names), default=0)
        if names and longest > KEY_LENGTH_MAX:
            yield request.realm, f"a request id and an item's of {longest} characters together"
        if len(names) > _BATCH_MAX or len(set(names)) != len(names):
            yield request.realm, f"a batch of {len(names)} items with {len(set(names))} names"
        for item in (one for one in request.items if one.get("operation") == "update"):
            if not all(said.get("sparse") for said in item.values() if isinstance(said, dict)):
                yield request.realm, f"the update {item['bId']} replaces what it does not name"
        if len(request.body) > _BODY_MAX:
            yield request.realm, f"a body of {len(request.body)} bytes"


def a_run_says_how_it_went(facts: Facts) -> Found:
    """I13: a run that succeeded has no refused operation, and a failed run reports a cause."""
    rows: dict[str, list[Plain]] = {}
    for row in facts.operations:
        rows.setdefault(row["run_id"], []).append(row)
    for run in facts.dump["runs"]:
        refused = [one for one in rows.get(run["id"], ()) if one["state"] == "refused"]
        if run["state"] == "succeeded" and refused and not run["dry_run"]:
            yield refused[0]["record_id"], f"was refused, and {run['id']} says it succeeded"
        told = [one for one in rows.get(run["id"], ()) if one["code"]]
        if run["state"] in ("partly_failed", "failed") and not told and not run["code"]:
            yield run["id"], f"is {run['state']}, and says of nothing why"
        for row in (one for one in rows.get(run["id"], ()) if not one["sent_at"]):
            # If an operation was sent, a later run may report that this run did not settle it.
            if row["code"] == ("not_reached" if run["state"] == "cancelled" else "cancelled"):
                yield row["record_id"], f"says {row['code']}, and its run is {run['state']}"
        stages = [one for one in facts.dump["stages"] if one["run_id"] == run["id"]]
        kept = any(one["unchanged"] for one in stages)
        some = kept or any(one["state"] == "written" for one in rows.get(run["id"], ()))
        if run["state"] == ("failed" if some else "partly_failed") and not run["code"]:
            yield run["id"], f"is {run['state']}, and {'something' if some else 'nothing'} was done"


def all_that_was_asked(facts: Facts) -> Found:
    """I3: a run does all that was requested, including a request that was merged into it."""
    runs = {row["id"]: row for row in facts.dump["runs"]}
    for event in facts.events("sync_asked"):
        run = runs.get(event["run"])
        if run and (missing := set(event["types"]) - set(run["entity_types"])):
            yield event["run"], f"was asked for {sorted(missing)}, too, and does not do it"
        if run and run["dry_run"] != event["dry"]:
            yield event["run"], "is a preview, or none, and was asked for otherwise"


def cancelled_is_over(facts: Facts) -> Found:
    """I3: a cancelled run sends nothing after a worker has started again."""
    for event in facts.events("cancelled"):
        if event["state"] in ("succeeded", "partly_failed", "failed"):
            continue
        begins = (one["after"] for one in facts.events("works") if one["seq"] > event["seq"])
        since = next(begins, 10**9)
        later = [one for one in facts.requests if one.seq > since and not _slept(facts, one.seq)]
        rows = [row for one in later for row, _ in facts.sent[one.tid]]
        if any(row["run_id"] == event["run"] for row in rows):
            yield event["run"], "was cancelled, and sent a batch afterwards"


def _slept(facts: Facts, seq: int) -> bool:
    """Return whether the sender of a request may have been paused with it in hand."""
    return any(one["since"] <= seq for one in facts.events("resumed"))
