"""Have the threads of a process take short turns at the interpreter."""

from __future__ import annotations

import sys

SWITCH_SECONDS = 0.0005  # a tenth of what Python does by itself


def take_short_turns() -> None:
    """Let a thread that waits for the interpreter have it after half a millisecond.

    A thread that writes to an SQLite file gives the interpreter away with each statement, and gets
    it back when the threads that compute have had their turns. Until it commits, all other writers
    wait for it. `python -m benchmarks.writers` shows the difference.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
