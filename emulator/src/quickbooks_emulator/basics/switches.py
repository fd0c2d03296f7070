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
    """What becomes of the refresh token that a rotation replaced."""
    same_day_refresh: Literal["same_value", "new_value"] = "same_value"
    """Does a refresh within 24 hours of the last rotation keep the value, or rotate every time?"""
    double_use_revokes: bool = False
    """Does a second use of a code or a superseded refresh token kill the grant it made?"""
    refresh_token_seconds: int = 8_726_400
    """The rolling life of a refresh token; 8,640,000 in other readings."""
    invalid_grant: Literal["described", "bare", "token_invalid"] = "described"
    """Which of the three seen bodies an `invalid_grant` has."""
    unknown_client_status: Literal[401, 404] = 401
    """The answer to an unknown client id; one SDK has seen 404."""
    pkce: Literal["ignored", "checked"] = "ignored"
    """Are PKCE's challenge and verifier ignored, or offered by discovery and checked?"""
    callback_issuer: bool = False
    """Does the callback name its issuer (RFC 9207), and does discovery say so?"""

    # Limits
    burst_limit: Literal["per_second", "concurrent", "none"] = "per_second"
    """Ten requests a second, or ten at once, for a company and app."""
    retry_after: bool = False
    """Does a 429 say when to come back?"""
    throttle_status: Literal[429, 403] = 429
    """Earlier years answered 403."""
    batch_counts_as: Literal["one", "its_items"] = "one"
    """What a batch weighs against 500 requests a minute."""
    metering: Literal["production", "always", "never"] = "production"
    """Whose successful reads count as CorePlus calls; Intuit does not count the sandbox's."""
    metered_reads_monthly: int = 500_000
    """After so many in a calendar month the Builder tier is cut off."""
    failed_calls_count: bool = True
    """Do calls answered with a fault count against the limits?"""

    # Webhooks
    webhook_shape: Literal["cloud_events", "legacy"] = "cloud_events"
    """CloudEvents arrays since 2026-07-31, `eventNotifications` before."""
    webhook_gather_seconds: float = 5.0
    """How long changes gather before they are told together."""
    webhook_blocking: bool = True
    """Do later notices wait until an app has acknowledged its first?"""
    void_event: Literal["voided", "void"] = "voided"
    """The last word of a CloudEvents type when a document was voided."""
    deactivation_event: Literal["updated", "deleted"] = "updated"
    """How the deactivation of a name arrives."""
    own_writes_echo: bool = True
    """Do an app's own writes ring its own bell?"""

    # Books
    requestid: Literal["honoured", "ignored"] = "honoured"
    """Is a repeated request id answered with the first answer?"""
    requestid_seconds: float = 86_400.0
    """How long a request id is remembered."""
    requestid_other_body: Literal["replayed", "refused"] = "replayed"
    """The same id with another body: the first answer again, or fault 600."""
    requestid_faults_replayed: bool = False
    """Is a fault remembered under its request id, too?"""
    transaction_order: Literal["descending", "ascending"] = "descending"
    """The default order of a query for transactions, by Id."""
    name_list_order: Literal["by_name", "by_id"] = "by_name"
    """The default order of a query for a name list; by name, rows shift when one is added."""
    start_position_zero: Literal["first", "refused"] = "first"
    """STARTPOSITION 0: the first row, or fault 4001."""
    unequal_operator: Literal["accepted", "refused"] = "accepted"
    """`!=` in a query: compared, or fault 4000."""
    account_number_queryable: bool = False
    """May a query ask for AcctNum of vendors and accounts? Observed: it may not."""
    projections: Literal["accepted", "refused"] = "accepted"
    """Named columns in a query: sparse objects, or fault 4000."""
    max_results_beyond_limit: Literal["refused", "capped"] = "refused"
    """MAXRESULTS above 1,000: fault 4001, or 1,000 rows."""
    private_note_queryable: bool = False
    """Observed: it is not; one document claims that it is."""
    query_lag_seconds: float = 0.0
    """How long queries do not see what was created."""
    name_length_max: Literal[500, 100] = 500
    """The longest DisplayName; 100 in old material."""
    equal_names: Literal["but_for_case", "but_for_case_blanks_and_form"] = "but_for_case"
    """Are two names, or two numbers, one that differ in doubled blanks or in Unicode form?"""
    duplicate_numbers: Literal["refused", "allowed"] = "refused"
    """Does the company warn of a doubled document number? The API cannot read this setting."""
    inactive_reference: Literal["610", "2500"] = "610"
    """The code for a reference to something inactive."""
    paid_bill_deletion: Literal["refused", "unlinked"] = "refused"
    """Can a bill be deleted that has payments?"""
    void_note: Literal["kept", "taken"] = "kept"
    """Does a void take the PrivateNote that is sent with it? No document says so."""
    unknown_properties: Literal["refused", "kept"] = "refused"
    """A property that is not known: fault 2010 (or 501), or kept as sent, to stand for new ones."""
    check_account: Literal["bank", "bank_or_current_asset"] = "bank"
    """The types of account that a check is drawn on; documented is Bank alone."""
    closed_books: Literal["6210", "6200"] = "6210"
    """The code for a date in the closed period."""
    closing_date_readable: bool = True
    """Do the preferences tell the closing date?"""
    vendor_currency: Literal["ignored", "honoured"] = "ignored"
    """A foreign currency on a new vendor: observed ignored, documented as honoured."""
    exchange_rate: Literal["required", "looked_up"] = "required"
    """A foreign document without a rate: fault 2410, or Intuit's own rate."""
    transaction_currency: Literal["required", "assumed"] = "required"
    """Must a document name its currency when multicurrency is on?"""
    batch_items_max: Literal[30, 10] = 30
    """How many items a batch may have."""
    batch_answers: Literal["in_order", "reversed"] = "in_order"
    """The order of a batch's answers; they name their items, and no document promises an order."""
    repeated_batch: Literal["replayed", "refused"] = "replayed"
    """A batch under a known request id: the first answer again, or fault 6000 for each item."""
    batch_ids_beyond_limit: Literal["2130", "6000"] = "2130"
    """A request id and an item's id that are too long: 2130, or 6000 for each item."""
    cdc_beyond_window: Literal["refused", "truncated"] = "refused"
    """Changes asked for from before the last 30 days."""
    cdc_beyond_limit: Literal["truncated", "refused"] = "truncated"
    """More changes than 1,000."""
    cdc_limit_shared: bool = True
    """Are the 1,000 objects counted over all entities that were asked for?"""
    cdc_inclusive: bool = True
    """Does a change at the very moment of changedSince count?"""

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
