"""Convert the results of flows to the API's schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.records import Money
from cleo_accounting.web.run_schemas import (
    AgainstPreviewOut,
    ChangedOut,
    ContrastOut,
    ItemOut,
    LineValueOut,
    RunOut,
    SumOut,
    SyncStatusOut,
    TallyOut,
    TwinOut,
    ValueOut,
)
from cleo_accounting.web.schemas import (
    ConnectionStatusOut,
    CounterpartOut,
    FieldError,
    IntegrationOut,
    MappingOut,
    RecordOutcome,
    SuggestionOut,
    TokenOut,
    UnmappedOut,
)

if TYPE_CHECKING:
    from cleo_accounting.core.contrast import Contrast, Value
    from cleo_accounting.core.twins import Twin
    from cleo_accounting.flows.mapping.pair import Listed, Mapped, Unmapped
    from cleo_accounting.flows.records.feed import Outcome
    from cleo_accounting.flows.reporting.progress import Item, RunStatus
    from cleo_accounting.flows.reporting.promise import Kept
    from cleo_accounting.store.access import Token
    from cleo_accounting.store.integrations import Integration
    from cleo_accounting.store.runs import Run

_SAYINGS = {
    "connected": "“{name}” is connected.",
    "needs_reconnect": "The connection to “{name}” has ended; connect it again.",
    "disconnected": "“{name}” was disconnected; connect it again to go on.",
    "not_connected": "No company is connected yet.",
    "connected_elsewhere": "“{name}” was connected elsewhere by someone who signed in at"
    " QuickBooks; nothing more is sent from here.",
    "released": "“{name}” was released by the operator of this service; connect it again to go on.",
}


def integration(one: Integration) -> IntegrationOut:
    """Return the API's view of an integration."""
    return IntegrationOut(
        id=one.id,
        provider=one.provider,
        status=one.status.value,
        status_reason=one.status_reason,
        company_id=one.company_id,
        company_name=one.company_name,
        country=one.profile.country,
        currency=one.profile.currency,
        connected_at=one.connected_at,
        connected_by=one.connected_by,
        disconnected_at=one.disconnected_at,
        confirmed_at=one.confirmed_at,
        paused_at=one.paused_at,
        names_seen_at=one.names_cursor,
    )


def connection_status(one: Integration | None) -> ConnectionStatusOut:
    """Return the API's view of a connection's status; None: nothing was ever connected."""
    status = one.status.value if one else "not_connected"
    saying = _SAYINGS.get((one.status_reason or "") if one else "", _SAYINGS[status])
    return ConnectionStatusOut(
        status=status,
        message=saying.format(name=one.company_name if one else ""),
        accounting_integration_id=one.id if one else None,
        integration=integration(one) if one else None,
    )


def run(one: Run) -> RunOut:
    """Return the API's view of a run."""
    return RunOut.model_validate(
        {
            "id": one.id,
            "state": one.state,
            "dry_run": one.dry_run,
            "entity_types": list(one.entity_types),
            "trigger": one.trigger,
            "requested_by": one.asked_by,
            "created_at": one.created_at,
            "started_at": one.started_at,
            "finished_at": one.finished_at,
            "waiting_until": one.waiting_until,
            "cancel_requested": one.cancel,
            "retry_of": one.retry_of,
            "code": one.code,
            "message": one.message,
            "usage": dict(one.usage),
        }
    )


def sync_status(one: RunStatus) -> SyncStatusOut:
    """Return the API's view of a run and its progress."""
    return SyncStatusOut.model_validate(
        {
            "state": one.state,
            "run": run(one.run) if one.run else None,
            "progress": {
                name: TallyOut.model_validate(tally) for name, tally in one.tallies.items()
            },
            "sums": [
                SumOut(
                    kind=each.kind,
                    currency=each.currency,
                    number=each.number,
                    amount=_decimal(each.amount_minor, each.currency),
                )
                for each in one.sums
            ],
            "errors": [item(each) for each in one.errors],
            "errors_total": one.errors_total,
        }
    )


def item(one: Item) -> ItemOut:
    """Return the API's view of one record in a run."""
    amount = (
        _decimal(one.amount_minor, one.currency)
        if one.amount_minor is not None and one.currency
        else None
    )
    return ItemOut.model_validate(
        {
            "id": one.id,
            "entity_type": one.entity_type,
            "kind": one.kind,
            "record_id": one.record_id,
            "label": one.label,
            "action": one.action,
            "state": one.state,
            "needs_attention": one.needs_attention,
            "amount": amount,
            "currency": one.currency,
            "remote_id": one.remote_id,
            "remote_name": one.remote_name,
            "code": one.code,
            "title": one.title,
            "cause": one.cause,
            "fix": one.fix,
            "facts": dict(one.facts),
            "differences": [contrast(each) for each in one.differences],
            "changes": [
                ChangedOut(field=each.field, before=_value(each.before), after=_value(each.after))
                for each in one.changes
            ],
            "twins": [_twin(each) for each in one.twins],
            "provider_code": one.provider_code,
            "intuit_tid": one.tid,
            "attempts": one.attempts,
            "sent_at": one.sent_at,
            "settled_at": one.settled_at,
        }
    )


