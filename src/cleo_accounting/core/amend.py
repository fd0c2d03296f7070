"""Updates: what our record changed since we last wrote it, and what a person changed, too.

Three states are compared: our record when we last wrote it and the remote afterwards (`Base`), our
record now, and the remote now. Only what our record changed is written; everything else in the
remote stays. A field that both sides changed is a conflict.
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

# The fields that come from the record. Accounts, department, terms, item and class come from the
# invoice fields when a document is created; a later choice applies to new documents only.
_RECORD = ("party_id", "number", "dated", "due", "note", "name", "company_name", "email")
_BOOKED = (("account_id",), ("item_id",))
_GROUPS = ((DESCRIPTION,), SUM, *_BOOKED)  # groups of line fields, each written as a whole
AMENDED = (*_RECORD, "lines", "total")


@dataclass(frozen=True, slots=True)
class Amendment:
    """The changes that an update writes: some fields of `content`, and some lines.

    `content` is our record's content, its lines with their remote ids and its total as it will be
    in the remote. `conflicts` are the fields that both sides changed.
    """

    content: Content
    fields: tuple[str, ...] = ()
    lines: tuple[LineChange, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write and nothing to ask."""
        return not (self.fields or self.lines or self.conflicts)

    @property
    def money(self) -> bool:
        """Whether it changes the amount owed, or the party."""
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
    """Return the changes that an update writes to the remote.

    Without a base, every difference may have been made by a person and is therefore a conflict.
    `overrule`: our value is used where both sides changed a field. `booked`: the accounts and items
    of lines are set to ours, too.
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
    """Return the base to store after a write of `content`, with the response if it is known.

    Fields that we did not write keep the remote's earlier value, so that a change that a person
    made in the meantime is still recognised as theirs.
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
    """Add to the lines of a document the ids that they got in our last write."""
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
    """Return whether our record differs from what it was before."""
    if before is None:
        return True
    lines, others = (getattr(one, "lines", ()) for one in (before, ours))
    return bool(_changed(before, ours)) or [said(one) for one in lines] != [
        said(one) for one in others
    ]


def _changed(before: Content | None, ours: Content) -> Iterator[str]:
    """Yield the fields that our record changed; fields that it leaves open are not written."""
    for one in dataclasses.fields(ours):
        mine = getattr(ours, one.name)
        if one.name not in _RECORD or mine is None:
            continue
        if before is None or getattr(before, one.name) != mine:
            yield one.name


def _touched(base: Base, theirs: Content, name: str) -> bool:
    """Return whether a person may have changed a field since our last write."""
    known = base.answered or base.written
    return known is None or getattr(known, name) != getattr(theirs, name)


def _total(theirs: Document, changes: Sequence[LineChange]) -> Money:
    """Return the future total of the document, including what a person added to it."""
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
    """The lines of our record with their ids, the changes to write, and whether to ask first."""

    lines: list[DocumentLine] = dataclasses.field(default_factory=list)
    changes: list[LineChange] = dataclasses.field(default_factory=list)
    disputed: bool = False


class _Lines:
    """The lines of the remote, matched with the lines that we wrote."""

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
        """Return the changes to write for the lines of our record."""
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
        """Handle an unknown last write: the lines are as they should be, or a person is asked."""
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
        """Remove a line that our record no longer has, unless a person changed it."""
        assert pair.before is not None
        there = self._there.get(pair.before.id)
        if there is None:  # already gone, or impossible to identify
            found.disputed |= pair.before.id is None and not self._overrule
        elif self._is_worked_on(pair.before, there) and not self._overrule:
            found.disputed = True
        else:
            found.changes.append(LineChange(there, removed=True))

    def _add(self, line: DocumentLine, found: _Amended) -> None:
        """Add a new line of our record, unless the remote already has the same line."""
        same = next((one for one in self._free if _look(one) == _look(line)), None)
        if same is not None:
            self._free.remove(same)
            found.lines.append(replace(line, id=same.id))
            return
        self._append(line, found)

    def _append(self, line: DocumentLine, found: _Amended) -> None:
        """Write a line as a new one, without the id that it may have from an earlier amendment."""
        new = replace(line, id=None)
        found.lines.append(new)
        found.changes.append(LineChange(new, SAID))

    def _change(self, pair: Pair, before: DocumentLine, now: DocumentLine, found: _Amended) -> None:
        """Write the fields of a line that our record changed."""
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
        elif not _to_write(there, now, fields):  # such as after an update whose response was lost
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
        """Handle a changed line that is missing in the remote or cannot be identified there."""
        if not self._overrule:
            found.lines.append(replace(now, id=before.id))
            found.disputed = True
        elif before.id is None and self._free:
            self._write(self._free.pop(0), now, SAID, found)
        else:
            self._add(replace(now, id=None), found)

    def _is_worked_on(self, before: DocumentLine, there: DocumentLine) -> bool:
        """Return whether a person changed any field of a line since our last write."""
        left = self._left.get(before.id)
        if left is None:
            return True  # unknown, so it is assumed
        return left.seal != there.seal or said(left) != said(there)


def _identified(base: Base, content: Document, answered: Content | None) -> Document:
    """Add to new lines the ids that they have in the response, which keeps their order."""
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
    """Return our lines as we left them, so that earlier changes by a person stay recognisable."""
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
    """Return whether a line agrees with ours; fields that we left open may be filled in."""
    return all(
        getattr(ours, name) is None or getattr(one, name) == getattr(ours, name) for name in names
    )


def _to_write(there: DocumentLine, now: DocumentLine, fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields that our record changed and that differ in the remote, by whole groups."""
    return tuple(
        name
        for group in _GROUPS
        if set(group) & set(fields) and not _agree(there, now, group)
        for name in group
    )


def _look(line: DocumentLine) -> tuple[str, Money]:
    return " ".join(line.description.split()), line.amount
