"""Tell the page after a sign-in why it failed, encrypted, so that the URL reveals nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from cleo_accounting.errors import AccountingError

if TYPE_CHECKING:
    from cleo_accounting.flows import House

LIFE = timedelta(minutes=10)
_LENGTH_MAX = 4_000
_PLACE = ("receipt",)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why a sign-in failed, and until when the receipt may be read."""

    message: str
    until: datetime


def write(house: House, message: str) -> str:
    """Return a receipt that can be read for ten minutes."""
    receipt = Receipt(message, house.clock.now() + LIFE)
    return house.vault.seal(msgspec.json.encode(receipt).decode(), _PLACE)


def read(house: House, text: str) -> Receipt | None:
    """Return the receipt in a text; None if it has expired or is not ours."""
    if not 0 < len(text) <= _LENGTH_MAX:
        return None
    try:
        receipt = msgspec.json.decode(house.vault.open(text, _PLACE), type=Receipt)
    except AccountingError:
        return None
    return receipt if receipt.until > house.clock.now() else None
