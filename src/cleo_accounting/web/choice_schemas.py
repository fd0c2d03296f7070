"""Request and response schemas of a business's choices: invoice fields and decisions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field
from pydantic_core import PydanticCustomError

from cleo_accounting.core.fields import QuickPay, RecordPayments
from cleo_accounting.core.kinds import DOCUMENTS
from cleo_accounting.flows.mapping import bulk
from cleo_accounting.flows.mapping.choose import DECIDABLE, VERDICTS
from cleo_accounting.web.schemas import (
    NUMBER_MAX,
    Id,
    In,
    Line,
    Lines,
    OneOf,
    Out,
    RemoteName,
    example,
)

FieldName = Literal[
    "expenseAccountId",
    "apAccountId",
    "classId",
    "departmentId",
    "termsId",
    "itemId",
    "incomeAccountId",
]


class InvoiceFields(In):
    """Settings for the bills and invoices that payables become in QuickBooks.

    Accounts, classes, terms and so on are given by their id in QuickBooks, or by their full name
    (`Supplies:Materials`).
    """

    model_config = ConfigDict(
        **In.model_config,
        from_attributes=True,
        json_schema_extra=example(
            expenseAccountId="7",
            memoTemplate="{memo}",
            customFields={"department": "note"},
            goLive="2026-01-01",
        ),
    )

    expense_account_id: RemoteName | None = Field(
        default=None, description="The expense account for bill lines."
    )
    ap_account_id: RemoteName | None = Field(
        default=None,
        description="The Accounts Payable account for bills. Default: the company's own.",
    )
    class_id: RemoteName | None = None
    department_id: RemoteName | None = None
    terms_id: RemoteName | None = None
    item_id: RemoteName | None = Field(
        default=None, description="The product or service for invoice lines."
    )
    income_account_id: RemoteName | None = Field(
        default=None,
        description="The income account of the item that this service creates for invoices.",
    )
    memo_template: Annotated[Lines, Field(max_length=1000)] = Field(
        default="{memo}",
        description="The template of the private note. It may contain {memo}, {number},"
        " {connection} and {due}.",
    )
    custom_fields: Annotated[
        dict[Annotated[Line, Field(min_length=1, max_length=100)], Literal["description", "note"]],
        Field(max_length=50),
    ] = Field(
        default={},
        description="The custom fields to send, each with the place where it goes: the"
        " `description` of the lines, or the private `note`.",
    )
    go_live: date | None = Field(
        default=None, description="Documents dated before this day are not sent."
    )
    send_submitted_bills: bool = Field(
        default=False,
        description="Whether to send bills once they are submitted, not only once approved.",
    )
    record_payments: RecordPayments = Field(
        default=RecordPayments.COMPLETED,
        description="The status from which payments are recorded in QuickBooks. A payment that is"
        " recorded while processing is voided if it fails or is cancelled afterwards.",
    )
    quick_pay: QuickPay = Field(
        default=QuickPay.OFF,
        description="If `on`, a payment without a payable (Quick Pay) becomes an expense, booked to"
        " the expense account and paid to the vendor of its connection.",
    )
    time_zone: Annotated[Line, Field(min_length=1, max_length=60)] = Field(
        default="UTC",
        description="The business's time zone (IANA name). A payable without an invoice date is"
        " dated by the day of its `createdAt` in this time zone.",
        examples=["America/New_York"],
    )


class FixedField(Out):
    """A field mapping that does not depend on a choice."""

    payable_field: str = Field(examples=["invoiceNumber"])
    bill_field: str = Field(examples=["DocNumber"])
    note: str


class FieldMapping(Out):
    """A payable field, and the field of the QuickBooks bill or invoice that it is written to."""

    model_config = ConfigDict(
        **Out.model_config,
        json_schema_extra=example(
            payableField="invoiceNumber",
            quickbooksField="DocNumber",
            on=["bill", "invoice"],
            choice=None,
            chosenId=None,
            chosenName=None,
            sample="INV-1042",
            inCleoPay="Invoice number",
            inQuickbooks="Number",
            note="",
        ),
    )

    payable_field: str | None = Field(
        description="The payable field; null if the value is the same for every document."
    )
    quickbooks_field: str
    on: list[Annotated[str, OneOf(tuple(kind.value for kind in DOCUMENTS))]]
    choice: str | None = Field(description="The invoice field that determines it, if any.")
    chosen_id: str | None = Field(description="The id in QuickBooks of the chosen entry.")
    chosen_name: str | None = Field(
        description="The chosen value: a full name, the template of the note, or the place of the"
        " custom field."
    )
    sample: str | None = Field(description="The value for a recent payable.")
    in_cleo_pay: str
    in_quickbooks: str
    note: str


class InvoiceFieldsOut(Out):
    """The invoice fields, their version, and the field mappings that result from them."""

    fields: InvoiceFields
    version: int = Field(description="The version, to be sent in `If-Match` in quotes.")
    mappings: list[FieldMapping] = Field(
        description="All field mappings. Names and samples are current, whatever the version."
    )
    fixed: list[FixedField] = Field(
        deprecated=True, description="The mappings without a choice. Use `mappings` instead."
    )


class DecisionBody(In):
    """A person's decision about an item of a run, or about a record."""

    model_config = ConfigDict(
        **In.model_config,
        json_schema_extra=example(itemId=4711, decision="create_as", value="Harbor (Vendor)"),
    )

    item_id: Annotated[int, Field(ge=1, le=NUMBER_MAX)] | None = None
    kind: Annotated[str, OneOf(tuple(kind.value for kind in DECIDABLE))] | None = Field(
        default=None,
        description="What the record is, or becomes, in QuickBooks. Required, like `recordId`, if"
        " there is no `itemId`.",
    )
    record_id: Id | None = None
    decision: Annotated[str, OneOf(VERDICTS)]
    value: Annotated[Line, Field(max_length=500)] = Field(
        default="",
        description="`create_as`: the name. `number_as`: the number. `leave_out`: the reason."
        " `link_to`: the id of the document in QuickBooks. `another_one`: the ids of the documents"
        " that it is not; with `itemId`, the default is those that the item lists. `same_as`: the"
        " id of the other connection.",
    )


