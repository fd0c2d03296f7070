"""Check whether the service is ready: the database is writable and the encryption keys work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.errors import AccountingError
from cleo_accounting.flows.admin import keys
from cleo_accounting.store import ignored, integrations, readiness

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleo_accounting.flows import House
    from cleo_accounting.store.ignored import Field

_PLACE = ("readiness",)


def problems(house: House) -> Sequence[str]:
    """Return what keeps us from serving; empty if nothing does."""
    found: list[str] = []
    if not readiness.writable(house.database):
        found.append("the database cannot be written, or lacks our tables")
    try:
        house.vault.open(house.vault.seal("ready", _PLACE), _PLACE)
    except AccountingError:
        found.append("the encryption keys do not work")
    if not found and (trouble := keys.trouble(house)):
        found.append(trouble)
    return found


def integrations_by_status(house: House) -> Mapping[str, int]:
    """Count the integrations by status."""
    with house.database.across.reading() as tx:
        return integrations.count_by_status(tx)


def ignored_fields(house: House) -> Mapping[Field, int]:
    """Return how many records had each unused field of the platform."""
    with house.database.across.reading() as tx:
        return ignored.counted(tx)
