"""Records of campaigns: what a command came to, kept as JSON; the page is printed from them."""

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
    """What one command came to: figures by name, what broke, and longer tables."""

    title: str
    command: str
    commit: str
    machine: str
    figures: Mapping[str, str]
    broken: Sequence[str] | None = ()  # None: nothing is judged
    tables: Mapping[str, Rows] = field(default_factory=dict)  # the first row is the head


def of_here(title: str, command: str, **told: Any) -> Record:  # noqa: ANN401  see Record
    """A record of this commit, on this machine."""
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    return Record(title, command, _commit(), machine, **told)


def of_seeds(tally: Tally, first: int, seconds: float, jobs: int) -> Mapping[str, Any]:
    """What a record tells of seeds that were played."""
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
    """Keep a record beside the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n")


def kept(folder: Path) -> Sequence[Record]:
    """All records that are kept, in the order of their files."""
    return [Record(**json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607  git, as found
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"
