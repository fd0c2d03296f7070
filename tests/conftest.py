"""Fixtures for every test: empty SQLite and PostgreSQL databases that have our tables."""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from cleo_accounting.store import roles, schema
from cleo_accounting.store.database import Database
from cleo_accounting.store.signer import Signer
from cleo_accounting.store.tables import metadata
from proof.kills.postgres import server

# No deadlines: how long an example takes depends more on the machine than on the code.
settings.register_profile("quick", max_examples=40, deadline=None)
settings.register_profile(
    "thorough", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "campaign",
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "4000")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

_ROOM_BYTES = 2 << 30
# Much faster than truncating the tables, most of which no test has touched.
_EMPTIED = "; ".join(
    [
        "set local session_replication_role = replica",  # no foreign keys or triggers
        *(f"delete from {table}" for table in metadata.tables),
        "select setval(sequencename::regclass, start_value, false) from pg_sequences",
    ]
)
SIGNER = Signer([base64.b64encode(bytes(range(32))).decode()])  # the key of tests.world


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs every database test on PostgreSQL as well."""
    parser.addoption(
        "--every-database",
        action="store_true",
        help="run every test that takes a database on PostgreSQL, not only those marked `both`",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return three workers for two cores: many tests wait for a process, a browser or a clock."""
    cores = os.cpu_count() or 1
    return cores + cores // 2


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a database test on SQLite, and on PostgreSQL too if the result may differ there.

    The marker `both` is for tests that depend on locks, races, types or policies of the database,
    and for the further tests needed to execute every statement of the service on PostgreSQL too.
    """
    every = metafunc.config.getoption("--every-database")
    chosen = {each.args[0] for each in metafunc.definition.iter_markers("parametrize")}
    for name in sorted({"database", "database_url"} & set(metafunc.fixturenames) - chosen):
        both = every or metafunc.definition.get_closest_marker("both")
        sorts = ["sqlite", "postgres"] if both else ["sqlite"]
        metafunc.parametrize(name, sorts, indirect=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: the one named in the environment, else our own from a wheel."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    with server() as own:
        # The tests kill processes, never the machine: only a power cut would lose unsynced data.
        for setting in ("fsync = off", "full_page_writes = off"):
            own.wheel.psql(f"alter system set {setting};")
        own.wheel.psql("select pg_reload_conf();")
        yield own.wheel.get_uri()


@pytest.fixture(scope="session")
def service_role(postgres_url: str) -> Iterator[tuple[str, str]]:
    """The name and password of a role with the service's rights in every PostgreSQL database."""
    role, password = f"cleo_service_{uuid.uuid4().hex}", uuid.uuid4().hex
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"create role {role} login password '{password}'".encode())
    yield role, password
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"drop role {role}".encode())


@pytest.fixture(scope="session")
def as_service(service_role: tuple[str, str]) -> Callable[[str], str]:
    """A function that turns a URL of a PostgreSQL test database into that of the service's role."""

    def changed(url: str) -> str:
        role, password = service_role
        chosen = make_url(url).set(username=role, password=password)
        return chosen.render_as_string(hide_password=False)

    return changed


@pytest.fixture(scope="session")
def new_postgres(postgres_url: str, service_role: tuple[str, str]) -> Iterator[Callable[[], str]]:
    """A function that creates a fresh PostgreSQL database with our tables and returns its URL."""
    admin = create_engine(
        make_url(postgres_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    made: list[str] = []

    def create(template: str | None = None) -> str:
        name = f"cleo_{uuid.uuid4().hex}"
        with admin.connect() as connection:
            copied = f' template "{template}"' if template else ""
            connection.execute(text(f'create database "{name}"{copied}'))
        made.append(name)
        return name

    def url(name: str) -> str:
        plain = make_url(postgres_url).set(drivername="postgresql", database=name)
        return plain.render_as_string(hide_password=False)

    template = create()
    migrated = Database(url(template))
    schema.upgrade(migrated)
    roles.grant(migrated, service=service_role[0])
    migrated.close()
    yield lambda: url(create(template))
    with admin.connect() as connection:
        for name in made:
            connection.execute(text(f'drop database if exists "{name}" with (force)'))
    admin.dispose()


@pytest.fixture(scope="session")
def new_sqlite() -> Iterator[Callable[[], str]]:
    """A function that creates a fresh SQLite file with our tables and returns its URL."""
    folder = Path(tempfile.mkdtemp(prefix="cleo-sqlite-", dir=_in_memory()))
    template = folder / "template.sqlite"
    migrated = Database(f"sqlite:///{template}")
    schema.upgrade(migrated)
    migrated.close()

    def create() -> str:
        path = folder / f"{uuid.uuid4().hex}.sqlite"
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    yield create
    shutil.rmtree(folder, ignore_errors=True)


def _put_back(kept: Database, fresh: Path) -> None:
    """Replace the file of an open database with a fresh one."""
    kept.close()
    path = kept.engine.url.database or ""
    for part in ("-wal", "-shm"):
        Path(f"{path}{part}").unlink(missing_ok=True)
    fresh.replace(path)


def _in_memory() -> Path | None:
    """Return a folder in memory if one has room: no data of a test has to survive a power cut."""
    folder = Path("/dev/shm")
    roomy = folder.is_dir() and shutil.disk_usage(folder).free > _ROOM_BYTES
    return folder if roomy and os.access(folder, os.W_OK) else None


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, of the kind that `pytest_generate_tests` chose."""
    new: Callable[[], str] = request.getfixturevalue(f"new_{request.param}")
    return new()


@pytest.fixture(scope="session")
def kept_sqlite(new_sqlite: Callable[[], str]) -> Iterator[Database]:
    """One SQLite database for many tests, whose file is replaced before each test.

    A newly opened database compiles every statement again, which takes longer than the rest of
    most tests.
    """
    kept = Database(new_sqlite())
    yield kept
    kept.close()


@pytest.fixture(scope="session")
def kept_postgres(
    new_postgres: Callable[[], str], as_service: Callable[[str], str]
) -> Iterator[tuple[Database, Database]]:
    """One PostgreSQL database for many tests, emptied before each because creating one is slow.

    It is opened twice: as its owner, and as the service, which row-level security restricts.
    """
    url = new_postgres()
    owner, service = Database(url), Database(as_service(url))
    yield owner, service
    owner.close()
    service.close()


@pytest.fixture
def sqlite(kept_sqlite: Database, new_sqlite: Callable[[], str]) -> Iterator[Database]:
    """An empty SQLite database."""
    _put_back(kept_sqlite, Path(make_url(new_sqlite()).database or ""))
    kept_sqlite.sign_acts_with(SIGNER)
    yield kept_sqlite
    kept_sqlite.close()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database; on PostgreSQL as the role of the service."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    owner, service = request.getfixturevalue("kept_postgres")
    service.sign_acts_with(SIGNER)
    with owner.transaction() as tx:
        tx.connection.cursor().execute(_EMPTIED)  # several statements in one go
    yield service.across  # tests read the rows of every business


@pytest.fixture
def owner(database: Database, request: pytest.FixtureRequest) -> Database:
    """The same database, opened as its owner for what the service's role may not do."""
    if database.is_file:
        return database
    found: Database = request.getfixturevalue("kept_postgres")[0]
    return found
