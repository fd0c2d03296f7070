"""Vendors: connections that the business pays, or that have no payables yet."""

from __future__ import annotations

from cleo_accounting.core.kinds.kind import PartyKind
from cleo_accounting.core.links import Party, RemoteKind
from cleo_accounting.core.records import RecordKind, Role

VENDOR = PartyKind(
    remote=RemoteKind.VENDOR,
    noun="vendor",
    plural="vendors",
    entity_type="vendors",
    content=Party,
    record=RecordKind.CONNECTION,
    role=Role.PAYER,
    is_listed=True,
    is_matched=True,
    shares_names=True,
    by_default=True,
    document=RemoteKind.BILL,
    needed="vendor_needed",
)