def _twin(one: Twin) -> TwinOut:
    return TwinOut.model_validate(
        {
            "remote_id": one.remote_id,
            "number": one.number,
            "dated": one.dated,
            "amount": _decimal(one.total_minor, one.currency),
            "currency": one.currency,
            "payment": one.payment,
            "same_number": one.same_number,
            "same_total": one.same_total,
        }
    )


def contrast(one: Contrast) -> ContrastOut:
    """Return the API's view of a field on which we and QuickBooks differ."""
    return ContrastOut(
        field=one.field,
        written=_value(one.written),
        theirs=_value(one.theirs),
        ours=_value(one.ours),
        both=one.both,
    )


def _value(one: Value | None) -> ValueOut | None:
    if one is None:
        return None
    money = one.minor is not None and one.currency is not None
    return ValueOut.model_validate(
        {
            "kind": one.kind,
            "text": one.text,
            "id": one.id,
            "amount": _decimal(one.minor or 0, one.currency or "") if money else None,
            "currency": one.currency,
            "lines": [
                LineValueOut(
                    description=line.description,
                    amount=_decimal(line.minor, line.currency),
                    currency=line.currency,
                    books_to=line.books_to,
                )
                for line in one.lines
            ],
        }
    )


def against_preview(one: Kept) -> AgainstPreviewOut:
    """Return the API's view of a sync compared with its preview."""
    return AgainstPreviewOut.model_validate(
        {
            "preview_id": one.preview.id,
            "previewed_at": one.preview.at,
            "counts": [
                {
                    "outcome": each.outcome,
                    "kind": each.kind,
                    "number": each.number,
                    "currency": each.currency,
                    "promised": _amount(each.promised_minor, each.currency),
                    "done": _amount(each.done_minor, each.currency),
                }
                for counted in one.counts.values()
                for each in counted
            ],
            "differing": [
                {
                    "outcome": each.outcome,
                    "kind": each.kind,
                    "record_id": each.record_id,
                    "label": each.label,
                    "currency": each.currency,
                    "promised": _amount(each.promised_minor, each.currency),
                    "done": _amount(each.done_minor, each.currency),
                }
                for each in one.differing
            ],
        }
    )


def mapping(one: Mapped) -> MappingOut:
    """Return the API's view of a mapping."""
    return MappingOut(
        record_id=one.link.record_id,
        record_name=one.label,
        remote_id=one.link.remote_id,
        remote_name=one.link.remote_name,
        origin=one.link.origin.value,
        gone=one.link.gone,
    )


def counterpart(one: Listed) -> CounterpartOut:
    """Return the API's view of a vendor, customer or account that records can be mapped to."""
    return CounterpartOut(
        id=one.remote.id,
        name=one.remote.full_name,
        active=one.remote.active,
        email=one.remote.details.get("email"),
        account_type=one.remote.details.get("type"),
        currency=one.remote.details.get("currency"),
        mapped_to=list(one.record_ids),
    )


def unmapped(one: Unmapped) -> UnmappedOut:
    """Return the API's view of an unmapped record and its suggestions."""
    return UnmappedOut(
        record_id=one.record_id,
        record_name=one.label,
        suggestions=[
            SuggestionOut(
                id=each.remote.id,
                name=each.remote.full_name,
                why=each.why,
                certainty=each.certainty,
            )
            for each in one.suggestions
        ],
    )


def token(one: Token) -> TokenOut:
    """Return the API's view of a token, without its secret."""
    return TokenOut(
        id=one.id,
        name=one.name,
        role=one.rank.value,
        business_id=one.business_id,
        created_at=one.created_at,
        created_by=one.created_by,
        expires_at=one.expires_at,
        revoked_at=one.revoked_at,
    )


def outcome(one: Outcome) -> RecordOutcome:
    """Return the API's view of the outcome of a record that the platform sent."""
    return RecordOutcome.model_validate(
        {
            "type": one.type,
            "id": one.id,
            "outcome": one.outcome,
            "message": one.message,
            "errors": [
                FieldError(field=flaw.field, message=flaw.message, code=flaw.code)
                for flaw in one.flaws
            ],
        }
    )


def _amount(minor: int | None, currency: str | None) -> str | None:
    return None if minor is None or currency is None else _decimal(minor, currency)


def _decimal(minor: int, currency: str) -> str:
    return str(Money(minor, currency).decimal)
