"""Real payables out of CSV: the rows of one vendor and one number are one payable's lines."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from cleo_accounting.core.records import PayableStatus, Record
from cleo_accounting.errors import Invalid
from cleo_accounting.platform import shape
from cleo_accounting.platform.rows import Bad, Row, Taken, lines, unwatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

COLUMNS = (
    "vendor_name",
    "invoice_number",
    "payment_date",
    "invoice_date",
    "due_date",
    "amount",
    "account",
    "department",
    "description",
    "currency",
)
_NEEDED = ("vendor_name", "invoice_number", "amount")
_DATED_BY = ("invoice_date", "payment_date")  # the first that is filled
_ONE_PER_DOCUMENT = ("payment_date", "invoice_date", "due_date", "currency")
_TRIMMED = (*_ONE_PER_DOCUMENT, "amount")
_CUSTOM_FIELDS = ("account", "department")
# With both marks it is plain which is which; “1,234” alone may be a thousand or one and a bit.
_AMOUNT = re.compile(r"-?([0-9]+|[0-9]{1,3}(,[0-9]{3})+(?=\.))(\.[0-9]+)?")

Cells = dict[str, str]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Header:
    """The names of a file's columns, and what parts them."""

    names: tuple[str, ...]
    delimiter: str


@dataclass(slots=True)
class _Document:
    """The rows of one document seen so far; the first reason against it is against all."""

    rows: list[tuple[int, Cells]] = field(default_factory=list)
    wrong: tuple[int, str] | None = None


def read(
    path: Path,
    *,
    currency: str,
    columns: Mapping[str, str],
    watch: Callable[[int], None] = unwatched,
) -> Iterator[Row]:
    """Read a CSV file twice: to count each document's rows, then to give each as it is whole.

    So that no more documents are held than are open at once, and none leaves without all its rows.

    Raises:
        Invalid: the file as a whole cannot be read, or a column is missing.
    """
    awaited = Counter(
        _key(cells) for _, cells in _rows(path, columns, unwatched) if isinstance(cells, dict)
    )
    documents: dict[Key, _Document] = {}
    named: set[str] = set()
    for line, cells in _rows(path, columns, watch):
        if isinstance(cells, str):
            yield Bad(line, cells)
            continue
        key = _key(cells)
        if wrong := _without_key(key):
            yield Bad(line, wrong)
            continue
        document = documents.setdefault(key, _Document())
        document.rows.append((line, cells))
        document.wrong = document.wrong or _row_flaw(line, cells, document.rows[0])
        awaited[key] -= 1
        if not awaited[key]:
            yield from _finish(key, documents.pop(key), currency, named)


def connection_id(name: str) -> str:
    """The id of a vendor that has only a name: the same for the same name, letter for letter."""
    return f"conn_{_digest(name)}"


def payable_id(vendor: str, number: str) -> str:
    """The id of a document that has only a vendor and a number."""
    return f"pay_{_digest(vendor, number)}"


def unused(path: Path, columns: Mapping[str, str]) -> Sequence[str]:
    """Say which columns of a file are not read."""
    header = _header(path)
    used = set(_places(path, header, columns).values())
    return [name for at, name in enumerate(header.names) if at not in used]


def _finish(key: Key, document: _Document, currency: str, named: set[str]) -> Iterator[Row]:
    """Give a whole document and, once, its vendor; or say of each row why not."""
    if document.wrong is None:
        try:
            vendor, payable = _records(key, document, currency)
        except Invalid as refusal:
            document.wrong = (document.rows[0][0], refusal.message)
    if document.wrong is not None:
        culprit, reason = document.wrong
        for line, _ in document.rows:
            same = line == culprit
            yield Bad(line, reason if same else f"Line {culprit} of the same document is bad.")
        return
    line = document.rows[0][0]
    if key[0] not in named:
        named.add(key[0])
        yield Taken(line, vendor)
    yield Taken(line, payable)


def _records(key: Key, document: _Document, currency: str) -> tuple[Record, Record]:
    vendor, number = key
    first = document.rows[0][1]
    named = first["currency"] or currency
    prices = [_price(cells) for _, cells in document.rows]
    body = {
        "connectionId": connection_id(vendor),
        "amount": str(sum(prices)),
        "currency": named,
        "invoiceDate": next((first[name] for name in _DATED_BY if first[name]), None),
        "dueDate": first["due_date"] or None,
        "invoiceNumber": number,
        "lineItems": [
            {"description": cells["description"] or cells["account"], "unitPrice": str(price)}
            for (_, cells), price in zip(document.rows, prices, strict=True)
        ],
        "customFields": {
            name: "; ".join(dict.fromkeys(cells[name] for _, cells in document.rows if cells[name]))
            for name in _CUSTOM_FIELDS
        },
        "status": PayableStatus.APPROVED.value,
    }
    made = shape.read(
        shape.ConnectionBody,
        connection_id(vendor),
        {"connectedBusinessName": vendor},
        amounts_in="dollars",
        currency=named,
    )
    payable = shape.read(
        shape.PayableBody,
        payable_id(vendor, number),
        body,
        amounts_in="dollars",
        currency=named,
    )
    return made, payable