class BulkDecisionBody(In):
    """A person's decision about several records: all that wait for one cause, or some items."""

    model_config = ConfigDict(
        **In.model_config,
        json_schema_extra=example(code="look_alike", decision="create_new"),
    )

    code: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = Field(
        default=None, description="Decide about all records that wait for this cause."
    )
    run_id: Id | None = Field(
        default=None, description="With `code`: the records of this run, such as a preview."
    )
    item_ids: Annotated[
        list[Annotated[int, Field(ge=1, le=NUMBER_MAX)]], Field(max_length=1000)
    ] = Field(
        default=[], description="Decide about these items. Either `code` or `itemIds` is required."
    )
    decision: Annotated[str, OneOf(tuple(bulk.WORDS))]
    value: Annotated[Line, Field(max_length=500)] = Field(
        default="", description="`leave_out`: the reason."
    )


def _in_utc(at: datetime) -> datetime:
    """Convert a time to UTC; reject one of the first or last day that has no equivalent in UTC."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("moment", "must be a moment that exists in UTC") from None


class UndoBody(In):
    """Identifies the bulk decision to undo."""

    model_config = ConfigDict(
        **In.model_config, json_schema_extra=example(at="2026-01-05T17:00:00.123456Z")
    )

    at: Annotated[AwareDatetime, AfterValidator(_in_utc)] = Field(
        description="The `at` of the bulk decision."
    )


class BulkOutcome(Out):
    """The outcome of a bulk decision for one item."""

    item_id: int
    kind: str | None
    record_id: str
    label: str
    decided: bool
    message: str | None = Field(description="Why the decision was refused for this item.")


class BulkDecisionOut(Out):
    """The outcome of a bulk decision. Each item was decided or refused separately."""

    decision: str
    at: datetime = Field(description="Identifies the decision, to undo it.")
    decided: int
    refused: int
    items: list[BulkOutcome]


class UndoneOut(Out):
    """The number of decisions and mappings that were undone."""

    undone: int


class DecisionOut(Out):
    """A decision that is in effect for a record."""

    kind: str
    record_id: str
    decision: str
    value: str
    by: str


class OptionOut(Out):
    """An entry in QuickBooks that can be chosen for an invoice field."""

    id: str = Field(examples=["7"])
    name: str = Field(examples=["Advertising"])
    account_type: str | None = Field(examples=["Expense"])
