"""What comes of reading a file: records and documents that are taken, and rows that are not."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cleo_accounting.core.records import Connection, Money, Payable, Record
from cleo_accounting.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LINE_BYTES_MAX = 10_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """A record, and the line it begins on."""

    line: int
    record: Record
    ignored: tuple[tuple[str, str], ...] = ()  # fields that are not used: kind and name


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be taken: why, of which kind, and how many rows are left out with it."""

    line: int
    reason: str
    kind: str = "record"
    column: str = ""
    value: str = ""
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Document:
    """The rows of one vendor, number and date, read as one payable with ids still to be found."""

    line: int
    payable: Payable


@dataclass(frozen=True, slots=True)
class Group:
    """All documents of a file that have one vendor and one number, and the vendor."""

    vendor: Connection
    documents: tuple[Document, ...]
    is_first: bool  # of its vendor in this file


@dataclass(frozen=True, slots=True)
class PaidRow:
    """A row of a payment: what it pays of which payable, and what it says of all of the payment.

    `payable_id` is empty where the row names the payable by `vendor` and `number`. `source`: the
    funding source as the file writes it.
    """

    payment_id: str
    payable_id: str
    vendor: str
    number: str
    amount: Money
    status: str
    source: str
    paid_on: date | None
    return_code: str
    returned_on: date | None

    @property
    def key(self) -> tuple[str, ...]:
        """What the rows of one payment have in common."""
        return (self.payment_id,)


@dataclass(frozen=True, slots=True)
class Paid:
    """The rows of one payment, each with its line, whose payables are still to be found.

    `called` names a field as the file calls its column.
    """

    parts: tuple[tuple[int, PaidRow], ...]
    called: Callable[[str], str]

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return self.parts[0][0]

    @property
    def first(self) -> PaidRow:
        """Its first row; in all but payable and amount the others say the same."""
        return self.parts[0][1]


Row = Taken | Bad
Found = Bad | Group | Paid


def unwatched(_stage: str, _done: int, _total: int) -> None:
    """Nobody wants to know how far we are."""


def lines(
    path: Path, watch: Callable[[str, int, int], None] = unwatched
) -> Iterator[tuple[int, str]]:
    """Read a text file's lines with their numbers, as UTF-8 with or without a byte-order mark.

    Raises:
        Invalid: it cannot be read, or is not UTF-8; says where.
    """
    try:
        size, done = path.stat().st_size, 0
        with path.open("rb") as file:
            for number, raw in enumerate(iter(lambda: file.readline(LINE_BYTES_MAX), b""), 1):
                done += len(raw)
                watch("Reading", done, size)
                yield number, _decoded(path, number, raw)
    except OSError as refusal:
        raise Invalid(f"{path} cannot be read: {refusal.strerror or refusal}.") from None


def _decoded(path: Path, number: int, raw: bytes) -> str:
    if len(raw) == LINE_BYTES_MAX:
        raise Invalid(f"Line {number} of {path} is longer than {LINE_BYTES_MAX:,} bytes.")
    if number == 1 and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Invalid(f"{path} is written in UTF-16: save it as UTF-8.")
    try:
        text = raw.decode()
    except UnicodeDecodeError as refusal:
        byte = raw[refusal.start]
        raise Invalid(
            f"Line {number} of {path} is not UTF-8 (byte 0x{byte:02X}): save the file as UTF-8."
        ) from None
    return text.removeprefix("\ufeff") if number == 1 else text
