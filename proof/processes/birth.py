"""Programs of ours as processes, and a nursery that bears processes of the service at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# What whoever runs this has set for the service is not for these processes.
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("CLEO_")}


@dataclass(frozen=True, slots=True)
class Nursery:
    """A process that has read the service's code already; see `proof.processes.nursery`."""

    process: subprocess.Popen[str]

    def bear(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        planted: Sequence[str] = (),
    ) -> int:
        """Start a process that runs our command line and writes into a log; returns its number."""
        wanted = {
            "arguments": arguments,
            "environment": dict(environment),
            "log": str(log),
            "planted": planted,
        }
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


def lives(child: int) -> bool:
    """Whether a process that a nursery bore is still there."""
    return Path(f"/proc/{child}").exists()


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Start a nursery; whom it bore lives on when the block ends."""
    with running(("-m", "proof.processes.nursery")) as process:
        yield Nursery(process)


@contextmanager
def running(arguments: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a Python program of ours until the block ends."""
    process = subprocess.Popen(  # noqa: S603  our own programs
        [sys.executable, *arguments],
        env=PLAIN,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()
