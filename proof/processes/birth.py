"""Start our programs as processes, and fork processes of the service quickly from a nursery."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# The settings of the caller's own service are not for these processes.
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("CLEO_")}


@dataclass(frozen=True, slots=True)
class Nursery:
    """A process that has imported the service's code already; see `proof.processes.nursery`."""

    process: subprocess.Popen[str]

    def bear(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        planted: Sequence[str] = (),
    ) -> int:
        """Fork a process that runs our command line and logs to a file; return its id."""
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
    """Return whether a process that a nursery forked still exists."""
    return Path(f"/proc/{child}").exists()


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Start a nursery; the processes that it forked stay alive when the block ends."""
    with running(("-m", "proof.processes.nursery")) as process:
        yield Nursery(process)


@contextmanager
def running(arguments: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Run one of our Python programs until the block ends."""
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
