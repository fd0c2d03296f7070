"""Settle operations: record what was written, linked or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cleo_accounting.core import kinds
from cleo_accounting.core.amend import settled
from cleo_accounting.core.cause import INTERNAL
from cleo_accounting.core.choices import is_clearing
from cleo_accounting.core.directory import Directory
from cleo_accounting.core.kinds import ENTRIES, PARTIES
from cleo_accounting.core.links import (
    Base,
    Content,
    Entry,
    Expense,
    Item,
    Link,
    Origin,
    Party,
    Remote,
    RemoteKind,
    Settlement,
)
from cleo_accounting.core.plan import LEFT_OUT
from cleo_accounting.core.records import FundingSource, Money, Payment, RecordKind
from cleo_accounting.core.refusals import ACCOUNT_TYPE, SOMETHING, named_by, words_of
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.flows.apart import within
from cleo_accounting.flows.run import propose, removal
from cleo_accounting.flows.run.aside import referred
from cleo_accounting.flows.run.desk import Desk
from cleo_accounting.flows.run.differences import DATED_THERE
from cleo_accounting.flows.run.paid import note_balances, raise_versions, void_unapplied
from cleo_accounting.providers import Refused, Written
from cleo_accounting.store import joining, links, operations, records
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import Row

_HELD = (
    Refused("name_taken", "Another connection is linked to it."),
    Refused("duplicate_number", "Another record is linked to it."),
)
_USED = {"used": "is that of a document in QuickBooks that is linked to another record here"}


def keep_written(desk: Desk, tx: Transaction, done: Sequence[tuple[Row, Written]]) -> None:
    """Record outcomes, links and remotes in one transaction."""
    if not done:
        return
    now, kind = desk.house.clock.now(), done[0][0].kind
    updated = [row.record_id for row, _ in done if row.action == Action.UPDATE]
    before = links.bases_of(tx, desk.integration.id, kind, updated)
    remapped = _remapped(desk, tx, [pair for pair in done if pair[0].action != Action.REMOVE])
    raise_versions(desk, tx, done)
    outcomes: dict[str, dict[str, object]] = {}
    fresh: list[Link] = []
    bases: dict[str, Base] = {}
    seen: list[Remote] = []
    for row, written in done:
        if row.action == Action.REMOVE:
            outcomes[row.record_id] = removal.settle(desk, tx, row, written)
            continue
        content = links.content(row.kind, row.content or "")
        outcomes[row.record_id] = _settlement(row, written)
        if not isinstance(content, Entry):
            seen.append(_remote(row, written, content))
        if row.record_id in remapped:
            outcomes[row.record_id]["code"] = "mapping_changed"
            continue
        base = settled(before.get(row.record_id, Base()), content, written.content)
        fresh.append(link_of(row, written, content))
        bases[row.record_id] = base
    by = desk.run.asked_by
    held = joining.join(tx, desk.integration.id, fresh, by=by, now=now, bases=bases)
    told = [outcome for record_id, outcome in outcomes.items() if record_id not in held]
    operations.settle(tx, told, now)
    kept = [pair for pair in done if pair[0].record_id not in held]
    void_unapplied(desk, tx, kept)
    note_balances(desk, tx, kept)
    links.see(tx, desk.integration.id, seen, now)
    taken = _HELD[kind in ENTRIES]
    keep_refused(desk, tx, [(row, taken) for row, _ in done if row.record_id in held], _USED)


def _remapped(desk: Desk, tx: Transaction, done: Sequence[tuple[Row, Written]]) -> set[str]:
    """Return the records whose mapping a person changed while they were being written.

    After an update, the remote must still be the record's counterpart. After a create, the record
    must not have a counterpart that a person chose.
    """
    pairs = [pair for pair in done if pair[0].action == Action.UPDATE or pair[0].kind in PARTIES]
    if not pairs:
        return set()
    ids = [row.record_id for row, _ in pairs]
    linked = links.links_of(tx, desk.integration.id, pairs[0][0].kind, ids)
    return {
        row.record_id
        for row, written in pairs
        if _is_remapped(row, written, linked.get(row.record_id))
    }


def _is_remapped(row: Row, written: Written, link: Link | None) -> bool:
    if row.action == Action.UPDATE:
        return link is None or link.remote_id != written.remote_id
    return link is not None and link.origin is Origin.MAPPED and not link.gone


def keep_linked(desk: Desk, tx: Transaction, found: Sequence[tuple[Row, Remote]]) -> None:
    """Link creates to the existing parties that have their names, without changing those.

    The parties may be a person's. A mapping that a person made in the meantime stays. An inactive
    party leaves its bills to a person, and a party that is linked to another record is not shared
    without being asked.
    """
    if not found:
        return
    now = desk.house.clock.now()
    known = links.links_of(tx, desk.integration.id, found[0][0].kind)
    owners = {link.remote_id: link.record_id for link in known.values()}
    free = [
        pair for pair in found if owners.get(pair[1].id, pair[0].record_id) == pair[0].record_id
    ]
    operations.settle(tx, [_found(row, remote) for row, remote in free], now)
    operations.call_links(tx, [row.id for row, _ in free])
    links.see(tx, desk.integration.id, [remote for _, remote in found], now)
    fresh = [
        link_to(row.record_id, remote)
        for row, remote in free
        if row.record_id not in known or known[row.record_id].gone
    ]
    joining.join(tx, desk.integration.id, fresh, by=desk.run.asked_by, now=now)
    keep_refused(desk, tx, [(pair[0], _HELD[False]) for pair in found if pair not in free])


def keep_refused(
    desk: Desk,
    tx: Transaction,
    refused: Sequence[tuple[Row, Refused]],
    facts: Mapping[str, str] | None = None,
) -> None:
    """Record refusals with everything a person needs to fix them."""

    def aside(pair: tuple[Row, Refused], trouble: Exception) -> None:
        _refuse(desk, tx, pair, referred(desk, pair[0].record_id, trouble), INTERNAL)

    within(tx, refused, lambda some: _keep_refused(desk, tx, some, facts), aside)


def _refuse(
    desk: Desk, tx: Transaction, pair: tuple[Row, Refused], facts: Mapping[str, Any], code: str
) -> None:
    row, one = pair
    settled = {"id": row.id, "state": ItemState.REFUSED, "code": code, "facts": facts, **row.stands}
    known = {"provider_code": one.provider_code, "tid": one.tid}
    operations.settle(tx, [settled | known], desk.house.clock.now())


def _keep_refused(
    desk: Desk,
    tx: Transaction,
    refused: Sequence[tuple[Row, Refused]],
    facts: Mapping[str, str] | None,
) -> None:
    told = {row.id: _facts(desk, tx, row, one) for row, one in refused}
    taken = [
        (row.id, row.label, told[row.id]["number"])
        for row, one in refused
        if one.code == "duplicate_number"
    ]
    if taken:
        kind = refused[0][0].kind
        for row_id, proposed in propose.numbers(tx, desk.integration, kind, taken).items():
            told[row_id]["proposed"] = proposed
    for row_id, flawed in propose.names(tx, desk.integration, refused).items():
        told[row_id] |= flawed
    for row, one in refused:
        known = {**(row.facts or {}), **told[row.id], **(facts or {})}
        _refuse(desk, tx, (row, one), known, _cause(row, one, known))


def _cause(row: Row, refused: Refused, facts: Mapping[str, Any]) -> str:
    """Return the cause of a refusal, by its subject where the provider names only its rule."""
    if refused.code != "rejected":
        return refused.code
    if row.action == Action.REMOVE:  # it is in use in QuickBooks, by a payment or a bank line
        return "removal_asks"
    return "bank_account_type" if "source_id" in facts else refused.code


def _facts(desk: Desk, tx: Transaction, row: Row, refused: Refused) -> dict[str, str]:
    """Return every fact that the text of any refusal may need: see the catalogue of causes."""
    linkable = bool((row.facts or {}).get("twins"))
    facts = {
        "said": refused.message,
        "name": row.label,
        "number": row.label,
        "same": "link it" if linkable else "leave this one out",
        "again": "",
        "tries": str(row.attempts),
        **_reason(refused),
    }
    if row.content:
        content: Content | None = links.content(row.kind, row.content)
    else:
        content = links.base_of(tx, desk.integration.id, row.kind, row.record_id).written
    if isinstance(content, Entry):
        party = kinds.party_of(row.kind).noun
        used = f"is already used in QuickBooks for the same {party}"
        facts |= {"used": used, **_closing(desk, tx, row, content)}
        if refused.code == "reference_refused" and (gone := _unusable(desk, tx, row, content)):
            facts["what"] = gone
        if refused.provider_code == ACCOUNT_TYPE:
            facts |= _clearing(desk, tx, row, content)
        return {**facts, "number": content.number}
    if isinstance(content, Party | Item):
        another = "customer, vendor or employee" if row.kind in PARTIES else kinds.of(row.kind).noun
        proposed = Directory(()).free(content.name, kinds.of(row.kind).title)
        facts |= {"name": content.name, "proposed": proposed, "owner": f"another {another}"}
    return facts


def _closing(desk: Desk, tx: Transaction, row: Row, content: Entry) -> dict[str, str]:
    """Return which date of a document is in the closed period, and when that period ends.

    A document whose date changes must not leave the closed period either, so the earlier of its
    two dates is the one that is certainly in it.
    """
    closed, facts = desk.integration.profile.closed_until, row.facts or {}
    dated, where = content.dated, ""
    if DATED_THERE in facts:
        stood = date.fromisoformat(facts[DATED_THERE])
        if stood < dated or "dated" not in (one["field"] for one in facts["changes"]):
            dated, where = stood, " in QuickBooks"
    elif row.action != Action.CREATE and "changes" not in facts:  # no list showed it yet
        before = links.base_of(tx, desk.integration.id, row.kind, row.record_id).written
        if isinstance(before, Entry) and before.dated < dated:
            dated, where = before.dated, " by our last write"
    until = closed.isoformat() if closed and closed >= dated else "a later day"
    return {"dated": f"{dated.isoformat()}{where}", "closed": until}


def _reason(refused: Refused) -> dict[str, str]:
    """Return the reason for a refusal and what to do, in our own words."""
    if refused.code == "reference_refused":
        return {"what": SOMETHING}
    words = words_of(refused.provider_code)
    return {"what": words.what, "advice": words.advice}


def _unusable(desk: Desk, tx: Transaction, row: Row, content: Entry) -> str:
    """Name what a document refers to that was made inactive or deleted in QuickBooks."""
    found: list[str] = []
    for kind, remote_id in named_by(content, kinds.entry(row.kind).party):
        remote = links.remote(tx, desk.integration.id, kind, remote_id)
        if remote is not None and remote.gone:
            found.append(f"the {kind.value} “{remote.full_name or remote_id}” was deleted there")
        elif remote is not None and not remote.active:
            found.append(f"the {kind.value} “{remote.full_name}” was made inactive there")
    return ", and ".join(found)


def _clearing(desk: Desk, tx: Transaction, row: Row, content: Entry) -> Mapping[str, str]:
    """Name the account that a payment cannot be made from, and the funding source mapped to it.

    Returns nothing if the payment is made from a bank account, or the content is not a payment.
    """
    if not isinstance(content, Settlement | Expense):
        return {}
    account = links.remote(tx, desk.integration.id, RemoteKind.ACCOUNT, content.account_id)
    if account is None or not is_clearing(account):
        return {}
    found = records.get(tx, desk.integration.business_id, RecordKind.PAYMENT, [row.record_id])
    payment = found.get(row.record_id)
    source_id = payment.funding_source_id if isinstance(payment, Payment) else ""
    sources = records.get(tx, desk.integration.business_id, RecordKind.FUNDING_SOURCE, [source_id])
    source = sources.get(source_id)
    name = source.name if isinstance(source, FundingSource) else source_id
    return {"name": account.full_name, "source": name, "source_id": source_id}


def _settlement(row: Row, written: Written) -> dict[str, object]:
    outcome: dict[str, object] = {
        "id": row.id,
        "state": ItemState.WRITTEN,
        "remote_id": written.remote_id,
        "remote_name": written.name or None,
        "version": written.version,
        "tid": written.tid,
        "facts": row.facts,
    }
    if any(name in operations.NOTES for name in row.facts or {}):
        outcome["code"] = LEFT_OUT
    sign, currency = kinds.of(row.kind).sign, row.currency or ""
    ours = Money(sign * row.amount_minor, currency) if row.amount_minor is not None else None
    if ours and written.total and ours != written.total:
        facts = {**(row.facts or {}), "theirs": str(written.total), "ours": str(ours)}
        outcome |= {"code": "total_differs", "facts": facts}
    return outcome


def _found(row: Row, remote: Remote) -> dict[str, object]:
    return {
        "id": row.id,
        "state": ItemState.WRITTEN,
        "remote_id": remote.id,
        "remote_name": remote.full_name,
        "version": remote.version,
        "facts": {"why": "same name"},
    }


def link_to(record_id: str, remote: Remote, mark: str | None = None) -> Link:
    """Return a link to an existing remote; for a document, with the mark of our record."""
    return Link(
        record_id=record_id,
        kind=remote.kind,
        remote_id=remote.id,
        version=remote.version,
        origin=Origin.MATCHED if remote.kind in ENTRIES else Origin.LINKED,
        fingerprint=mark,
        remote_name=remote.full_name,
    )


def link_of(row: Row, written: Written, content: Content) -> Link:
    """Return the link from a record to what was written for it."""
    name = content.number if isinstance(content, Entry) else content.name
    return Link(
        record_id=row.record_id,
        kind=row.kind,
        remote_id=written.remote_id,
        version=written.version,
        origin=Origin.CREATED,
        fingerprint=row.fingerprint,
        remote_name=written.name or name,
    )


def _remote(row: Row, written: Written, content: Party | Item) -> Remote:
    details: dict[str, str] = {}
    if isinstance(content, Party) and content.email:
        details["email"] = content.email
    return Remote(
        row.kind, written.remote_id, written.version, written.name or content.name, details=details
    )
