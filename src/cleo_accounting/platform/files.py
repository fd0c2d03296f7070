"""Records out of a file: JSON lines as the platform writes them, or CSV of real payables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.errors import Invalid
from cleo_accounting.platform import shape, spreadsheet, strict
from cleo_accounting.platform.flaws import shown
from cleo_accounting.platform.rows import Bad, Row, Taken, lines, unwatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


def read(
    path: Path,
    *,
    amounts_in: str,
    currency: str,
    columns: Mapping[str, str] | None = None,
    watch: Callable[[int], None] = unwatched,
) -> Iterator[Row]:
    """Read a file of records; the suffix says how it is written. Bad rows stop nothing.

    `columns` tells which column of a CSV file holds which of ours; `watch` hears of bytes read.

    Raises:
        Invalid: the file as a whole cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv"}:
        yield from spreadsheet.read(path, currency=currency, columns=columns or {}, watch=watch)
    elif suffix in {".jsonl", ".ndjson", ".json"}:
        if columns:
            raise Invalid("Columns can be mapped for CSV files only.")
        yield from _json_lines(path, amounts_in, currency, watch)
    else:
        raise Invalid(f"{path} is neither .csv nor .jsonl: its name must say how it is written.")


def _json_lines(
    path: Path, amounts_in: str, currency: str, watch: Callable[[int], None]
) -> Iterator[Row]:
    for number, text in lines(path, watch):
        if not text.strip():
            continue
        try:
            yield _taken(number, text, amounts_in, currency)
        except Invalid as refusal:
            yield Bad(number, refusal.message)


def _taken(number: int, text: str, amounts_in: str, currency: str) -> Taken:
    try:
        value = strict.parse(text.encode())
    except strict.NotJson as flaw:
        raise Invalid(f"The line {flaw}.") from None
    if not isinstance(value, dict):
        raise Invalid("The line is not a JSON object: write one record a line.")
    kind, id_ = value.pop("type", None), value.get("id")
    known = ", ".join(shape.TYPES)
    if kind is None:
        raise Invalid(f"The “type” is missing: it must be one of {known}.")
    if not isinstance(kind, str) or kind not in shape.TYPES:
        raise Invalid(f"The “type” must be one of {known}, not {shown(kind)}.")
    if not isinstance(id_, str):
        raise Invalid("The “id” is missing: without it the record cannot be known again.")
    body = shape.parse(shape.TYPES[kind], id_, value)
    record = body.record(id_, amounts_in=amounts_in, currency=currency)
    return Taken(number, record, tuple(shape.ignored(body)))
