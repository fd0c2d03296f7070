"""Run uv on the lock file of the repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def uv(root: Path, *arguments: str) -> str:
    """Run uv and return its output.

    Raises:
        SystemExit: uv failed, with the reason on stderr.
    """
    beside = Path(sys.executable).with_name("uv")
    command = [str(beside) if beside.exists() else "uv", *arguments]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603  our own arguments
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout


def epoch(root: Path) -> int:
    """Return the time of the last commit, in seconds since 1970, as the date of the builds."""
    asked = ["git", "log", "-1", "--format=%ct"]
    done = subprocess.run(asked, cwd=root, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603  same
    return int(done.stdout)
