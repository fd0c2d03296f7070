"""Records out of a file: JSON lines as the platform writes them, or CSV of real payables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cleo_accounting.errors import Invalid
from cleo_accounting.platform import shape, spreadsheet
from cleo_accounting.platform.rows import Bad, Row, Taken, lines, unwatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from cleo_accounting.core.records import Record


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
            record = _record(text, amounts_in, currency)
        except Invalid as refusal:
            yield Bad(number, refusal.message)
        else:
            yield Taken(number, record)


def _record(text: str, amounts_in: str, currency: str) -> Record:
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except json.JSONDecodeError as refusal:
        raise Invalid(f"It is not JSON: {refusal.msg} at column {refusal.colno}.") from None
    except (ValueError, RecursionError) as refusal:
        raise Invalid(f"It is not JSON that we take: {refusal}.") from None
    if not isinstance(value, dict):
        raise Invalid("It is not an object: write one record a line.")
    kind, id_ = value.pop("type", None), value.pop("id", None)
    if not isinstance(kind, str) or kind not in shape.TYPES:
        raise Invalid(f"Its “type” must be one of {', '.join(shape.TYPES)}.")
    if not isinstance(id_, str):
        raise Invalid("Its “id” is missing: without it the record cannot be known again.")
    return shape.read(
        shape.TYPES[kind], id_, {**value, "id": id_}, amounts_in=amounts_in, currency=currency
    )


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Two members of one name mean different things to different readers: refuse them."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("two members have the same name")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
