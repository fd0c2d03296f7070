"""A worker whose clock differs from the database's does not work: others rely on its times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text

from cleo_accounting.flows import CLOCK_OFF_MAX
from cleo_accounting.settings import Settings
from cleo_accounting.store import workers
from cleo_accounting.store.database import Database
from tests.crash.given import wait_until
from tests.processes import Process
from tests.world import KEY

_ALWAYS = 10_000
# A database clock that tests can set: each row is one answer, with how many seconds it is behind
# and how long it takes. Without rows, the clock is right.
_CLOCK = """
create table answers (id serial primary key, behind float not null, takes float not null);
create function public.clock_timestamp() returns timestamptz language plpgsql as $$
declare
    said record;
begin
    delete from answers where id = (select min(id) from answers) returning * into said;
    perform pg_sleep(coalesce(said.takes, 0));
    return pg_catalog.clock_timestamp() - make_interval(secs => coalesce(said.behind, 0));
end $$;
"""


class Server:
    """A database whose clock the test sets, like a database on another machine."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._database = Database(url)
        self._do(_CLOCK)
        name = self._database.engine.url.database
        self._do(f'alter database "{name}" set search_path = public, pg_catalog')

    def is_behind(self, seconds: float, *, times: int = _ALWAYS, takes: float = 0.0) -> None:
        """Make the clock this far behind for the next answers, and right again after them."""
        self._do(
            "insert into answers (behind, takes) select :behind, :takes"
            " from generate_series(1, :times)",
            behind=seconds,
            takes=takes,
            times=times,
        )

    def left(self) -> int:
        """Return how many of these answers are not used yet."""
        with self._database.reading() as tx:
            return int(tx.execute(text("select count(*) from answers")).scalar_one())

    def is_right(self) -> None:
        """Make the clock right from now on."""
        self._do("delete from answers")

    def at_work(self) -> Sequence[str]:
        """Return the workers that are alive."""
        with self._database.reading() as tx:
            return workers.living(tx)

    def beats(self) -> Sequence[object]:
        """Return the time of each worker's latest heartbeat."""
        with self._database.reading() as tx:
            return list(tx.scalars(text("select seen_at from workers order by id")))

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def _do(self, statement: str, **given: object) -> None:
        with self._database.transaction() as tx:
            tx.execute(text(statement), given)


@pytest.fixture
def server(new_postgres: Callable[[], str]) -> Iterator[Server]:
    made = Server(new_postgres())
    yield made
    made.close()


@pytest.fixture
def worker(server: Server) -> Iterator[Process]:
    environment = {
        "CLEO_DATABASE_URL": server.url,
        "CLEO_ENCRYPTION_KEYS": KEY,
        "CLEO_AUDIT_KEYS": KEY,
        "CLEO_QUICKBOOKS_CLIENT_ID": "client",
        "CLEO_QUICKBOOKS_CLIENT_SECRET": "secret",
        "CLEO_WORKER_LEASE_SECONDS": "2",
    }
    made = Process(["cleo_accounting", "work"], environment, r"(Working)")
    yield made
    if made.started and made.started.poll() is None:
        made.kill()


def _ended(worker: Process) -> int:
    assert worker.started is not None
    return worker.started.wait(timeout=60)


def _goes_on(worker: Process, server: Server) -> bool:
    """Return whether the worker still runs three heartbeats later."""
    assert worker.started is not None
    heard = server.beats()
    for _ in range(3):
        wait_until(lambda before=heard: server.beats() != before)  # type: ignore[misc]
        heard = server.beats()
    return worker.started.poll() is None


@pytest.mark.parametrize(
    ("behind", "said"),
    [(612, "612 s ahead of the database's"), (-45, "45 s behind the database's")],
)
@pytest.mark.parametrize("command", [["work"], ["serve", "--port=0"]])
def test_a_worker_whose_clock_is_off_does_not_start(
    server: Server, worker: Process, command: list[str], behind: float, said: str
) -> None:
    server.is_behind(behind)
    worker.arguments = ["cleo_accounting", *command]

    with pytest.raises(AssertionError, match=said) as refused:
        worker.start()

    assert _ended(worker) == 2
    assert "Set it (for example with NTP) and start again" in " ".join(str(refused.value).split())
    assert "Traceback" not in str(refused.value)
    assert server.at_work() == []


def test_whoever_only_answers_needs_no_such_clock(server: Server, worker: Process) -> None:
    server.is_behind(612)
    worker.arguments = ["cleo_accounting", "serve", "--port=0", "--no-worker"]
    worker.ready = r"at (http://\S+)"

    assert worker.start().startswith("http://")
    assert worker.stop() == 0


@pytest.mark.parametrize("command", [["work"], ["serve", "--port=0"]])
def test_a_worker_whose_clock_goes_off_ends_in_order_and_starts_when_it_is_set(
    server: Server, worker: Process, command: list[str]
) -> None:
    server.is_behind(25)
    worker.arguments = ["cleo_accounting", *command]
    worker.ready = r"(Working| at http://\S+)"
    worker.start()
    assert _goes_on(worker, server)

    server.is_right()
    server.is_behind(-600)

    assert _ended(worker) == 2
    said = " ".join("".join(worker.said).split())
    assert "600 s behind the database's" in said
    assert '"ahead_seconds": -600' in said
    assert "Traceback" not in said
    assert server.at_work() == []  # no worker has to wait for its lease to expire
    with pytest.raises(AssertionError, match="600 s behind"):
        worker.start()
    server.is_right()
    worker.start()
    assert _goes_on(worker, server)


def test_a_clock_that_is_off_just_once_ends_nobody(server: Server, worker: Process) -> None:
    worker.start()

    for _ in range(3):
        server.is_behind(600, times=1)
        wait_until(lambda: not server.left())
        assert _goes_on(worker, server)

    assert "clock_is_off" in "".join(worker.said)


def test_a_clock_is_not_judged_by_an_answer_that_came_late(server: Server, worker: Process) -> None:
    server.is_behind(600, times=2, takes=1.1)  # as if suspended before reading the answer
    worker.start()
    assert not server.left()

    server.is_behind(600, times=3, takes=1.1)
    wait_until(lambda: not server.left())

    assert _goes_on(worker, server)
    assert "clock_is_off" not in "".join(worker.said)


def test_a_database_that_is_too_slow_to_compare_clocks_with_is_told(
    server: Server, worker: Process
) -> None:
    server.is_behind(0, takes=1.1)

    with pytest.raises(AssertionError, match="cannot be compared"):
        worker.start()

    assert _ended(worker) == 2


def test_the_silence_is_long_enough_for_two_clocks_that_are_off() -> None:
    request_lives = query_lags = timedelta(seconds=120)

    kept = timedelta(seconds=Settings().quiescence_seconds)

    assert kept >= request_lives + query_lags + 2 * CLOCK_OFF_MAX
