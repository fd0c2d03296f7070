"""Build payments from rows: the rows with the same payment id are the parts of one payment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cleo_accounting.core.records import Payment, total
from cleo_accounting.errors import Invalid
from cleo_accounting.platform import shape
from cleo_accounting.platform.payables import LINES_MAX, left_out
from cleo_accounting.platform.rows import Bad, Paid, PaidRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from cleo_accounting.platform.paid_rows import UnreadablePart

    Called = Callable[[str], str]

_PARTS = ("payables", "credits")
_OF_PART = re.compile(rf"({'|'.join(_PARTS)})\[([0-9]+)\]\.(.+)")
_FLAWS_MAX = 100  # per payment; further flaws are only counted
_FIELDS = {
    "id": "payment_id",
    "payableId": "payable_id",
    "fundingSourceId": "funding_source",
    "paymentDate": "payment_date",
    "returnCode": "return_code",
    "returnedOn": "return_date",
}


def payments(
    rows: Iterable[tuple[int, PaidRow | UnreadablePart]],
    called: Called,
    _is_first: Callable[[str], bool],
) -> Iterator[Bad | Paid]:
    """Yield the payment of one id; one bad row excludes the whole payment."""
    parts: list[tuple[int, PaidRow]] = []
    flaws: list[Bad] = []
    count = 0
    for number, row in rows:
        count += 1
        if isinstance(row, PaidRow):
            flaw = _difference(number, row, parts[0], called) if parts else None
            if len(parts) < LINES_MAX:
                parts.append((number, row))
            elif not flaws:
                flaw = Bad(number, f"Its payment has more than {LINES_MAX:,} parts.", "lines")
        else:
            flaw = row.bad
        if flaw and len(flaws) < _FLAWS_MAX:
            flaws.append(flaw)
    if flaws:
        yield from left_out(flaws, count)
    else:
        yield Paid(tuple(parts), called)


def _difference(
    number: int, row: PaidRow, first: tuple[int, PaidRow], called: Called
) -> Bad | None:
    """Return how a row differs from the first of its payment where they must agree, or None."""
    at, other = first
    pairs = {
        "status": (row.status, other.status),
        "funding_source": (row.source, other.source),
        "payment_date": (row.paid_on, other.paid_on),
        "currency": (row.amount.currency, other.amount.currency),
        "return_code": (row.return_code, other.return_code),
        "return_date": (row.returned_on, other.returned_on),
    }
    for name, (ours, theirs) in pairs.items():
        if ours != theirs:
            reason = (
                f"Its {name.replace('_', ' ')} {ours or 'is empty and'} differs from"
                f" {theirs or 'the empty one'} on line {at}, which has the same payment id."
            )
            return Bad(number, reason, "differs", called(name), str(ours or ""))
    return None


def record(paid: Paid, payable_ids: Sequence[str], source_id: str) -> Payment | Bad:
    """Return a payment after it was checked by the platform's rules, with the ids that it names.

    Next to rows that pay something, rows below zero are the credits that the payment uses.
    """
    row, amounts = paid.first, [row.amount for _, row in paid.parts]
    currency = row.amount.currency
    body: dict[str, object] = {
        "fundingSourceId": source_id,
        "amount": format(total(amounts, currency).decimal, "f"),
        "currency": currency,
        "status": row.status,
        "paymentDate": row.paid_on,
        "returnCode": row.return_code,
        "returnedOn": row.returned_on,
    }
    lines = [line for line, _ in paid.parts]
    parts = list(zip(lines, payable_ids, (one.decimal for one in amounts), strict=True))
    pays = [one for one in parts if one[2] >= 0] or parts
    used = [one for one in parts if one not in pays]
    if len(pays) == 1:
        body["payableId"] = pays[0][1]
    else:
        body["payables"] = [_part(id_, amount) for _, id_, amount in pays]
    if used:
        body["credits"] = [_part(id_, -amount) for _, id_, amount in used]
    given = {"id": row.payment_id, **body}
    kind, id_ = shape.PaymentBody, row.payment_id
    try:
        read = shape.read(kind, id_, given, amounts_in="dollars", currency=currency)
    except Invalid as refusal:
        at = {
            name: [line for line, *_ in some]
            for name, some in zip(_PARTS, (pays, used), strict=True)
        }
        return _of_rule(refusal, paid, at)
    assert isinstance(read, Payment)
    return read


def _part(payable_id: str, amount: Decimal) -> dict[str, str]:
    return {"payableId": payable_id, "amount": format(amount, "f")}


def _of_rule(refusal: Invalid, paid: Paid, lines: Mapping[str, Sequence[int]]) -> Bad:
    """Return a broken rule of the platform as a flaw that names the line and column of the file."""
    number, (flaw, *_) = paid.line, refusal.flaws
    where = flaw.field
    if found := _OF_PART.fullmatch(where):
        number, where = lines[found[1]][int(found[2])], found[3]
    column = paid.called(_FIELDS.get(where, where))
    return Bad(number, f"{column} {flaw.message}.", "rule", column, rows=len(paid.parts))
