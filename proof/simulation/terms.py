"""Draw the terms of a world: the emulator's switches for uncertain behaviour, and the sizes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from proof.simulation.narrow import WIDE, Sizes
from proof.simulation.world import Terms
from quickbooks_emulator.basics.switches import Switches, choices

_TURNED = 0.15  # the share of switches that differ from the emulator's default
_LEAVES = 0.2  # the share of worlds in which a business leaves at the end
# Switches that are numbers, and switches whose values are drawn with weights of their own.
_DRAWN: Mapping[str, tuple[Any, ...]] = {
    "requestid": ("honoured", "honoured", "ignored"),
    "requestid_seconds": (86_400.0, 86_400.0, 30.0, 300.0),
    "query_lag_seconds": (0.0, 0.0, 0.0, 5.0, 120.0),
    "superseded_refresh_token": ("dies", "lives_24_hours"),
    "same_day_refresh": ("same_value", "new_value"),
    "retry_after": (False, True),
    "check_account": ("bank", "bank_or_current_asset"),
    "duplicate_numbers": ("refused", "allowed"),
    "refresh_token_seconds": (8_726_400, 8_640_000),
    "webhook_gather_seconds": (5.0,),
    "metered_reads_monthly": (500_000,),
}


def switches(dice: random.Random, *, unsafe: bool = False) -> dict[str, Any]:
    """Draw every switch of the emulator; with `unsafe`, QuickBooks often ignores request ids."""
    drawn: dict[str, Any] = {}
    allowed = choices()
    for one in fields(Switches):
        if one.name in _DRAWN:
            drawn[one.name] = dice.choice(_DRAWN[one.name])
        elif dice.random() < _TURNED:
            drawn[one.name] = dice.choice(allowed[one.name] or (False, True))
    if unsafe and dice.random() < 0.5:
        drawn["requestid"] = "ignored"
    return drawn


def sizes(dice: random.Random, *, narrow: bool) -> Sizes:
    """Draw the page sizes and limits of one response."""
    if not narrow:
        return WIDE
    return Sizes(dice.choice([1, 2, 3]), dice.choice([2, 3, 5]), dice.choice([2, 4, 1000]))


def drawn(seed: int, dice: random.Random, tenants: int, features: frozenset[str]) -> Terms:
    """Draw the terms of a world in which some features are strong."""
    large = "batches" in features
    return Terms(
        seed,
        switches(dice, unsafe="doubts" in features),
        {
            name: dice.random() < 0.5
            for name in ("custom_sales_numbers", "classes_per_line", "departments")
        },
        tenants=tenants,
        batch_size=dice.choice([4, 6, 10] if large else [1, 2, 3, 5]),
        sizes=sizes(dice, narrow="pages" in features),
        skew_seconds=dice.choice([0.0, 0.0, 0.0, 7.0, -45.0, 25.0, -25.0]),
        leaves=dice.random() < _LEAVES,
    )
