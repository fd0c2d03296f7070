"""Request and response schemas for everything but runs, and their base classes (camelCase).

Request bodies reject unknown members and bound every length; response bodies are allow-lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import literal_schema

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

T = TypeVar("T")
NUMBER_MAX = 2**31 - 1  # of numbers that tables count: items, versions, positions in a list


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise PydanticCustomError("text", "holds a control character: take it out")
    return text


def _lines(text: str) -> str:
    _one_line(text.replace("\n", " "))
    return text


@dataclass(frozen=True, slots=True)
class OneOf:
    """Annotates a text as one of some words, for lists that other packages declare."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        """Return the schema that validates and documents the text as a literal."""
        return literal_schema([*self.words])


Line = Annotated[str, AfterValidator(_one_line)]
Lines = Annotated[str, AfterValidator(_lines)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$", max_length=64)]
RemoteId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,40}$", max_length=40)]
RemoteName = Annotated[Line, Field(min_length=1, max_length=600)]  # an id or a full name
Role = Literal["viewer", "bookkeeper", "admin", "feeder", "platform"]
Amount = Annotated[str, WithJsonSchema({"type": "string", "examples": ["1234.50"]})]


def example(**members: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Return the JSON Schema extra with one example of a body."""
    return {"examples": [members]}


class In(BaseModel):
    """The base class of request bodies: rejects unknown members."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class Out(BaseModel):
    """The base class of response bodies."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, from_attributes=True, frozen=True
    )


class FieldError(Out):
    """An error in one field of the request, and how to fix it."""

    field: str
    message: str
    code: str


class Error(Out):
    """The body of every error response, with the members of the platform's errors and RFC 9457."""

    model_config = ConfigDict(
        **Out.model_config,
        json_schema_extra=example(
            message="There is no such accounting integration.",
            errors=[],
            type="urn:cleo-accounting:error:not_found",
            title="Not Found",
            status=404,
            detail="There is no such accounting integration.",
            instance="urn:cleo-accounting:request:4f2c9d1e6a7b4c3d9e8f0a1b2c3d4e5f",
            code="not_found",
            requestId="4f2c9d1e6a7b4c3d9e8f0a1b2c3d4e5f",
        ),
    )

    message: str
    errors: list[FieldError]
    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str


class Page(Out, Generic[T]):
    """A page of a list, and the total number of its items."""

    items: list[T]
    total: int
    limit: int
    offset: int


class ConnectBody(In):
    """Parameters for connecting a company: the provider, and where Intuit redirects the user."""

    model_config = ConfigDict(
        **In.model_config,
        json_schema_extra=example(
            provider="quickbooks",
        ),
    )

    redirect_uri: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=2000,
            description="One of the redirect URIs configured for this service; it must match"
            " exactly. Default: the service's own callback.",
            examples=["https://api.cleo-pay.com/api/integrations/accounting/callback"],
        ),
    ] = None
    provider: Literal["quickbooks"] = "quickbooks"
    switch_company: bool = Field(
        default=False,
        description="Whether to allow a different company than before. If so, mappings start over.",
    )


class ConnectAnswer(Out):
    """The URL to send the user to. It works once and expires after ten minutes."""

    authorization_url: str = Field(
        examples=["https://appcenter.intuit.com/connect/oauth2?client_id=…&state=…"]
    )
    auth_url: str = Field(
        description="Alias of authorizationUrl.",
        examples=["https://appcenter.intuit.com/connect/oauth2?client_id=…&state=…"],
    )
    expires_at: datetime


class IntegrationOut(Out):
    """A business's connection to its QuickBooks company."""

    model_config = ConfigDict(
        **Out.model_config,
        json_schema_extra=example(
            id="acctint_9f86d081884c7d659a2feaa0c55ad015",
            provider="quickbooks",
            status="connected",
            statusReason=None,
            companyId="9341453000000001",
            companyName="Harbor Supply LLC",
            country="US",
            currency="USD",
            connectedAt="2026-11-02T09:30:00Z",
            connectedBy="token:tok_1f3870be274f6c49b3e31a0c6728957f",
            disconnectedAt=None,
            confirmedAt="2026-11-02T09:30:20Z",
            pausedAt=None,
            namesSeenAt="2026-11-02T09:30:04Z",
        ),
    )

    id: str
    provider: str
    status: Literal["connected", "needs_reconnect", "disconnected"]
    status_reason: str | None = Field(
        description="Why a person has to connect the company again. For a disconnected"
        " integration: `connected_elsewhere` (someone signed in at QuickBooks and connected the"
        " company elsewhere), `released` (disconnected by the operator of this service), or null"
        " (disconnected by a person of the business)."
    )
    company_id: str
    company_name: str
    country: str
    currency: str
    connected_at: datetime
    connected_by: str
    disconnected_at: datetime | None
    confirmed_at: datetime | None = Field(
        description="When a person confirmed the connected company."
    )
    paused_at: datetime | None = Field(description="When sending was paused; null if it is not.")
    names_seen_at: datetime | None = Field(
        description="When the lists of vendors, customers, accounts and so on were last refreshed."
    )


class ConnectionStatusOut(Out):
    """The status of the connection, and a message that says what to do if it has ended."""

    status: Literal["connected", "needs_reconnect", "disconnected", "not_connected"] = Field(
        examples=["connected"]
    )
    message: str = Field(examples=["“Harbor Supply LLC” is connected."])
    accounting_integration_id: str | None
    integration: IntegrationOut | None


