"""Map by hand: a connection to a vendor or customer, a funding source to a bank account.

The choices are what was last read from the company; no web request opens the books.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core.choices import BANK, CLEARING, is_bank, is_clearing
from cleo_accounting.core.links import Link, Origin, Remote, RemoteKind
from cleo_accounting.core.records import Connection, FundingSource, RecordKind
from cleo_accounting.errors import Conflict, Flaw, Invalid, Missing
from cleo_accounting.flows.mapping import find
from cleo_accounting.store import audit, integrations, links, records
from cleo_accounting.store.views import pairing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.likeness import Likeness
    from cleo_accounting.core.records import Record
    from cleo_accounting.flows import House
    from cleo_accounting.flows.mapping.suggest import Shelf
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration


@dataclass(frozen=True, slots=True)
class Target:
    """What may be mapped to what, and the names of the fields in the API."""

    record_kind: RecordKind
    record_field: str
    remote_kind: RemoteKind
    remote_field: str
    called: str


VENDOR = Target(RecordKind.CONNECTION, "connectionId", RemoteKind.VENDOR, "vendorId", "vendor")
CUSTOMER = Target(
    RecordKind.CONNECTION, "connectionId", RemoteKind.CUSTOMER, "customerId", "customer"
)
BANK_ACCOUNT = Target(
    RecordKind.FUNDING_SOURCE,
    "fundingSourceId",
    RemoteKind.ACCOUNT,
    "bankAccountId",
    "bank account",
)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A record and its counterpart, with the record's name."""

    link: Link
    label: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A record without a counterpart, and suggestions for one, best first."""

    record_id: str
    label: str
    suggestions: Sequence[Likeness]


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry in the provider's books, and the records that are mapped to it."""

    remote: Remote
    record_ids: Sequence[str]

    @property
    def clearing(self) -> bool:
        """Whether the entry is an account that payments are only cleared through."""
        return is_clearing(self.remote)


def pair(
    house: House,
    business_id: str,
    integration_id: str,
    target: Target,
    record_id: str,
    remote_id: str,
    by: str,
) -> tuple[Mapped, bool]:
    """Map a record to a counterpart, replacing an older mapping; return whether it is new.

    `remote_id` may also be the counterpart's full name.

    Raises:
        Invalid: either does not exist or may not be used; the flaw names it.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        integration = opened(tx, business_id, integration_id)
        called = label(tx, business_id, target, record_id)
        remote = usable(tx, integration, target, remote_id)
        before = links.links_of(tx, integration_id, target.remote_kind, [record_id]).get(record_id)
        if before and before.remote_id == remote.id and before.origin is not Origin.LINKED:
            return Mapped(before, called), False
        link = link_by_hand(record_id, remote)
        if before:  # what we wrote to another counterpart is no base for comparing this one
            links.remove_link(tx, integration_id, target.remote_kind, record_id)
        links.put_links(tx, integration_id, [link], by=by, now=now)
        audit.note(
            tx,
            business_id,
            by=by,
            what="mapped",
            subject=record_id,
            now=now,
            facts={
                "integration_id": integration_id,
                "name": called,
                "kind": target.remote_kind,
                "remote_id": remote.id,
                "remote_name": remote.full_name,
                "before": before.remote_id if before else None,
            },
        )
    return Mapped(link, called), True


def link_by_hand(record_id: str, remote: Remote) -> Link:
    """Return the link from a record to the counterpart that a person chose."""
    return Link(
        record_id=record_id,
        kind=remote.kind,
        remote_id=remote.id,
        version=remote.version,
        origin=Origin.MAPPED,
        remote_name=remote.full_name,
    )


def unpair(
    house: House, business_id: str, integration_id: str, target: Target, record_id: str, by: str
) -> None:
    """Remove a mapping; nothing changes in the provider's books.

    Raises:
        Missing: there is no such mapping.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        integrations.get(tx, business_id, integration_id)
        if not links.remove_link(tx, integration_id, target.remote_kind, record_id):
            raise Missing("There is no such mapping.")
        audit.note(
            tx,
            business_id,
            by=by,
            what="unmapped",
            subject=record_id,
            now=now,
            facts={"integration_id": integration_id, "kind": target.remote_kind},
        )


