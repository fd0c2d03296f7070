"""`python -m proof.mutants.seeds 3 17`: play seeds until one of them has a violation."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence

from proof.quiet import keep_quiet
from proof.simulation.bench import bench
from proof.simulation.campaign import judge
from proof.simulation.script import write

SEED_SECONDS_MAX = 15.0  # of CPU time, or it never ends: most take less than half a second


def main(seeds: Sequence[str]) -> int:
    """Play the seeds in turn, and return 1 as soon as one has a violation."""
    gc.freeze()  # keep what was imported out of garbage collection
    with bench() as here:
        for seed in seeds:
            signal.setitimer(signal.ITIMER_VIRTUAL, SEED_SECONDS_MAX)  # then this process ends
            if broken := judge(write(int(seed)), here).violations:
                print(f"seed {seed}: {broken[0]}")
                return 1
    return 0


if __name__ == "__main__":
    keep_quiet()
    sys.exit(main(sys.argv[1:]))
