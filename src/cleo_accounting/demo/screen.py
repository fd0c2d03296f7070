"""The output of the demo: chapters, facts, tables, and a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from cleo_accounting.core.kinds import ENTITY_TITLES
from cleo_accounting.core.records import Money
from cleo_accounting.core.render import printable

Json = Mapping[str, Any]

_WIDTH_MAX = 110
_PARTS = ("created", "linked", "unchanged", "skipped", "failed")


class Screen:
    """A terminal that shows the demo in chapters."""

    def __init__(self, console: Console) -> None:
        width = min(console.width, _WIDTH_MAX) if console.is_terminal else _WIDTH_MAX
        self.console = console
        self.console.width = width
        self._chapter = 0

    def title(self, text: str, under: str) -> None:
        """Print the title."""
        self.console.print(Panel(f"[bold]{text}[/]\n{under}", border_style="cyan", padding=(1, 2)))

    def chapter(self, text: str) -> None:
        """Start the next chapter."""
        self._chapter += 1
        self.console.print(f"\n[bold cyan]{self._chapter}[/] [bold]{text}[/]")

    def fact(self, text: str) -> None:
        """Print a sentence (markup allowed)."""
        self.console.print(Padding(text, (0, 0, 0, 2), expand=False))

    def line(self, text: str) -> None:
        """Print a line for copying: it is not wrapped, however long."""
        self.console.print(text, soft_wrap=True, markup=False)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table; # before a column's name marks numbers."""
        table = Table(box=None, padding=(0, 2), header_style="dim")
        for name in columns:
            right = name.startswith("#")
            table.add_column(name.lstrip("#"), justify="right" if right else "left", no_wrap=right)
        for row in rows:
            table.add_row(*(clean(cell) for cell in row))
        self.console.print(table)

    def progress(self, watch: Callable[[], Json], word: str) -> Json:
        """Show a bar per kind until `watch` returns a finished status; return that status."""
        columns = (
            TextColumn("  {task.description:<20}"),
            BarColumn(bar_width=36),
            MofNCompleteColumn(),
            TextColumn("[green]{task.fields[done]}[/] [yellow]{task.fields[failed]}[/]"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as bars:
            tasks: dict[str, Any] = {}
            while True:
                status = watch()
                for name, tally in status["progress"].items():
                    if name not in tasks:
                        tasks[name] = bars.add_task(
                            ENTITY_TITLES[name], total=None, done="", failed=""
                        )
                    self._draw(bars, tasks[name], tally, word)
                if status["state"] not in ("queued", "running", "waiting"):
                    return status

    @staticmethod
    def _draw(bars: Progress, task: Any, tally: Json, word: str) -> None:  # noqa: ANN401  Rich's own
        settled = tally["total"] - tally["pending"] - tally["inDoubt"]
        written, failed = tally["created"] + tally["updated"], tally["failed"]
        bars.update(
            task,
            total=tally["total"] or None,
            completed=settled,
            done=f"{written} {word}" if written else "",
            failed=f"{failed} need you" if failed else "",
        )

    def tallies(self, progress: Json) -> None:
        """Print the results of each kind."""
        rows = [
            [ENTITY_TITLES[name], tally["total"], *(tally[part] for part in _PARTS)]
            for name, tally in progress.items()
        ]
        columns = ["", "#total", "#created", "#linked", "#unchanged", "#skipped", "#need you"]
        self.table(columns, rows)


def clean(text: object) -> str:
    """Escape text from elsewhere for a terminal."""
    return escape(printable(str(text)))


def money(amount: str, currency: str) -> str:
    """Return an amount from JSON as people write it."""
    return str(Money.of(amount, currency))
