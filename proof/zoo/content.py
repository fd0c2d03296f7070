"""Planted bugs in what is written or must not be: amounts, references and others' edits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from cleo_accounting.core import (
    amend,
    documents,
    match,
    parties,
    plan,
    render,
    repeats,
    twins,
)
from cleo_accounting.core.directory import Directory
from cleo_accounting.core.links import Document
from cleo_accounting.core.plan import Create, Keep, Remove
from cleo_accounting.core.records import fingerprint
from cleo_accounting.flows.run import (
    compare,
    expected,
    resemble,
    standing,
)
from cleo_accounting.providers.quickbooks.translate import values, writing
from cleo_accounting.store import links, operations
from proof.replacing import Make
from proof.zoo import by_hand, situations
from proof.zoo.planting import Bug, all_of, instead, planted


def _float_number(_number: Any) -> Any:
    return lambda value: msgspec.Raw(str(int(float(value) * 100) / 100).encode())


def _full_update(update: Any) -> Any:
    def wrong(*of: Any, **more: Any) -> str:
        return str(update(*of, **more)).replace('"sparse":true', '"sparse":false')

    return wrong


def _made(change: Callable[[Document], Document]) -> Make:
    """Return a change to a document that was made correctly."""
    return lambda document: lambda *of, **more: change(document(*of, **more))


def _one_line(made: Document) -> Document:
    whole = replace(made.lines[0], amount=made.total, quantity=None, unit_price=None)
    return replace(made, lines=(whole,))


def _unclassed(made: Document) -> Document:
    lines = tuple(replace(line, class_id=None) for line in made.lines)
    return replace(made, lines=lines)


def _others_party(parties_of: Any) -> Any:
    def wrong(*of: Any, **more: Any) -> Mapping[str, Any]:
        found = parties_of(*of, **more)
        return dict(zip(found, [*list(found.values())[1:], *list(found.values())[:1]], strict=True))

    return wrong


def _next_account(document: Any) -> Any:
    def wrong(payable: Any, kind: Any, fields: Any, **more: Any) -> Any:
        other = str(int(fields.expense_account_id or 0) + 1)
        return document(payable, kind, replace(fields, expense_account_id=other), **more)

    return wrong


def _create_again(against: Any) -> Any:
    def wrong(
        kind: Any, record_id: str, label: Any, content: Any, mark: Any, link: Any, verdict: Any
    ) -> Any:
        if link is not None and link.gone:
            return Create(kind, record_id, label, content, mark)
        return against(kind, record_id, label, content, mark, link, verdict)

    return wrong


def _removed_anyway(looked: Any) -> Any:
    def wrong(desk: Any, rows: Sequence[Any], *of: Any, **more: Any) -> Any:
        removals = [row for row in rows if row.action == "remove"]
        others = [row for row in rows if row.action != "remove"]
        found = desk.company.read(rows[0].kind, [row.remote_id for row in removals])
        with desk.transaction() as tx:
            for row in removals:
                known = links.links_of(tx, desk.integration.id, row.kind, [row.record_id])
                newer = replace(known[row.record_id], version=found[row.remote_id].version)
                payload = desk.company.render_removal(row.kind, newer)
                operations.again(tx, row, payload=payload, version=newer.version)
        return looked(desk, others, *of, **more) if others else []

    return wrong


def _overruling(amend: Any) -> Any:
    def wrong(base: Any, ours: Any, theirs: Any, **_: Any) -> Any:
        return amend(base, ours, theirs, overrule=True)

    return wrong


def _removal_as_it_stands(
    _desk: Any, _tx: Any, operation: Any, _base: Any, remote: Any, **_: Any
) -> Any:
    version = remote.version if remote else operation.link.version
    return replace(operation, link=replace(operation.link, version=version))


def _suffixed(_taken: Any) -> Any:
    def wrong(self: Any, connection: Any, content: Any, _holder: Any) -> Create:
        name = self.directory.free(content.name, "Vendor")
        made = replace(content, name=name)
        return Create(self.kind, connection.id, connection.name, made, fingerprint(made))

    return wrong


def _any_word(settle: Any) -> Any:
    def wrong(create: Any, twins: Any, named: Any, words: Any, owners: Any) -> Any:
        if create.record_id in words.others:
            return create
        return settle(create, twins, named, words, owners)

    return wrong


def _deleted_though_theirs(_withdrawn: Any) -> Any:
    def wrong(self: Any, payable: Any, link: Any, verdict: Any) -> Any:
        if link is not None and not link.gone:
            return Remove(
                self.kind.remote, payable.id, payable.id, link, documents.withdrawal(payable)
            )
        return _withdrawn(self, payable, link, verdict)

    return wrong


def _document(name: str, said: str, make: Make) -> Bug:
    return Bug(name, said, situations.calm, planted(render.document, make))


BUGS: Sequence[Bug] = (
    Bug(
        "float money",
        "amounts go through binary fractions and are cut",
        situations.odd_cents,
        planted(values.number, _float_number),
    ),
    _document("lines in one", "all lines become one of the whole amount", _made(_one_line)),
    _document(
        "dated today",
        "a document is dated when it is sent",
        _made(lambda made: replace(made, dated=date(2026, 1, 6))),
    ),
    _document(
        "no due date",
        "the day on which it is due is left out",
        _made(lambda made: replace(made, due=None)),
    ),
    _document(
        "no mark",
        "a document is written without our mark",
        _made(lambda made: replace(made, note="paid by us")),
    ),
    _document("another's account", "bills book to an account that nobody chose", _next_account),
    Bug(
        "class left out",
        "lines are written without the class that was chosen",
        situations.tracked,
        planted(render.document, _made(_unclassed)),
    ),
    Bug(
        "terms left out",
        "documents are written without the location and the terms that were chosen",
        situations.tracked,
        planted(
            render.document,
            _made(lambda made: replace(made, department_id=None, terms_id=None)),
        ),
    ),
    Bug(
        "another's vendor",
        "a document names the vendor of another connection",
        situations.calm,
        planted(expected.with_planned, _others_party),
    ),
    Bug(
        "ours wins",
        "what a person changed there is written over",
        by_hand.both_sides,
        planted(amend.amend, _overruling),
    ),
    Bug(
        "full update",
        "an update replaces what it does not name",
        by_hand.both_sides,
        all_of(planted(writing.update, _full_update), planted(writing.amended, _full_update)),
    ),
    Bug(
        "removed though changed",
        "a document is removed although somebody changed or paid it",
        by_hand.both_sides,
        all_of(
            planted(standing._removal, instead(_removal_as_it_stands)),
            planted(compare.look_at_changes, _removed_anyway),
        ),
    ),
    Bug(
        "written again",
        "what a person deleted there is written once more",
        by_hand.both_sides,
        planted(plan.against_link, _create_again),
    ),
    Bug(
        "made-up names",
        "a vendor whose name is taken is created under another",
        by_hand.taken_names,
        planted(parties.PartyPlanner._taken, _suffixed),
    ),
    Bug(
        "look-alikes unasked",
        "a vendor is created beside one of ours that is written almost the same",
        situations.look_alikes,
        planted(Directory.like, instead(lambda *_, **__: ())),
    ),
    Bug(
        "bad e-mail",
        "an e-mail that QuickBooks does not take keeps the whole vendor out",
        situations.bad_emails,
        planted(match.email_flaw, instead(lambda _email: None)),
    ),
    Bug(
        "never withdrawn",
        "what was cancelled here stays there",
        by_hand.our_side,
        planted(
            documents.DocumentPlanner._withdrawn,
            instead(lambda _self, payable, *_, **__: Keep(payable.id)),
        ),
    ),
    Bug(
        "entered already",
        "nobody looks whether a person entered the bill already",
        by_hand.entered_by_hand,
        planted(resemble.look_for_twins, instead(lambda *_, **__: resemble.Resembling())),
    ),
    Bug(
        "entered twice",
        "a second bill of ours with the same number and total is written unasked",
        by_hand.repeated,
        planted(repeats.is_another, instead(lambda *_, **__: True)),
    ),
    Bug(
        "another's bill",
        "a bill of another vendor is linked",
        by_hand.entered_for_another,
        planted(twins._unfit, instead(lambda *_, **__: None)),
    ),
    Bug(
        "deleted though theirs",
        "a bill that a person entered is deleted because ours was cancelled",
        by_hand.entered_linked_withdrawn,
        all_of(
            planted(documents.DocumentPlanner._withdrawn, _deleted_though_theirs),
            planted(standing._removal, instead(_removal_as_it_stands)),
        ),
    ),
    Bug(
        "any word will do",
        "what a person said of one bill counts for every other",
        by_hand.entered_twice,
        planted(twins.settle, _any_word),
    ),
)