def _row_flaw(line: int, cells: Cells, first: tuple[int, Cells]) -> tuple[int, str] | None:
    if not _AMOUNT.fullmatch(cells["amount"]):
        return line, f"Its amount “{cells['amount']}” is no number such as 1234.50."
    for name in _ONE_PER_DOCUMENT:
        if cells[name] != first[1][name]:
            return line, f"Its {name} differs from line {first[0]}, which is of the same document."
    if not any(cells[name] for name in _DATED_BY):
        return line, "It has no date: fill invoice_date or payment_date."
    return None


def _without_key(key: Key) -> str | None:
    if not key[0].strip():
        return "It has no vendor name."
    if not key[1].strip():
        return "It has no invoice number: without one it cannot be known again."
    return None


def _price(cells: Cells) -> Decimal:
    return Decimal(cells["amount"].replace(",", ""))


def _key(cells: Cells) -> Key:
    return cells["vendor_name"], cells["invoice_number"]


def _digest(*words: str) -> str:
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:24]


def _rows(
    path: Path, columns: Mapping[str, str], watch: Callable[[int], None]
) -> Iterator[tuple[int, Cells | str]]:
    """Give every row's first line and our cells of it, or what is wrong with it."""
    header = _header(path)
    places = _places(path, header, columns)
    reader = csv.reader(
        (text for _, text in lines(path, watch)), delimiter=header.delimiter, strict=True
    )
    began = 1
    try:
        for cells in reader:
            line, began = began, reader.line_num + 1
            if line == 1 or not cells:
                continue
            if len(cells) != len(header.names):
                yield line, f"It has {len(cells)} cells where the header has {len(header.names)}."
                continue
            yield line, {name: _cell(name, cells, places) for name in COLUMNS}
    except csv.Error as refusal:
        raise Invalid(f"{path} is not CSV from line {began} on: {refusal}.") from None


def _cell(name: str, cells: Sequence[str], places: Mapping[str, int]) -> str:
    """Give a cell; words exactly as they are written, all else without blanks around it."""
    text = cells[places[name]] if name in places else ""
    return text.strip() if name in _TRIMMED else text


def _header(path: Path) -> _Header:
    _, text = next(lines(path), (0, ""))
    delimiter = max(",;\t|", key=text.count)
    try:
        names = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as refusal:
        raise Invalid(f"The first line of {path} is no CSV header: {refusal}.") from None
    if not any(names):
        raise Invalid(f"{path} has no header: its first line must name the columns.")
    if doubled := [name for name, count in Counter(names).items() if count > 1]:
        raise Invalid(f"{path} has two columns named {', '.join(doubled)}.")
    return _Header(tuple(names), delimiter)


def _places(path: Path, header: _Header, columns: Mapping[str, str]) -> Mapping[str, int]:
    """Say in which cell each of our columns is; a mapping wins over a column of our own name."""
    if unknown := [name for name in columns if name not in COLUMNS]:
        raise Invalid(f"There is no column {', '.join(unknown)}; there are {', '.join(COLUMNS)}.")
    if absent := [name for name in columns.values() if name not in header.names]:
        raise Invalid(
            f"{path} has no column {', '.join(absent)}; it has {', '.join(header.names)}."
        )
    places = {_plain(name): at for at, name in enumerate(header.names) if _plain(name) in COLUMNS}
    places |= {ours: header.names.index(theirs) for ours, theirs in columns.items()}
    missing = [name for name in _NEEDED if name not in places]
    if not any(name in places for name in _DATED_BY):
        missing.append(" or ".join(_DATED_BY))
    if missing:
        raise Invalid(
            f"{path} has no column {', '.join(missing)}: say which of"
            f" {', '.join(header.names)} it is, such as --map {missing[0].split()[0]}=…"
        )
    return places


def _plain(name: str) -> str:
    """Read “Vendor Name” as vendor_name."""
    return "_".join(unicodedata.normalize("NFKC", name).lower().replace("_", " ").split())
