"""Customers: connections that pay the business."""

from __future__ import annotations

from cleo_accounting.core.kinds.kind import PartyKind
from cleo_accounting.core.links import Party, RemoteKind
from cleo_accounting.core.records import RecordKind, Role

CUSTOMER = PartyKind(
    remote=RemoteKind.CUSTOMER,
    noun="customer",
    plural="customers",
    entity_type="vendors",
    content=Party,
    record=RecordKind.CONNECTION,
    role=Role.PAYEE,
    is_listed=True,
    is_matched=True,
    shares_names=True,
    document=RemoteKind.INVOICE,
    needed="customer_needed",
)
