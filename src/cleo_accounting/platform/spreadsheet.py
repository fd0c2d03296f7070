"""Real payables out of a table: rows of one vendor, number and date are one payable's lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from cleo_accounting.core.match import name_key
from cleo_accounting.core.numbers import number_key
from cleo_accounting.platform import amounts, dates, payables
from cleo_accounting.platform.columns import DATED_BY
from cleo_accounting.platform.lines import Line, Rows, Unreadable
from cleo_accounting.platform.rows import Bad, Group, unwatched
from cleo_accounting.platform.spool import Spool
from cleo_accounting.platform.tables import Layout, open_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from cleo_accounting.platform.amounts import Mark
    from cleo_accounting.platform.dates import Order

_ENCODER = msgspec.msgpack.Encoder()
_LINE = msgspec.msgpack.Decoder(Line)
_UNREADABLE = msgspec.msgpack.Decoder(Unreadable)


@dataclass(frozen=True, slots=True)
class Options:
    """What a person says of a file."""

    currency: str = "USD"
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    number_from: Sequence[str] = ()
    on: date | None = None
    date_order: Order | None = None
    decimal: Mark | None = None
    encoding: str | None = None
    sheet: str | None = None


class Sheet:
    """A file that is read as a table; after reading it also says how it was understood."""

    def __init__(self, path: Path, options: Options) -> None:
        """Open a file and find its columns.

        Raises:
            Invalid: it cannot be read, or a column is missing.
        """
        self._options = options
        self._table = open_table(
            path,
            Layout(
                options.columns,
                options.number_from,
                options.on is not None,
                options.encoding,
                options.sheet,
            ),
        )
        self.said = list(self._table.said)
        self.unused = self._table.places.unused()
        self.passed: Counter[str] = Counter()

    def read(self, watch: Callable[[str, int, int], None] = unwatched) -> Iterator[Bad | Group]:
        """Read the file twice, to see how it is written and to take its rows; then give documents.

        Memory does not grow with the file: the rows wait on disk until their document is whole.

        Raises:
            Invalid: a date or an amount can be read in two ways and nothing says which.
        """
        rows = self._rows(watch)
        self.passed = rows.passed
        spool = Spool()
        try:
            count = 0
            for number, cells in self._table.rows(lambda *told: watch("Reading", *told)):
                found = rows.read(number, cells)
                if isinstance(found, Bad):
                    yield found
                elif found is not None:
                    count += 1
                    key = (name_key(found.vendor), number_key(found.number))
                    spool.add(key, number, _packed(found))
            done = 0
            for group in spool.groups():
                read = payables.documents(
                    ((line, _unpacked(body)) for line, body in group), self._table.places.called
                )
                yield from read.bad
                if read.vendor is not None:
                    first = spool.is_first(name_key(read.vendor.name))
                    yield Group(read.vendor, tuple(read.documents), is_first=first)
                done += read.rows
                watch("Taking in", done, count)
        finally:
            spool.close()

    def _rows(self, watch: Callable[[str, int, int], None]) -> Rows:
        """See how dates and amounts are written in the whole file, before any is believed."""
        places, options = self._table.places, self._options
        day, money = dates.Evidence(), amounts.Evidence()
        dated = [places.at[name][0] for name in DATED_BY if name in places.at]
        due = list(places.at.get("due_date", ()))
        paid, width = places.at["amount"][0], places.width
        for number, cells in self._table.rows(lambda *told: watch("Checking", *told)):
            if len(cells) < width:
                continue
            money.observe(number, cells[paid])
            used = next((at for at in dated if cells[at] != ""), None)
            for at in due if used is None else (used, *due):
                day.observe(number, cells[at])
        rows = Rows(
            places,
            options.currency,
            options.on,
            day.order(options.date_order),
            money.mark(options.decimal),
        )
        self.said += [*day.said(options.date_order), *money.said(options.decimal)]
        return rows


def _packed(found: Line | Unreadable) -> bytes:
    return (b"L" if isinstance(found, Line) else b"U") + _ENCODER.encode(found)


def _unpacked(body: bytes) -> Line | Unreadable:
    return _LINE.decode(body[1:]) if body[:1] == b"L" else _UNREADABLE.decode(body[1:])
