"""The results of importing a file, gathered in constant memory, for people or for programs."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cleo_accounting.cli import paper
from cleo_accounting.core.records import RecordKind
from cleo_accounting.flows.records.importing import Outcome
from cleo_accounting.platform.rows import Bad

SHOWN_MAX = 20
_EXAMPLES = 3
_OUTCOMES = ("created", "updated", "unchanged", "held")
_CALLED = {
    RecordKind.CONNECTION: "connections",
    RecordKind.FUNDING_SOURCE: "funding sources",
    RecordKind.PAYABLE: "payables",
    RecordKind.PAYMENT: "payments",
}
_KINDS = {
    "no_vendor": "no vendor name",
    "no_payment": "no payment id",
    "no_payable": "no payable named",
    "payable": "payable not found",
    "funding_source": "funding source not found",
    "status": "not a status",
    "no_number": "no invoice number",
    "shortened": "number shortened by a spreadsheet",
    "no_date": "no date",
    "date": "not a date",
    "amount": "not an amount",
    "currency": "unclear currency",
    "cells": "wrong number of cells",
    "differs": "rows of one record contradict each other",
    "lines": "too many lines",
    "rule": "not as the platform allows",
    "record": "not a record",
    "role": "role changed",
}


class Listing:
    """A list for programs, kept on disk, with its first entries in memory for people."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  closed by close()
        self.first: list[Any] = []
        self.count = 0

    def add(self, entry: object, told: Mapping[str, Any]) -> None:
        """Add an entry, and the data about it for programs."""
        self.count += 1
        if len(self.first) < SHOWN_MAX:
            self.first.append(entry)
        self._file.write(json.dumps(paper.plain(told), ensure_ascii=True) + "\n")

    def written(self) -> Iterator[str]:
        """Yield every entry as JSON."""
        self._file.seek(0)
        return (line.rstrip("\n") for line in self._file)

    def close(self) -> None:
        """Close the file, which deletes it."""
        self._file.close()


@dataclass(slots=True)
class _Kind:
    """Bad rows of one kind: how many, the first values, and how to fix the first."""

    rows: int = 0
    column: str = ""
    values: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    reason: str = ""


