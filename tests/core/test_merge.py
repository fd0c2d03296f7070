"""Whether a remote document says what ours says."""

from __future__ import annotations

from dataclasses import replace

from cleo_accounting.core.links import Document, DocumentLine
from cleo_accounting.core.merge import says
from cleo_accounting.core.records import Money
from tests.core.given import DAY

BILL = Document("9", "1042", DAY, (), Money(1000, "USD"), "", "CleoPay:pay_1")


def test_what_we_left_open_may_be_filled_in_over_there() -> None:
    line = DocumentLine("Hours", Money(1000, "USD"), account_id="7")
    ours = replace(BILL, lines=(line,))
    filled = replace(ours, due=DAY, ap_account_id="33", lines=(replace(line, class_id="2"),))

    assert says(filled, ours)
    assert not says(replace(filled, number="1043"), ours)
    assert not says(replace(filled, lines=()), ours)
    assert not says(None, ours)
