"""Check the suite's property tests for longer: `python -m proof.properties --minutes 5 --seed N`.

Hypothesis runs each property with random input; every round has another seed. If a property
fails, pytest prints the shortest example that breaks it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence

PROPERTIES = ("tests/flows/test_preview_is_kept.py",)
_EXAMPLES = 25  # per property and round


def main(arguments: Sequence[str] | None = None) -> int:
    """Run rounds until the time is over; the exit code is 1 if a property failed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m proof.properties", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    asked = parser.parse_args(arguments)
    end, seed = time.monotonic() + asked.minutes * 60, asked.seed
    while True:
        print(f"seed {seed}")
        if _round(seed) != 0:
            return 1
        seed += 1
        if time.monotonic() >= end:
            return 0


def _round(seed: int) -> int:
    """Run one round of all properties."""
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "--timeout=0"]
    examples = {"HYPOTHESIS_EXAMPLES": str(_EXAMPLES), "HYPOTHESIS_PROFILE": "campaign"}
    return subprocess.run(  # noqa: S603  our own tests
        [*command, f"--hypothesis-seed={seed}", *PROPERTIES],
        check=False,
        env={**os.environ, **examples},
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