@dataclass(slots=True)
class Report:
    """The results of importing a file."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    kinds: dict[str, _Kind] = field(default_factory=dict)
    updated: Listing = field(default_factory=Listing)
    held: Listing = field(default_factory=Listing)
    bad: Listing = field(default_factory=Listing)
    bad_rows: int = 0

    def took(self, one: Outcome) -> None:
        """Count a record, and list it if it was updated or held."""
        kind = _CALLED[one.kind]
        self.counts.setdefault(kind, Counter())[one.outcome] += 1
        told = {"line": one.line, "id": one.id, "label": one.label}
        if one.outcome == "updated":
            self.updated.add(one, {**told, "type": one.kind, "changes": one.changes})
        elif one.outcome == "held":
            self.held.add(one, {**told, **_document(one), "reason": one.why})

    def refused(self, bad: Bad) -> None:
        """List a row that was not imported."""
        self.bad_rows += bad.rows
        self.bad.add(bad, paper.plain(bad))
        kind = self.kinds.setdefault(bad.kind, _Kind(column=bad.column, reason=bad.reason))
        kind.rows += bad.rows
        if len(kind.lines) < _EXAMPLES:
            kind.lines.append(bad.line)
        if bad.value and bad.value not in kind.values and len(kind.values) < _EXAMPLES:
            kind.values.append(bad.value)

    @property
    def is_whole(self) -> bool:
        """Whether nothing in the file waits for a person."""
        return not self.bad.count and not self.held.count

    def close(self) -> None:
        """Delete what was kept on disk."""
        for listing in (self.updated, self.held, self.bad):
            listing.close()


@dataclass(frozen=True, slots=True)
class Understood:
    """How a file was interpreted."""

    said: Sequence[str] = ()
    unused: Sequence[str] = ()
    passed: Mapping[str, int] = field(default_factory=dict)


def tell(report: Report, file: Understood, *, dry_run: bool) -> None:
    """Print a report for people."""
    for sentence in file.said:
        paper.note(f"[dim]{paper.clean(sentence)}[/]")
    if file.unused:
        paper.note(f"[dim]Columns not used: {paper.clean(', '.join(file.unused))}[/]")
    if file.passed:
        told = ", ".join(f"{name}: {count:,}" for name, count in file.passed.items())
        paper.note(f"[dim]Skipped: {told}[/]")
    rows = [
        [kind, *(f"{counts[word]:,}" for word in _OUTCOMES)]
        for kind, counts in report.counts.items()
    ]
    if rows:
        title = "What an import would do; nothing was written" if dry_run else ""
        paper.table(title, ["", *(f"#{word}" for word in _OUTCOMES)], rows)
    _tell_updated(report.updated)
    _tell_held(report.held)
    _tell_bad(report)


def _tell_updated(updated: Listing) -> None:
    if not updated.count:
        return
    changes = [
        (one.line, one.label, each.field, each.before, each.after)
        for one in updated.first
        for each in one.changes
    ]
    title = f"{updated.count:,} updated"
    paper.table(title, ["#line", "record", "field", "before", "now"], changes[:SHOWN_MAX])
    _tell_more(updated.count > SHOWN_MAX or len(changes) > SHOWN_MAX)


def _tell_held(held: Listing) -> None:
    if not held.count:
        return
    rows = [
        (
            one.line,
            one.vendor,
            one.label,
            one.payable.amount,
            one.payable.issued_on,
            ", ".join(str(each.issued_on) for each in one.alike),
            one.id,
        )
        for one in held.first
    ]
    columns = ["#line", "vendor", "number", "#amount", "date", "known with the date", "=id"]
    paper.table(f"{held.count:,} held back", columns, rows)
    _tell_more(held.count > SHOWN_MAX)
    for why in dict.fromkeys(one.why for one in held.first):
        paper.note(f"Held back: {paper.clean(why)}.")
    paper.note(
        "Import the file again with --same-document ID or --other-document ID (or “all”);"
        " the answer is remembered."
    )


def _tell_bad(report: Report) -> None:
    if not report.bad_rows:
        return
    rows = [
        (
            _KINDS.get(name, name),
            f"{kind.rows:,}",
            kind.column,
            ", ".join(kind.values),
            ", ".join(map(str, kind.lines)) + ("…" if kind.rows > len(kind.lines) else ""),
            kind.reason,
        )
        for name, kind in report.kinds.items()
    ]
    columns = ["why", "#rows", "column", "values", "lines", "the first of them"]
    paper.table(f"{report.bad_rows:,} rows not taken", columns, rows)
    _tell_more(report.bad.count > sum(len(kind.lines) for kind in report.kinds.values()))


def _tell_more(more: bool) -> None:  # noqa: FBT001  its only argument
    if more:
        paper.note("… and more; --json lists them all.")


def write(report: Report, file: Understood, *, dry_run: bool) -> None:
    """Write a report for programs, as JSON; long lists are streamed."""
    head = {
        "dryRun": dry_run,
        "records": report.counts,
        "badRows": report.bad_rows,
        "notes": file.said,
        "passedOver": file.passed,
        "unusedColumns": file.unused,
    }
    text = json.dumps(paper.plain(head), ensure_ascii=False, indent=2)
    sys.stdout.write(text.removesuffix("\n}"))
    for name in ("updated", "held", "bad"):
        sys.stdout.write(f',\n  "{name}": [')
        for at, entry in enumerate(getattr(report, name).written()):
            sys.stdout.write(("," if at else "") + "\n    " + entry)
        sys.stdout.write("]")
    sys.stdout.write("\n}\n")


def _document(one: Outcome) -> dict[str, Any]:
    assert one.payable is not None
    return {
        "vendor": one.vendor,
        "amount": one.payable.amount,
        "invoiceDate": one.payable.issued_on,
        "alike": [
            {"id": each.id, "invoiceDate": each.issued_on, "amount": each.amount}
            for each in one.alike
        ],
    }
