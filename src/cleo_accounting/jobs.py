"""Process runs durably: the only module that names the engine (DBOS).

Our tables are the source of truth; the engine only drives the runs. A run's row is a request for
work. The dispatcher enqueues the run's turn with the engine under the run's id and fence, so that
enqueuing twice starts one workflow. A workflow repeats `sync.advance` until the run is over, has
to wait, or has used up its turn; each call reads its state from our tables, so repeating a step
after a crash does no harm. A waiting run occupies no worker: it is enqueued again, as another
workflow, once its wait is over.

On SQLite, the one process that holds the file's lock works; on PostgreSQL any number of workers,
each with an id and a heartbeat, and a worker that sees another one fall silent takes over its
work. A worker whose clock is off does not work.
"""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID, WorkflowStatus
from filelock import FileLock, Timeout
from pydantic import SecretStr

from cleo_accounting.errors import Misconfigured, Superseded
from cleo_accounting.flows import CLOCK_OFF_MAX, House
from cleo_accounting.flows.admin import acts, keys, once
from cleo_accounting.flows.company import give_back
from cleo_accounting.flows.run import drive, sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store import paces, turns, workers
from cleo_accounting.store.database import AWAY, RESTING_SECONDS_MAX, keep_private
from cleo_accounting.store.turns import Turn

# One constant version: pending work must not be stranded when the code changes. To change the
# order of a flow's steps, use DBOS.patch.
_VERSION = "1"
_QUEUE = "runs"
_WORKFLOW = "run"
_SURVEY_SECONDS = 2.5
_MEASURES_MAX = 5
_TROUBLE_SECONDS = 2.0
_NOTING_SECONDS = 0.2  # within which the engine records that a run has ended
_GOING_ON = ["ENQUEUED", "DELAYED", "PENDING"]  # the engine's states of unfinished workflows

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Engine:
    """How the durable engine is configured."""

    database_url: SecretStr
    runs_at_once: int = 4
    poll_seconds: float = 0.2
    lease: timedelta = timedelta(seconds=20)
    grace_seconds: int = 20
    turn: timedelta = timedelta(seconds=15)  # then a run gives way to others, if any wait


@contextmanager
def working(house: House, engine: Engine) -> Iterator[None]:
    """Process runs for as long as the block lasts; unfinished runs continue at the next start.

    Raises:
        Misconfigured: another process already works on this SQLite file, or our clock is off, now
            or later.
    """
    with _alone(house):
        _check_clock(house)
        worker = _Worker(house, engine)
        # Errands have their own thread: the heartbeat and the runs must not wait for a slow one.
        threads = [
            threading.Thread(target=worker.repeat, args=(task,), name=task.__name__, daemon=True)
            for task in (worker.dispatch, worker.run_errands)
        ]
        worker.launch()
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            worker.stopping.set()
            for thread in threads:
                thread.join(timeout=engine.grace_seconds)
            worker.destroy()


def is_working(house: House) -> bool:
    """Whether any process is working on this database now."""
    if not house.database.is_file:
        with house.database.reading() as tx:
            return bool(workers.living(tx))
    try:
        with _lock(house):
            return False
    except Timeout:
        return True


