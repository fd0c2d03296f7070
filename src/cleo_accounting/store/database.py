"""The database: PostgreSQL, or one SQLite file (WAL) whose writers lock before they read."""

from __future__ import annotations

import os
import stat
import threading
from contextlib import contextmanager
from copy import copy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolEmpty

from cleo_accounting.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import URL, Dialect, Engine, PoolProxiedConnection, Table

    from cleo_accounting.store.signer import Signer

Transaction = Connection

# A client that is suspended in the middle of a transaction keeps its locks. Our transactions wait
# for nothing outside, so the server may end one that is idle for this long.
RESTING_SECONDS_MAX = 10
IDS_MAX = 500  # ids per statement: both databases allow more, but logs stay readable
_BUSY_TIMEOUT_MS = 15_000
_ONLY_OWNER = 0o600  # names of vendors and amounts are confidential
_OTHERS = 0o077
_MAPPED_BYTES_MAX = 1 << 30
# The driver's own default is 128. A list of another length is another statement, and each takes
# about 10 kB in each connection of the pool.
_STATEMENTS_PREPARED_MAX = 250
# A server that disappears silently (its machine or its network) is noticed within half a minute.
_ANSWER_SECONDS = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
LET_IN_BY = "let_in_by"  # option of a transaction: who made the session of the acting person
_READING = "cleo_reading"  # the next transaction of a connection only reads
_NEXT = "cleo_next_business"  # the business whose rows its next transaction may access
BUSINESS = "cleo_business"  # the business whose rows its transaction may access now
EVERY = "*"  # instead of a business: the rows of all businesses

# The database is unavailable, busy or full: nothing was decided, and a later retry may succeed.
AWAY = (OperationalError, InterfaceError, InternalError, PoolEmpty)


