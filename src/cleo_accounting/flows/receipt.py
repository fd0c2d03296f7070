"""Tell the page after a sign-in how it ended, sealed, so that its address tells nobody else."""

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
    """How a sign-in ended: the company's name, or why not; and until when that may be read."""

    company_name: str
    message: str
    until: datetime


def write(house: House, *, company_name: str = "", message: str = "") -> str:
    """Write a receipt that can be read for ten minutes."""
    receipt = Receipt(company_name, message, house.clock.now() + LIFE)
    return house.vault.seal(msgspec.json.encode(receipt).decode(), _PLACE)


def read(house: House, text: str) -> Receipt | None:
    """Read a receipt; None for one that is old, or none of ours."""
    if not 0 < len(text) <= _LENGTH_MAX:
        return None
    try:
        receipt = msgspec.json.decode(house.vault.open(text, _PLACE), type=Receipt)
    except AccountingError:
        return None
    return receipt if receipt.until > house.clock.now() else None
