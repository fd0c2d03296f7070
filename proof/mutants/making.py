"""Make mutants of a module: one change each, by the operators of a mutation tool."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

# One or two slips of each kind that people make; the tool's would be thirty per comparison.
OPERATORS = (
    *(f"core/ReplaceComparisonOperator_{slip}" for slip in ("Eq_NotEq", "NotEq_Eq")),
    *(f"core/ReplaceComparisonOperator_{slip}" for slip in ("Lt_LtE", "LtE_Lt", "Lt_Gt")),
    *(f"core/ReplaceComparisonOperator_{slip}" for slip in ("Gt_GtE", "GtE_Gt", "Gt_Lt")),
    *(f"core/ReplaceComparisonOperator_{slip}" for slip in ("Is_IsNot", "IsNot_Is")),
    *(f"core/ReplaceBinaryOperator_{slip}" for slip in ("Add_Sub", "Sub_Add", "Mul_Add")),
    *(f"core/ReplaceBinaryOperator_{slip}" for slip in ("BitAnd_BitOr", "BitOr_BitAnd")),
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/AddNot",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceFalseWithTrue",
    "core/ReplaceAndWithOr",
    "core/ReplaceOrWithAnd",
    "core/ReplaceBreakWithContinue",
    "core/ReplaceContinueWithBreak",
    "core/NumberReplacer",
    "core/ZeroIterationForLoop",
)
_EQUIVALENTS = Path(__file__).parent / "equivalents.toml"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change in one place: the original line, and the mutant's."""

    path: str  # below `src`
    operator: str
    occurrence: int
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class Place:
    """A place at which an operator has something to change."""

    path: str
    operator: str
    occurrence: int
    line: int


def places_of(source: Path, path: str) -> Sequence[Place]:
    """Return where a module can be mutated, leaving out lines that do not affect behaviour."""
    code = (source / path).read_text(encoding="utf-8")
    quiet, nodes = _quiet_lines(code), list(_nodes(get_ast(code)))
    return [
        Place(path, name, occurrence, line)
        for name in OPERATORS
        for occurrence, line in enumerate(_lines(nodes, name))
        if line not in quiet
    ]


def made(source: Path, place: Place) -> Mutant | None:
    """Return the mutant of a place; None if it changes nothing or is not valid Python."""
    code = (source / place.path).read_text(encoding="utf-8")
    mutated = _mutated(code, place.operator, place.occurrence)
    before, after = _difference(code, mutated)
    if before == after or _is_unchecked(before, after) or not _compiles(mutated):
        return None
    return Mutant(place.path, place.operator, place.occurrence, place.line, before, after)


def planted(source: Path, mutant: Mutant) -> str:
    """Return the module's code with the mutant in it."""
    code = (source / mutant.path).read_text(encoding="utf-8")
    return _mutated(code, mutant.operator, mutant.occurrence)


@cache
def equivalents() -> dict[tuple[str, str, str], str]:
    """Return the mutants that behave as the code does, by place and change, with the reason."""
    told: list[dict[str, str]] = tomllib.loads(_EQUIVALENTS.read_text("utf-8"))["equivalent"]
    return {(one["path"], one["before"], one["after"]): one["why"] for one in told}


def is_equivalent(mutant: Mutant) -> bool:
    """Return whether a mutant is listed as behaving like the code."""
    return (mutant.path, mutant.before, mutant.after) in equivalents()


def _lines(nodes: Sequence[Any], operator: str) -> Iterator[int]:
    """Yield the lines at which an operator has something to change, in the tool's order."""
    slip = get_operator(operator)()
    for node in nodes:
        yield from (start[0] for start, _ in slip.mutation_positions(node))


def _nodes(node: Any) -> Iterator[Any]:  # noqa: ANN401  the tool has no types
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _mutated(code: str, operator: str, occurrence: int) -> str:
    mutated: str | None = mutate_code(code, get_operator(operator)(), occurrence)
    assert mutated is not None, "a place that was found can be changed"
    return mutated


def _difference(code: str, mutated: str) -> tuple[str, str]:
    """Return the first line that differs, as it is in each of both."""
    pairs = zip(code.splitlines(), mutated.splitlines(), strict=False)
    before, after = next(((one, other) for one, other in pairs if one != other), ("", ""))
    return before.strip(), after.strip()


def _is_unchecked(before: str, after: str) -> bool:
    """Return whether a mutant only drops a check that never fails, such as `strict` of `zip`."""
    return before.replace("strict=True", "strict=False") == after


def _compiles(code: str) -> bool:
    try:
        compile(code, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _quiet_lines(code: str) -> set[int]:
    """Return the lines of imports, decorators, signatures, log messages and assertions."""
    quiet: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            quiet.update(range(node.lineno, node.body[0].lineno))
        for part in _quiet_parts(node):
            quiet.update(range(part.lineno, (part.end_lineno or part.lineno) + 1))
    return quiet


def _quiet_parts(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert):
        yield node
    elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        yield node.test
        yield from node.body
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from node.decorator_list
    elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
        yield node
    elif isinstance(node, ast.AnnAssign):
        yield node.annotation
