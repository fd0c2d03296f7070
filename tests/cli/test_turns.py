"""`serve` and `work` switch between their threads more often than Python does by default."""

from __future__ import annotations

import subprocess
import sys

from cleo_accounting.cli.turns import SWITCH_SECONDS

_SWITCHED = """
import sys
from unittest.mock import patch

from typer.testing import CliRunner

from cleo_accounting.cli import app, service

with patch.object(service, "read_settings", side_effect=SystemExit):
    CliRunner().invoke(app, [sys.argv[1]])
print(sys.getswitchinterval())
"""


def test_serve_and_work_let_threads_take_short_turns() -> None:
    for command in ("serve", "work"):
        told = subprocess.run(
            [sys.executable, "-c", _SWITCHED, command],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        assert float(told) == SWITCH_SECONDS
