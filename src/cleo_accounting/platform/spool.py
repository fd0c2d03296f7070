"""Group the rows of each document on disk, so that a file of any size needs constant memory."""

from __future__ import annotations

import hashlib
import sqlite3
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CACHE_KIB = 16_384
_AT_ONCE = 1000
# The groups in the order of their first lines, each with its rows in file order.
_GROUPED = """
    select first, line, body from (
        select line, body, min(line) over (partition by key) as first from rows
    ) order by first, line
"""


class Spool:
    """A temporary SQLite database in a file of its own, which SQLite deletes by itself."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for statement in (
            f"pragma cache_size = -{_CACHE_KIB}",
            "pragma journal_mode = off",
            "pragma synchronous = off",
            "create table rows (key blob not null, line integer not null, body blob not null)",
            "create table seen (key blob primary key) without rowid",
        ):
            self._database.execute(statement)
        self._waiting: list[tuple[bytes, int, bytes]] = []

    def add(self, key: tuple[str, ...], line: int, body: bytes) -> None:
        """Store a row by the key of its document."""
        self._waiting.append((digest(*key), line, body))
        if len(self._waiting) >= _AT_ONCE:
            self._write()

    def groups(self) -> Iterator[Iterator[tuple[int, bytes]]]:
        """Yield the rows of each key, in the order in which the keys first appeared."""
        self._write()
        rows = self._database.execute(_GROUPED)
        for _, some in groupby(rows, key=lambda row: row[0]):
            yield ((line, body) for _, line, body in some)

    def is_first(self, name: str) -> bool:
        """Return whether a name is passed for the first time."""
        added = self._database.execute("insert or ignore into seen values (?)", (digest(name),))
        return added.rowcount == 1

    def close(self) -> None:
        """Delete the database."""
        self._database.close()

    def _write(self) -> None:
        self._database.execute("begin")
        self._database.executemany("insert into rows values (?, ?, ?)", self._waiting)
        self._database.execute("commit")
        self._waiting.clear()


def digest(*words: str) -> bytes:
    """Return a short hash of some words."""
    return hashlib.blake2b(
        "\x1f".join(words).encode("utf-8", "surrogatepass"), digest_size=16
    ).digest()
