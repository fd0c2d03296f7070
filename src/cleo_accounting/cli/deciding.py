"""`decide`: decide what only a person can, for one item, several items, or all of one cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from cleo_accounting.cli import paper
from cleo_accounting.cli.desk import AsJson, Business, DatabaseUrl, opened
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import bulk, choose

_REFUSED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Said:
    """The parsed arguments: the items or the one record, the decision and its value."""

    items: Sequence[int]
    record: str
    word: str
    value: str


Words = Annotated[
    list[str],
    typer.Argument(
        metavar="[ITEM]... DECISION [VALUE]",
        help="The items by number, as listed by `items`, or one record, as listed by `reconcile`"
        " (bill/pay_1). Then the decision, one of "
        + ", ".join(dict.fromkeys([*choose.VERDICTS, *bulk.WORDS]))
        + ". Then its value: a name for create_as, a number for number_as, a reason for leave_out,"
        " a connection for same_as, the id in QuickBooks for link_to.",
        show_default=False,
    ),
]


def decide(
    words: Words,
    *,
    business: Business,
    all_of: Annotated[
        str | None,
        typer.Option(
            "--all-of", metavar="CODE", help="Decide on all records that wait for this cause."
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option("--run", help="With --all-of: the records of this run, such as a preview."),
    ] = None,
    undo: Annotated[
        bool,
        typer.Option(
            "--undo", help="Undo the decisions that were made together at the given time."
        ),
    ] = False,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Decide on records that need attention. The next sync applies the decisions."""
    if undo:
        _undo(words, business, database)
        return
    said = _read(words)
    one = len(said.items) == 1 and said.word in choose.VERDICTS
    if all_of is None and (one or said.record):
        _decide_one(said, business, database)
        return
    with opened(business, database) as desk:
        done = bulk.decide(
            desk.house,
            business,
            desk.integration().id,
            code=all_of,
            run_id=run,
            item_ids=said.items,
            word=said.word,
            value=said.value,
            by=desk.by,
        )
    if as_json:
        paper.data({"at": done.at, "decided": done.number, "items": done.outcomes})
    else:
        _tell(done)


def _tell(done: bulk.Decided) -> None:
    paper.say(f"Decided for {done.number:,} of {len(done.outcomes):,}; the next sync applies it.")
    if done.number:
        paper.note(f"[dim]To undo: decide --undo {done.at.isoformat()}[/]")
    for one in done.refused[:_REFUSED_SHOWN]:
        paper.say(
            f"Not for {one.item_id} {paper.clean(one.label)}: {paper.clean(one.refused or '')}"
        )


def _decide_one(said: _Said, business: str, database: str | None) -> None:
    with opened(business, database) as desk:
        where = (desk.house, business, desk.integration().id)
        if said.items:
            kind, record_id = choose.decide_item(
                *where, said.items[0], said.word, said.value, desk.by
            )
        else:
            kind, record_id = _record(said.record)
            choose.decide(*where, kind, record_id, said.word, said.value, desk.by)
    paper.say(f"Decided for {kind.value} {paper.clean(record_id)}; the next sync applies it.")


def _record(text: str) -> tuple[RemoteKind, str]:
    kind, _, record_id = text.partition("/")
    if kind not in set(choose.DECIDABLE):
        raise Invalid(f"“{text}” is neither an item's number nor a record such as bill/pay_1.")
    return RemoteKind(kind), record_id


def _undo(words: Sequence[str], business: str, database: str | None) -> None:
    try:
        (text,) = words
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Invalid("--undo takes the time that `decide` printed, and nothing else.")
    with opened(business, database) as desk:
        number = bulk.undo(desk.house, business, desk.integration().id, at, desk.by)
    paper.say(f"Undone for {number:,}; the next sync includes them again.")


def _read(words: Sequence[str]) -> _Said:
    """Split the arguments into items or a record, the decision and its value.

    Raises:
        Invalid: there is no such decision.
    """
    record = words[0] if "/" in words[0] else ""
    rest = words[1:] if record else words
    at = next((at for at, word in enumerate(rest) if not word.isdecimal()), len(rest))
    known = dict.fromkeys([*choose.VERDICTS, *([] if record else bulk.WORDS)])
    if at == len(rest) or rest[at] not in known or (record and at):
        raise Invalid(f"The decision must be one of {', '.join(known)}.")
    if len(rest) > at + 2:
        raise Invalid("A value of several words needs quotation marks around it.")
    return _Said([int(word) for word in rest[:at]], record, rest[at], " ".join(rest[at + 1 :]))
