"""The edges of a process: where it may die, be paused, or meet a failing database or network.

Only seams that the service has anyway are used: the transport, the database and the clock that it
is given. Each edge is a numbered boundary; a plan says what happens at which.
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
# What can happen where: elsewhere the plan waits for the next boundary that fits.
FITS: dict[How, tuple[Edge, ...]] = {
    "crash": ("begin", "read", "commit", "committed", "send", "answered", "sleep"),
    "pause": ("begin", "read", "committed", "send", "answered"),
    "lose_commit": ("committed",),
    "refuse_database": ("begin", "read"),
    "unreachable": ("send",),
}


class Crash(BaseException):
    """The process is gone: not an Exception, so that nobody's handler keeps it alive."""


@dataclass(slots=True)
class Interruption:
    """What is to happen once a process reaches its so-manieth boundary."""

    at: int
    how: How
    edges: tuple[Edge, ...] = EDGES  # only these are counted
    batches: bool = False  # and of requests only those that write
    meanwhile: Callable[[Edge], None] = lambda _edge: None


@dataclass(slots=True)
class Process:
    """One life of one worker: it counts its boundaries and meets what is planned for it."""

    name: str
    alive: bool = True
    reached: int = 0
    paused_at: Edge | None = None
    trace: list[Edge] = field(default_factory=list)
    _plan: Interruption | None = None

    def plan(self, interruption: Interruption | None) -> None:
        """Have something happen, counted from now."""
        self.reached = 0
        self.trace.clear()
        self._plan = interruption

    @property
    def planned(self) -> bool:
        """Whether something is still to come."""
        return self._plan is not None

    def reach(self, edge: Edge, *, batch: bool = False) -> None:
        """Pass a boundary, unless something happens there."""
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
    """The real database, seen by one process; every transaction has three boundaries.

    Copies of it, for one business or across them, count their open transactions together.
    """

    def __init__(self, bench: Bench, process: Process) -> None:
        self.engine = bench.engine
        self._bench = bench
        self._business = ""
        self._process = process
        self._open: list[Transaction] = []

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """All processes of a world are one thread, which is its own turn."""
        yield

    @property
    def open(self) -> int:
        """How many transactions are open."""
        return len(self._open)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Do all of it or nothing, if the process lives to see it."""
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
        """Look."""
        self._process.reach("read")
        with super().reading() as connection:
            self._open.append(connection)
            try:
                yield connection
            finally:
                self._open.remove(connection)

    def sign_acts_with(self, signer: Signer) -> None:
        """Have every act signed; a connection knows its signer from when it was opened."""
        super().sign_acts_with(signer)
        self._bench.hang_up()

    def _connected(self) -> AbstractContextManager[Connection]:
        return self._bench.connected()


class Line(httpx2.BaseTransport):
    """The way to Intuit, as one process has it."""

    def __init__(self, inner: httpx2.BaseTransport, process: Process, memory: Memory) -> None:
        self._inner, self._process, self._memory = inner, process, memory

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request there and its answer back."""
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
    """The one virtual time, as a process with its own idea of it reads it."""

    emulator: Emulator
    process: Process
    skew: timedelta = timedelta()
    _start: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._start = self.emulator.clock.now()

    def now(self) -> datetime:
        """The moment by the calendar."""
        return self.emulator.clock.now() + self.skew

    def monotonic(self) -> float:
        """Seconds since this process began."""
        return (self.emulator.clock.now() - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Wait, at no cost."""
        self.process.reach("sleep")
        self.emulator.wait(max(0.0, seconds))
