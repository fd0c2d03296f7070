"""Request and response schemas of runs: the request, its progress, and each record's result."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from cleo_accounting.core import states
from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.web.schemas import Amount, In, OneOf, Out

RunState = Annotated[str, OneOf(tuple(states.RunState))]
Trigger = Annotated[str, OneOf(tuple(states.Trigger))]
EntityType = Annotated[str, OneOf(tuple(ENTITY_TYPES))]
ItemState = Annotated[str, OneOf(tuple(states.ItemState))]

_TALLY: JsonDict = {
    "total": 60,
    "created": 52,
    "updated": 0,
    "linked": 4,
    "unchanged": 1,
    "skipped": 1,
    "failed": 2,
    "inDoubt": 0,
    "pending": 0,
}


class SyncBody(In):
    """Options for a sync."""

    model_config = ConfigDict(**In.model_config, json_schema_extra={"examples": [{"dryRun": True}]})

    dry_run: bool = Field(
        default=False, description="Whether to only preview the sync, without writing anything."
    )


class TallyOut(Out):
    """Records of one entity type by outcome. The counts add up to `total` at any time."""

    total: int
    created: int
    updated: int
    linked: int
    unchanged: int
    skipped: int
    failed: int
    in_doubt: int
    pending: int


class SumOut(Out):
    """The documents of one kind and currency that were created, or that a preview would create."""

    kind: str = Field(examples=["bill"])
    currency: str = Field(examples=["USD"])
    number: int
    amount: Amount


class LineValueOut(Out):
    """One line of a document."""

    description: str
    amount: Amount
    currency: str
    books_to: str = Field(description="The name of the account, product or service.")


class ValueOut(Out):
    """The value of a field of a document, vendor or customer. `kind` says which members apply."""

    kind: Literal["text", "date", "money", "name", "lines"]
    text: str = Field(description="A text, a date (ISO 8601), or the name that belongs to `id`.")
    id: str | None = Field(description="The id in QuickBooks, if the value is a name.")
    amount: Amount | None
    currency: str | None
    lines: list[LineValueOut]


class ContrastOut(Out):
    """A field that differs between this service and QuickBooks. Null means no value."""

    field: str = Field(examples=["due"])
    written: ValueOut | None = Field(description="The value that this service last wrote.")
    theirs: ValueOut | None = Field(description="The value in QuickBooks.")
    ours: ValueOut | None = Field(description="The value that this service would write.")
    both: bool = Field(description="Whether both sides changed the field.")


class ChangedOut(Out):
    """A field that an update changes in QuickBooks. Null means no value."""

    field: str = Field(examples=["due"])
    before: ValueOut | None = Field(description="The value in QuickBooks when it was read.")
    after: ValueOut | None = Field(description="The value in QuickBooks after the update.")


class TwinOut(Out):
    """A document in QuickBooks that may be the same as the record, and what they share."""

    remote_id: str = Field(description="The document's id in QuickBooks.", examples=["57"])
    number: str = Field(examples=["INV-2041"])
    dated: date
    amount: Amount
    currency: str
    payment: Literal["open", "part-paid", "paid"]
    same_number: bool
    same_total: bool


class ItemOut(Out):
    """The result of one record in a run: action, state, cause, and how to fix it."""

    id: int
    entity_type: EntityType
    kind: str = Field(examples=["bill"])
    record_id: str = Field(examples=["pay_889"])
    label: str = Field(examples=["INV-2041"])
    action: Annotated[str, OneOf(tuple(states.Action))]
    state: ItemState
    needs_attention: bool
    amount: Amount | None
    currency: str | None
    remote_id: str | None = Field(description="The id in QuickBooks.")
    remote_name: str | None
    code: str | None = Field(examples=["look_alike"])
    title: str | None
    cause: str | None = Field(examples=["“Acme” looks like “ACME Inc.” in QuickBooks."])
    fix: str | None = Field(examples=["Map it to the right one, or create it as a new one."])
    facts: dict[str, Any]
    differences: list[ContrastOut] = Field(
        description="The fields that differ, if the record was edited in QuickBooks and needs a"
        " decision."
    )
    changes: list[ChangedOut] = Field(
        description="The fields that an update changes; also in previews."
    )
    twins: list[TwinOut] = Field(
        description="Documents in QuickBooks that may be the same, if the record needs a decision."
    )
    provider_code: str | None = Field(
        description="The error code of QuickBooks.", examples=["6240"]
    )
    intuit_tid: str | None = Field(
        description="Intuit's transaction id, for questions to Intuit's support."
    )
    attempts: int
    sent_at: datetime | None
    settled_at: datetime | None


TurnedOut = Literal["as_promised", "other_amount", "otherwise", "waits", "not_sent", "more"]


class TurnedOutOut(Out):
    """The records of one kind and currency with the same outcome, compared with the preview."""

    outcome: TurnedOut
    kind: str = Field(examples=["bill"])
    number: int
    currency: str | None
    promised: Amount | None = Field(description="The amount in the preview.")
    done: Amount | None = Field(description="The amount written to QuickBooks.")


class DifferingOut(Out):
    """A record whose outcome differs from the preview."""

    outcome: TurnedOut
    kind: str = Field(examples=["bill"])
    record_id: str = Field(examples=["pay_889"])
    label: str = Field(examples=["INV-2041"])
    currency: str | None
    promised: Amount | None
    done: Amount | None


class AgainstPreviewOut(Out):
    """A sync compared with the latest preview before it was requested."""

    preview_id: str
    previewed_at: datetime
    counts: list[TurnedOutOut]
    differing: list[DifferingOut] = Field(description="The first 25 records that differ.")


class RunOut(Out):
    """One requested sync, or a preview that writes nothing."""

    model_config = ConfigDict(
        **Out.model_config,
        json_schema_extra={
            "examples": [
                {
                    "id": "run_c4ca4238a0b923820dcc509a6f75849b",
                    "state": "running",
                    "dryRun": False,
                    "entityTypes": ["vendors", "bankAccounts", "invoices"],
                    "trigger": "api",
                    "requestedBy": "token:tok_1f3870be274f6c49b3e31a0c6728957f",
                    "createdAt": "2026-11-02T09:31:00Z",
                    "startedAt": "2026-11-02T09:31:01Z",
                    "finishedAt": None,
                    "waitingUntil": None,
                    "cancelRequested": False,
                    "retryOf": None,
                    "code": None,
                    "message": None,
                    "usage": {"requests": 6, "batches": 2, "reads": 4, "throttled": 0},
                }
            ]
        },
    )

    id: str
    state: RunState
    dry_run: bool
    entity_types: list[EntityType]
    trigger: Trigger
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    waiting_until: datetime | None = Field(
        description="When a waiting run continues; null while it waits for the business to be"
        " resumed."
    )
    cancel_requested: bool
    retry_of: str | None
    code: str | None = Field(description="Why the run failed, was cancelled, or is waiting.")
    message: str | None
    usage: dict[str, int]


class SyncStatusOut(Out):
    """A run and its progress. The state is `never_run` if nothing was ever synced."""

    model_config = ConfigDict(
        **Out.model_config,
        json_schema_extra={
            "examples": [
                {
                    "state": "partly_failed",
                    "run": None,
                    "progress": {"vendors": _TALLY},
                    "sums": [],
                    "errors": [],
                    "errorsTotal": 2,
                }
            ]
        },
    )

    state: Annotated[str, OneOf(("never_run", *states.RunState))]
    run: RunOut | None
    progress: dict[EntityType, TallyOut]
    sums: list[SumOut]
    errors: list[ItemOut] = Field(description="The first items that need attention.")
    errors_total: int
