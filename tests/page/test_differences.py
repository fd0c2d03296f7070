"""The page compares what we wrote, the edit in QuickBooks, and the update that we would write."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from cleo_accounting.core.records import PayableStatus
from tests.page import deeds
from tests.page.forms import Person
from tests.page.house import Place, ask
from tests.world import connection, payable

HOSTILE = '<script>document.title="pwned"</script>\u202e=HYPERLINK("https://evil.example")'
BILL = deeds.mark(("bill", "pay_1"))


def edited(place: Place, note: str = "Paid by cheque") -> None:
    """Change the note and the amount on both sides, and the date only in QuickBooks."""
    world = deeds.ready(place)
    world.feed(connection(1, "Acme Paper"), payable(1, 100_00, lines=[("Paper", "1", "100.00")]))
    world.sync()
    (bill,) = world.numbered("INV-1")
    line = {**bill["Line"][0], "Amount": Decimal("108.25")}
    changes = {
        "Line": [line],
        "TxnDate": "2026-01-07",
        "PrivateNote": f"{note}\n{bill['PrivateNote']}",
    }
    world.intuit.company.update("Bill", bill["Id"], changes)
    world.feed(payable(1, 120_00, lines=[("Paper", "2", "60.00")], memo="Two boxes"))
    world.sync()


def person(place: Place) -> Person:
    return Person(place.visitor("bookkeeper"), place.page)


@pytest.mark.parametrize("view", ["/issues", "/activity/bill/pay_1"])
def test_the_three_values_of_each_field_stand_side_by_side(place: Place, view: str) -> None:
    edited(place)
    someone = person(place)

    someone.go(view)
    words = someone.words(BILL if view == "/issues" else "contrast")
    words = words.replace("\u2068", "").replace("\u2069", "")

    assert "Total Changed on both sides $100.00 $108.25 $120.00" in words
    assert "Date Jan 5, 2026 Jan 7, 2026 Jan 7, 2026" in words
    assert "Paper: $100.00, Uncategorized Expense Paper: $108.25" in words
    assert "Paid by cheque" in words
    assert "Two boxes" in words


def test_the_api_tells_them_as_data(place: Place) -> None:
    edited(place)

    (entry,) = ask(place, "/activity?outcome=waiting")["items"]
    told = {one["field"]: one for one in entry["item"]["differences"]}

    assert set(told) == {"dated", "lines", "total", "note"}
    assert told["total"]["theirs"]["amount"] == "108.25"
    assert told["total"]["ours"]["currency"] == "USD"
    assert told["total"]["both"]
    assert told["dated"]["written"]["text"] == "2026-01-05"
    assert told["dated"]["ours"]["text"] == "2026-01-07"  # no change is lost
    assert not told["dated"]["both"]
    assert told["lines"]["ours"]["lines"][0]["amount"] == "120.00"


def test_a_sheet_has_them_in_one_cell(place: Place) -> None:
    edited(place)

    text = person(place).client.get(f"{place.page}/activity.csv").content.decode("utf-8-sig")
    (row,) = [one for one in csv.DictReader(io.StringIO(text)) if one["Differences"]]

    assert "Total: we wrote $100.00; QuickBooks has $108.25; ours is $120.00" in row["Differences"]


def test_what_somebody_typed_over_there_is_inert(place: Place) -> None:
    edited(place, HOSTILE)
    someone = person(place)

    for view in ("/issues", "/activity/bill/pay_1"):
        someone.go(view)
        assert someone.answer is not None
        assert "<script>document" not in someone.answer.text
        assert "\u202e" not in someone.answer.text
        assert "&lt;script&gt;document" in someone.answer.text
    sheet = someone.client.get(f"{place.page}/activity.csv").content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(sheet)) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell] == []


def test_what_was_withdrawn_here_says_what_changed_there(place: Place) -> None:
    world = deeds.ready(place)
    world.feed(connection(1, "Acme Paper"), payable(1, due_on=date(2026, 2, 1)))
    world.sync()
    (bill,) = world.numbered("INV-1")
    world.intuit.company.update("Bill", bill["Id"], {"DueDate": "2026-03-01"})
    world.feed(payable(1, due_on=date(2026, 2, 1), status=PayableStatus.CANCELLED))
    world.sync()

    (entry,) = ask(place, "/activity?outcome=waiting")["items"]

    assert entry["item"]["code"] == "removal_asks"
    (one,) = entry["item"]["differences"]
    assert one["field"] == "due"
    assert one["theirs"]["text"] == "2026-03-01"
    assert one["ours"] is None
