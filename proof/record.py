"""Records of campaigns: the result of each command as JSON, from which the page is printed."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from proof.tally import Tally

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Record:
    """The result of one command: figures by name, violations, and longer tables."""

    title: str
    command: str
    commit: str
    machine: str
    figures: Mapping[str, str]
    broken: Sequence[str] | None = ()  # None if nothing is judged
    tables: Mapping[str, Rows] = field(default_factory=dict)  # the first row is the head


def of_here(title: str, command: str, **told: Any) -> Record:  # noqa: ANN401  see Record
    """Return a record of this commit, on this machine."""
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    return Record(title, command, _commit(), machine, **told)


def of_seeds(tally: Tally, first: int, seconds: float, jobs: int) -> Mapping[str, Any]:
    """Return the parts of a record about seeds that were played."""
    rate = tally.seeds / max(seconds, 1e-9) * 3600
    faults = [(name, f"{number:,}") for name, number in sorted(tally.faults.items())]
    return {
        "figures": {
            "seeds played": f"{tally.seeds:,} (from {first})",
            "rate": f"{rate:,.0f} an hour, {jobs} at once",
            "requests, changes in the books": f"{tally.requests:,}, {tally.effects:,}",
            "seeds that broke a promise": f"**{len(tally.broken)}**",
            "digest of all that happened": f"`{tally.digest[:32]}`",
        },
        "broken": [f"seed {one.seed}: {one.violations[0]}" for one in tally.broken],
        "tables": {"Faults met": [("what", "how often"), *faults]},
    }


def keep(record: Record, path: Path) -> None:
    """Store a record beside the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n")


def kept(folder: Path) -> Sequence[Record]:
    """Return all stored records, in the order of their files."""
    return [Record(**json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607  git, as found
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"
