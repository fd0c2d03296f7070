"""Request and response schemas of what the pages use: sessions, issues, timelines and weeks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from cleo_accounting.web.run_schemas import ItemOut, Trigger
from cleo_accounting.web.schemas import Amount, In, Line, Out


class SessionBody(In):
    """The person who may open the page, and their role."""

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
            "Your own name for the person, recorded with everything they do. Only a token with the"
            " role `platform` may name another person. Default: the caller."
        ),
    )
    role: Literal["viewer", "bookkeeper", "admin"]
    time_zone: Annotated[Line, Field(min_length=1, max_length=60)] = Field(
        default="UTC", description="The time zone of times on the page (IANA name)."
    )


class SessionsEnded(Out):
    """The number of page sessions that were ended."""

    ended: int = Field(examples=[2])


class SessionLink(Out):
    """The link to open in the person's browser. It works once and expires after one minute."""

    url: str = Field(examples=["https://accounting.cleo-pay.com/enter?link=…"])
    expires_at: datetime


class OnHoldOut(Out):
    """The total amount of some records in one currency."""

    currency: str = Field(examples=["USD"])
    amount: Amount


class CauseOut(Out):
    """The records that need attention for one cause: their number and total amounts."""

    code: str = Field(examples=["look_alike"])
    title: str
    number: int
    on_hold: list[OnHoldOut] = Field(description="The total amounts of the documents.")
    payments_on_hold: list[OnHoldOut] = Field(description="The total amounts of the payments.")


class IssuesOut(Out):
    """Everything that needs attention now, across all runs, by cause."""

    total: int
    settled: int = Field(
        description="Records decided or mapped since; the next sync includes them."
    )
    on_hold: list[OnHoldOut] = Field(
        description="The total amounts of the documents. Payments are never added to the documents"
        " that they pay."
    )
    payments_on_hold: list[OnHoldOut] = Field(description="The total amounts of the payments.")
    causes: list[CauseOut]


class EntryOut(Out):
    """One operation on a record."""

    run_id: str
    at: datetime
    requested_by: str
    trigger: Trigger
    party: str | None = Field(description="The vendor or customer of the document.")
    record_amount: Amount | None
    record_currency: str | None
    item: ItemOut


class DifferenceOut(Out):
    """A field that was written, with its values before and after."""

    field: str
    before: str
    after: str


class ChapterOut(Out):
    """One entry of a record's timeline, and what it changed since the previous write."""

    entry: EntryOut
    changed: list[DifferenceOut]


class TimelineOut(Out):
    """The timeline of a record, newest entry first."""

    chapters: list[ChapterOut]


class AuditEntryOut(Out):
    """An entry of the audit log: who did what, and when.

    Entries are numbered without gaps, and each one is chained to the previous one.
    """

    number: int
    at: datetime
    by: str = Field(examples=["user:jane@harbor.example"])
    what: str = Field(examples=["mapped"])
    subject: str = Field(
        description="What the action was about: a record, a run or an integration."
    )
    facts: dict[str, Any]


class PartOut(Out):
    """The documents of a week with one outcome: their number and total amounts."""

    outcome: Literal["sent", "changed", "waiting", "paid"] = Field(
        description="`paid` covers the payments recorded in that week, which are never added to the"
        " documents that they pay."
    )
    number: int
    amounts: list[OnHoldOut]


class WeekOut(Out):
    """Documents by outcome in the week that begins on `monday`."""

    monday: date
    parts: list[PartOut]


class WeeksOut(Out):
    """Documents by outcome in recent weeks, oldest week first."""

    weeks: list[WeekOut]
