"""Seams of a process, where it can crash, be paused, or meet a failing database or network.

Only seams that the service has anyway are used: the transport, the database and the clock that are
passed to it. Each edge that is reached is a numbered boundary; a plan interrupts one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

import httpx2
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from cleo_accounting.store.database import Database, Transaction
from cleo_accounting.store.signer import Signer
from proof.simulation.bench import Bench
from quickbooks_emulator.world.emulator import Emulator

Edge = Literal["begin", "read", "commit", "committed", "send", "answered", "sleep"]
How = Literal["crash", "pause", "lose_commit", "refuse_database", "unreachable"]
EDGES: tuple[Edge, ...] = get_args(Edge)
# The edges at which each interruption is possible; at others it waits for the next that fits.
FITS: dict[How, tuple[Edge, ...]] = {
    "crash": ("begin", "read", "commit", "committed", "send", "answered", "sleep"),
    "pause": ("begin", "read", "committed", "send", "answered"),
    "lose_commit": ("committed",),
    "refuse_database": ("begin", "read"),
    "unreachable": ("send",),
}


class Crash(BaseException):
    """The process was killed. Not an `Exception`, so that no handler of the service catches it."""


@dataclass(slots=True)
class Interruption:
    """What happens to a process when it reaches its n-th boundary."""

    at: int
    how: How
    edges: tuple[Edge, ...] = EDGES  # only these edges are counted
    batches: bool = False  # of requests, count only batches, which write
    meanwhile: Callable[[Edge], None] = lambda _edge: None


@dataclass(slots=True)
class Process:
    """One simulated process: it counts the boundaries it reaches and is interrupted as planned."""

    name: str
    alive: bool = True
    reached: int = 0
    paused_at: Edge | None = None
    trace: list[Edge] = field(default_factory=list)
    _plan: Interruption | None = None

    def plan(self, interruption: Interruption | None) -> None:
        """Plan an interruption; boundaries are counted from now."""
        self.reached = 0
        self.trace.clear()
        self._plan = interruption

    @property
    def planned(self) -> bool:
        """Whether a planned interruption has not happened yet."""
        return self._plan is not None

    def reach(self, edge: Edge, *, batch: bool = False) -> None:
        """Pass a boundary, or be interrupted there."""
        if not self.alive:
            raise Crash(self.name)
        self.trace.append(edge)
        plan = self._plan
        if plan is None or edge not in plan.edges or (plan.batches and not batch):
            return
        self.reached += 1
        if self.reached < plan.at or edge not in FITS[plan.how]:
            return
        self._plan = None
        self._meet(plan, edge)

    def _meet(self, plan: Interruption, edge: Edge) -> None:
        if plan.how == "crash":
            self.alive = False
            plan.meanwhile(edge)
            raise Crash(self.name)
        if plan.how == "pause":
            self.paused_at = edge
            plan.meanwhile(edge)
            self.paused_at = None
            return
        plan.meanwhile(edge)
        if plan.how == "unreachable":
            raise httpx2.ConnectError("[Errno 111] Connection refused")
        raise OperationalError("the database", {}, ConnectionError(plan.how))


class Memory(Database):
    """The service's database as one process uses it; every transaction has three boundaries.

    Copies of it, for one business or across businesses, count their open transactions together.
    """

    def __init__(self, bench: Bench, process: Process) -> None:
        self.engine = bench.engine
        self._bench = bench
        self._business = ""
        self._process = process
        self._open: list[Transaction] = []

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Take no turn: all processes of a world run in one thread."""
        yield

    @property
    def open(self) -> int:
        """The number of open transactions."""
        return len(self._open)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Run a transaction that commits as a whole or not at all, with three boundaries."""
        self._process.reach("begin")
        with super().transaction() as connection:
            self._open.append(connection)
            try:
                yield connection
                self._process.reach("commit")
            finally:
                self._open.remove(connection)
        self._process.reach("committed")

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that only reads."""
        self._process.reach("read")
        with super().reading() as connection:
            self._open.append(connection)
            try:
                yield connection
            finally:
                self._open.remove(connection)

    def sign_acts_with(self, signer: Signer) -> None:
        """Have every act signed; a connection gets its signer when it is opened, so reopen it."""
        super().sign_acts_with(signer)
        self._bench.hang_up()

    def _connected(self) -> AbstractContextManager[Connection]:
        return self._bench.connected()


class Line(httpx2.BaseTransport):
    """The transport to Intuit as one process uses it, with boundaries around each request."""

    def __init__(self, inner: httpx2.BaseTransport, process: Process, memory: Memory) -> None:
        self._inner, self._process, self._memory = inner, process, memory

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return its response, unless the process is interrupted."""
        assert not self._memory.open, "no foreign call happens inside a transaction"
        batch = request.url.path.endswith("/batch")
        self._process.reach("send", batch=batch)
        try:
            response = self._inner.handle_request(request)
        finally:
            if self._process.alive:
                self._process.reach("answered", batch=batch)
        return response


@dataclass
class Time:
    """The virtual clock as one process reads it, with that process's skew."""

    emulator: Emulator
    process: Process
    skew: timedelta = timedelta()
    _start: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._start = self.emulator.clock.now()

    def now(self) -> datetime:
        """Return the current time, with the skew of this process."""
        return self.emulator.clock.now() + self.skew

    def monotonic(self) -> float:
        """Return the seconds since this process started."""
        return (self.emulator.clock.now() - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Advance the virtual clock instead of waiting."""
        self.process.reach("sleep")
        self.emulator.wait(max(0.0, seconds))
