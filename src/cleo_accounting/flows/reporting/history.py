"""Report what waits for a person now, what was done about each record, and weekly totals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from cleo_accounting.core.kinds import DOCUMENTS, PAYMENTS
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import Money
from cleo_accounting.core.states import Action, ItemState, Trigger
from cleo_accounting.errors import Invalid, Missing
from cleo_accounting.flows.reporting.progress import Item, item
from cleo_accounting.store import audit, integrations, runs
from cleo_accounting.store.views import history, waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cleo_accounting.flows import House
    from cleo_accounting.store.views.history import Day
    from cleo_accounting.store.views.told import Told
    from cleo_accounting.store.views.waiting import Open

WEEKS = 12
OUTCOMES = history.OUTCOMES

Amounts = tuple[tuple[str, int], ...]  # currency and minor units


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation on a record, and the record's own amount and party."""

    item: Item
    at: datetime
    asked_by: str
    trigger: Trigger
    amount_minor: int | None
    currency: str | None
    party: str | None
    connection_id: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What waits for a person for one cause; payments have a sum of their own."""

    code: str
    number: int
    on_hold: Amounts
    payments_on_hold: Amounts


@dataclass(frozen=True, slots=True)
class Issues:
    """Everything that waits for a person now, by cause, and how many settled records go next time.

    `on_hold` is the sum of the documents. Payments are never added to what they pay.
    """

    groups: Sequence[Group] = ()
    total: int = 0
    documents: int = 0
    payments: int = 0
    on_hold: Amounts = ()
    payments_on_hold: Amounts = ()
    settled: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of what was written, before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One entry of a record's timeline, with what it changed compared to the write before."""

    entry: Entry
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Week:
    """The outcomes of documents in the week from a Monday on; `paid` counts payments."""

    monday: date
    numbers: Mapping[str, int]
    amounts: Mapping[str, Amounts]


def issues(house: House, business_id: str, integration_id: str) -> Issues:
    """Return what waits for a person; causes that hold up other records come first."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        return _issues(waiting.counts(tx, business_id, integration_id))


def number_of_issues(house: House, integration_id: str) -> int:
    """Return how many records wait for a person: the total of `issues`, and nothing else."""
    with house.database.reading() as tx:
        return waiting.number(tx, integration_id)


def _issues(counted: Sequence[Open]) -> Issues:
    still = [one for one in counted if not one.settled]
    groups = [
        Group(
            code,
            sum(one.number for one in still if one.code == code),
            _on_hold([one for one in still if one.code == code], DOCUMENTS),
            _on_hold([one for one in still if one.code == code], PAYMENTS),
        )
        for code in {one.code for one in still}
    ]
    return Issues(
        groups=sorted(groups, key=lambda one: (_rank(one.code), -one.number, one.code)),
        total=sum(one.number for one in still),
        documents=sum(one.number for one in still if one.kind in DOCUMENTS),
        payments=sum(one.number for one in still if one.kind in PAYMENTS),
        on_hold=_on_hold(still, DOCUMENTS),
        payments_on_hold=_on_hold(still, PAYMENTS),
        settled=sum(one.number for one in counted if one.settled),
    )


def _on_hold(counted: Sequence[Open], kinds: Sequence[RemoteKind]) -> Amounts:
    """Return the sum on hold of some kinds."""
    return _amounts((one.currency, one.amount_minor) for one in counted if one.kind in kinds)


def waiting_for(
    house: House,
    business_id: str,
    integration_id: str,
    *,
    code: str | None,
    limit: int,
    offset: int,
) -> list[Entry]:
    """Return a page of what waits for a person for a cause, oldest first."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        rows = waiting.some(tx, business_id, integration_id, code=code, limit=limit, offset=offset)
    return [entry(row) for row in rows]


