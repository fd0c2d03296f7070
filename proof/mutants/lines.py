"""Name the lines of a module so that they are recognized after other lines have changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@lru_cache(maxsize=256)
def named(code: str) -> Sequence[str]:
    """Return each line's name by its number: its function and its text, `Class.method|text`."""
    lines = code.splitlines()
    functions = [""] * (len(lines) + 1)
    for name, first, last in _functions(ast.parse(code), ""):
        functions[first : last + 1] = [name] * (last + 1 - first)
    return ["", *(f"{functions[at]}|{line.strip()}" for at, line in enumerate(lines, 1))]


@lru_cache(maxsize=4096)
def statement(code: str, line: int) -> Sequence[int]:
    """Return the lines of the statement that a line belongs to; for a block, those of its head."""
    spans = [span for span in _statements(code) if span[0] <= line <= span[1]]
    first, last = min(spans, key=lambda span: span[1] - span[0], default=(line, line))
    return range(first, last + 1)


@lru_cache(maxsize=4096)
def constants(code: str, line: int) -> Sequence[str]:
    """Return the names that a line outside of every function assigns."""
    module = ast.parse(code)
    classes = [one.body for one in module.body if isinstance(one, ast.ClassDef)]
    for node in (node for body in (module.body, *classes) for node in body):
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets += [node.target] if isinstance(node, ast.AnnAssign) else []
            if targets:
                return [one.id for one in targets if isinstance(one, ast.Name)]
    return []


@lru_cache(maxsize=256)
def _statements(code: str) -> Sequence[tuple[int, int]]:
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else (node.end_lineno or node.lineno)
            found.append((node.lineno, max(node.lineno, last)))
    return found


def _functions(node: ast.AST, within: str) -> Iterator[tuple[str, int, int]]:
    """Yield name, first and last line of functions and classes, the inner ones after the outer."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _FUNCTIONS):
            name = f"{within}.{child.name}" if within else child.name
            yield name, child.lineno, child.end_lineno or child.lineno
            yield from _functions(child, name)
        else:
            yield from _functions(child, within)
