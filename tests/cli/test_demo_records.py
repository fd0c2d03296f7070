"""The demo's records are reproducible by seed, readable and as irregular as real ones."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from cleo_accounting.core.match import name_key
from cleo_accounting.core.records import Connection, FundingSource, Payable, Record, Role
from cleo_accounting.core.render import NUMBER_LENGTH_MAX, lines_total
from cleo_accounting.demo.records import Theirs, payments, records
from cleo_accounting.platform import shape

TODAY = date(2026, 6, 30)
THEIRS = Theirs(
    vendors=["Bob's Burger Joint", "Bay Area Freight", "Cal Telephone"],
    customers=["Amy's Bird Sanctuary"],
    banks=["Operating Checking 1778", "Payroll Checking 6686"],
)


def read(seed: int) -> list[Record]:
    return [
        shape.read(shape.TYPES[one.type], one.id, one.record, amounts_in="dollars", currency="USD")
        for one in records(seed, TODAY, THEIRS)
    ]


def test_equal_seeds_make_equal_records() -> None:
    assert records(1, TODAY, THEIRS) == records(1, TODAY, THEIRS)
    assert records(1, TODAY, THEIRS) != records(2, TODAY, THEIRS)


def test_there_are_as_many_as_promised_and_each_has_its_own_id() -> None:
    made = read(42)

    assert Counter(type(one) for one in made) == {
        Connection: 60,
        FundingSource: 3,
        Payable: 400,
    }
    assert len({(type(one), one.id) for one in made}) == len(made)


def test_payables_are_on_both_sides_and_all_but_one_add_up() -> None:
    payables = [one for one in read(42) if isinstance(one, Payable)]

    assert Counter(one.role for one in payables)[Role.PAYEE] > 100
    assert sum(lines_total(one) != one.amount for one in payables) == 1


def test_bills_that_are_due_are_paid_in_full_but_for_one() -> None:
    given = records(42, TODAY, THEIRS)
    amounts = {one.id: Decimal(one.record["amount"]) for one in given if one.type == "payable"}
    made = payments(given, TODAY)

    shares = [Decimal(one.record["amount"]) / amounts[one.record["payableId"]] for one in made]
    assert len(made) > 20
    assert [round(share, 2) for share in shares if share != 1] == [Decimal("0.33")]
    assert len({one.record["payableId"] for one in made}) == len(made)


def test_they_are_as_ugly_as_life() -> None:
    made = read(42)
    names = [one.name for one in made if isinstance(one, Connection)]
    numbers = [one.number or "" for one in made if isinstance(one, Payable)]

    assert THEIRS.customers[0] in names  # a vendor named like a customer
    assert THEIRS.vendors[0] in names
    assert len({name_key(name) for name in names}) < len(names)
    for mark in ("'", "\\", '"', "ö", "Ł", ":", "\u0092", "  "):
        assert any(mark in name for name in names), mark
    assert any(len(number) > NUMBER_LENGTH_MAX for number in numbers)
