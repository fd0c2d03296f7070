"""Read records from a file of JSON lines, as the platform writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.errors import Invalid
from cleo_accounting.platform import shape, strict
from cleo_accounting.platform.flaws import shown
from cleo_accounting.platform.rows import Bad, Row, Taken, lines, unwatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


JSON_SUFFIXES = frozenset({".jsonl", ".ndjson", ".json"})
OTHER_WORKBOOKS = frozenset({".xls", ".xlsb", ".ods", ".numbers"})
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xlsm"})


def is_table(path: Path) -> bool:
    """Return whether a file is a table, by its name; otherwise it has one JSON record per line.

    Raises:
        Invalid: the name has a suffix of neither.
    """
    suffix = path.suffix.lower()
    if suffix in OTHER_WORKBOOKS:
        raise Invalid(f"{path} is a workbook in another format. Save it as .xlsx.")
    if suffix not in TABLE_SUFFIXES | JSON_SUFFIXES:
        raise Invalid(
            f"{path} is neither .csv, .tsv, .txt, .xlsx nor .jsonl: its name must say what it is."
        )
    return suffix in TABLE_SUFFIXES


def read(
    path: Path,
    *,
    amounts_in: str,
    currency: str,
    watch: Callable[[str, int, int], None] = unwatched,
) -> Iterator[Row]:
    """Read a file of JSON lines, as the platform writes its records; bad rows do not stop it.

    Raises:
        Invalid: the file as a whole cannot be read.
    """
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
        raise Invalid("The line is not a JSON object. Write one record per line.")
    kind, id_ = value.pop("type", None), value.get("id")
    known = ", ".join(shape.TYPES)
    if kind is None:
        raise Invalid(f"The “type” is missing: it must be one of {known}.")
    if not isinstance(kind, str) or kind not in shape.TYPES:
        raise Invalid(f"The “type” must be one of {known}, not {shown(kind)}.")
    if not isinstance(id_, str):
        raise Invalid("The “id” is missing. It identifies the record.")
    body = shape.parse(shape.TYPES[kind], id_, value)
    record = body.record(id_, amounts_in=amounts_in, currency=currency)
    return Taken(number, record, tuple(shape.ignored(body)))
