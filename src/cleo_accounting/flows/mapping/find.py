"""Find entries of the connected company, as last read: by kind, text, id or name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.match import name_key
from cleo_accounting.errors import Flaw, Invalid
from cleo_accounting.store import integrations, links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.links import Remote, RemoteKind
    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction

_NAMED_MAX = 10  # candidates of one name that an error lists


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
    """Return a page of the remotes of a kind, inactive ones too, and how many there are."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        found = links.remotes_of(
            tx, integration_id, kind, search=search, limit=limit, offset=offset
        )
        return found, links.count_remotes(tx, integration_id, kind, search=search)


def named(
    tx: Transaction, integration_id: str, kind: RemoteKind, text: str, field: str
) -> Remote | None:
    """Return the remote with this id, or else this full name, or else this name without parents.

    An active remote comes before an inactive one. `field` is the name of the input in an error.

    Raises:
        Invalid: several remotes have the name; the error lists them.
    """
    if found := links.remote(tx, integration_id, kind, text):
        return found
    key = name_key(text)
    alike = links.remotes_of(tx, integration_id, kind, search=text)
    whole = [one for one in alike if name_key(one.full_name) == key]
    short = [one for one in alike if name_key(one.name) == key]
    for fitting in (
        [one for one in whole if one.active],
        [one for one in short if one.active],
        whole or short,
    ):
        if len(fitting) > 1:
            raise _ambiguous(text, fitting, field)
        if fitting:
            return fitting[0]
    return None


def _ambiguous(text: str, fitting: Sequence[Remote], field: str) -> Invalid:
    listed = ", ".join(f"“{one.full_name}” ({one.id})" for one in fitting[:_NAMED_MAX])
    message = f"“{text}” is the name of several: {listed}; give the full name or the id of one"
    return Invalid(f"Several are called “{text}”: {listed}.", [Flaw(field, message, "ambiguous")])
