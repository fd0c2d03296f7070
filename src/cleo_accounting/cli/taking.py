"""`import`: import records from a file, and report what happened to each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from cleo_accounting.cli import intake, paper
from cleo_accounting.cli.codes import Code
from cleo_accounting.cli.desk import AsJson, Business, DatabaseUrl, Desk, DryRun, opened
from cleo_accounting.cli.intake import Understood
from cleo_accounting.core.identity import Word
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.records import feed, importing, importing_payments
from cleo_accounting.flows.records.importing import Outcome, Settling
from cleo_accounting.platform import files
from cleo_accounting.platform.amounts import Mark
from cleo_accounting.platform.dates import Order
from cleo_accounting.platform.forms import COLUMNS, FORMS, PAYMENTS
from cleo_accounting.platform.rows import Bad, Found, Group, Paid, Row, Taken
from cleo_accounting.platform.spreadsheet import Options, Sheet

T = TypeVar("T")

_AT_ONCE = 1000
_TOLD_EVERY_SECONDS = 5.0
_ALL = "all"
_ORDERS = {
    "day-first": Order.DAY_FIRST,
    "dd/mm/yyyy": Order.DAY_FIRST,
    "month-first": Order.MONTH_FIRST,
    "mm/dd/yyyy": Order.MONTH_FIRST,
}
_MARKS = {"point": Mark.POINT, "comma": Mark.COMMA}

File = Annotated[
    Path,
    typer.Argument(
        help="A table of payables or payments (.csv, .tsv, .txt, .xlsx), or JSON lines (.jsonl)."
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="OURS=THEIRS",
        help=(
            f"The column for a field: {', '.join(COLUMNS)}. Several text columns are joined:"
            " --map description=Memo --map description=Reference."
        ),
    ),
]
Type = Annotated[
    str | None,
    typer.Option(
        "--type",
        help=f"The content of a table, if its columns do not show it: {' or '.join(FORMS)}.",
    ),
]
Currency = Annotated[
    str | None,
    typer.Option(help="Currency of amounts without one. Default: the connected company's, or USD."),
]
NumberFrom = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        help="For a file without invoice numbers or payment ids: build them from this column."
        " Can be repeated.",
    ),
]
Dated = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Date for rows without one.")
]
DateFormat = Annotated[
    str | None,
    typer.Option(help="Order in dates such as 03/04/2026: day-first or month-first."),
]
Decimal = Annotated[
    str | None,
    typer.Option(help="Decimal separator in amounts such as 1,234: point or comma."),
]
Encoding = Annotated[str | None, typer.Option(help="Encoding of a text file, if not detected.")]
SheetName = Annotated[str | None, typer.Option("--sheet", help="The sheet of a workbook to read.")]
SameDocument = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID", help="The id of a held document, or “all”: the same document with a new date."
    ),
]
OtherDocument = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="The id of a held document, or “all”: a different document."),
]


def import_(
    *,
    file: File,
    business: Business,
    type_: Type = None,
    columns: Columns = None,
    currency: Currency = None,
    number_from: NumberFrom = None,
    dated: Dated = None,
    date_format: DateFormat = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    sheet: SheetName = None,
    same_document: SameDocument = None,
    other_document: OtherDocument = None,
    dry_run: DryRun = False,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Import records from a file. Rows that cannot be imported are listed and skipped."""
    options = Options(
        columns=_mapping(columns or []),
        number_from=number_from or (),
        on=_day(dated),
        date_order=_chosen("--date-format", date_format, _ORDERS),
        decimal=_chosen("--decimal", decimal, _MARKS),
        encoding=encoding,
        sheet=sheet,
        kind=type_,
    )
    settling = _settling(same_document or [], other_document or [])
    take = _table if files.is_table(file) else _json_lines
    with opened(business, database) as desk, closing(intake.Report()) as report:
        home = currency or feed.currency(desk.house, business)
        read = take(desk, file, _Order(replace(options, currency=home), settling, dry_run, report))
        (intake.write if as_json else intake.tell)(report, read, dry_run=dry_run)
        if not report.is_whole:
            raise typer.Exit(Code.PARTIAL)


@dataclass(frozen=True, slots=True)
class _Order:
    """What to do with a file, and where to report it."""

    options: Options
    settling: Settling
    dry_run: bool
    report: intake.Report


def _table(desk: Desk, file: Path, order: _Order) -> Understood:
    """Import a table of payables or of payments."""
    sheet = Sheet(file, order.options)
    if sheet.form is PAYMENTS and order.settling != Settling():
        raise Invalid("--same-document and --other-document apply to payables, not to payments.")
    with _reading(desk, file) as watch:
        for page in _pages(sheet.read(watch)):
            _refuse(page, order.report)
            _tell(_taken(desk, page, order), order.report)
    return Understood(sheet.said, sheet.unused, sheet.passed)


