"""Read tables in tests: their documents, their refused rows, and how the file was interpreted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cleo_accounting.core.records import Connection, Payable
from cleo_accounting.platform.rows import Bad, Group
from cleo_accounting.platform.spreadsheet import Options, Sheet

HEADER = "vendor_name,invoice_number,payment_date,amount,account,department\n"


@dataclass
class Found:
    """The content of a file."""

    sheet: Sheet
    groups: list[Group] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)

    @property
    def payables(self) -> list[Payable]:
        return [each.payable for group in self.groups for each in group.documents]

    @property
    def vendors(self) -> list[Connection]:
        return [group.vendor for group in self.groups if group.is_first]

    @property
    def reasons(self) -> dict[int, str]:
        return {one.line: one.reason for one in self.bad}


def read(path: Path, **options: object) -> Found:
    sheet = Sheet(path, Options(**options))  # type: ignore[arg-type]
    found = Found(sheet)
    for one in sheet.read():
        if isinstance(one, Bad):
            found.bad.append(one)
        else:
            found.groups.append(one)
    return found


def csv_of(folder: Path, text: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "payables.csv"
    path.write_bytes((header + text).encode(encoding))
    return path


def facts(payables: list[Payable]) -> list[tuple[object, ...]]:
    """Return the facts of the documents, sorted independently of their order."""
    return sorted(
        (
            one.id,
            one.connection_id,
            one.number or "",
            one.issued_on,
            one.amount,
            sorted((line.description, line.unit_price) for line in one.lines),
        )
        for one in payables
    )
