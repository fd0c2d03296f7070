"""Read records from a table: its rows are grouped, and built into payables or payments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from cleo_accounting.platform import amounts, dates, payables, payments
from cleo_accounting.platform.columns import Layout
from cleo_accounting.platform.forms import PAYABLES, PAYMENTS
from cleo_accounting.platform.lines import Line, Rows, Unreadable
from cleo_accounting.platform.paid_rows import PaidRows, UnreadablePart
from cleo_accounting.platform.rows import Bad, Found, PaidRow, unwatched
from cleo_accounting.platform.spool import Spool
from cleo_accounting.platform.tables import open_table

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from cleo_accounting.platform.amounts import Mark
    from cleo_accounting.platform.dates import Order

_ENCODER = msgspec.msgpack.Encoder()
_READ: Mapping[bytes, type] = {b"L": Line, b"U": Unreadable, b"P": PaidRow, b"V": UnreadablePart}
_DECODERS: Mapping[bytes, msgspec.msgpack.Decoder[Any]] = {
    tag: msgspec.msgpack.Decoder(kind) for tag, kind in _READ.items()
}
_TAGS = {kind: tag for tag, kind in _READ.items()}
_READERS: Mapping[str, type[Rows | PaidRows]] = {PAYABLES.name: Rows, PAYMENTS.name: PaidRows}
_MAKERS: Mapping[str, Callable[..., Iterator[Found]]] = {
    PAYABLES.name: payables.groups,
    PAYMENTS.name: payments.payments,
}


@dataclass(frozen=True, slots=True)
class Options:
    """The options for a file; `kind`: its kind of table, if the columns do not show it."""

    currency: str = "USD"
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    number_from: Sequence[str] = ()
    on: date | None = None
    date_order: Order | None = None
    decimal: Mark | None = None
    encoding: str | None = None
    sheet: str | None = None
    kind: str | None = None


class Sheet:
    """A file that is read as a table, with notes on how it was understood."""

    def __init__(self, path: Path, options: Options) -> None:
        """Open a file and locate its columns.

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
                options.kind,
            ),
        )
        self.said = list(self._table.said)
        self.form = self._table.places.form
        self.unused = self._table.places.unused()
        self.passed: Counter[str] = Counter()

    def read(self, watch: Callable[[str, int, int], None] = unwatched) -> Iterator[Found]:
        """Read the file twice, first for its formats and then for its rows, and yield the records.

        Memory does not grow with the file: rows wait on disk until their record is complete.

        Raises:
            Invalid: a date or an amount can be read in two ways and nothing says which.
        """
        rows = self._rows(watch)
        self.passed = rows.passed
        make, called = _MAKERS[self.form.name], self._table.places.called
        spool, count, done = Spool(), 0, 0
        try:
            for number, cells in self._table.rows(lambda *told: watch("Reading", *told)):
                found = rows.read(number, cells)
                if isinstance(found, Bad):
                    yield found
                elif found is not None:
                    count += 1
                    spool.add(found.key, number, _packed(found))
            for group in spool.groups():
                taken = Counter[str]()
                yield from make(_unpacked(group, taken), called, spool.is_first)
                done += taken["rows"]
                watch("Taking in", done, count)
        finally:
            spool.close()

    def _rows(self, watch: Callable[[str, int, int], None]) -> Rows | PaidRows:
        """Find out how the whole file writes dates and amounts, before any of them is parsed."""
        places, options = self._table.places, self._options
        day, money = dates.Evidence(), amounts.Evidence()
        dated = [places.at[name][0] for name in self.form.dated_by if name in places.at]
        others = [places.at[name][0] for name in self.form.dates if name in places.at]
        paid, width = places.at["amount"][0], places.width
        for number, cells in self._table.rows(lambda *told: watch("Checking", *told)):
            if len(cells) < width:
                continue
            money.observe(number, cells[paid])
            used = next((at for at in dated if cells[at] != ""), None)
            for at in others if used is None else (used, *others):
                day.observe(number, cells[at])
        rows = _READERS[self.form.name](
            places,
            options.currency,
            options.on,
            day.order(options.date_order),
            money.mark(options.decimal),
        )
        self.said += [*day.said(options.date_order), *money.said(options.decimal)]
        return rows


def _packed(found: object) -> bytes:
    return _TAGS[type(found)] + _ENCODER.encode(found)


def _unpacked(rows: Iterable[tuple[int, bytes]], taken: Counter[str]) -> Iterator[tuple[int, Any]]:
    """Yield the rows of one record from their encoded form, and count them."""
    for line, body in rows:
        taken["rows"] += 1
        yield line, _DECODERS[body[:1]].decode(body[1:])
