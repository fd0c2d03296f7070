"""Random bookkeeping, compared with a naive second model of the books.

The model does not use the emulator's internals. It keeps lists of plain facts and recomputes every
balance from them each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.emulator.bookkeeper import Bookkeeper


@dataclass
class Owed:
    """A bill or an invoice as the model sees it."""

    party: str
    cents: int
    number: str | None
    changes: int = 0


@dataclass
class Paid:
    """A payment as the model sees it: its total, and the parts that go to each document."""

    party: str
    total: int
    parts: dict[str, int] = field(default_factory=dict)
    voided: bool = False


@dataclass
class Naive:
    """The model: all documents and payments that still count."""

    bills: dict[str, Owed] = field(default_factory=dict)
    invoices: dict[str, Owed] = field(default_factory=dict)
    bill_payments: dict[str, Paid] = field(default_factory=dict)
    payments: dict[str, Paid] = field(default_factory=dict)

    def paid_on(self, payments: dict[str, Paid], document: str) -> int:
        return sum(each.parts.get(document, 0) for each in payments.values())

    def open_on(self, kind: str, document: str) -> int:
        owed, payments = self.side(kind)
        return max(0, owed[document].cents - self.paid_on(payments, document))

    def side(self, kind: str) -> tuple[dict[str, Owed], dict[str, Paid]]:
        if kind == "bill":
            return self.bills, self.bill_payments
        return self.invoices, self.payments

    def owed_to(self, kind: str, party: str) -> int:
        owed, payments = self.side(kind)
        documents = sum(each.cents for each in owed.values() if each.party == party)
        return documents - sum(each.total for each in payments.values() if each.party == party)


amounts = st.integers(1, 500_000)
numbers = st.none() | st.sampled_from(["A", "a", "B", "C-1"])
picks = st.integers(0, 10**6)
kinds = st.sampled_from(["bill", "invoice"])


def pick(things: dict[str, Any], chosen: int) -> str:
    return sorted(things, key=int)[chosen % len(things)]


class BooksAgreeWithTheNaiveModel(RuleBasedStateMachine):
    """Random steps of bookkeeping, after each of which the books must agree with the model."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Bookkeeper(switches={"transaction_order": "ascending"})
        self.naive = Naive()
        company = self.books.company
        self.vendors = [each["Id"] for each in company.all("Vendor")[:3]]
        self.customers = [each["Id"] for each in company.all("Customer")[:3]]

    def parties(self, kind: str) -> list[str]:
        return self.vendors if kind == "bill" else self.customers

    def document(self, kind: str, party: str, cents: int, number: str | None) -> dict[str, Any]:
        amount = f"{cents // 100}.{cents % 100:02d}"
        if kind == "bill":
            document = {"VendorRef": {"value": party}, "Line": [self.books.line(amount)]}
        else:
            document = {"CustomerRef": {"value": party}, "Line": [self.books.sale_line(amount)]}
        return document if number is None else {**document, "DocNumber": number}

    def taken(self, kind: str, number: str | None, but: str | None = None) -> str | None:
        owed, _ = self.naive.side(kind)
        return next(
            (
                identity
                for identity, each in owed.items()
                if number is not None
                and each.number is not None
                and each.number.lower() == number.lower()
                and identity != but
            ),
            None,
        )

    @rule(kind=kinds, chosen=picks, cents=amounts, number=numbers)
    def enter(self, kind: str, chosen: int, cents: int, number: str | None) -> None:
        party = self.parties(kind)[chosen % 3]
        document = self.document(kind, party, cents, number)
        holder = self.taken(kind, number)
        if holder is not None:
            error = self.books.fault(kind, document)
            assert error["code"] == "6140"
            assert error["Detail"].endswith(f"with TxnId={holder}")
            return
        made = self.books.post(kind, document)
        owed, _ = self.naive.side(kind)
        owed[made["Id"]] = Owed(party, cents, made.get("DocNumber"))

    @precondition(lambda self: self.naive.bills)
    @rule(chosen=picks, cents=amounts)
    def change_a_bill(self, chosen: int, cents: int) -> None:
        identity = pick(self.naive.bills, chosen)
        bill = self.naive.bills[identity]
        document = self.document("bill", bill.party, cents, bill.number)
        token = self.books.get(f"bill/{identity}")["SyncToken"]
        stale = self.books.fault("bill", {**document, "Id": identity, "SyncToken": "-1"})
        assert stale["code"] == "5010"
        self.books.post("bill", {**document, "Id": identity, "SyncToken": token})
        bill.cents = cents

    @precondition(lambda self: self.naive.bills or self.naive.invoices)
    @rule(kind=kinds, picked=st.lists(picks, min_size=1, max_size=3), share=st.integers(1, 120))
    def pay(self, kind: str, picked: list[int], share: int) -> None:
        owed, payments = self.naive.side(kind)
        if not owed:
            return
        first = owed[pick(owed, picked[0])]
        chosen = {pick(owed, each) for each in picked}
        same = [each for each in sorted(chosen, key=int) if owed[each].party == first.party]
        parts = {each: max(1, self.naive.open_on(kind, each) * share // 100) for each in same}
        total = sum(parts.values())
        name = "Bill" if kind == "bill" else "Invoice"
        document = {
            "TotalAmt": total / 100,
            "Line": [
                {"Amount": cents / 100, "LinkedTxn": [{"TxnId": each, "TxnType": name}]}
                for each, cents in parts.items()
            ],
        }
        if kind == "bill":
            document = {**self.books.payment_of(), **document}
            document["VendorRef"] = {"value": first.party}
            made = self.books.post("billpayment", document)
        else:
            document["CustomerRef"] = {"value": first.party}
            made = self.books.post("payment", document)
        payments[made["Id"]] = Paid(first.party, total, parts)

    @precondition(lambda self: self.naive.bill_payments or self.naive.payments)
    @rule(kind=kinds, chosen=picks, how=st.sampled_from(["void", "delete"]))
    def undo_a_payment(self, kind: str, chosen: int, how: str) -> None:
        _, payments = self.naive.side(kind)
        if not payments:
            return
        identity = pick(payments, chosen)
        path = "billpayment" if kind == "bill" else "payment"
        token = self.books.get(f"{path}/{identity}")["SyncToken"]
        query = {
            "void": {"operation": "update", "include": "void"},
            "delete": {"operation": "delete"},
        }[how]
        body = {"Id": identity, "SyncToken": token, "sparse": True}
        self.books.post(path, body, **query)
        if how == "delete":
            del payments[identity]
        else:
            payments[identity] = Paid(payments[identity].party, 0, {}, voided=True)

    @precondition(lambda self: self.naive.bills)
    @rule(chosen=picks)
    def delete_a_bill(self, chosen: int) -> None:
        identity = pick(self.naive.bills, chosen)
        token = self.books.get(f"bill/{identity}")["SyncToken"]
        body = {"Id": identity, "SyncToken": token}
        paid = any(identity in each.parts for each in self.naive.bill_payments.values())
        if paid:
            assert self.books.fault("bill", body, operation="delete")["code"] == "6000"
        else:
            self.books.post("bill", body, operation="delete")
            del self.naive.bills[identity]

    @precondition(lambda self: self.naive.invoices)
    @rule(chosen=picks, how=st.sampled_from(["void", "delete"]))
    def undo_an_invoice(self, chosen: int, how: str) -> None:
        identity = pick(self.naive.invoices, chosen)
        token = self.books.get(f"invoice/{identity}")["SyncToken"]
        self.books.post("invoice", {"Id": identity, "SyncToken": token}, operation=how)
        for payment in self.naive.payments.values():
            payment.parts.pop(identity, None)
        if how == "delete":
            del self.naive.invoices[identity]
        else:
            self.naive.invoices[identity].cents = 0

    @rule(seconds=st.integers(0, 100_000))
    def let_time_pass(self, seconds: int) -> None:
        self.books.clock.advance(seconds)

    @rule(kind=kinds, least=amounts, number=numbers)
    def ask(self, kind: str, least: int, number: str | None) -> None:
        owed, _ = self.naive.side(kind)
        name = "Bill" if kind == "bill" else "Invoice"
        found = self.books.query(f"select * from {name} where Balance >= '{least / 100}'")
        expected = [each for each in owed if self.naive.open_on(kind, each) >= least]
        assert [each["Id"] for each in found.get(name, [])] == sorted(expected, key=int)
        if number is not None:
            found = self.books.query(f"select * from {name} where DocNumber = '{number}'")
            holder = self.taken(kind, number)
            assert [each["Id"] for each in found.get(name, [])] == ([holder] if holder else [])

    @invariant()
    def documents_are_as_open_as_the_model_says(self) -> None:
        for kind in ("bill", "invoice"):
            owed, payments = self.naive.side(kind)
            for identity, each in owed.items():
                shown = self.books.get(f"{kind}/{identity}")
                assert round(shown["TotalAmt"] * 100) == each.cents
                assert round(shown["Balance"] * 100) == self.naive.open_on(kind, identity)
                links = {link["TxnId"] for link in shown.get("LinkedTxn", [])}
                assert links == {name for name, paid in payments.items() if identity in paid.parts}

    @invariant()
    def parties_are_owed_what_the_model_says(self) -> None:
        for kind, path in (("bill", "vendor"), ("invoice", "customer")):
            for party in self.parties(kind):
                shown = self.books.get(f"{path}/{party}")["Balance"]
                assert round(shown * 100) == self.naive.owed_to(kind, party)

    @invariant()
    def the_bank_paid_what_the_model_says(self) -> None:
        paid = sum(each.total for each in self.naive.bill_payments.values())
        assert self.books.balance(self.books.checking) == -paid


BooksAgreeWithTheNaiveModel.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None
)
TestBooks = BooksAgreeWithTheNaiveModel.TestCase
