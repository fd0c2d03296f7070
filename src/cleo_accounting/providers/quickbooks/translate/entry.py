"""Read the properties that Intuit's documents, payments and purchases have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleo_accounting.core.links import Remote
from cleo_accounting.providers.quickbooks.translate.entities import (
    marker_of,
    name_property,
    reference,
    text,
    version,
)
from cleo_accounting.providers.quickbooks.translate.values import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleo_accounting.core.links import Content, RemoteKind

    Json = Mapping[str, Any]


def entry(
    kind: RemoteKind,
    raw: Json,
    home: str,
    content: Content | None,
    details: Mapping[str, str | None],
    *,
    gone: bool,
) -> Remote:
    """Return the remote for a document, a payment or an expense with its content.

    `home` is the currency of amounts that name none. `details` are added to the details that all
    kinds have: the number, the note with its marker, the currency, the total and the date.
    """
    total, number = amount(raw, "TotalAmt", home), text(raw, name_property(kind))
    note = text(raw, "PrivateNote")
    common = {
        "number": number,
        "note": note,
        "currency": reference(raw, "CurrencyRef") or home,
        "total": format(total.decimal, "f") if total else None,
        "dated": text(raw, "TxnDate"),
        "marker": marker_of(note),
    }
    return Remote(
        kind,
        text(raw, "Id"),
        version(raw),
        number,
        gone=gone,
        details={name: value for name, value in {**common, **details}.items() if value},
        content=content,
        source=raw,
    )
