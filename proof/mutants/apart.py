"""Run a function in a forked process that has imported all libraries, but none of our modules."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path

_OURS = ("cleo_accounting", "proof", "tests", "conftest")
_PAUSE_SECONDS = 0.02
_SLOWER = 20  # a process may take this many times its CPU time on a busy machine


class End(Enum):
    """How a process ended."""

    GOOD = "good"
    FAILED = "failed"
    ENDLESS = "endless"  # it had to be killed


def run_apart(run: Callable[[], int], tree: Path, cpu_seconds: int) -> End:
    """Run a function on the code of a folder, for at most `cpu_seconds` of CPU time.

    A forked process need not import the libraries again, which takes longer than most runs.
    """
    child = os.fork()
    if not child:
        _live(run, tree, cpu_seconds)
    ends_at = time.monotonic() + cpu_seconds * _SLOWER
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return End.GOOD if code == 0 else End.ENDLESS if code < 0 else End.FAILED
        if time.monotonic() > ends_at:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return End.ENDLESS
        time.sleep(_PAUSE_SECONDS)


def _live(run: Callable[[], int], tree: Path, cpu_seconds: int) -> None:
    code = 1
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        sys.path.insert(0, str(tree.absolute()))
        sys.dont_write_bytecode = True
        for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
            del sys.modules[name]
        code = run()
    finally:
        os._exit(code)
