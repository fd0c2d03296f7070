"""A database that is reused by one simulated world after another, with its statements cached."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, event, text
from sqlalchemy.engine import Engine

from cleo_accounting.store import schema
from cleo_accounting.store.database import Database

Dump = dict[str, list[dict[str, Any]]]

_MEMORY = Path("/dev/shm")  # noqa: S108  a folder in memory, if the machine has one
_JSON = ("profile", "fields", "entity_types", "usage", "details", "operations.facts")
_KEEP = ("schema_version", "sqlite_sequence")


class Bench:
    """The service's database, emptied before each simulated world."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self._kept: Connection | None = None
        if self.database.is_file:
            event.listen(self.database.engine, "connect", _forgo_the_disk)
        schema.upgrade(self.database)
        found = MetaData()
        found.reflect(self.database.engine)
        self._tables = [
            table.name for table in reversed(found.sorted_tables) if table.name not in _KEEP
        ]
        self._deletions = [f"delete from {name}" for name in self._tables]  # noqa: S608  the table names come from our own schema
        self._deletions.append("delete from sqlite_sequence")
        keys = {table.name: list(table.primary_key.columns.keys()) for table in found.sorted_tables}
        self._looks = {
            name: f"select * from {name} order by {', '.join(keys[name])}"  # noqa: S608  the table names come from our own schema
            for name in sorted(self._tables)
        }

    @property
    def engine(self) -> Engine:
        """The engine that every simulated process uses."""
        return self.database.engine

    def connected(self) -> AbstractContextManager[Connection]:
        """Return the kept connection; a transaction inside another one gets its own connection."""
        if self._kept is None:
            self._kept = self.engine.connect()
        return self.engine.connect() if self._kept.in_transaction() else nullcontext(self._kept)

    def hang_up(self) -> None:
        """Close the kept connection, so that the next transaction opens a new one."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def empty(self) -> None:
        """Delete all rows and reset the sequences of ids."""
        with self.database.transaction() as tx:
            if tx.dialect.name == "postgresql":
                names = ", ".join(self._tables)
                tx.execute(text(f"truncate {names} restart identity cascade"))
                return
            for deletion in self._deletions:
                tx.exec_driver_sql(deletion)

    def dump(self) -> Dump:
        """Return every row of every table as plain values: the third record of the oracle."""
        with self.database.reading() as tx:
            return {
                name: [
                    {key: _plain(name, key, value) for key, value in row._mapping.items()}  # noqa: SLF001  `_mapping` is public
                    for row in tx.exec_driver_sql(look)
                ]
                for name, look in self._looks.items()
            }

    def restore(self, dump: Dump) -> None:
        """Replace the contents of the database with an earlier dump, as a restored backup would."""
        self.empty()
        with self.database.transaction() as tx:
            for name in reversed(self._tables):
                for row in dump[name]:
                    columns = ", ".join(f'"{key}"' for key in row)
                    holes = ", ".join(f":{key}" for key in row)
                    values = {key: _stored(name, key, value) for key, value in row.items()}
                    tx.execute(text(f"insert into {name} ({columns}) values ({holes})"), values)  # noqa: S608  the names come from our own schema

    def close(self) -> None:
        """Close the database."""
        self.hang_up()
        self.database.close()


def _forgo_the_disk(connection: Any, _record: object) -> None:  # noqa: ANN401  sqlite3's connection
    """Turn off disk syncs: no simulated crash takes the machine down, and nothing is kept."""
    connection.execute("PRAGMA synchronous=OFF")


def _plain(table: str, key: str, value: Any) -> Any:  # noqa: ANN401  any value that a driver returns
    if (key in _JSON or f"{table}.{key}" in _JSON) and isinstance(value, str):
        return json.loads(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def _stored(table: str, key: str, value: Any) -> Any:  # noqa: ANN401  any value that a driver accepts
    is_json = key in _JSON or f"{table}.{key}" in _JSON
    return json.dumps(value) if is_json and value is not None else value


@contextmanager
def bench() -> Iterator[Bench]:
    """Open a bench on a SQLite file, in memory if the machine has `/dev/shm`."""
    where = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="cleo-proof-", dir=where) as folder:
        made = Bench(f"sqlite:///{folder}/world.sqlite")
        try:
            yield made
        finally:
            made.close()
