"""Rate limits: requests per minute, and syncs, refreshes and downloads per hour."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from cleo_accounting.errors import Exceeded, Standing
from cleo_accounting.store.rates import Counters

_SAID = {
    "token": "This token has made too many requests.",
    "visit": "Too many requests were made in this page session.",
    "business": "Too many requests were made for this business.",
    "address": "Too many requests came from this address.",
    "syncs": "Too many syncs and previews for this business in the last hour.",
    "reconciliations": "Too many comparisons for this business in the last hour.",
    "sheets": "Too many CSV downloads for this business in the last hour.",
    "looks": "Too many refreshes of the lists of this business in the last hour.",
}


@dataclass(frozen=True, slots=True)
class Budgets:
    """How much each caller or business may ask for; None: unlimited."""

    token_per_minute: int | None = None
    platform_per_minute: int | None = None  # a platform token, which serves every business
    business_per_minute: int | None = None
    address_per_minute: int | None = None  # without a valid token
    syncs_per_hour: int | None = None  # of a business, previews and retries included
    reconciliations_per_hour: int | None = None
    looks_per_hour: int | None = None
    sheets_per_hour: int | None = None  # each reads a whole list


@dataclass(frozen=True, slots=True)
class StreamBounds:
    """How many live streams a process holds open at the same time."""

    per_caller: int = 6
    per_business: int = 30
    most: int = 300


class Rates:
    """Counts requests against the budgets. Thread-safe."""

    def __init__(self, budgets: Budgets | None = None, counters: Counters | None = None) -> None:
        """Enforce these budgets, counted by `counters`; without them nothing is limited."""
        self._items: Mapping[str, RateLimitItem] = {}
        self.asks_database = counters is not None and counters.asks_database
        if budgets is not None and counters is not None:
            self._counters = counters
            self._limiter = FixedWindowRateLimiter(counters)
            self._items = _items(budgets)

    def spend(self, name: str, who: str) -> Standing | None:
        """Take one from a budget and return how the budget stands; None if it is unlimited.

        Raises:
            Exceeded: the budget is used up; the error says when it is full again.
        """
        item = self._items.get(name)
        if item is None:
            return None
        # A caller that goes on after a refusal costs the database nothing more.
        used_up = self._counters.known(item.key_for(who)) > item.amount
        allowed = not used_up and self._limiter.hit(item, who)
        reset, left = self._limiter.get_window_stats(item, who)
        seconds = max(1, math.ceil(reset - self._counters.clock.now().timestamp()))
        standing = Standing(name, item.amount, item.get_expiry(), left, seconds)
        if not allowed:
            raise Exceeded(
                f"{_SAID.get(name, _SAID['token'])} Try again in {seconds} s.",
                datetime.fromtimestamp(reset, UTC),
                standing,
            )
        return standing


def _items(budgets: Budgets) -> Mapping[str, RateLimitItem]:
    minute = (
        ("token", budgets.token_per_minute),
        ("visit", budgets.token_per_minute),
        ("platform", budgets.platform_per_minute),
        ("business", budgets.business_per_minute),
        ("address", budgets.address_per_minute),
    )
    hour = (
        ("syncs", budgets.syncs_per_hour),
        ("reconciliations", budgets.reconciliations_per_hour),
        ("looks", budgets.looks_per_hour),
        ("sheets", budgets.sheets_per_hour),
    )
    return {
        **{name: RateLimitItemPerMinute(most, 1, name) for name, most in minute if most},
        **{name: RateLimitItemPerHour(most, 1, name) for name, most in hour if most},
    }
