"""Freeze operations into rows: what is sent is decided here and never changed later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cleo_accounting.core import documents, kinds
from cleo_accounting.core.links import Content, Entry, RemoteKind
from cleo_accounting.core.plan import (
    LEFT_OUT,
    Create,
    Keep,
    Leave,
    LinkTo,
    Operation,
    Remove,
    Update,
)
from cleo_accounting.core.records import (
    Connection,
    FundingSource,
    Money,
    Payable,
    Payment,
    Record,
    canonical,
)
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.flows.run import parties
from cleo_accounting.providers import Company
from cleo_accounting.store.operations import Row
from cleo_accounting.store.runs import Run


def frozen(company: Company, run: Run, operation: Operation) -> Row:
    """Freeze an operation into its row."""
    assert not isinstance(operation, Keep)
    row = Row(
        kind=operation.kind,
        record_id=operation.record_id,
        label=operation.label,
        action=_ACTIONS[type(operation)],
        state=ItemState.PLANNED if run.dry_run else ItemState.WAITING,
    )
    match operation:
        case Create(content=content, mark=mark, notes=notes, number_again=again):
            payload = company.render(operation.kind, content, allow_duplicate_number=again)
            return _with_content(_noted(row, notes), content, mark, payload)
        case Update():
            return _updated(company, row, operation)
        case Remove(link=link, facts=facts):
            payload = company.render_removal(operation.kind, link, facts.get("note"))
            return replace(
                row,
                payload=payload,
                remote_id=link.remote_id,
                version=link.version,
                facts=dict(facts),
            )
        case LinkTo(remote=remote, why=why, facts=facts):
            there = ItemState.WAITING if parties.is_new(remote.id) else ItemState.WRITTEN
            return replace(
                row,
                state=ItemState.PLANNED if run.dry_run else there,
                remote_id=remote.id,
                remote_name=remote.full_name,
                version=remote.version,
                facts={"why": why, "name": remote.name, **facts},
            )
        case Leave(code=code, facts=facts, stands=stands, mark=mark):
            row = replace(row, state=ItemState.LEFT, code=code, facts=dict(facts), fingerprint=mark)
            if stands is None:
                return row
            return replace(row, remote_id=stands.remote_id, remote_name=stands.remote_name)
    raise AssertionError(operation)


def _updated(company: Company, row: Row, operation: Update) -> Row:
    content, link, amendment = operation.content, operation.link, operation.amendment
    row = _noted(_with_content(row, content, operation.mark), operation.notes)
    row = replace(row, remote_id=link.remote_id, version=link.version)
    if amendment is None or operation.there is None:
        return replace(row, payload=company.render(operation.kind, content, link=link))
    return replace(
        row,
        payload=company.render_update(operation.kind, amendment, operation.there),
        content=canonical(amendment.content),
        facts={**(row.facts or {}), **operation.facts},
    )


def _noted(row: Row, notes: Mapping[str, str]) -> Row:
    """Note what is left out; a preview reports it at once, a sync when the row is written."""
    if not notes:
        return row
    return replace(
        row, facts=dict(notes), code=LEFT_OUT if row.state == ItemState.PLANNED else None
    )


def retried(run: Run, kind: RemoteKind, operation: Keep, labels: Mapping[str, str]) -> Row:
    """Return the row of a retried record that needs nothing, so it stops counting as failed."""
    return Row(
        kind=kind,
        record_id=operation.record_id,
        label=labels[operation.record_id],
        action=Action.KEEP,
        state=ItemState.PLANNED if run.dry_run else ItemState.WRITTEN,
    )


def label(record: Record) -> str:
    """Return the name by which people know a record."""
    match record:
        case Connection() | FundingSource():
            return record.name
        case Payable():
            return documents.label(record)
        case Payment():
            return record.id


_ACTIONS: Mapping[type[Operation], Action] = {
    Create: Action.CREATE,
    Update: Action.UPDATE,
    Remove: Action.REMOVE,
    LinkTo: Action.LINK,
    Leave: Action.LEAVE,
}


def _with_content(row: Row, content: Content, mark: str, payload: str | None = None) -> Row:
    amount: Money | None = content.total if isinstance(content, Entry) else None
    return replace(
        row,
        payload=payload,
        content=canonical(content),
        fingerprint=mark,
        amount_minor=kinds.of(row.kind).sign * amount.minor if amount else None,
        currency=amount.currency if amount else None,
    )
