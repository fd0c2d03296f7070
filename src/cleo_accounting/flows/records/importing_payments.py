"""Import the payments of a file: find the payables and the funding source that each row names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core.identity import payment_said
from cleo_accounting.core.match import name_key
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.records import Connection, FundingSource, Payable, Payment, RecordKind
from cleo_accounting.flows.records import importing
from cleo_accounting.flows.records.importing import Outcome
from cleo_accounting.platform import payments
from cleo_accounting.platform.rows import Bad, Taken
from cleo_accounting.store import records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleo_accounting.flows import House
    from cleo_accounting.platform.rows import Paid, PaidRow
    from cleo_accounting.store.database import Transaction

_SHOWN_MAX = 5  # ids or names in one message
# A funding source as people write it: its name, the last four digits, or both.
_WITH_DIGITS = re.compile(r"(?P<name>.*?)[\s(*•.…#-]*[xX]*(?P<digits>[0-9]{4})\)?")


@dataclass(frozen=True, slots=True)
class _Known:
    """What we have stored of everything that some rows name."""

    vendors: Mapping[str, Sequence[Connection]]  # by the key of their name
    payables: Mapping[str, Sequence[Payable]]  # by the key of their number
    sources: Sequence[FundingSource]
    payments: Mapping[str, Payment]

    def named(self, vendor: str, number: str) -> list[Payable]:
        """Return the payables of a vendor or customer with a number."""
        ids = {one.id for one in self.vendors.get(name_key(vendor), ())}
        found = self.payables.get(number_key(number), ())
        return [one for one in found if one.connection_id in ids]


def take_payments(
    house: House, business_id: str, given: Sequence[Paid], *, by: str, dry_run: bool
) -> list[Outcome | Bad]:
    """Import payments; return the outcome of each, or the row whose reference cannot be found."""
    now = house.clock.now()
    with importing.opened(house, business_id, dry_run=dry_run) as tx:
        known = _look(tx, business_id, given)
        read = [(paid, _payment(paid, known)) for paid in given]
        taken = [Taken(paid.line, one) for paid, one in read if isinstance(one, Payment)]
        became = importing.keep_records(tx, business_id, taken, by=by, now=now, dry_run=dry_run)
    return [*became, *(one for _, one in read if isinstance(one, Bad))]


def _look(tx: Transaction, business_id: str, given: Sequence[Paid]) -> _Known:
    rows = [row for paid in given for _, row in paid.parts]
    vendors = sorted({name_key(row.vendor) for row in rows if not row.payable_id})
    numbers = sorted({number_key(row.number) for row in rows if not row.payable_id})
    there = records.get(
        tx, business_id, RecordKind.PAYMENT, [one.first.payment_id for one in given]
    )
    labelled = {
        kind: records.labelled(tx, business_id, kind, keys)
        for kind, keys in ((RecordKind.CONNECTION, vendors), (RecordKind.PAYABLE, numbers))
    }
    return _Known(
        {
            key: [one for one in found if isinstance(one, Connection)]
            for key, found in labelled[RecordKind.CONNECTION].items()
        },
        {
            key: [one for one in found if isinstance(one, Payable)]
            for key, found in labelled[RecordKind.PAYABLE].items()
        },
        _sources(tx, business_id),
        {id_: one for id_, one in there.items() if isinstance(one, Payment)},
    )


def _sources(tx: Transaction, business_id: str) -> list[FundingSource]:
    found: list[FundingSource] = []
    after = 0
    while page := records.page(tx, business_id, RecordKind.FUNDING_SOURCE, after=after):
        found += [one for _, one in page if isinstance(one, FundingSource)]
        after = page[-1][0]
    return found


def _payment(paid: Paid, known: _Known) -> Payment | Bad:
    """Return the payment that some rows make, or the first row with an unknown reference."""
    ids: dict[str, int] = {}
    for line, row in paid.parts:
        found = _payable_id(line, row, paid, known)
        if isinstance(found, Bad):
            return found
        if found in ids:
            reason = (
                f"It pays the payable {found}, as line {ids[found]} of the same payment does: put"
                " both amounts together in one row."
            )
            return _bad(line, reason, "differs", paid, "payable_id")
        ids[found] = line
    source = _source(paid, known.sources)
    if isinstance(source, Bad):
        return source
    made = payments.record(paid, list(ids), source.id)
    before = known.payments.get(paid.first.payment_id)
    return payment_said(made, before) if isinstance(made, Payment) and before else made


def _payable_id(line: int, row: PaidRow, paid: Paid, known: _Known) -> str | Bad:
    """Return the id of the payable that a row pays: its own id, or the only payable that fits."""
    if row.payable_id:
        return row.payable_id
    found = known.named(row.vendor, row.number)
    if len(found) == 1:
        return found[0].id
    named = f"of “{row.vendor}” with the number “{row.number}”"
    if found:
        ids = _some([one.id for one in found])
        reason = f"There are {len(found)} payables {named}: give its payable_id, one of {ids}."
    else:
        reason = f"There is no payable {named}: import it first, or give its payable_id."
    return _bad(line, reason, "payable", paid, "invoice_number", row.number)


def _source(paid: Paid, sources: Sequence[FundingSource]) -> FundingSource | Bad:
    """Return the funding source that a payment names by its id, its name or its last digits."""
    text = paid.first.source
    for fitting in (
        _with_id(text, sources),
        _with_name(text, sources),
        _with_digits(text, sources),
    ):
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            ids = _some([one.id for one in fitting])
            reason = f"Several funding sources are called “{text}”: give the id, one of {ids}."
            return _bad(paid.line, reason, "funding_source", paid, "funding_source", text)
    there = _some([_called(one) for one in sources])
    known = f"there are {there}" if sources else "there is none yet: import them first"
    reason = f"No funding source has the id, name or last four digits “{text}”; {known}."
    return _bad(paid.line, reason, "funding_source", paid, "funding_source", text)


def _with_id(text: str, sources: Sequence[FundingSource]) -> list[FundingSource]:
    return [one for one in sources if one.id == text]


def _with_name(text: str, sources: Sequence[FundingSource]) -> list[FundingSource]:
    return [one for one in sources if name_key(one.name) == name_key(text)]


def _with_digits(text: str, sources: Sequence[FundingSource]) -> list[FundingSource]:
    written = _WITH_DIGITS.fullmatch(text)
    if not written:
        return []
    name = name_key(written["name"])
    found = [one for one in sources if one.last_four == written["digits"]]
    return [one for one in found if not name or name_key(one.name) == name]


def _called(source: FundingSource) -> str:
    digits = f" ••{source.last_four}" if source.last_four else ""
    return f"{source.id} ({source.name}{digits})"


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - _SHOWN_MAX} more" if len(words) > _SHOWN_MAX else ""
    return ", ".join(words[:_SHOWN_MAX]) + more


def _bad(line: int, reason: str, kind: str, paid: Paid, column: str, value: str = "") -> Bad:
    """Report why a payment is left out, with all of its rows."""
    called = paid.called(column)
    return Bad(line, reason, kind, called, value, rows=len(paid.parts))
