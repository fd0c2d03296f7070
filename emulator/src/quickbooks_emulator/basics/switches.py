"""Switches: choices of behaviour where the sources on QuickBooks disagree or are silent.

Each switch is a plain value with a default, so that switches can be printed, stored and compared.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Switches:
    """Every choice between documented or plausible behaviours of Intuit."""

    # OAuth
    superseded_refresh_token: Literal["dies", "lives_24_hours"] = "dies"  # noqa: S105  a choice
    """Whether a refresh token that rotation replaced dies at once or lives another 24 hours."""
    same_day_refresh: Literal["same_value", "new_value"] = "same_value"
    """Whether a refresh within 24 hours of the last rotation keeps or rotates the refresh token."""
    double_use_revokes: bool = False
    """Whether reuse of a code or of a superseded refresh token ends the grant it belongs to."""
    refresh_token_seconds: int = 8_726_400
    """How long a refresh token lives after the last refresh; other sources say 8,640,000."""
    invalid_grant: Literal["described", "bare", "token_invalid"] = "described"
    """Which of the three observed bodies an `invalid_grant` response has."""
    unknown_client_status: Literal[401, 404] = 401
    """The status for an unknown client id; one SDK has seen 404."""
    pkce: Literal["ignored", "checked"] = "ignored"
    """Whether PKCE is ignored, or announced in the discovery document and checked."""
    callback_issuer: bool = False
    """Whether the callback names its issuer (RFC 9207) and the discovery document says so."""

    # Limits
    burst_limit: Literal["per_second", "concurrent", "none"] = "per_second"
    """The limit per company and app: ten requests a second, ten concurrent requests, or none."""
    retry_after: bool = False
    """Whether a throttled response has a Retry-After header."""
    throttle_status: Literal[429, 403] = 429
    """The status of a throttled response; in earlier years it was 403."""
    batch_counts_as: Literal["one", "its_items"] = "one"
    """Whether a batch counts as one of the 500 requests a minute, or as one for each item."""
    metering: Literal["production", "always", "never"] = "production"
    """Which successful reads count as CorePlus calls; Intuit does not count the sandbox's."""
    metered_reads_monthly: int = 500_000
    """An app's metered reads per calendar month; then the Builder tier is cut off."""
    failed_calls_count: bool = True
    """Whether requests answered with a fault count against the limits."""

    # Webhooks
    webhook_shape: Literal["cloud_events", "legacy"] = "cloud_events"
    """The payload's format: CloudEvents arrays since 2026-07-31, `eventNotifications` before."""
    webhook_gather_seconds: float = 5.0
    """How long changes are collected before they are sent in one notice."""
    webhook_blocking: bool = True
    """Whether an app's later notices wait until it has acknowledged the first."""
    void_event: Literal["voided", "void"] = "voided"
    """The last word of the CloudEvents type for a voided document."""
    deactivation_event: Literal["updated", "deleted"] = "updated"
    """Whether a deactivated record is reported as updated or as deleted."""
    own_writes_echo: bool = True
    """Whether an app is also notified of its own writes."""

    # Books
    requestid: Literal["honoured", "ignored"] = "honoured"
    """Whether a repeated request id gets the first response, or is executed like a new one."""
    requestid_seconds: float = 86_400.0
    """How long the response to a request id is stored."""
    requestid_other_body: Literal["replayed", "refused"] = "replayed"
    """A repeated request id with another body: the first response again, or fault 600."""
    requestid_faults_replayed: bool = False
    """Whether a fault is stored under its request id, too."""
    transaction_order: Literal["descending", "ascending"] = "descending"
    """The default order, by Id, of a query for transactions."""
    name_list_order: Literal["by_name", "by_id"] = "by_name"
    """The default order of a query for a name list; by name, rows shift when a name is added."""
    start_position_zero: Literal["first", "refused"] = "first"
    """STARTPOSITION 0: read as the first row, or refused with fault 4001."""
    unequal_operator: Literal["accepted", "refused"] = "accepted"
    """`!=` in a query: accepted, or refused with fault 4000."""
    account_number_queryable: bool = False
    """Whether queries can use AcctNum of vendors and accounts; observed: they cannot."""
    projections: Literal["accepted", "refused"] = "accepted"
    """Named columns in a query: answered with sparse objects, or refused with fault 4001."""
    max_results_beyond_limit: Literal["refused", "capped"] = "refused"
    """MAXRESULTS above 1,000: refused with fault 4001, or treated as 1,000."""
    private_note_queryable: bool = False
    """Whether queries can use PrivateNote; observed: they cannot; one document claims they can."""
    query_lag_seconds: float = 0.0
    """How long a new record stays invisible to queries."""
    name_length_max: Literal[500, 100] = 500
    """The maximum length of DisplayName; older material says 100."""
    equal_names: Literal["but_for_case", "but_for_case_blanks_and_form"] = "but_for_case"
    """Which differences equal names or numbers may have: case, or also blanks and Unicode form."""
    duplicate_numbers: Literal["refused", "allowed"] = "refused"
    """Whether a duplicate document number is refused; the API cannot read this setting."""
    inactive_reference: Literal["610", "2500"] = "610"
    """The error code for a reference to an inactive record."""
    paid_bill_deletion: Literal["refused", "unlinked"] = "refused"
    """Whether deleting a bill that has payments is refused, or unlinks the payments."""
    void_note: Literal["kept", "taken"] = "kept"
    """Whether a void keeps the old PrivateNote or takes the one sent with it; no document says."""
    unknown_properties: Literal["refused", "kept"] = "refused"
    """An unknown property: fault 2010 (or 501), or kept, to simulate one that Intuit adds later."""
    check_account: Literal["bank", "bank_or_current_asset"] = "bank"
    """The account types that a check can be drawn on; only Bank is documented."""
    closed_books: Literal["6210", "6200"] = "6210"
    """The error code for a date in the closed period."""
    closing_date_readable: bool = True
    """Whether Preferences include the closing date."""
    vendor_currency: Literal["ignored", "honoured"] = "ignored"
    """A new vendor's foreign currency: observed as ignored, documented as honoured."""
    exchange_rate: Literal["required", "looked_up"] = "required"
    """A foreign document without a rate: refused with fault 2410, or given Intuit's own rate."""
    transaction_currency: Literal["required", "assumed"] = "required"
    """Whether a document must name its currency when multicurrency is on."""
    batch_items_max: Literal[30, 10] = 30
    """The maximum number of items in a batch."""
    batch_answers: Literal["in_order", "reversed"] = "in_order"
    """The order of a batch's responses; each names its item, and no document promises an order."""
    repeated_batch: Literal["replayed", "refused"] = "replayed"
    """A batch with a known request id: the first response again, or fault 6000 for each item."""
    batch_ids_beyond_limit: Literal["2130", "6000"] = "2130"
    """A request id and item id that together are too long: fault 2130, or 6000 for each item."""
    cdc_beyond_window: Literal["refused", "truncated"] = "refused"
    """changedSince over 30 days ago: refused, or replaced by the moment 30 days ago."""
    cdc_beyond_limit: Literal["truncated", "refused"] = "truncated"
    """More than 1,000 changed objects: only the earliest are returned, or fault 10100."""
    cdc_limit_shared: bool = True
    """Whether the 1,000 objects are shared by all requested entities, instead of for each."""
    cdc_inclusive: bool = True
    """Whether a change at exactly changedSince is included."""

    def as_dict(self) -> dict[str, Any]:
        """Return the switches as a dictionary by name."""
        return asdict(self)

    def changed(self, choices: Mapping[str, Any]) -> Switches:
        """Return a copy with switches changed; raises ValueError for an unknown name or value."""
        known = _choices()
        for name, value in choices.items():
            if name not in known:
                raise ValueError(f"there is no switch {name!r}")
            allowed = known[name]
            if allowed and value not in allowed:
                raise ValueError(f"switch {name!r} takes one of {allowed}, not {value!r}")
        return replace(self, **choices)


def choices() -> dict[str, tuple[Any, ...]]:
    """Return each switch's allowed values; empty for a switch that takes a number or a boolean."""
    return dict(_choices())


@cache
def _choices() -> Mapping[str, tuple[Any, ...]]:
    hints = get_type_hints(Switches)
    return {each.name: get_args(hints[each.name]) for each in fields(Switches)}