class VendorMappingBody(In):
    """Maps a connection to a vendor in QuickBooks."""

    model_config = ConfigDict(
        **In.model_config,
        json_schema_extra=example(connectionId="conn_12", vendorId="56"),
    )

    connection_id: Id
    vendor_id: RemoteName | None = Field(
        default=None, description="The vendor's id in QuickBooks, or its name."
    )
    qbo_vendor_id: RemoteName | None = Field(default=None, description="Alias of vendorId.")


class CustomerMappingBody(In):
    """Maps a connection to a customer in QuickBooks."""

    model_config = ConfigDict(
        **In.model_config,
        json_schema_extra=example(connectionId="conn_12", customerId="7"),
    )

    connection_id: Id
    customer_id: RemoteName = Field(
        description="The customer's id in QuickBooks, or its full name."
    )


class BankAccountMappingBody(In):
    """Maps a funding source to a bank account in QuickBooks."""

    model_config = ConfigDict(
        **In.model_config,
        json_schema_extra=example(fundingSourceId="fs_1", bankAccountId="35"),
    )

    funding_source_id: Id
    bank_account_id: RemoteName | None = Field(
        default=None,
        description="The account's id or full name in QuickBooks. Its type must be Bank or Other"
        " Current Asset.",
    )
    qbo_bank_account_id: RemoteName | None = Field(
        default=None, description="Alias of bankAccountId."
    )


class MappingOut(Out):
    """A record, and the vendor, customer or account in QuickBooks that it is mapped to."""

    model_config = ConfigDict(
        **Out.model_config,
        json_schema_extra=example(
            recordId="conn_12",
            recordName="Harbor Supply",
            remoteId="56",
            remoteName="Harbor Supply LLC",
            origin="mapped",
            gone=False,
        ),
    )

    record_id: str = Field(description="The id of the connection or funding source.")
    record_name: str
    remote_id: str = Field(description="The id of the vendor, customer or account in QuickBooks.")
    remote_name: str
    origin: Literal["created", "linked", "mapped"] = Field(
        description="How the mapping was made. `created`: a sync created the vendor or customer."
        " `linked`: a sync found it by its name. `mapped`: a person chose it."
    )
    gone: bool = Field(
        description="Whether the vendor, customer or account has been deleted in QuickBooks."
    )


class CounterpartOut(Out):
    """A vendor, customer or account in QuickBooks, as of the last refresh."""

    id: str = Field(examples=["56"])
    name: str = Field(examples=["Harbor Supply LLC"])
    active: bool
    email: str | None
    account_type: str | None
    currency: str | None
    mapped_to: list[str] = Field(description="The ids of the records that are mapped to it.")


class SuggestionOut(Out):
    """A suggested match in QuickBooks for a record, with the reason and the confidence."""

    id: str = Field(examples=["56"])
    name: str = Field(examples=["Harbor Supply LLC"])
    why: str = Field(examples=["same name, spelled differently"])
    certainty: int = Field(
        ge=0, le=100, examples=[96], description="The confidence in the match, in percent."
    )


class UnmappedOut(Out):
    """An unmapped record, and the suggested matches in QuickBooks, best match first."""

    record_id: str
    record_name: str
    suggestions: list[SuggestionOut]


class TokenBody(In):
    """The name, role, business and lifetime of a new API token."""

    model_config = ConfigDict(
        **In.model_config,
        json_schema_extra=example(name="Month-end scripts", role="bookkeeper", businessId="biz_1"),
    )

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    role: Role
    business_id: Id | None = Field(
        default=None,
        description="The business that the token is for. Omit for the role `platform`.",
    )
    expires_in_days: int | None = Field(
        default=None,
        ge=1,
        le=366,
        description="Number of days until the token expires. Default: the service's setting.",
    )


class TokenOut(Out):
    """An API token, without its secret."""

    id: str
    name: str
    role: Role
    business_id: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None


class NewToken(TokenOut):
    """A new API token with its secret, which is returned only in this response."""

    token: str


class BulkItem(In):
    """A record to create or update, with its type and id."""

    type: Annotated[str, Field(min_length=1, max_length=20)] = Field(
        description="`connection`, `fundingSource`, `payable` or `payment`."
    )
    id: Id
    record: dict[str, Any] = Field(description="The record, in the format that its PUT accepts.")


class BulkBody(In):
    """Up to 1,000 records to create or update. Each has its own outcome."""

    model_config = ConfigDict(
        **In.model_config,
        json_schema_extra=example(
            records=[
                {
                    "type": "connection",
                    "id": "conn_12",
                    "record": {"status": "active", "connectedBusinessName": "Harbor Supply"},
                }
            ]
        ),
    )

    records: Annotated[list[BulkItem], Field(min_length=1, max_length=1000)]


class RecordOutcome(Out):
    """The outcome for one record."""

    type: str = Field(examples=["connection"])
    id: str = Field(examples=["conn_12"])
    outcome: Literal["created", "updated", "unchanged", "refused"]
    message: str
    errors: list[FieldError]


class BulkAnswer(Out):
    """The outcome for each record, in order, and the number of records with each outcome."""

    created: int
    updated: int
    unchanged: int
    refused: int
    outcomes: list[RecordOutcome]


class Accepted(Out):
    """Confirms that the request was accepted. The work is done in the background."""

    message: str


class UsageOut(Out):
    """The requests made to QuickBooks in the last `days` days. Intuit meters reads."""

    days: int
    requests: int
    batches: int
    reads: int
    throttled: int


class Health(Out):
    """The health of the service, and the problems that make it not ready."""

    status: Literal["ok", "not_ready"]
    problems: list[str]
