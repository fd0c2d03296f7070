"""The open balances of documents on both sides, what payments settle, and sums by party."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import PAYMENTS
from cleo_accounting.core.links import RemoteKind, Settlement
from cleo_accounting.core.reconciliation import Open, PartyBalance
from cleo_accounting.core.records import Money

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date
    from typing import Self

    from cleo_accounting.core.contrast import NameOf
    from cleo_accounting.core.links import Content

Settles = tuple[RemoteKind, str]  # a kind of document, and the id of one in QuickBooks
_TOLD_MAX = 3


class Settled:
    """The amounts that payments settle of documents: recorded by us, as they stand, and by others.

    `watched`: the documents of ours. Payments by others are kept only if they pay one of these.
    """

    def __init__(self, watched: Collection[Settles] = ()) -> None:
        self._watched = watched
        self._recorded: defaultdict[Settles, int] = defaultdict(int)
        self._standing: defaultdict[Settles, int] = defaultdict(int)
        self._others: defaultdict[Settles, list[tuple[date, Money]]] = defaultdict(list)

    @classmethod
    def together(cls, some: Sequence[Self]) -> Self:
        """Return the combined amounts of several kinds of payment."""
        whole = cls()
        for one in some:
            for document, minor in one._recorded.items():  # noqa: SLF001  of the same class
                whole._recorded[document] += minor
            for document, minor in one._standing.items():  # noqa: SLF001
                whole._standing[document] += minor
            for document, paid in one._others.items():  # noqa: SLF001
                whole._others[document] += paid
        return whole

    def record(self, kind: RemoteKind, content: Content | None) -> None:
        """Count a payment as we recorded it, or as a person decided that it stays."""
        for document, amount in settles(kind, content):
            self._recorded[document] += amount.minor

    def see(self, kind: RemoteKind, content: Content | None, *, ours: bool) -> None:
        """Count a payment as it stands in QuickBooks."""
        for document, amount in settles(kind, content):
            if ours:
                self._standing[document] += amount.minor
            elif document in self._watched and isinstance(content, Settlement):
                self._others[document].append((content.dated, amount))

    def recorded(self, document: Settles) -> int:
        """Return how much of a document our payments settle, in minor units."""
        return self._recorded.get(document, 0)

    def by_others(self, document: Settles, total: Money, balance: Money) -> str:
        """Describe what others settled of a remote document; empty if they settled nothing."""
        currency = total.currency
        rest = total.minor - balance.minor - self._standing.get(document, 0)
        if not rest:
            return ""
        found = sorted(self._others.get(document, ()))
        rest -= sum(amount.minor for _, amount in found)
        said: list[str] = []
        if found:
            told = [f"{amount} of it on {dated}" for dated, amount in found[:_TOLD_MAX]]
            told += ["more on other days"] if len(found) > _TOLD_MAX else []
            paid = f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
            verb = "used" if kinds.document(document[0]).is_credit else "paid"
            said.append(f"Somebody else {verb} {paid} in QuickBooks.")
        if rest > 0:
            by = f"{Money(rest, currency)} of it is settled there without a payment"
            said.append(f"In QuickBooks, {by}, by a credit for one.")
        elif rest < 0:
            more = f"{Money(-rest, currency)} more of it is open than its payments leave"
            said.append(f"In QuickBooks, {more}.")
        return " ".join(said)


def settles(kind: RemoteKind, content: Content | None) -> Iterator[tuple[Settles, Money]]:
    """Yield the documents that a payment settles and the credits it uses, each with its amount."""
    if kind in PAYMENTS and isinstance(content, Settlement):
        declared = kinds.payment(kind)
        for part in content.applied:
            yield (declared.applies_to(part), part.document_id), part.amount


class Ledger:
    """The open balance of each vendor or customer, by what we sent and as QuickBooks reports it."""

    def __init__(self) -> None:
        self._balances: dict[str, PartyBalance] = {}

    def add(self, party_id: str, ours: Money | None, theirs: Money | None) -> None:
        """Count the open balance of one document, on one side or on both."""
        balance = self._balances.setdefault(party_id, PartyBalance(party_id))
        for sums, amount in ((balance.ours, ours), (balance.theirs, theirs)):
            if amount is not None:
                sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor

    def open(self, party: RemoteKind, name_of: NameOf) -> Open:
        """Return the sum over all parties of a kind, and the parties whose two sides differ."""
        found = Open(party, len(self._balances))
        for balance in self._balances.values():
            for sums, more in (
                (found.total.ours, balance.ours),
                (found.total.theirs, balance.theirs),
            ):
                for currency, minor in more.items():
                    sums[currency] = sums.get(currency, 0) + minor
            if _open(balance.ours) != _open(balance.theirs):
                balance.name = name_of(party, balance.party_id)
                found.differing.append(balance)
        return found


def _open(sums: dict[str, int]) -> dict[str, int]:
    return {currency: minor for currency, minor in sums.items() if minor}
