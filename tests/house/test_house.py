"""Rules for the code that no linter checks."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "src", ROOT / "emulator" / "src")
PROOF = ROOT / "proof"
FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400

# Exceptions: splitting a file that is one long enumeration would not make it clearer.
LONG_FILES = {
    "src/cleo_accounting/store/migrations/versions/0001_first.py": "tables from nothing, written",
    "src/cleo_accounting/store/tables.py": "every table of ours, one column a line",
    "src/cleo_accounting/web/schemas.py": "the JSON of the API in one place, one class a body",
}
LONG_FUNCTIONS = {
    "src/cleo_accounting/store/migrations/versions/0001_first.py:upgrade": "same",
    "src/cleo_accounting/store/migrations/versions/0001_first.py:downgrade": "same",
    "src/cleo_accounting/cli/mapping.py:fields": "one option a line; its body is short",
    "emulator/src/quickbooks_emulator/books/about.py:preferences": "Intuit's own document, in full",
}
BANNED_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "manager",
    "misc",
    "service",
}
# Exception: in the command line, `service` groups the commands that run and check the service.
NAMED_SO = {"src/cleo_accounting/cli/service.py"}
BANNED_WORDS = re.compile(r"\b(TODO|FIXME|HACK)\b|[Ss]implified for now")
_WORDS_ALLOWED_IN = {"tests/house/test_house.py"}


def _sources() -> Iterator[Path]:
    for folder in SOURCES:
        yield from sorted(folder.rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _kept() -> list[Path]:
    """Return every file that is tracked, or untracked and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if listed.returncode:
        pytest.skip("the sources are not in a git repository")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_imports_flow_inward(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every contract of `[tool.importlinter]` is kept; `lint-imports` shows which one is broken."""
    monkeypatch.chdir(ROOT)

    assert cli.lint_imports(no_cache=True, is_debug_mode=False) == 0


def test_no_file_is_longer_than_one_can_oversee() -> None:
    long = {
        _name(path)
        for path in (*_sources(), *sorted(PROOF.rglob("*.py")))
        if len(path.read_text(encoding="utf-8").splitlines()) > FILE_LINES_MAX
    }

    assert long <= LONG_FILES.keys()


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{_name(path)}:{node.name}"
        for path in _sources()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    }

    assert long <= LONG_FUNCTIONS.keys()


def test_every_module_says_its_one_idea_first() -> None:
    silent = [_name(path) for path in _sources() if not ast.get_docstring(_tree(path))]

    assert silent == []


def test_no_room_is_named_for_nothing() -> None:
    named = {
        _name(path)
        for path in _sources()
        if {part.removesuffix(".py").strip("_") for part in path.parts[len(ROOT.parts) :]}
        & BANNED_NAMES
    }

    assert named <= NAMED_SO


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{_name(path)}: {hit[0]}"
        for path in _kept()
        if path.suffix in {".py", ".md", ".toml", ".js", ".css", ".html", ".yml", ""}
        and _name(path) not in _WORDS_ALLOWED_IN
        and (hit := BANNED_WORDS.search(path.read_text(encoding="utf-8", errors="replace")))
    ]

    assert found == []


def test_only_a_few_places_catch_everything() -> None:
    """Only where an error becomes an HTTP status, or the outcome of a job or of one record."""
    broad = {
        _name(path)
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    }

    assert broad <= {
        "src/cleo_accounting/core/plan.py",  # a record that cannot be planned
        "src/cleo_accounting/flows/apart.py",  # a record that cannot be sent or settled
        "src/cleo_accounting/flows/run/drive.py",
        "src/cleo_accounting/jobs.py",  # a repeated task of a worker
        "src/cleo_accounting/web/frame.py",
        "src/cleo_accounting/store/database.py",  # errors of several kinds may not show the URL
    }


# Comparisons of two values of our own, from whose duration no caller can learn anything.
EQUAL_BY_SIGHT = {
    "src/cleo_accounting/flows/company/books.py": "grant.access_token != refused.access_token",
    "src/cleo_accounting/store/audit.py": "hashlib.sha256(plain).hexdigest() == row.hash",
}
SECRETS = re.compile(r"(secret|token|signature|digest|hmac|verifier|challenge)$")


def test_secrets_are_compared_in_constant_time() -> None:
    found = {
        (str(path.relative_to(ROOT)), ast.unparse(node))
        for path in SOURCES[0].rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)
        if any(SECRETS.search(_last_name(side)) for side in (node.left, *node.comparators))
    }

    assert found == set(EQUAL_BY_SIGHT.items())


# Attributes that are named like secrets but are plain strings, with the reason.
PLAIN = {
    "Endpoints.token": "an address of Intuit's",
    "NewToken.token": "what the answer of POST …/tokens is for, this once",
    "Visit.token": "of a form, on the page of whoever it is given to; without a repr",
    "_Demo.token": "of the demo, against an emulator",
}
NAMED = re.compile(r"(^|_)(secret|token|password|keys|verifier|database_url)$")


def test_what_a_value_holds_of_secrets_is_of_the_type_that_shows_none() -> None:
    members = [
        (f"{holder.name}.{member.target.id}", ast.unparse(member.annotation))
        for path in SOURCES[0].rglob("*.py")
        for holder in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(holder, ast.ClassDef)
        for member in holder.body
        if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name)
        if NAMED.search(member.target.id)
    ]
    typed = {name for name, kind in members if "Secret" in kind}

    assert typed == {
        *("Grant.access_token", "Grant.refresh_token"),
        *("QuickBooks.client_secret", "Settings.encryption_keys", "Settings.audit_keys"),
        *("Settings.database_url", "Settings.engine_database_url", "Engine.database_url"),
    }
    assert {name for name, kind in members if re.search(r"\b(str|bytes)\b", kind)} == set(PLAIN)


def _last_name(side: ast.expr) -> str:
    """Return the name of a variable or an attribute, or of the function that is called."""
    if isinstance(side, ast.Call):
        return _last_name(side.func)
    return side.id if isinstance(side, ast.Name) else getattr(side, "attr", "")
