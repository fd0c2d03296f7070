"""Find things of the connected company, as last seen: by kind, by words, by id or exact name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.errors import Invalid
from cleo_accounting.store import integrations, links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.links import Remote, RemoteKind
    from cleo_accounting.flows import House


def theirs(
    house: House,
    business_id: str,
    integration_id: str,
    kind: RemoteKind,
    *,
    search: str | None,
    limit: int,
    offset: int,
) -> tuple[Sequence[Remote], int]:
    """Give remotes of a kind by name, inactive ones too, and how many there are."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        found = links.remotes_of(
            tx, integration_id, kind, search=search, limit=limit, offset=offset
        )
        return found, links.count_remotes(tx, integration_id, kind, search=search)


def named(
    house: House, business_id: str, integration_id: str, kind: RemoteKind, text: str
) -> Remote | None:
    """Give the one remote that has this id, or else exactly this name.

    Raises:
        Invalid: several have the name; says their ids.
    """
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        if found := links.remote(tx, integration_id, kind, text):
            return found
        alike = links.remotes_of(tx, integration_id, kind, search=text, active=True)
    same = [one for one in alike if one.name == text]
    if len(same) > 1:
        ids = ", ".join(one.id for one in same)
        raise Invalid(f"Several are called “{text}”: give the id of one ({ids}).")
    return same[0] if same else None
