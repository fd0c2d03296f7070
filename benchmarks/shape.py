"""Measure the service's structure: the path of a bill, decisions by kind, sizes, import cycles.

    python -m benchmarks.shape

The path ("way") of a bill is every call between functions of the service, from the worker's step
that plans the bill until its batch is passed to the QuickBooks client. A move is a call of, or a
return to, a function in another file.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from types import FrameType
from typing import Any
from unittest.mock import patch

import grimp
from rich.console import Console
from rich.table import Table

import cleo_accounting
from benchmarks.page import fresh
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import ItemState, Trigger
from cleo_accounting.flows.run import drive, sync
from cleo_accounting.providers.quickbooks.company import QuickBooksCompany
from proof.quiet import keep_quiet
from tests.world import World, connection, payable, world

HOME = Path(cleo_accounting.__file__).parent
PACKAGES = ("cleo_accounting", "quickbooks_emulator", "proof")
_BEFORE = 2  # bills that are already in QuickBooks
STATES = frozenset(ItemState)


@dataclass(slots=True)
class Way:
    """The calls of functions of the service between two moments."""

    depth: int = 0
    calls: int = 0
    returns: int = 0
    moves: int = 0
    functions: set[tuple[str, str]] = field(default_factory=set)
    _stack: list[str] = field(default_factory=list)
    _last: str = ""

    def note(self, frame: FrameType, event: str, _: object) -> None:
        """Count a call or a return of a function of the service."""
        file = frame.f_code.co_filename
        if event not in ("call", "return") or not file.startswith(str(HOME)):
            return
        if event == "call":
            self.calls += 1
            self.functions.add((file, frame.f_code.co_qualname))
            self._stack.append(file)
            self.depth = max(self.depth, len(self._stack))
            self._moved(file)
        elif self._stack:
            self.returns += 1
            self._stack.pop()
            if self._stack:
                self._moved(self._stack[-1])

    def _moved(self, file: str) -> None:
        self.moves += file != self._last
        self._last = file

    @property
    def files(self) -> int:
        """The number of files that contain the called functions."""
        return len({file for file, _ in self.functions})


def way_of_a_bill() -> Way:
    """Record the calls for one bill of a known vendor, from the worker's step to its batch."""
    with fresh("sqlite") as database, world(database) as here:
        here.connect()
        here.choose(expense_account_id=here.account("Expense"))
        here.feed(connection(1, "One"))
        for number in range(_BEFORE):  # an hour apart, so that no list has changed recently
            here.feed(payable(number))
            here.sync()
            here.house.clock.sleep(3600)
        here.feed(payable(_BEFORE))
        return _followed(here)


def _followed(here: World) -> Way:
    run = sync.request(
        here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="tester"
    )
    fence = sync.take(here.house, run.id)
    way = Way()
    while len(here.ours()) == _BEFORE:
        with _until_sent(way):
            drive.attempt(here.house, run.id, fence)
    return way


@contextmanager
def _until_sent(way: Way) -> Iterator[None]:
    write = QuickBooksCompany.write

    def stop(*of: Any, **more: Any) -> object:  # noqa: ANN401  the arguments of the original
        sys.setprofile(None)
        return write(*of, **more)

    with patch.object(QuickBooksCompany, "write", stop):
        sys.setprofile(way.note)
        try:
            yield
        finally:
            sys.setprofile(None)


def trees(home: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Yield the files of a package with their syntax trees."""
    for path in sorted(home.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def names_a_kind(tree: ast.AST) -> bool:
    """Return whether a kind of record is named anywhere in the tree."""
    return any(_is_kind(node) for node in ast.walk(tree))


def decisions_by_kind(tree: ast.AST) -> int:
    """Count the comparisons with a kind of record."""
    compared = (node for node in ast.walk(tree) if isinstance(node, ast.Compare))
    return sum(any(_is_kind(side) for side in (one.left, *one.comparators)) for one in compared)


def _is_kind(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "RemoteKind"
        and node.attr in RemoteKind.__members__
    )


def literals_of_states(tree: ast.AST) -> int:
    """Count the string literals that equal a state of an operation."""
    return sum(
        isinstance(node, ast.Constant) and node.value in STATES
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def functions(tree: ast.AST) -> Iterator[int]:
    """Yield the length of each function in lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield node.end_lineno - node.lineno + 1


def in_circles(package: str) -> Sequence[str]:
    """Return the modules in import cycles, including imports for type checking only."""
    graph = grimp.build_graph(package, include_external_packages=False)
    return [
        module
        for module in sorted(graph.modules)
        if any(
            module in graph.find_upstream_modules(one)
            for one in graph.find_modules_directly_imported_by(module)
        )
    ]


def spread(sizes: Iterable[int]) -> str:
    """Format the median, the 95th percentile and the maximum of some sizes."""
    all_of_them = sorted(sizes)
    return f"{median(all_of_them):.0f}/{quantiles(all_of_them, n=20)[-1]:.0f}/{all_of_them[-1]}"


def main() -> None:
    """Take all measurements and print them as one table."""
    keep_quiet()
    table = Table("what", "value", title="Shape of the service")
    way = way_of_a_bill()
    known = list(trees(HOME))
    outside = [(path, tree) for path, tree in known if "kinds" not in path.parts]
    rows: Sequence[tuple[str, object]] = (
        ("way of a bill: depth", way.depth),
        ("way of a bill: files", way.files),
        ("way of a bill: functions", len(way.functions)),
        ("way of a bill: calls", way.calls),
        ("way of a bill: returns", way.returns),
        ("way of a bill: moves between files", way.moves),
        ("files outside core/kinds that name a kind", _sum(outside, names_a_kind)),
        ("comparisons with a kind outside core/kinds", _sum(outside, decisions_by_kind)),
        ("states of operations as plain strings", _sum(known, literals_of_states)),
        ("files", len(known)),
        ("lines of a file: median/p95/max", spread(_lines(path) for path, _ in known)),
        ("lines of a function: median/p95/max", spread(_each(known))),
        ("functions of more than 50 lines", sum(one > 50 for one in _each(known))),
        *((f"modules in import circles: {one}", len(in_circles(one))) for one in PACKAGES),
    )
    for name, value in rows:
        table.add_row(name, str(value))
    Console().print(table)


def _sum(some: Sequence[tuple[Path, ast.Module]], counted: Callable[[ast.AST], int]) -> int:
    return sum(counted(tree) for _, tree in some)


def _each(some: Sequence[tuple[Path, ast.Module]]) -> list[int]:
    return [size for _, tree in some for size in functions(tree)]


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


if __name__ == "__main__":
    main()
