"""Manage the keys that encrypt grants: which are needed, and how to retire an old one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cleo_accounting.errors import AccountingError, Conflict, Missing
from cleo_accounting.flows.company.books import seal, unseal
from cleo_accounting.store import audit, errands, integrations, sealed
from cleo_accounting.store.errands import Verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.flows import House

_TRY_AGAIN = timedelta(days=1)  # an undecryptable grant may become readable with tomorrow's keys
_LOOKED_AT_MAX = 20


@dataclass(frozen=True, slots=True)
class Key:
    """A key: whether it is set, whether it encrypts new grants, and how many grants need it."""

    id: str
    newest: bool
    present: bool
    grants: int


def listed(house: House) -> Sequence[Key]:
    """Return the keys that are set, newest first, then those that are needed but not set."""
    with house.database.across.reading() as tx:
        found = sealed.by_beginning(tx, house.vault.beginning_length)
    counts = {house.vault.key_of(beginning): number for beginning, number in found.items()}
    ids = [*house.vault.ids, *sorted(counts.keys() - set(house.vault.ids))]
    return [
        Key(one, one == house.vault.ids[0], one in house.vault.ids, counts.get(one, 0))
        for one in ids
    ]


def reseal(house: House, *, by: str) -> tuple[int, int]:
    """Encrypt every grant with the newest key; return how many were, and how many could not be."""
    with house.database.across.reading() as tx:
        old = [
            integration
            for integration, grant in integrations.with_grants(tx)
            if not house.vault.is_newest(grant.text)
        ]
    done = failed = 0
    for one in old:
        try:
            done += reseal_one(house.of(one.business_id), one.id, by=by)
        except AccountingError:
            failed += 1
    return done, failed


def reseal_one(house: House, integration_id: str, *, by: str = "worker") -> bool:
    """Encrypt one grant with the newest key; return False if there is nothing to do.

    Raises:
        Misconfigured: the key that encrypted it is not set.
        Reconnect: it cannot be decrypted.
    """
    with house.database.reading() as tx:
        integration = integrations.by_id(tx, integration_id)
        grant = integrations.grant_of(tx, integration_id)
    if grant is None or house.vault.is_newest(grant.text):
        return False
    opened = unseal(house, integration, grant)
    with house.database.transaction() as tx:
        # A grant that was renewed in the meantime already uses the newest key.
        done = integrations.put_grant(
            tx,
            integration_id,
            seal(house, integration, opened),
            version=grant.version,
            expires_at=opened.expires_at,
        )
        if done:
            audit.note(
                tx,
                integration.business_id,
                by=by,
                what="grant_resealed",
                subject=integration_id,
                now=house.clock.now(),
                facts={"from": house.vault.key_of(grant.text), "to": house.vault.ids[0]},
            )
    return done


def ask_to_reseal(house: House) -> None:
    """Queue grants under an older key to be encrypted again; retry a failed one once a day."""
    now = house.clock.now()
    beginning = house.vault.beginning
    with house.database.across.reading() as tx:
        found = sealed.beginning_otherwise(tx, beginning, untried_since=now - _TRY_AGAIN)
    if found:
        with house.database.across.transaction() as tx:
            for integration_id in found:
                errands.add(tx, integration_id, Verb.RESEAL, now=now)


def retire(house: House, key: str, *, by: str) -> None:
    """Check that a key may be retired, and record it; the operator then removes it.

    Raises:
        Missing: no key with this id is set.
        Conflict: it encrypts new grants, or a stored grant still needs it.
    """
    one = next((one for one in listed(house) if one.id == key and one.present), None)
    if one is None:
        raise Missing("There is no such key; see “cleo-accounting keys list”.")
    if one.newest:
        raise Conflict("This key encrypts new grants. Add another key first.", code="key_needed")
    if one.grants:
        raise Conflict(
            f"{one.grants} grants need this key: run “cleo-accounting keys reseal” first.",
            code="key_needed",
        )
    note(house, key, what="key_retired", by=by)


def note(house: House, key: str, *, what: str, by: str) -> None:
    """Record in the audit chain what was done to a key."""
    with house.database.of(audit.PLATFORM).transaction() as tx:
        audit.note(tx, audit.PLATFORM, by=by, what=what, subject=key, now=house.clock.now())


def trouble(house: House) -> str:
    """Return a message if no stored grant can be decrypted; empty if one can, or none exists."""
    with house.database.across.reading() as tx:
        found = [integrations.with_grant(tx, one) for one in sealed.some(tx, limit=_LOOKED_AT_MAX)]
    for integration, grant in found:
        if grant is None:
            continue
        try:
            unseal(house, integration, grant)
        except AccountingError:
            continue
        return ""
    return "no stored grant opens under CLEO_ENCRYPTION_KEYS" if found else ""
