"""Make the threads of a process switch more often."""

from __future__ import annotations

import sys

SWITCH_SECONDS = 0.0005  # a tenth of Python's default


def take_short_turns() -> None:
    """Let a thread that waits for the interpreter have it after half a millisecond.

    A thread that writes to an SQLite file releases the interpreter with each statement, and gets it
    back after the threads that compute have had their turns. Until it commits, all other writers
    wait for it. `python -m benchmarks.writers` shows the difference.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
