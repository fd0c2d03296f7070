"""The run's own account, against what was done: who was tried how often, and what was answered."""

from __future__ import annotations

from collections import Counter

from proof.oracle.facts import DOCUMENTS, Facts, Found
from proof.oracle.plain import MARK, Plain, mark, moment

KEY_LENGTH_MAX = 50  # of a request id and an item's id together
_BATCH_MAX = 30
_GOOD = 200
_NOT_TAKEN = (401, 403, 429)
_BODY_MAX = 1_000_000


def attempts_are_counted(facts: Facts) -> Found:
    """I12: whatever reached QuickBooks counts as an attempt of each operation in it."""
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


def written_was_written(facts: Facts) -> Found:
    """I13: what an operation says that it made stands in this company's books, made by us."""
    for row in facts.operations:
        entity = row["kind"].capitalize()
        made = row["state"] == "written" and row["action"] == "create"
        if not made or entity not in DOCUMENTS:
            continue
        story = facts.books.get((row["realm"], entity, row["remote_id"]), [])
        if not story or (story[0].ours and mark(story[0].after) != row["record_id"]):
            yield (
                row["record_id"],
                f"says that it made {entity} {row['remote_id']}, which is not so",
            )


def answers_are_believed(facts: Facts) -> Found:
    """I13: what was answered as it should be is settled by that answer, and by no other."""
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
    """I13: who looks and is shown two of ours says so, and adopts neither of them in silence."""
    for row in facts.operations:
        entity = row["kind"].capitalize()
        looked = row["state"] == "written" and row["action"] == "create" and row["tid"] is None
        if not looked or entity not in DOCUMENTS or row["code"] or not row["sent_at"]:
            continue
        stories = facts.stories.get((entity, row["record_id"]), ())
        past = [one for story in stories for one in story if one.at <= moment(row["settled_at"])]
        gone = any(not one.left or not mark(one.after) for one in past)
        if not gone and _was_shown_two(facts, row):
            yield row["record_id"], "stood there twice, one was adopted, and nobody was told"


def _was_shown_two(facts: Facts, row: Plain) -> bool:
    """Whether an answer to a look held two documents with the mark of an operation's record."""
    since, until = (moment(row[name]) for name in ("sent_at", "settled_at"))
    ends = f'{MARK}{row["record_id"]}"'
    return any(
        request.realm == row["realm"]
        and since - facts.clocks_apart <= request.at <= until + facts.clocks_apart
        and request.path.endswith("/query")
        and request.misfortune is None
        and request.answer["body"].count(ends) > 1
        for request in facts.requests
    )


def requests_are_in_bounds(facts: Facts) -> Found:
    """I10: keys and batches are no larger than QuickBooks takes them."""
    for request in facts.requests:
        names = [str(item.get("bId", "")) for item in request.items]
        longest = len(request.key) + max(map(len, names), default=0)
        if names and longest > KEY_LENGTH_MAX:
            yield request.realm, f"a request id and an item's of {longest} characters together"
        if len(names) > _BATCH_MAX or len(set(names)) != len(names):
            yield request.realm, f"a batch of {len(names)} items with {len(set(names))} names"
        if len(request.body) > _BODY_MAX:
            yield request.realm, f"a body of {len(request.body)} bytes"
