"""`import`: take records from a file, tell what became of them, and list the bad rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from cleo_accounting.cli import paper
from cleo_accounting.cli.codes import Code
from cleo_accounting.cli.desk import AsJson, Business, DatabaseUrl, Desk, DryRun, opened
from cleo_accounting.core.records import KIND_OF, RecordKind
from cleo_accounting.errors import Invalid
from cleo_accounting.flows import feed
from cleo_accounting.platform import files, spreadsheet
from cleo_accounting.platform.rows import Bad, Row, Taken

_AT_ONCE = 1000
_BAD_SHOWN = 20
_CALLED = {
    RecordKind.CONNECTION: "connections",
    RecordKind.FUNDING_SOURCE: "funding sources",
    RecordKind.PAYABLE: "payables",
    RecordKind.PAYMENT: "payments",
}

File = Annotated[
    Path,
    typer.Argument(help="JSON lines (.jsonl), or CSV of real payables (.csv).", show_default=False),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="OURS=THEIRS",
        help=f"Which column of a CSV file holds what. Ours: {', '.join(spreadsheet.COLUMNS)}.",
    ),
]
Currency = Annotated[
    str | None,
    typer.Option(help="Of amounts that name none. Without it: the connected company's, or USD."),
]


@dataclass(slots=True)
class Report:
    """What became of a file."""

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)

    def count(self, row: Taken, outcome: str) -> None:
        """Count a record that was taken."""
        kind = _CALLED[KIND_OF[type(row.record)]]
        self.outcomes.setdefault(kind, Counter())[outcome] += 1


def import_(
    *,
    file: File,
    business: Business,
    columns: Columns = None,
    currency: Currency = None,
    dry_run: DryRun = False,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Take records from a file. Bad rows are listed; the good ones are taken."""
    mapped = _mapping(columns or [])
    with opened(business, database) as desk:
        home = currency or feed.currency(desk.house, business)
        with _reading(file) as watch:
            rows = files.read(
                file,
                amounts_in=desk.house.amounts_in,
                currency=home,
                columns=mapped,
                watch=watch.advance,
            )
            report = _take(desk, rows, dry_run=dry_run)
    unused = spreadsheet.unused(file, mapped) if file.suffix.lower() == ".csv" else []
    if as_json:
        paper.data({"records": report.outcomes, "bad": report.bad, "unusedColumns": unused})
    else:
        _tell(report, unused, dry_run=dry_run)
    if report.bad:
        raise typer.Exit(Code.PARTIAL)


def _mapping(columns: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in columns]
    if wrong := [
        text
        for text, (ours, _, theirs) in zip(columns, pairs, strict=True)
        if not (ours and theirs)
    ]:
        raise Invalid(f"--map takes OURS=THEIRS, such as --map vendor_name=Supplier: {wrong[0]}")
    return {ours: theirs for ours, _, theirs in pairs}


def _take(desk: Desk, rows: Iterator[Row], *, dry_run: bool) -> Report:
    report = Report()
    for page in _pages(rows):
        good = [row for row in page if isinstance(row, Taken)]
        report.bad += [row for row in page if isinstance(row, Bad)]
        records = [row.record for row in good]
        outcomes: Sequence[str] = ["readable"] * len(good)
        if not dry_run:
            ignored = [one for row in good for one in row.ignored]
            outcomes = feed.take(desk.house, desk.business_id, records, ignored)
        for row, outcome in zip(good, outcomes, strict=True):
            report.count(row, outcome)
    return report


def _pages(rows: Iterator[Row]) -> Iterable[list[Row]]:
    while page := list(islice(rows, _AT_ONCE)):
        yield page


@dataclass(frozen=True, slots=True)
class _Watch:
    progress: Progress
    task: int

    def advance(self, bytes_read: int) -> None:
        """Show how much of the file is read."""
        self.progress.advance(self.progress.tasks[self.task].id, bytes_read)


@contextmanager
def _reading(file: Path) -> Iterator[_Watch]:
    """Show a bar while a file is read."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=paper.err(), transient=True) as progress:
        size = file.stat().st_size if file.exists() else None
        progress.add_task(f"Reading {paper.clean(file.name)}", total=size)
        yield _Watch(progress, 0)


def _tell(report: Report, unused: Sequence[str], *, dry_run: bool) -> None:
    words = ("readable",) if dry_run else ("created", "updated", "unchanged")
    rows = [[kind, *(counts[word] for word in words)] for kind, counts in report.outcomes.items()]
    if rows:
        paper.table("", ["", *(f"#{word}" for word in words)], rows)
    if unused:
        paper.note(f"[dim]Columns not used: {paper.clean(', '.join(unused))}[/]")
    if report.bad:
        shown = [(bad.line, bad.reason) for bad in report.bad[:_BAD_SHOWN]]
        paper.table(f"{len(report.bad)} bad rows, not taken", ["#line", "reason"], shown)
        if len(report.bad) > _BAD_SHOWN:
            paper.note("… and more; --json lists them all.")
