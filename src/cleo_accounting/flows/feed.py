"""Take in the platform's records: each gets its outcome, and a bad one harms no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.errors import Flaw, Invalid
from cleo_accounting.platform import shape
from cleo_accounting.store import integrations, records

if TYPE_CHECKING:
    from cleo_accounting.core.records import Record
    from cleo_accounting.flows import House

HOME_CURRENCY = "USD"  # the platform's, where neither the record nor a company names another


@dataclass(frozen=True, slots=True)
class Given:
    """One record as the platform's JSON writes it, with its type and id."""

    type: str
    id: str
    body: object


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one: created, updated, unchanged; or refused, with every flaw."""

    type: str
    id: str
    outcome: str
    message: str = ""
    flaws: Sequence[Flaw] = ()


def currency(house: House, business_id: str) -> str:
    """What amounts are in that name no currency: the company's home currency, if we know it."""
    with house.database.reading() as tx:
        known = integrations.latest(tx, business_id, house.provider.name)
    return known.profile.currency if known else HOME_CURRENCY


def take(house: House, business_id: str, given: Sequence[Record]) -> Sequence[str]:
    """Keep records; says of each whether it was created, updated or unchanged."""
    with house.database.transaction() as tx:
        return records.upsert(tx, business_id, given, house.clock.now())


def take_all(house: House, business_id: str, given: Sequence[Given]) -> Sequence[Outcome]:
    """Read and keep many; one outcome each, in order."""
    home = currency(house, business_id)
    outcomes: list[Outcome | None] = []
    good: list[tuple[int, Record]] = []
    for at, one in enumerate(given):
        read = _read(house, one, home)
        if isinstance(read, Outcome):
            outcomes.append(read)
        else:
            outcomes.append(None)
            good.append((at, read))
    taken = take(house, business_id, [record for _, record in good])
    for (at, _), outcome in zip(good, taken, strict=True):
        outcomes[at] = Outcome(given[at].type, given[at].id, outcome)
    return [one for one in outcomes if one is not None]


def _read(house: House, one: Given, home: str) -> Record | Outcome:
    kind = shape.TYPES.get(one.type)
    if kind is None:
        known = ", ".join(shape.TYPES)
        flaw = Flaw("type", f"must be one of {known}")
        return Outcome(one.type, one.id, "refused", "The type is unknown.", [flaw])
    try:
        return shape.read(kind, one.id, one.body, amounts_in=house.amounts_in, currency=home)
    except Invalid as refusal:
        return Outcome(one.type, one.id, "refused", refusal.message, refusal.flaws)
