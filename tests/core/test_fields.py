"""The document written for a payable: recognisable, within limits, each field where chosen."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core import kinds
from cleo_accounting.core.fields import InvoiceFields, Place
from cleo_accounting.core.links import Document
from cleo_accounting.core.records import Money, Payable, Role
from cleo_accounting.core.render import (
    NUMBER_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    document,
    marker,
    printable,
    short_number,
)
from tests.core.given import fields, line, payable, payables


def _written(record: Payable, chosen: InvoiceFields | None = None, **more: object) -> Document:
    given = {"party_id": "9", "connection_name": "Acme", **more}
    return document(record, kinds.document_for(record), chosen or InvoiceFields(), **given)  # type: ignore[arg-type]


@given(st.text(max_size=200))
def test_a_number_fits_and_shows_no_control_character(number: str) -> None:
    short = short_number(number)

    assert len(short) <= NUMBER_LENGTH_MAX
    assert short == short_number(number)
    assert not [char for char in short if unicodedata.category(char) == "Cc"]


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=NUMBER_LENGTH_MAX))
def test_a_number_that_fits_is_left_alone(number: str) -> None:
    assert short_number(number) == number


@given(st.text(st.characters(categories=["L", "N"]), min_size=NUMBER_LENGTH_MAX + 1, max_size=60))
def test_a_long_number_keeps_its_head_and_its_tail(number: str) -> None:
    short = short_number(number)

    assert number.startswith(short[:7])
    assert number.endswith(short[-5:])


def test_ten_thousand_numbers_that_differ_only_in_the_middle_stay_apart() -> None:
    long = [f"INVOICE-2026-{n:07d}-HARBOR-AND-HULL" for n in range(10_000)]

    assert len({short_number(number) for number in long}) == len(long)


@given(payables(), fields, st.text(max_size=TEXT_LENGTH_MAX + 50), st.text(max_size=200))
def test_a_note_ends_with_the_mark_and_fits(
    record: Payable, chosen: InvoiceFields, memo: str, number: str
) -> None:
    written = _written(replace(record, memo=memo, number=number), chosen)

    assert len(written.note) <= TEXT_LENGTH_MAX
    assert written.note.split("\n")[-1] == written.marker == marker(record.id)


@given(payables(), fields)
def test_nothing_that_is_written_has_a_control_character(
    record: Payable, chosen: InvoiceFields
) -> None:
    written = _written(record, chosen)

    for text in (
        written.number,
        *written.note.split("\n"),
        *(x.description for x in written.lines),
    ):
        assert not [char for char in text if unicodedata.category(char) == "Cc"]
        assert len(text) <= TEXT_LENGTH_MAX


@given(payables(), fields)
def test_lines_and_total_are_the_payables_own(record: Payable, chosen: InvoiceFields) -> None:
    written = _written(record, chosen)

    currency = record.amount.currency
    sign = -1 if record.amount.minor < 0 else 1
    assert written.total == Money(sign * record.amount.minor, currency)
    amounts = [one.amount(currency) for one in record.lines] or [record.amount]
    assert [sign * one.amount.minor for one in written.lines] == [one.minor for one in amounts]


@pytest.mark.parametrize("memo", ["", "x" * 5000], ids=["no memo", "a memo that fills the note"])
def test_the_whole_of_a_long_number_is_in_the_note(memo: str) -> None:
    long = "2026/INVOICE/000000000000042/EU"

    written = _written(payable(number=long, memo=memo))

    assert long not in written.number
    assert f"Invoice number: {long}\n{marker('pay_1')}" in written.note


@pytest.mark.parametrize("number", [None, "", "   ", "\x07"])
def test_a_payable_without_a_number_goes_by_its_id(number: str | None) -> None:
    assert _written(payable(number=number)).number == "pay_1"


def test_a_memo_template_is_filled_in() -> None:
    template = InvoiceFields(memo_template="{connection}: {memo} ({number}, due {due})")

    written = _written(payable(memo="{number} rope", due_on=date(2026, 2, 1)), template)

    assert written.note == "Acme: {number} rope (1042, due 2026-02-01)\nCleoPay:pay_1"


def test_custom_fields_land_where_they_were_put_and_nowhere_else() -> None:
    chosen = InvoiceFields(custom_fields=(("PO", Place.DESCRIPTION), ("Site", Place.NOTE)))
    record = payable(
        custom_fields=(("PO", "77"), ("Secret", "no"), ("Site", "Pier 4")), lines=(line("1", "10"),)
    )

    written = _written(record, chosen)

    assert [one.description for one in written.lines] == ["Rope · PO: 77"]
    assert written.note == "Site: Pier 4\nCleoPay:pay_1"


def test_a_bill_books_to_accounts_and_an_invoice_sells_an_item() -> None:
    chosen = InvoiceFields(
        expense_account_id="7", ap_account_id="33", class_id="5", department_id="2", terms_id="3"
    )
    lines = (line("2", "5"),)

    bill = _written(payable(lines=lines), chosen, item_id="11")
    invoice = _written(
        payable(lines=lines, role=Role.PAYEE),
        chosen,
        item_id="11",
        line_classes=True,
        departments=True,
    )

    assert (bill.ap_account_id, bill.department_id, bill.terms_id) == ("33", None, "3")
    assert [(x.account_id, x.item_id, x.quantity, x.class_id) for x in bill.lines] == [
        ("7", None, None, None)
    ]
    assert (invoice.ap_account_id, invoice.department_id) == (None, "2")
    assert [(x.account_id, x.item_id, x.quantity, x.class_id) for x in invoice.lines] == [
        (None, "11", Decimal(2), "5")
    ]


@given(st.text(), st.sampled_from(["", "\n", "\t\n"]))
def test_printable_keeps_only_the_control_characters_it_was_told_to(text: str, keep: str) -> None:
    kept = {char for char in printable(text, keep=keep) if unicodedata.category(char) == "Cc"}

    assert kept <= set(keep)
    assert printable(printable(text, keep=keep), keep=keep) == printable(text, keep=keep)
