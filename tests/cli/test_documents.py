"""The documentation lists every command, exit code and setting."""

from __future__ import annotations

import re
from pathlib import Path

from cleo_accounting import cli, settings

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(
        r"^\| `(CLEO_\w+)` \| (?:`([^`]*)`)? ?\|",
        (DOCS / "settings.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )

    told = dict(rows)
    assert len(told) == len(rows)
    assert told == {name: _written(default) for name, default in settings.names().items()}


def test_every_command_is_documented() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    rows = "".join(line for line in text.splitlines() if line.startswith("| `"))

    named = {words.split()[0] for words in re.findall(r"`([a-z][\w -]*)[^`]*`", rows)}
    assert {*cli.COMMANDS, "map", "token"} <= named


def test_every_exit_code_is_documented() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")

    told = {int(code) for code in re.findall(r"^\| (\d) \|", text, re.MULTILINE)}
    assert told == {0, 2, 3, 4, 5}


def _written(default: str) -> str:
    """Return a default as it would be written in the environment variable."""
    words = re.findall(r"'([^']*)'", default) if default.startswith("(") else [default]
    return ",".join(words)