class _Worker:
    """One worker process."""

    def __init__(self, house: House, engine: Engine) -> None:
        self._house = house
        self._engine = engine
        self._alone = house.database.is_file
        self._id = "single" if self._alone else f"worker-{uuid.uuid4().hex}"
        self._next_beat = 0.0
        self._next_survey = 0.0
        self._in_hand: set[str] = set()  # workflows that a thread of ours is executing
        self._handed_out: set[Turn] = set()  # enqueued, and not yet started at the last look
        self._stray: set[Turn] = set()  # without a driver at the last look
        self._businesses: dict[str, str] = {}  # of the runs in hand, by run id
        self._clock_off = False  # at the last look
        self._refusal: Misconfigured | None = None  # why we are stopping by ourselves
        self.stopping = threading.Event()

    def launch(self) -> None:
        """Start the engine; on SQLite it resumes what this process left unfinished."""
        database_url = self._engine.database_url.get_secret_value()
        _use_write_ahead_log(database_url)
        if self._alone:
            with self._house.database.transaction() as tx:
                paces.end_of_lost(tx, self._house.clock, self._id)
        config: DBOSConfig = {
            "name": "cleo-accounting",
            "system_database_url": database_url,
            "db_engine_kwargs": {"connect_args": self._sign()},
            "application_version": _VERSION,
            "executor_id": self._id,
            "sys_db_idle_transaction_timeout_sec": RESTING_SECONDS_MAX,
            "log_level": "WARNING",
            "enable_otlp": False,
            "serializer": DBOSPortableJSONSerializer(),
        }
        DBOS(config=config)
        self._run = self._workflow()
        DBOS.launch()
        self._queue = DBOS.register_queue(
            _QUEUE,
            worker_concurrency=self._engine.runs_at_once,
            polling_interval_sec=self._engine.poll_seconds,
            on_conflict="always_update",
        )

    def _sign(self) -> dict[str, str]:
        """Name all connections after us, so that a worker that believes us dead can end them."""
        if self._alone:
            return {}
        self._house.database.sign(self._id)
        return {"application_name": self._id}

    def destroy(self) -> None:
        """Stop the engine; steps in progress get their grace period.

        Raises:
            Misconfigured: our clock was off, which is why we stop.
        """
        grace = self._engine.grace_seconds
        if not self._in_hand:  # otherwise the engine sleeps for a second before it looks
            time.sleep(_NOTING_SECONDS)
            grace = 0
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=grace)
        if not self._alone:
            with self._house.database.transaction() as tx:
                workers.leave(tx, self._id)
        if self._refusal:
            raise self._refusal

    def repeat(self, task: Callable[[], None]) -> None:
        """Repeat a task until told to stop."""
        while not self.stopping.wait(self._engine.poll_seconds):
            try:
                task()
            except Exception:  # whatever it is, the next round tries again
                log.exception("task_failed", task=task.__name__)

    def dispatch(self) -> None:
        """Send a heartbeat if due, enqueue the runs that are ready, and do the regular chores."""
        now = time.monotonic()
        if not self._alone and now >= self._next_beat:
            self._next_beat = now + self._engine.lease.total_seconds() / 4
            self._beat()
        self._hand_out()
        if now >= self._next_survey:
            self._next_survey = now + _SURVEY_SECONDS
            self._revive()
            errands.ask_daily(self._house)
            keys.ask_to_reseal(self._house)
            once.forget_old(self._house)
            self._tell_heads()

    def _tell_heads(self) -> None:
        """Publish the head of each audit chain once a day, where no database can change it."""
        told = acts.tell_daily(self._house)
        for one in told:
            log.info("audit_head", head=acts.line(one))
        if told and self._house.heads_path:
            acts.keep(self._house.heads_path, told)

    def run_errands(self) -> None:
        """Run the errands that are due, and revoke unused grants."""
        errands.run_due(self._house)
        give_back.stale(self._house)

    def _hand_out(self) -> None:
        with self._house.database.across.reading() as tx:
            ready = turns.ready(tx, self._house.clock.now())
        for turn in ready:
            if turn not in self._handed_out:
                with SetWorkflowID(turn.execution_id):  # an id that is known starts nothing new
                    self._queue.enqueue(self._run, turn.run_id)
                self._handed_out.add(turn)
        self._handed_out &= set(ready)

    def _beat(self) -> None:
        with self._house.database.transaction() as tx:
            workers.beat(tx, self._id)
            ahead = workers.ahead(tx, self._house.clock)
            for silent in workers.silent(tx, self._engine.lease):
                log.warning("worker_lost", worker=silent)
                workers.cut_off(tx, silent)
                DBOS._recover_pending_workflows([silent])  # noqa: SLF001  there is no public API
                workers.leave(tx, silent)
                paces.end_of_lost(tx, self._house.clock, silent)
        if ahead is not None:
            self._see_clock(ahead)

    def _see_clock(self, ahead: timedelta) -> None:
        """Stop if our clock is off twice in a row: a single time, it may just be being adjusted."""
        off_before, self._clock_off = self._clock_off, abs(ahead) > CLOCK_OFF_MAX
        if not self._clock_off or self.stopping.is_set():
            return
        level = log.error if off_before else log.warning
        level("clock_is_off", ahead_seconds=round(ahead.total_seconds()), ending=off_before)
        if off_before:
            self._refusal = _clock_is_off(ahead)
            self.stopping.set()
            # To the main thread: if another thread took the process's signal, it would wait on.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    def _revive(self) -> None:
        """Free every run that should be driven but is not: the engine may have lost or ended it."""
        with self._house.database.across.reading() as tx:
            expected, living = {*turns.held(tx), *self._handed_out}, workers.living(tx)
        known = DBOS.list_workflows(
            status=_GOING_ON, name=_WORKFLOW, load_input=False, load_output=False
        )
        driven = {one.workflow_id.partition(".")[0] for one in known if self._drives(one, living)}
        stray = {turn for turn in expected if turn.run_id not in driven}
        for turn in stray & self._stray:  # missing twice: it was not just between two drivers
            with self._house.database.across.transaction() as tx:
                turns.free(tx, turn)
        self._stray = stray

    def _drives(self, one: WorkflowStatus, living: Sequence[str]) -> bool:
        """Whether a workflow that the engine believes to be active is really driven by a worker.

        For example, a full disk lets the engine drop a workflow without recording it.
        """
        if one.status != "PENDING":
            return True
        if one.executor_id == self._id:
            return one.workflow_id in self._in_hand
        return one.executor_id in living

    def _workflow(self) -> Callable[[str], None]:
        @DBOS.step(name="advance")
        def advance(run_id: str, fence: int) -> float | None:
            """Do a step; return for how many seconds to nap, or None to leave the run alone."""
            tried = drive.attempt(self._house_of(run_id), run_id, fence)
            if tried.trouble is not None:
                _say(tried.trouble, run_id)
            return tried.nap_seconds

        @DBOS.workflow(name=_WORKFLOW)
        def run(run_id: str) -> None:
            self._in_hand.add(DBOS.workflow_id or "")
            try:
                go_on(run_id)
            finally:
                self._in_hand.discard(DBOS.workflow_id or "")
                self._businesses.pop(run_id, None)

        def go_on(run_id: str) -> None:
            # Not a step: every execution takes the run over anew. A worker that was believed dead
            # and wakes up has an old fence and can no longer write.
            fence = self._take(run_id)
            ends_at = time.monotonic() + self._engine.turn.total_seconds()
            while fence is not None:
                nap = advance(run_id, fence)
                if nap is None:
                    return
                if nap:
                    DBOS.sleep(nap)
                turn_over, ending = time.monotonic() >= ends_at, self.stopping.is_set()
                if (turn_over or ending) and drive.leave(
                    self._house_of(run_id), run_id, fence, turn_over=turn_over, ending=ending
                ):
                    return

        return run

    def _house_of(self, run_id: str) -> House:
        """Return the house for the business of a run, which never changes."""
        if run_id not in self._businesses:
            with self._house.database.across.reading() as tx:
                self._businesses[run_id] = turns.business_of(tx, run_id)
        return self._house.of(self._businesses[run_id])

    def _take(self, run_id: str) -> int | None:
        """Take a run over once the database is available; return None if we have to stop first."""
        while not self.stopping.is_set():
            try:
                return sync.take(self._house_of(run_id), run_id)
            except AWAY as trouble:
                _say(trouble, run_id)
                self.stopping.wait(_TROUBLE_SECONDS)
        return None