class Database:
    """The engine and its transactions, for the lifetime of the process.

    A transaction accesses the rows of one business (`of`), or deliberately those of all businesses
    (`across`). Otherwise it can access no business's rows: PostgreSQL's row-level security refuses
    them, unless the role of the connection bypasses it (`roles.trouble`).
    """

    def __init__(self, url: str) -> None:
        self.engine = engine(url)
        self._business = ""
        self._turn = threading.Lock()  # held by the thread that writes to the file

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction that commits as a whole or not at all; make no remote calls inside."""
        with self._in_turn(), self._connected() as connection:
            connection.info[_NEXT] = self._business
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a read-only transaction that locks nobody out and sees one moment's state."""
        with self._connected() as connection:
            connection.info[_NEXT] = self._business
            connection.info[_READING] = True
            with connection.begin():
                yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Wait until no other thread of this process writes to the same file.

        If the file is locked, SQLite lets a writer sleep and retry, so the next lock goes to any
        writer that happens to try: some wait for seconds. Threads that wait here hold no
        connection.
        """
        if not self.is_file:
            yield
            return
        if not self._turn.acquire(timeout=_BUSY_TIMEOUT_MS / 1000):
            raise PoolEmpty("the file is being written to for too long")
        try:
            yield
        finally:
            self._turn.release()

    def _connected(self) -> AbstractContextManager[Connection]:
        """Return a connection for one transaction."""
        return self.engine.connect()

    def of(self, business_id: str) -> Database:
        """Return this database for work on one business: its rows and no others.

        Raises:
            ValueError: no business can have this id.
        """
        if business_id in ("", EVERY):
            raise ValueError("a transaction belongs to a business, or says that it crosses them")
        return self._for(business_id)

    @property
    def across(self) -> Database:
        """This database for work that deliberately crosses businesses.

        Each use is listed in `tests/house/test_tenancy.py`, with the reason.
        """
        return self._for(EVERY)

    def _for(self, business: str) -> Database:
        whose = copy(self)
        whose._business = business  # noqa: SLF001  a copy of our own
        return whose

    def let_in_by(self, maker: str) -> Database:
        """Return this database for the actions of a person whose session somebody else created.

        Its transactions carry the maker of the session, so that the audit log names both
        (`audit.note`).
        """
        whose = copy(self)
        whose.engine = self.engine.execution_options(**{LET_IN_BY: maker})
        return whose

    def sign(self, name: str) -> None:
        """Set the application name of all connections, so that other processes can end them."""

        def _name(_dialect: object, _record: object, _args: object, options: Any) -> None:  # noqa: ANN401  the driver's
            options["application_name"] = name

        event.listen(self.engine, "do_connect", _name)
        self.engine.dispose()

    def sign_acts_with(self, signer: Signer) -> None:
        """Sign every audit entry with these keys; without keys, no entry can be written."""
        self.engine.update_execution_options(cleo_signer=signer)

    @property
    def is_file(self) -> bool:
        """Whether the database is a file that a single process has to own (SQLite)."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def engine(url: str) -> Engine:
    """Create the engine of a database URL.

    Raises:
        Misconfigured: the URL is invalid, or of an unsupported database.
    """
    try:
        parsed = make_url(url)
    except Exception:  # noqa: BLE001  SQLAlchemy raises several types; none may show the URL
        raise Misconfigured("CLEO_DATABASE_URL is not a database URL") from None
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise Misconfigured("CLEO_DATABASE_URL must name a file: what is kept outlives us")
        keep_private(parsed.database)
        return _sqlite_engine(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgres_engine(parsed)
    raise Misconfigured("CLEO_DATABASE_URL must begin with sqlite:/// or postgresql://")


def keep_private(path: str) -> None:
    """Restrict a SQLite file and the files beside it to their owner.

    Raises:
        Misconfigured: the file belongs to another user and is accessible to others.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _ONLY_OWNER))
    except OSError:
        return  # opening it will report the reason
    for one in (Path(path), *(Path(f"{path}-{part}") for part in ("wal", "shm", "journal"))):
        try:
            if stat.S_IMODE(one.stat().st_mode) & _OTHERS:
                one.chmod(_ONLY_OWNER)
        except FileNotFoundError:
            continue
        except OSError:
            raise Misconfigured(
                "The database file is open to other users of this machine and not ours to close:"
                " run “chmod 600” on it."
            ) from None


def one_at_a_time(tx: Transaction, name: str) -> None:
    """Take a named lock that is held until the transaction ends."""
    # Writers on SQLite already wait for each other.
    if tx.dialect.name == "postgresql":
        tx.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": f"cleo {name}"},
        )


def insert(tx: Transaction, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that supports ON CONFLICT, in the dialect of the transaction's database."""
    return insert_in(tx.dialect.name, table)


@cache  # building `excluded` costs more than the statement itself
def insert_in(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that supports ON CONFLICT, in a given dialect."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _postgres_engine(url: URL) -> Engine:
    asked = url.query.get("options", "")
    resting = f"-c idle_in_transaction_session_timeout={RESTING_SECONDS_MAX}s"
    unsaid = {name: value for name, value in _ANSWER_SECONDS.items() if name not in url.query}
    made = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={
            **unsaid,
            "options": f"{resting} {asked}",  # options of the URL take precedence
            "autocommit": True,  # `_begin_for_business` begins transactions in one round trip
        },
        pool_size=10,
        max_overflow=20,
        pool_pre_ping=True,
        hide_parameters=True,  # errors are logged; names and sealed grants must not be
    )
    made.dialect.do_begin = _begin_for_business  # type: ignore[assignment]
    _mark_plainly(made.dialect)
    return made


_FOR_EVERY = sql.SQL("begin; set local cleo.business = '*'")
KNOW_INTEGRATIONS = (
    "select set_config('cleo.integrations', coalesce(string_agg(id, ','), ''), true)"
    " from integrations where business_id = current_setting('cleo.business')"
)
_FOR_ONE = sql.SQL("begin; set local cleo.business = {}; " + KNOW_INTEGRATIONS)


def _begin_for_business(connection: PoolProxiedConnection) -> None:
    """Begin on PostgreSQL, and tell row-level security whose rows the transaction may access."""
    connection.info.pop(_READING, None)
    business = connection.info[BUSINESS] = connection.info.pop(_NEXT, "")
    said: sql.Composable = sql.SQL("begin")
    if business:
        said = _FOR_EVERY if business == EVERY else _FOR_ONE.format(sql.Literal(business))
    cursor: Any = connection.cursor()  # psycopg's own
    cursor.execute(said, prepare=False)


def _sqlite_engine(url: str) -> Engine:
    made = create_engine(
        url,
        connect_args={
            "timeout": _BUSY_TIMEOUT_MS / 1000,
            "check_same_thread": False,
            "cached_statements": _STATEMENTS_PREPARED_MAX,
        },
        pool_size=10,
        max_overflow=20,
        pool_use_lifo=True,  # the last one used has warm caches
        hide_parameters=True,
    )

    @event.listens_for(made, "connect")
    def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  sqlite3's own
        connection.isolation_level = None  # the driver must not begin transactions by itself
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged commit survives a power cut
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            f"mmap_size={_MAPPED_BYTES_MAX}",  # frequent reads do not go to the disk
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    # No listener for "begin": it would slow down every statement of the engine.
    made.dialect.do_begin = _begin  # type: ignore[assignment]
    _mark_plainly(made.dialect)
    return made


def _mark_plainly(dialect: Dialect) -> None:
    """Execute savepoints as plain SQL, because SQLAlchemy would compile each of them anew."""

    def savepoint(connection: Connection, name: str) -> None:
        connection.exec_driver_sql(f"SAVEPOINT {name}")

    def rollback_to(connection: Connection, name: str) -> None:
        connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {name}")

    def release(connection: Connection, name: str) -> None:
        connection.exec_driver_sql(f"RELEASE SAVEPOINT {name}")

    dialect.do_savepoint = savepoint  # type: ignore[method-assign]
    dialect.do_rollback_to_savepoint = rollback_to  # type: ignore[method-assign]
    dialect.do_release_savepoint = release  # type: ignore[method-assign]


def _begin(connection: PoolProxiedConnection) -> None:
    """Begin on SQLite: a transaction that reads before it locks could lose updates."""
    connection.info[BUSINESS] = connection.info.pop(_NEXT, "")
    reading = connection.info.pop(_READING, False)
    connection.cursor().execute("BEGIN" if reading else "BEGIN IMMEDIATE")
