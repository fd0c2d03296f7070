"""The results of reading a file: accepted records and documents, and rejected rows."""

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
    """An accepted record, and the line on which it begins."""

    line: int
    record: Record
    ignored: tuple[tuple[str, str], ...] = ()  # unused fields, by kind and name


@dataclass(frozen=True, slots=True)
class Bad:
    """A rejected row: the reason, its kind, and how many rows are left out together with it."""

    line: int
    reason: str
    kind: str = "record"
    column: str = ""
    value: str = ""
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Document:
    """The rows with the same vendor, number and date, as one payable whose ids are provisional."""

    line: int
    payable: Payable


@dataclass(frozen=True, slots=True)
class Group:
    """A vendor, and all documents of a file with this vendor and the same number."""

    vendor: Connection
    documents: tuple[Document, ...]
    is_first: bool  # whether it is the first of its vendor in this file


@dataclass(frozen=True, slots=True)
class PaidRow:
    """A row of a payment: the amount and payable of this part, and the data of the whole payment.

    `payable_id` is empty if the row names the payable by `vendor` and `number`. `source`: the
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
        """The key that the rows of one payment share."""
        return (self.payment_id,)


@dataclass(frozen=True, slots=True)
class Paid:
    """The rows of one payment with their lines; their payables are still to be found.

    `called` returns the name of a field's column in the file.
    """

    parts: tuple[tuple[int, PaidRow], ...]
    called: Callable[[str], str]

    @property
    def line(self) -> int:
        """The line on which the payment begins."""
        return self.parts[0][0]

    @property
    def first(self) -> PaidRow:
        """The first row; the others differ from it only in payable and amount."""
        return self.parts[0][1]


Row = Taken | Bad
Found = Bad | Group | Paid


def unwatched(_stage: str, _done: int, _total: int) -> None:
    """Ignore the progress."""


def lines(
    path: Path, watch: Callable[[str, int, int], None] = unwatched
) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a UTF-8 text file, with or without a byte-order mark.

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
