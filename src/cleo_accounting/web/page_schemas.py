"""Request and response schemas of what the pages use: sessions, issues, timelines and weeks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from cleo_accounting.web.run_schemas import ItemOut, Trigger
from cleo_accounting.web.schemas import Amount, In, Line, Out


class SessionBody(In):
    """A request for a page session: the person, and the person's role."""

    model_config = ConfigDict(
        **In.model_config,
        json_schema_extra={
            "examples": [
                {"userId": "jane@example.com", "role": "admin", "timeZone": "America/New_York"}
            ]
        },
    )

    user_id: Annotated[Line, Field(min_length=1, max_length=100)] | None = Field(
        default=None,
        description=(
            "Your own name for the person; it stands beside all they do. Only a token of the role"
            " platform may name anybody; without it, the session is the caller's own."
        ),
    )
    role: Literal["viewer", "bookkeeper", "admin"]
    time_zone: Annotated[Line, Field(min_length=1, max_length=60)] = Field(
        default="UTC", description="Times on the page are told in it (IANA name)."
    )


class SessionsEnded(Out):
    """The number of page sessions that were ended."""

    ended: int = Field(examples=[2])


class SessionLink(Out):
    """A link for the person's browser, which works once and for one minute."""

    url: str = Field(examples=["https://accounting.cleo-pay.com/enter?link=…"])
    expires_at: datetime


class OnHoldOut(Out):
    """The total of some records in one currency."""

    currency: str = Field(examples=["USD"])
    amount: Amount


class CauseOut(Out):
    """The number of records that wait for a person for one cause, and their totals."""

    code: str = Field(examples=["look_alike"])
    title: str
    number: int
    on_hold: list[OnHoldOut] = Field(description="What documents come to.")
    payments_on_hold: list[OnHoldOut] = Field(description="What payments come to.")


class IssuesOut(Out):
    """All records that wait for a person now, over all runs, by cause."""

    total: int
    settled: int = Field(description="Decided or mapped since; the next sync includes them.")
    on_hold: list[OnHoldOut] = Field(
        description="What documents come to. Payments are never added to what they pay."
    )
    payments_on_hold: list[OnHoldOut] = Field(description="What payments come to.")
    causes: list[CauseOut]


class EntryOut(Out):
    """One operation on a record."""

    run_id: str
    at: datetime
    requested_by: str
    trigger: Trigger
    party: str | None = Field(description="A document's vendor or customer.")
    record_amount: Amount | None
    record_currency: str | None
    item: ItemOut


class DifferenceOut(Out):
    """A field of a written document, before and after."""

    field: str
    before: str
    after: str


class ChapterOut(Out):
    """One entry of a record's timeline, with its changes to what was written before."""

    entry: EntryOut
    changed: list[DifferenceOut]


class TimelineOut(Out):
    """All operations on a record, newest first."""

    chapters: list[ChapterOut]


class AuditEntryOut(Out):
    """One entry of the audit log, numbered without gaps and chained to the entry before it."""

    number: int
    at: datetime
    by: str = Field(examples=["user:jane@harbor.example"])
    what: str = Field(examples=["mapped"])
    subject: str = Field(description="What it was done about: a record, a run, an integration.")
    facts: dict[str, Any]


class PartOut(Out):
    """The number of a week's documents with one outcome, and their totals."""

    outcome: Literal["sent", "changed", "waiting", "paid"] = Field(
        description="paid: payments recorded that week, which are never added to what they pay."
    )
    number: int
    amounts: list[OnHoldOut]


class WeekOut(Out):
    """The documents of the week that begins on a Monday, by outcome."""

    monday: date
    parts: list[PartOut]


class WeeksOut(Out):
    """The last weeks, oldest first."""

    weeks: list[WeekOut]
