"""Hold the properties of the suite for longer: `python -m proof.properties --minutes 5 --seed N`.

Each is a test that hypothesis plays with random input; another round has another seed. What fails
is printed by pytest with the example that breaks it, cut down to the shortest.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence

PROPERTIES = ("tests/flows/test_preview_is_kept.py",)
_EXAMPLES = 25  # of each property in a round


def main(arguments: Sequence[str] | None = None) -> int:
    """Play rounds until the time is over; says by its exit code whether all of them held."""
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
    """Play one round of all properties."""
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "--timeout=0"]
    examples = {"HYPOTHESIS_EXAMPLES": str(_EXAMPLES), "HYPOTHESIS_PROFILE": "campaign"}
    return subprocess.run(  # noqa: S603  our own tests
        [*command, f"--hypothesis-seed={seed}", *PROPERTIES],
        check=False,
        env={**os.environ, **examples},
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
