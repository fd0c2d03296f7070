"""Fork processes of the service that have imported its code already, so that a kill is cheap.

Reads one JSON line per child from its input ({"arguments", "environment", "log", "planted"}) and
answers each with the child's process id. A child is its own process and runs our command line.
`planted` names bugs of `proof.processes.planted`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

import uvicorn

from cleo_accounting import cli, jobs
from cleo_accounting.web import app
from proof.processes import planted

_READ_BEFORE = (app, jobs, uvicorn)  # slow to import, and not imported by every command


def main() -> None:
    """Fork children until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if not child:
            _live(wanted)
        print(child, flush=True)


def _live(wanted: dict[str, Any]) -> None:
    """Run the command line as the child; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(wanted["environment"])
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    code = 1
    try:
        for name in wanted["planted"]:
            planted.PLANTED[name]()
        code = cli.run(wanted["arguments"])
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
