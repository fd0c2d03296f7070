"""Updates: what our record changed since we last wrote it, and whether a person changed it too.

Three states are compared: what our record said when we last wrote it and how it stood there
afterwards (`Base`), what it says now, and what stands there now. Only what our record changed is
written; whatever else stands there stays. What both sides changed is a conflict.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cleo_accounting.core.lines import (
    DESCRIPTION,
    SAID,
    SUM,
    LineChange,
    Pair,
    pairs,
    said,
    with_ids,
)
from cleo_accounting.core.links import Base, Content, Document, DocumentLine
from cleo_accounting.core.records import Money

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The fields that a record decides. The accounts, the department, the terms, the item and the
# class come from the invoice fields when a document is created: another choice is for documents
# to come.
_RECORD = ("party_id", "number", "dated", "due", "note", "name", "company_name", "email")
_BOOKED = (("account_id",), ("item_id",))
_GROUPS = ((DESCRIPTION,), SUM, *_BOOKED)  # of a line, each written as a whole
AMENDED = (*_RECORD, "lines", "total")


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an update writes: some fields of `content`, and what becomes of some lines.

    `content` says what our record says, its lines with their ids and its total as it will be
    there. `conflicts` are the fields that both sides changed.
    """

    content: Content
    fields: tuple[str, ...] = ()
    lines: tuple[LineChange, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write, and nothing to ask."""
        return not (self.fields or self.lines or self.conflicts)

    @property
    def money(self) -> bool:
        """Whether it changes what is owed, or to whom."""
        return "party_id" in self.fields or any(change.money for change in self.lines)

    @property
    def unbooked(self) -> bool:
        """Whether it adds a line for which neither an account nor an item is chosen."""
        added = [change.line for change in self.lines if change.line.id is None]
        return any(not (line.account_id or line.item_id) for line in added)


def amend(
    base: Base,
    ours: Content,
    theirs: Content,
    *,
    overrule: bool = False,
    booked: bool = False,
) -> Amendment:
    """Work out an update of what stands there.

    Without a base every difference may be a person's, so every difference is a conflict.
    `overrule`: ours counts where both changed it. `booked`: the accounts and items of lines are to
    be as we say, too.
    """
    fields: list[str] = []
    conflicts: list[str] = []
    for name in _changed(base.written, ours):
        if getattr(theirs, name) == getattr(ours, name):
            continue
        disputed = not overrule and _touched(base, theirs, name)
        (conflicts if disputed else fields).append(name)
    if not isinstance(ours, Document):
        return Amendment(ours, tuple(fields), (), tuple(conflicts))
    assert isinstance(theirs, Document)
    found = _Lines(base, theirs, overrule=overrule, booked=booked).amended(ours)
    if found.disputed:
        conflicts.append("lines")
    total = _total(theirs, found.changes)
    content = replace(ours, lines=tuple(found.lines), total=total)
    return Amendment(content, tuple(fields), tuple(found.changes), tuple(conflicts))


def settled(base: Base, content: Content, answered: Content | None) -> Base:
    """Say what to remember of a write: of `content`, and of the answer if it is known.

    Fields that we did not write keep what stood there before, so that what a person changed
    meanwhile is still known to be theirs.
    """
    if isinstance(content, Document):
        content = _identified(base, content, answered)
    if base.answered is None or type(base.answered) is not type(content):
        return Base(content, answered)
    wrote = {name: getattr(answered or content, name) for name in _changed(base.written, content)}
    kept = replace(base.answered, **wrote)
    if isinstance(content, Document) and isinstance(kept, Document):
        total = getattr(answered or content, "total", content.total)
        kept = replace(kept, lines=_remembered(base, content, answered), total=total)
    return Base(content, kept)


def identified(base: Base, content: Content) -> Content:
    """Give the lines of a document the ids that our last write got for them."""
    if not isinstance(content, Document) or not isinstance(base.written, Document):
        return content
    written = with_ids(base.written.lines, getattr(base.answered, "lines", ()))
    lines = (
        replace(pair.now, id=pair.before.id if pair.before else None)
        for pair in pairs(written, content.lines)
        if pair.now is not None
    )
    return replace(content, lines=tuple(lines))


def changed(before: Content | None, ours: Content) -> bool:
    """Whether our record says something else than it did."""
    if before is None:
        return True
    lines, others = (getattr(one, "lines", ()) for one in (before, ours))
    return bool(_changed(before, ours)) or [said(one) for one in lines] != [
        said(one) for one in others
    ]


def _changed(before: Content | None, ours: Content) -> Iterator[str]:
    """The fields that our record changed; what it leaves open is not ours to write."""
    for one in dataclasses.fields(ours):
        mine = getattr(ours, one.name)
        if one.name not in _RECORD or mine is None:
            continue
        if before is None or getattr(before, one.name) != mine:
            yield one.name


def _touched(base: Base, theirs: Content, name: str) -> bool:
    """Whether a person may have changed a field since our last write."""
    known = base.answered or base.written
    return known is None or getattr(known, name) != getattr(theirs, name)


def _total(theirs: Document, changes: Sequence[LineChange]) -> Money:
    """What the document will come to: what a person added to it stays."""
    there = _by_id(theirs)
    minor = theirs.total.minor
    for change in changes:
        if change.removed:
            minor -= change.line.amount.minor
        elif change.line.id is None:
            minor += change.line.amount.minor
        elif "amount" in change.fields:
            minor += change.line.amount.minor - there[change.line.id].amount.minor
    return Money(minor, theirs.total.currency)


@dataclass(slots=True)
class _Amended:
    """The lines of our record with their ids, what to write of them, and whether to ask first."""

    lines: list[DocumentLine] = dataclasses.field(default_factory=list)
    changes: list[LineChange] = dataclasses.field(default_factory=list)
    disputed: bool = False


class _Lines:
    """The lines that stand there, beside what we know of ours."""

    def __init__(self, base: Base, theirs: Document, *, overrule: bool, booked: bool) -> None:
        written = base.written.lines if isinstance(base.written, Document) else ()
        answered = base.answered.lines if isinstance(base.answered, Document) else ()
        self._overrule = overrule
        self._booked = booked
        self._known = isinstance(base.written, Document)
        self._there = _by_id(theirs)
        self._left = _by_id(base.answered)
        self._written = with_ids(with_ids(written, answered), theirs.lines)
        mine = {line.id for line in self._written}
        self._free = [line for line in theirs.lines if line.id not in mine]

    def amended(self, ours: Document) -> _Amended:
        """Say what to write of the lines of our record."""
        found = _Amended()
        if not self._known:
            return self._unknown(ours, found)
        for pair in pairs(self._written, ours.lines):
            if pair.now is None:
                self._remove(pair, found)
            elif pair.before is None:
                self._add(pair.now, found)
            else:
                self._change(pair, pair.before, pair.now, found)
        return found

    def _unknown(self, ours: Document, found: _Amended) -> _Amended:
        """What we wrote is not known: the lines are as they should be, or a person is asked."""
        there = list(self._there.values())
        alike = [_look(line) for line in there] == [_look(line) for line in ours.lines]
        if alike:
            found.lines += [
                replace(line, id=other.id) for line, other in zip(ours.lines, there, strict=True)
            ]
        elif self._overrule:
            for pair in pairs(there, ours.lines):
                if pair.now is None:
                    assert pair.before is not None
                    found.changes.append(LineChange(pair.before, removed=True))
                elif pair.before is None:
                    self._append(pair.now, found)
                else:
                    self._write(pair.before, pair.now, SAID, found)
        else:
            found.lines += ours.lines
            found.disputed = True
        return found

    def _remove(self, pair: Pair, found: _Amended) -> None:
        """Our record has the line no more: it goes, unless a person worked on it."""
        assert pair.before is not None
        there = self._there.get(pair.before.id)
        if there is None:  # it is gone already, or it cannot be told which one it is
            found.disputed |= pair.before.id is None and not self._overrule
        elif self._is_worked_on(pair.before, there) and not self._overrule:
            found.disputed = True
        else:
            found.changes.append(LineChange(there, removed=True))

    def _add(self, line: DocumentLine, found: _Amended) -> None:
        """Our record has a new line; the same line may stand there already."""
        same = next((one for one in self._free if _look(one) == _look(line)), None)
        if same is not None:
            self._free.remove(same)
            found.lines.append(replace(line, id=same.id))
            return
        self._append(line, found)

    def _append(self, line: DocumentLine, found: _Amended) -> None:
        """Write a line as a new one, whatever id it had in an amendment of an earlier look."""
        new = replace(line, id=None)
        found.lines.append(new)
        found.changes.append(LineChange(new, SAID))

    def _change(self, pair: Pair, before: DocumentLine, now: DocumentLine, found: _Amended) -> None:
        """A line that our record still has: write of it what our record changed."""
        fields = tuple(name for name in SAID if getattr(before, name) != getattr(now, name))
        there = self._there.get(before.id)
        if self._booked and there is not None:
            fields += tuple(name for (name,) in _BOOKED if not _agree(there, now, (name,)))
        if not fields:
            found.lines.append(replace(now, id=before.id))
        elif there is None:
            self._missing(before, now, found)
        elif self._overrule:
            self._write(there, now, fields, found)
        elif not _to_write(there, now, fields):  # as after an update whose answer was lost
            found.lines.append(replace(now, id=there.id))
        elif not pair.sure and self._is_worked_on(before, there):
            found.lines.append(replace(now, id=before.id))
            found.disputed = True
        else:
            self._write_unless_touched(before, there, now, fields, found)

    def _write_unless_touched(
        self,
        before: DocumentLine,
        there: DocumentLine,
        now: DocumentLine,
        fields: tuple[str, ...],
        found: _Amended,
    ) -> None:
        left = self._left.get(before.id, before)
        for group in _GROUPS:
            if not set(group) & set(fields) or _agree(there, now, group):
                continue
            if not _agree(there, left, group):
                found.lines.append(replace(now, id=before.id))
                found.disputed = True
                return
        self._write(there, now, fields, found)

    def _write(
        self, there: DocumentLine, now: DocumentLine, fields: tuple[str, ...], found: _Amended
    ) -> None:
        line = replace(now, id=there.id)
        found.lines.append(line)
        if names := _to_write(there, now, fields):
            found.changes.append(LineChange(line, names))

    def _missing(self, before: DocumentLine, now: DocumentLine, found: _Amended) -> None:
        """The line that our record changed is not there, or cannot be told from others."""
        if not self._overrule:
            found.lines.append(replace(now, id=before.id))
            found.disputed = True
        elif before.id is None and self._free:
            self._write(self._free.pop(0), now, SAID, found)
        else:
            self._add(replace(now, id=None), found)

    def _is_worked_on(self, before: DocumentLine, there: DocumentLine) -> bool:
        """Whether a person changed anything of a line, ours or not, since we left it."""
        left = self._left.get(before.id)
        if left is None:
            return True  # it cannot be told
        return left.seal != there.seal or said(left) != said(there)


def _identified(base: Base, content: Document, answered: Content | None) -> Document:
    """Give lines that were new the ids that they have in the answer, which keeps their order."""
    if not isinstance(answered, Document):
        return content
    known = {line.id for side in (content, base.answered) for line in getattr(side, "lines", ())}
    fresh = [line for line in answered.lines if line.id not in known]
    new = [line for line in content.lines if not line.id]
    if len(fresh) != len(new):
        return replace(content, lines=with_ids(content.lines, answered.lines))
    ids = iter(fresh)
    lines = (line if line.id else replace(line, id=next(ids).id) for line in content.lines)
    return replace(content, lines=tuple(lines))


def _remembered(
    base: Base, content: Document, answered: Content | None
) -> tuple[DocumentLine, ...]:
    """The lines of ours as we left them: what a person did to one before stays known as theirs."""
    written, left, now = (_by_id(side) for side in (base.written, base.answered, answered))
    kept: list[DocumentLine] = []
    for line in content.lines:
        new, old = now.get(line.id, line), left.get(line.id)
        if old is None:
            kept.append(new)
            continue
        before = written.get(line.id, old)
        wrote = {
            name: getattr(new, name)
            for group in ((DESCRIPTION,), SUM)
            if not _agree(before, line, group)
            for name in group
        }
        kept.append(replace(old, **wrote))
    return tuple(kept)


def _by_id(side: Content | None) -> dict[str | None, DocumentLine]:
    lines: Sequence[DocumentLine] = getattr(side, "lines", ())
    return {line.id: line for line in lines if line.id}


def _agree(one: DocumentLine, ours: DocumentLine, names: Sequence[str]) -> bool:
    """Whether a line says what ours does; what we left open may be filled in."""
    return all(
        getattr(ours, name) is None or getattr(one, name) == getattr(ours, name) for name in names
    )


def _to_write(there: DocumentLine, now: DocumentLine, fields: tuple[str, ...]) -> tuple[str, ...]:
    """Of the fields that our record changed, those that differ there; each group as a whole."""
    return tuple(
        name
        for group in _GROUPS
        if set(group) & set(fields) and not _agree(there, now, group)
        for name in group
    )


def _look(line: DocumentLine) -> tuple[str, Money]:
    return " ".join(line.description.split()), line.amount
