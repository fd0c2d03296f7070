"""Products and services: the one item that invoice lines sell."""

from __future__ import annotations

from cleo_accounting.core.kinds.kind import ItemKind
from cleo_accounting.core.links import Item, RemoteKind

ITEM = ItemKind(
    remote=RemoteKind.ITEM,
    noun="product or service",
    plural="products and services",
    entity_type="invoices",
    content=Item,
    is_listed=True,
)
