"""Show the effect of invoice fields: a real payable, and the document it becomes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from cleo_accounting.core import kinds
from cleo_accounting.core.choices import CHOICES, fits
from cleo_accounting.core.fields import Place, QuickPay, RecordPayments
from cleo_accounting.core.records import Payable, RecordKind, Role
from cleo_accounting.core.render import document
from cleo_accounting.errors import Conflict
from cleo_accounting.flows.mapping import choose
from cleo_accounting.store import audit, integrations, links, records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleo_accounting.core.fields import InvoiceFields
    from cleo_accounting.core.links import Document, Remote
    from cleo_accounting.flows import House
    from cleo_accounting.store.audit import Entry
    from cleo_accounting.store.integrations import Integration

_SEEN = 200  # payables searched for the names of custom fields


@dataclass(frozen=True, slots=True)
class Example:
    """A real payable and the document it becomes; None if the note cannot be filled in."""

    payable: Payable
    party: str
    document: Document | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What one invoice field may name: the active choices, and the full name of any id."""

    options: Sequence[Remote]
    names: Mapping[str, str]  # by id, also of what may no longer be chosen


def offers(house: House, integration: Integration) -> dict[str, Offer]:
    """Return what each invoice field may name, by field, as last read."""
    with house.database.reading() as tx:
        every = {
            kind: links.remotes_of(tx, integration.id, kind)
            for kind in {choice.kind for choice in CHOICES}
        }
    names = {kind: {one.id: one.full_name for one in found} for kind, found in every.items()}
    return {
        choice.name: Offer(
            [one for one in every[choice.kind] if one.active and fits(choice, one)],
            names[choice.kind],
        )
        for choice in CHOICES
    }


def custom_names(house: House, business_id: str) -> list[str]:
    """Return the names of custom fields that recent payables have."""
    return sorted({name for one in _recent(house, business_id) for name, _ in one.custom_fields})


def make(house: House, integration: Integration, chosen: InvoiceFields) -> Example | None:
    """Return what a real payable would become with these choices; None if there is no payable."""
    recent = _recent(house, integration.business_id)
    good = [one for one in recent if one.amount.minor > 0]
    payable = next((one for one in good if one.role is Role.PAYER), good[0] if good else None)
    if payable is None:
        return None
    with house.database.reading() as tx:
        names = records.get(
            tx, integration.business_id, RecordKind.CONNECTION, [payable.connection_id]
        )
    party = getattr(names.get(payable.connection_id), "name", payable.connection_id)
    if choose.memo_flaws(chosen.memo_template):
        return Example(payable, party, None)
    made = document(
        payable,
        kinds.document_for(payable),
        chosen,
        party_id="",
        connection_name=party,
        line_classes=integration.profile.line_classes,
        departments=integration.profile.departments,
    )
    return Example(payable, party, made)


def history(house: House, integration: Integration) -> Sequence[Entry]:
    """Return the last saves of the fields, newest first: who, when, what changed."""
    with house.database.reading() as tx:
        integrations.get(tx, integration.business_id, integration.id)
        return audit.about(
            tx, integration.business_id, integration.id, what="invoice_fields_set", limit=10
        )


def revert(house: House, integration: Integration, *, version: int, by: str) -> int:
    """Undo the last change of the invoice fields; return the new version.

    Raises:
        Conflict: nothing was saved yet, or the fields have another version than this.
        Invalid: a previous choice does not fit any more.
    """
    entries = history(house, integration)
    if not entries:
        raise Conflict("The invoice fields have no changes to undo.", code="nothing_saved")
    if version != integration.fields_version:
        raise Conflict(
            "Somebody saved in between; look again before you take it back.", code="stale"
        )
    changed = json.loads(entries[0].facts)["changed"]
    before = {name: _value(name, values[0]) for name, values in changed.items()}
    return choose.set_fields(
        house,
        integration.business_id,
        integration.id,
        replace(integration.fields, **before),
        version=version,
        by=by,
    )


def _value(name: str, plain: Any) -> Any:  # noqa: ANN401  JSON, and a field of InvoiceFields
    if name == "go_live":
        return date.fromisoformat(plain) if plain else None
    if name == "custom_fields":
        return tuple((str(one), Place(place)) for one, place in plain)
    if name == "record_payments":
        return RecordPayments(plain)
    if name == "quick_pay":
        return QuickPay(plain)
    return plain


def _recent(house: House, business_id: str) -> list[Payable]:
    with house.database.reading() as tx:
        found = records.newest(tx, business_id, RecordKind.PAYABLE, _SEEN)
    return [one for one in found if isinstance(one, Payable)]