def _taken(desk: Desk, page: Sequence[Found | Taken], order: _Order) -> list[Outcome | Bad]:
    house, business_id = desk.house, desk.business_id
    paid = [one for one in page if isinstance(one, Paid)]
    if paid:
        return importing_payments.take_payments(
            house, business_id, paid, by=desk.by, dry_run=order.dry_run
        )
    groups = [one for one in page if isinstance(one, Group)]
    return [
        *importing.take_groups(
            house,
            business_id,
            groups,
            settling=order.settling,
            by=desk.by,
            dry_run=order.dry_run,
        )
    ]


def _tell(outcomes: Sequence[Outcome | Bad], report: intake.Report) -> None:
    for one in outcomes:
        if isinstance(one, Bad):
            report.refused(one)
        else:
            report.took(one)


def _json_lines(desk: Desk, file: Path, order: _Order) -> Understood:
    """Import records in the platform's JSON format."""
    if order.options != Options(currency=order.options.currency):
        raise Invalid("Options for columns, dates and amounts apply to tables only, not to JSON.")
    with _reading(desk, file) as watch:
        rows = files.read(
            file,
            amounts_in=desk.house.amounts_in,
            currency=order.options.currency,
            watch=watch,
        )
        for page in _pages(rows):
            _refuse(page, order.report)
            taken = [one for one in page if isinstance(one, Taken)]
            outcomes = importing.take_records(
                desk.house, desk.business_id, taken, by=desk.by, dry_run=order.dry_run
            )
            _tell(outcomes, order.report)
    return Understood()


def _refuse(page: Sequence[Found | Taken], report: intake.Report) -> None:
    for one in page:
        if isinstance(one, Bad):
            report.refused(one)


def _pages(found: Iterator[Found] | Iterator[Row]) -> Iterator[list[Found | Taken]]:
    """Yield what was found in pages of about a thousand documents."""
    page: list[Found | Taken] = []
    size = 0
    for one in found:
        page.append(one)
        size += _size(one)
        if size >= _AT_ONCE:
            yield page
            page, size = [], 0
    if page:
        yield page


def _size(found: Found | Taken) -> int:
    """Return how many documents, or parts of payments, a found entry has."""
    if isinstance(found, Group):
        return len(found.documents)
    return len(found.parts) if isinstance(found, Paid) else 1


@contextmanager
def _reading(desk: Desk, file: Path) -> Iterator[Callable[[str, int, int], None]]:
    """Show how much of a file is read: a bar on a terminal, else a line every few seconds."""
    console, name = paper.err(), paper.clean(file.name)
    if not console.is_terminal:
        yield _Lines(desk, name).watch
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def watch(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(f"{stage} {name}", total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield watch


class _Lines:
    """Progress for a log: one line every few seconds, none for a file that is read sooner."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._clock, self._name = desk.house.clock, name
        self._told_at = self._clock.monotonic()

    def watch(self, stage: str, done: int, total: int) -> None:
        """Print the progress, unless it was printed a moment ago."""
        now = self._clock.monotonic()
        if now - self._told_at >= _TOLD_EVERY_SECONDS:
            self._told_at = now
            paper.note(f"{stage} {self._name}: {100 * done // max(total, 1)} %")


def _mapping(given: Sequence[str]) -> dict[str, list[str]]:
    mapped: dict[str, list[str]] = {}
    for text in given:
        ours, _, theirs = text.partition("=")
        if not (ours and theirs):
            raise Invalid(f"--map takes OURS=THEIRS, such as --map vendor_name=Supplier: {text}")
        mapped.setdefault(ours, []).append(theirs)
    return mapped


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(f"--date takes a date such as 2026-01-31, not “{text}”.") from None


def _chosen(option: str, text: str | None, among: Mapping[str, T]) -> T | None:
    if text is None:
        return None
    if text.lower() not in among:
        raise Invalid(f"{option} takes {' or '.join(among)}, not “{text}”.")
    return among[text.lower()]


def _settling(same: Sequence[str], other: Sequence[str]) -> Settling:
    """Parse the decisions about held documents.

    Raises:
        Invalid: a document is given as both the same and a different one.
    """
    if both := set(same) & set(other):
        raise Invalid(
            f"{', '.join(sorted(both))} is given both as the same and as a different document."
        )
    every = Word.SAME if _ALL in same else Word.OTHER if _ALL in other else None
    each = dict.fromkeys(same, Word.SAME) | dict.fromkeys(other, Word.OTHER)
    return Settling(every, each)
