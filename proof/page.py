"""`python -m proof.page`: print the page from the records that campaigns have left beside it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from proof.oracle import CHECKED
from proof.record import Record, Rows, kept

PAGE = Path("docs/proof.md")
RECORDS = Path("docs/proof")
_SEEDS_WANTED = 100_000
_HEAD = """# The proof

Printed by `python -m proof.page` from the records in `docs/proof/`, which the commands named below
wrote; no figure is typed. What is proven, and how, is in `proof/`.

- One seed again: `python -m proof.simulation --seed N`. The same seed and commit give the same
  digest; what breaks a promise is cut down to the shortest trace that shows it.
- The lives of two documents, in any order of acts here and in QuickBooks, each sentence of their
  history held against QuickBooks' journal: `python -m proof.lives --seed N --minutes M`.
- Mutants: small slips made by a tool, each tried against fast tests that run its line and, where
  the simulation alone has to see it, too, against seeds that do: `python -m proof.mutants`.
- The zoo: each planted bug is hunted in a situation made for it, from seed 0 on. A seed counts only
  if it is clean without the bug, so that the bug, and nothing else, is what was seen.
"""
_NOT_REACHED = """
## Not reached

- I17 does not apply: there are no webhooks. I14 belongs to the HTTP door, which is not simulated
  (`tests/web/test_answers.py`). I2 is checked at every payment that is recorded.
- The durable engine (DBOS) is not simulated; real processes, SIGKILL, SIGSTOP and databases that
  are killed are in `tests/crash` and `proof/kills`.
- Of ordered pairs of kills a sample is tried: there are too many for all. In simulated kills the
  worker dies, not the database; databases die in `tests/crash` and `proof/kills`.
- Two workers take turns at boundaries (one is suspended while the other works); they do not run
  within one another's transactions.
- What people type and change is drawn from a few deeds; books are closed at one date. Sessions of
  the page, exports and the weeks of its activity are not played.
"""


def written(records: Sequence[Record]) -> str:
    """Render the page."""
    oracle = f"\nThe oracle has {_oracle_lines()} lines and checks {', '.join(CHECKED)}.\n"
    sections = "\n".join([_HEAD + oracle, *map(_section, records)])
    return sections + _NOT_REACHED + _missing(records)


def _missing(records: Sequence[Record]) -> str:
    """Return a note on how many seeds were played, if they are fewer than wanted."""
    played = [record.figures.get("seeds played", "0").split()[0] for record in records]
    total = sum(int(number.replace(",", "")) for number in played)
    if total >= _SEEDS_WANTED:
        return ""
    return f"- {_SEEDS_WANTED:,} seeds were wanted, {total:,} are told of above.\n"


def _section(record: Record) -> str:
    about = {
        "command": f"`{record.command}`",
        "commit": record.commit,
        "machine": record.machine,
        **record.figures,
    }
    parts = [f"## {record.title}\n", _table(about) + "\n"]
    if record.broken is not None:
        broken = "\n".join(f"- {one}" for one in record.broken) or "Nothing."
        parts.append(f"### Broken\n\n{broken}\n")
    parts += [f"### {title}\n\n{_rows(rows)}\n" for title, rows in record.tables.items()]
    return "\n".join(parts)


def _table(figures: Mapping[str, str]) -> str:
    return _rows([("", ""), *figures.items()])


def _rows(rows: Rows) -> str:
    head, *rest = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|---" * len(rows[0]) + "|", *rest])


def _oracle_lines() -> int:
    folder = Path(__file__).parent / "oracle"
    return sum(len(path.read_text().splitlines()) for path in sorted(folder.glob("*.py")))


if __name__ == "__main__":
    sys.stdout.write(written(kept(RECORDS)))