def mappings(
    house: House,
    business_id: str,
    integration_id: str,
    target: Target,
    *,
    limit: int,
    offset: int,
) -> tuple[Sequence[Mapped], int]:
    """Return a page of the mappings, by the names of our records, and how many there are."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        found, total = pairing.mapped(
            tx,
            business_id,
            integration_id,
            target.record_kind,
            target.remote_kind,
            limit=limit,
            offset=offset,
        )
        kept = links.links_of(tx, integration_id, target.remote_kind, [one for one, _ in found])
    return [Mapped(kept[record_id], called) for record_id, called in found], total


def listed(
    house: House,
    business_id: str,
    integration_id: str,
    target: Target,
    *,
    search: str | None,
    active: bool | None,
    limit: int,
    offset: int,
) -> tuple[Sequence[Listed], int]:
    """Return a page of what may be mapped to, by name, and how many there are.

    Of accounts, bank accounts come before those that a payment may only be cleared through.
    """
    kind = target.remote_kind
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        if target is BANK_ACCOUNT:  # a company has few accounts, and payments use only some of them
            accounts = links.remotes_of(tx, integration_id, kind, search=search, active=active)
            banks = list(filter(is_bank, accounts))
            known = [*banks, *filter(is_clearing, accounts)]
            found, total = known[offset : offset + limit], len(known)
        else:
            found = links.remotes_of(
                tx, integration_id, kind, search=search, active=active, limit=limit, offset=offset
            )
            total = links.count_remotes(tx, integration_id, kind, search=search, active=active)
        owners = pairing.owners(tx, integration_id, kind, [remote.id for remote in found])
    return [Listed(remote, sorted(owners.get(remote.id, ()))) for remote in found], total


def unmapped(
    house: House,
    business_id: str,
    integration_id: str,
    target: Target,
    *,
    record_id: str | None = None,
    limit: int,
    offset: int,
) -> tuple[Sequence[Unmapped], int]:
    """Return a page of the unmapped records, with suggestions, and how many there are."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        found, total = pairing.page(
            tx,
            business_id,
            integration_id,
            target.record_kind,
            target.remote_kind,
            mapped=False,
            only=None if record_id is None else [record_id],
            of_any_role=True,
            limit=limit,
            offset=offset,
        )
        known = records.get(tx, business_id, target.record_kind, [one.record_id for one in found])
        names = shelf(house, tx, integration_id, target)
    return [
        Unmapped(one.record_id, one.label, suggested(names, known[one.record_id])) for one in found
    ], total


def shelf(house: House, tx: Transaction, integration_id: str, target: Target) -> Shelf:
    """Return the names that may be mapped to, prepared for matching."""
    kind = target.remote_kind

    def read() -> Sequence[Remote]:
        found = links.remotes_of(tx, integration_id, kind, active=True)
        return list(filter(is_bank, found)) if target is BANK_ACCOUNT else found

    version = pairing.version(tx, integration_id, kind)
    return house.shelves.get((integration_id, kind), version, read)


def suggested(names: Shelf, record: Record) -> Sequence[Likeness]:
    """Return suggestions for a record's counterpart."""
    if isinstance(record, Connection):
        return names.parties(record.name, record.email)
    assert isinstance(record, FundingSource)
    return names.banks(record.name, record.last_four)


def opened(tx: Transaction, business_id: str, integration_id: str) -> Integration:
    """Return an integration that may be mapped for.

    Raises:
        Conflict: it is disconnected.
    """
    integration = integrations.get(tx, business_id, integration_id)
    if not integration.live:
        raise Conflict(
            f"“{integration.company_name}” is disconnected; connect it again.",
            code="disconnected",
        )
    return integration


def label(tx: Transaction, business_id: str, target: Target, record_id: str) -> str:
    """Return the name of a record.

    Raises:
        Invalid: there is no record with this id.
    """
    found = records.get(tx, business_id, target.record_kind, [record_id]).get(record_id)
    if isinstance(found, Connection | FundingSource):
        return found.name
    called = target.record_kind.replace("_", " ")
    message = f"names no {called} that we have been sent: {record_id}"
    raise Invalid(
        f"There is no {called} {record_id}.", [Flaw(target.record_field, message, "unknown")]
    )


def usable(tx: Transaction, integration: Integration, target: Target, remote_id: str) -> Remote:
    """Return a counterpart that may be mapped to, by its id or its full name.

    Raises:
        Invalid: it does not exist, or may not be used; the flaw names it.
    """
    remote = find.named(tx, integration.id, target.remote_kind, remote_id, target.remote_field)
    if remote is not None and not remote.gone:
        code, problem = _problem(target, remote)
        if not problem:
            return remote
    elif theirs := _elsewhere(tx, integration, target, remote_id):
        other, found = theirs
        code = "another_company"
        problem = (
            f"{remote_id} is “{found.full_name}” in another company, “{other.company_name}”;"
            f" choose a {target.called} of “{integration.company_name}”"
        )
    else:
        code = "unknown"
        problem = f"names no {target.called} of “{integration.company_name}”: {remote_id}"
    raise Invalid(
        f"The {target.called} cannot be mapped to.", [Flaw(target.remote_field, problem, code)]
    )


def _problem(target: Target, remote: Remote) -> tuple[str, str]:
    if not remote.active:
        return (
            "inactive",
            f"“{remote.full_name}” is inactive: make it active, or choose another one",
        )
    if target is BANK_ACCOUNT and not (is_bank(remote) or is_clearing(remote)):
        types = f"{BANK} or {CLEARING}"
        return "wrong_type", f"“{remote.full_name}” is not an account of the type {types}"
    return "", ""


def _elsewhere(
    tx: Transaction, integration: Integration, target: Target, remote_id: str
) -> tuple[Integration, Remote] | None:
    for other in integrations.of_business(tx, integration.business_id):
        if other.id == integration.id:
            continue
        found = links.remote(tx, other.id, target.remote_kind, remote_id)
        if found is not None:
            return other, found
    return None
