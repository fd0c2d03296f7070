"""The declaration of a kind of entity: properties, queryable columns, and other traits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from quickbooks_emulator.books.properties import Schema

ColumnType = Literal["id", "text", "number", "date", "moment", "flag", "reference"]


@dataclass(frozen=True, slots=True)
class Column:
    """A property that queries can use."""

    path: tuple[str, ...]
    type: ColumnType


def columns(declared: str) -> dict[str, Column]:
    """Parse columns from words such as `DocNumber TotalAmt:number VendorRef:reference`."""
    always = "Id:id SyncToken:number MetaData.CreateTime:moment MetaData.LastUpdatedTime:moment"
    result = {}
    for word in f"{always} {declared}".split():
        name, _, kind = word.partition(":")
        column_type: ColumnType = kind or "text"  # type: ignore[assignment]
        result[name.lower()] = Column(tuple(name.split(".")), column_type)
    return result


@dataclass(frozen=True, slots=True)
class Entity:
    """The declaration of one kind of entity."""

    name: str
    readers: Schema
    columns: Mapping[str, Column]
    family: Literal["name", "list", "transaction", "other"]
    """Names share one name space; each list has its own; transactions share one sequence of ids."""
    title: str | None = None
    """The property with the name that references show."""
    required: tuple[str, ...] = ()
    sparse_required: tuple[str, ...] = ()
    """The properties that even a sparse update must include."""
    deletable: bool = False
    hierarchical: bool = False
    number: str | None = None
    """The property that holds the document number."""
    party: str | None = None
    """The property that refers to the vendor or customer."""
    capturable: bool = True
    """Whether change data capture supports the entity."""
    writable: bool = True

    @property
    def sequence(self) -> str:
        """The name of the sequence from which ids are assigned."""
        return self.family if self.family in {"name", "transaction"} else self.name
