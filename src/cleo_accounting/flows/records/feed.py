"""Receive the platform's records: each gets its own outcome, and a bad one affects no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.errors import Flaw, Invalid
from cleo_accounting.flows.admin import acts
from cleo_accounting.platform import shape
from cleo_accounting.platform.flaws import shown
from cleo_accounting.store import ignored as ignored_fields
from cleo_accounting.store import incoming, integrations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cleo_accounting.core.records import Record
    from cleo_accounting.flows import House
    from cleo_accounting.store.ignored import Field

HOME_CURRENCY = "USD"  # if neither the record nor a company names a currency


ROLE_STAYS = (
    "cannot change: delete the payable, then send it again (cancel it before, if it is in"
    " QuickBooks, and sync)"
)


@dataclass(frozen=True, slots=True)
class Given:
    """One record in the platform's JSON, with its type and id."""

    type: str
    id: str
    body: object


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome for one record: created, updated, unchanged; or refused, with every flaw."""

    type: str
    id: str
    outcome: str
    message: str = ""
    flaws: Sequence[Flaw] = ()


def currency(house: House, business_id: str) -> str:
    """Return the currency of amounts without one: the company's home currency, if known."""
    with house.database.reading() as tx:
        known = integrations.latest(tx, business_id, house.provider.name)
    return known.profile.currency if known else HOME_CURRENCY


def take(
    house: House,
    business_id: str,
    given: Sequence[Record],
    ignored: Iterable[Field] = (),
    *,
    by: str,
) -> Sequence[str]:
    """Store records; return for each whether it was created, updated or unchanged.

    A payable that arrives with another role than it has is “other_role”, and is not changed.
    `ignored` lists the unused fields of the records, as kind and name, once per record.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        taken = incoming.upsert(tx, business_id, given, now)
        ignored_fields.note(tx, business_id, ignored, now)
        acts.note_fed(tx, business_id, given, taken, by=by, now=now)
        return taken


def take_one(house: House, business_id: str, record_id: str, body: shape.Body, *, by: str) -> str:
    """Store one parsed record; return whether it was created, updated or unchanged.

    Raises:
        Invalid: the record as a whole, or compared with the stored one, has flaws; lists them all.
    """
    record = body.record(
        record_id, amounts_in=house.amounts_in, currency=currency(house, business_id)
    )
    (taken,) = take(house, business_id, [record], shape.ignored(body), by=by)
    if taken == "other_role":
        raise _other_role()
    return taken


def take_all(
    house: House, business_id: str, given: Sequence[Given], *, by: str
) -> Sequence[Outcome]:
    """Parse and store many records; return one outcome each, in order."""
    home = currency(house, business_id)
    outcomes: list[Outcome | None] = []
    good: list[tuple[int, Record]] = []
    ignored: list[Field] = []
    for at, one in enumerate(given):
        try:
            body = _parsed(one)
            record = body.record(one.id, amounts_in=house.amounts_in, currency=home)
        except Invalid as refusal:
            outcomes.append(_refused(one, refusal))
        else:
            outcomes.append(None)
            good.append((at, record))
            ignored += shape.ignored(body)
    taken = take(house, business_id, [record for _, record in good], ignored, by=by)
    for (at, _), outcome in zip(good, taken, strict=True):
        one = given[at]
        if outcome == "other_role":
            outcomes[at] = _refused(one, _other_role())
        else:
            outcomes[at] = Outcome(one.type, one.id, outcome)
    return [one for one in outcomes if one is not None]


def _other_role() -> Invalid:
    return Invalid("A payable keeps its role.", [Flaw("role", ROLE_STAYS, "role_changed")])


def _refused(one: Given, refusal: Invalid) -> Outcome:
    return Outcome(one.type, one.id, "refused", refusal.message, refusal.flaws)


def _parsed(one: Given) -> shape.Body:
    kind = shape.TYPES.get(one.type)
    if kind is None:
        flaw = Flaw("type", f"must be one of {', '.join(shape.TYPES)}, not {shown(one.type)}")
        raise Invalid("The type is unknown.", [flaw])
    return shape.parse(kind, one.id, one.body)