def _say(trouble: Exception, run_id: str) -> None:
    if isinstance(trouble, Superseded):
        log.info("run_taken_over", run_id=run_id)
    elif isinstance(trouble, AWAY):
        log.error("database_trouble", run_id=run_id, exc_info=trouble)
    else:
        log.error("run_failed", run_id=run_id, exc_info=trouble)


@contextmanager
def _alone(house: House) -> Iterator[None]:
    if not house.database.is_file:
        yield
        return
    try:
        with _lock(house):
            yield
    except Timeout:
        raise Misconfigured(
            "Another process already works on this database file. Stop it first, or use PostgreSQL"
            " (CLEO_DATABASE_URL) for several workers."
        ) from None


def _lock(house: House) -> FileLock:
    """Return the lock that the only worker of a SQLite file holds; it ends with the process."""
    return FileLock(f"{house.database.engine.url.database}.lock", timeout=0, mode=0o600)


def _check_clock(house: House) -> None:
    """Check that our clock is right; on SQLite there is no other clock to disagree with."""
    if house.database.is_file:
        return
    for _ in range(_MEASURES_MAX):
        with house.database.transaction() as tx:
            ahead = workers.ahead(tx, house.clock)
        if ahead is not None:
            break
    else:
        raise Misconfigured(
            "This machine's clock cannot be compared with the database's, which takes longer than"
            " a second to answer. Bring them closer together and start again."
        )
    if abs(ahead) > CLOCK_OFF_MAX:
        raise _clock_is_off(ahead)


def _clock_is_off(ahead: timedelta) -> Misconfigured:
    side = "ahead of" if ahead > timedelta() else "behind"
    return Misconfigured(
        f"This machine's clock is {abs(ahead).total_seconds():.0f} s {side} the database's."
        " Set it (for example with NTP) and start again."
    )


def _use_write_ahead_log(url: str) -> None:
    """Enable write-ahead logging, so that readers do not block the engine's writers."""
    if url.startswith("sqlite"):
        keep_private(url.partition("///")[2])
        with closing(sqlite3.connect(url.partition("///")[2])) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