def first_waiting(
    house: House, business_id: str, integration_id: str, number: int
) -> Mapping[str, Sequence[Entry]]:
    """Return the oldest few entries that wait for a person, by cause."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        rows = waiting.first(tx, business_id, integration_id, number)
    found: dict[str, list[Entry]] = {}
    for row in rows:
        found.setdefault(row.row.code or "", []).append(entry(row))
    return found


def acts(
    house: House,
    business_id: str,
    integration_id: str,
    *,
    outcome: str | None = None,
    kind: str | None = None,
    search: str | None = None,
    since: date | None = None,
    until: date | None = None,
    least_minor: int | None = None,
    limit: int,
    offset: int,
) -> tuple[list[Entry], int]:
    """Return a page of operations on records, filtered, newest first, and how many there are.

    Raises:
        Invalid: there is no such outcome or kind.
    """
    if outcome and outcome not in OUTCOMES:
        raise Invalid(f"Unknown outcome: {outcome}.")
    if kind and kind not in list(RemoteKind):
        raise Invalid(f"Unknown kind: {kind}.")
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        rows, total = history.acts(
            tx,
            business_id,
            integration_id,
            outcome=outcome,
            kind=kind,
            search=search,
            since=midnight(house, since),
            until=end_of(house, until),
            least_minor=least_minor,
            limit=limit,
            offset=offset,
        )
    return [entry(row) for row in rows], total


def run_of(house: House, business_id: str, integration_id: str, run_id: str) -> None:
    """Check that a run belongs to this integration.

    Raises:
        Missing: it does not.
    """
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        runs.find(tx, integration_id, run_id)


def audited(
    house: House,
    business_id: str,
    *,
    by: str | None = None,
    what: str | None = None,
    subject: str | None = None,
    limit: int,
    offset: int,
) -> tuple[Sequence[audit.Entry], int]:
    """Return a page of the audit entries, newest first, and how many there are."""
    wanted = {"by": by, "what": what, "subject": subject}
    with house.database.reading() as tx:
        return audit.page(tx, business_id, wanted, limit=limit, offset=offset)


def timeline(
    house: House, business_id: str, integration_id: str, kind: str, record_id: str
) -> list[Chapter]:
    """Return all operations on a record, newest first, with what each one changed.

    Raises:
        Missing: there has been no operation on it.
    """
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        rows = history.timeline(tx, business_id, integration_id, kind, record_id)
    if not rows:
        raise Missing("This record has no activity yet.")
    told: list[Chapter] = []
    before: dict[str, str] = {}
    for row in reversed(rows):
        after = _plain(row.row.content)
        changed = [
            Difference(name, before.get(name, ""), after.get(name, ""))
            for name in after
            if before.get(name, "") != after.get(name, "")
        ]
        told.append(Chapter(entry(row), changed))
        if row.row.state == ItemState.WRITTEN and row.row.action == Action.REMOVE:
            before = before if row.row.code == "copy_removed" else {}
        elif row.row.state == ItemState.WRITTEN and after:
            before = after
    return told[::-1]


def weeks(house: House, business_id: str, integration_id: str, number: int = WEEKS) -> list[Week]:
    """Sum the outcomes of documents in the last weeks, oldest first; empty weeks too."""
    return weeks_and_issues(house, business_id, integration_id, number)[0]


def weeks_and_issues(
    house: House, business_id: str, integration_id: str, number: int = WEEKS
) -> tuple[list[Week], Issues]:
    """Return the last weeks and what waits now; what waits is counted once for both."""
    today = house.clock.now().date()
    first = today - timedelta(days=today.weekday(), weeks=number - 1)
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        since = midnight(house, first) or house.clock.now()
        days = history.days(tx, integration_id, since=since)
        counted = waiting.counts(tx, business_id, integration_id)
        days += _still(counted, runs.began(tx, {one.run_id for one in counted}))
    return [_week(first + timedelta(weeks=at), days) for at in range(number)], _issues(counted)


def _still(counted: Sequence[Open], began: Mapping[str, date]) -> list[Day]:
    """Count what still waits once, on the day its last attempt began."""
    return [
        history.Day(began[one.run_id], "waiting", one.currency, one.number, one.amount_minor)
        for one in counted
        if one.kind in DOCUMENTS and not one.settled
    ]


def _week(monday: date, days: Sequence[Day]) -> Week:
    some = [one for one in days if monday <= one.day < monday + timedelta(weeks=1)]
    outcomes = {one.outcome for one in some}
    return Week(
        monday,
        {name: sum(one.number for one in some if one.outcome == name) for name in outcomes},
        {
            name: _amounts((one.currency, one.amount_minor) for one in some if one.outcome == name)
            for name in outcomes
        },
    )


def midnight(house: House, day: date | None) -> datetime | None:
    """Return the time at which a day begins (UTC)."""
    if day is None:
        return None
    zone = house.clock.now().tzinfo
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def end_of(house: House, day: date | None) -> datetime | None:
    """Return the midnight after a day; None for the last day that a date can be."""
    return midnight(house, day + timedelta(days=1)) if day and day < date.max else None


def _rank(code: str) -> int:
    """Rank a cause: what holds up other records comes first, what waits for others last."""
    first = (
        "tax_code_needed",
        "expense_account_needed",
        "item_needed",
        "choice_unusable",
        "not_tracked",
        "subscription_ended",
        "no_permission",
    )
    last = ("vendor_needed", "customer_needed")
    return 0 if code in first else 2 if code in last else 1


def _amounts(pairs: Iterable[tuple[str | None, int]]) -> Amounts:
    summed: dict[str, int] = {}
    for currency, minor in pairs:
        if currency:
            summed[currency] = summed.get(currency, 0) + minor
    return tuple(sorted(summed.items()))


def entry(told: Told) -> Entry:
    """Return an operation and its record as they are shown to people."""
    return Entry(
        item=item(told.row),
        at=told.at,
        asked_by=told.asked_by,
        trigger=told.trigger,
        amount_minor=told.amount_minor,
        currency=told.currency,
        party=told.party,
        connection_id=told.connection_id,
    )


_SAID = {
    "number": "Number",
    "dated": "Date",
    "due": "Due",
    "total": "Total",
    "note": "Note",
    "lines": "Lines",
    "name": "Name",
    "email": "E-mail",
}


def _plain(content: str | None) -> dict[str, str]:
    """Return what was written, field by field, in words for people; ids are left out."""
    if not content:
        return {}
    raw = msgspec.json.decode(content)
    return {said: _words(raw[name]) for name, said in _SAID.items() if raw.get(name)}


def _words(value: object) -> str:
    if isinstance(value, dict) and {"minor", "currency"} <= value.keys():
        return str(Money(value["minor"], value["currency"]))
    if isinstance(value, list):
        return "\n".join(
            ": ".join(filter(None, (line.get("description"), _words(line.get("amount", "")))))
            for line in value
        )
    return str(value)
