"""Names from attackers or bad exports are inert on every page and in every spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

from tests.page import states
from tests.page.conftest import Watched
from tests.page.eyes import flaws
from tests.page.house import Place
from tests.page.test_states import VIEWS
from tests.world import connection, payable, source

HOSTILE = (
    "<script>document.title='pwned'</script>",
    '"><img src=x onerror="document.title=\'pwned\'">',
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    '=HYPERLINK("https://evil.example","click")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1,1)",
    "-2+3",
    "\u202etxt.exe\u202c reversed \u2067 isolated",
    "שלום & Söhne \u200f",
    "W" * 500,
    "a'; drop table records; --",
)


def feed(place: Place) -> None:
    states.confirm_company(place)
    world = place.world
    world.feed(*(connection(100 + at, name) for at, name in enumerate(HOSTILE)))
    world.feed(source(9, HOSTILE[0], "1234"))
    world.feed(
        *(
            payable(
                200 + at,
                12_300 + at,
                to=100 + at,
                number=name[:200],
                memo=name,
                custom_fields=((name[:60], name[:60]),),
                issued_on=date(2026, 1, 4),
            )
            for at, name in enumerate(HOSTILE)
        )
    )
    world.choose(expense_account_id=world.account("Expense"))
    world.sync(dry_run=True)
    world.sync()


def test_hostile_names_are_inert_on_every_page(place: Place, watch: Callable[..., Watched]) -> None:
    feed(place)
    watched = watch(place)
    page = watched.page
    place.enter(page)
    page.set_viewport_size({"width": 320, "height": 800})
    found = {}
    views = [view for view in VIEWS if "conn_14" not in view and "pay_1" not in view]
    for view in ("", *views, "/mapping/vendors/conn_100", "/activity/bill/pay_200"):
        answer = page.goto(place.page + view)
        assert answer is not None
        assert answer.status == 200, view
        assert page.title() != "pwned"
        assert page.locator("img[src=x], main script").count() == 0
        assert "49" not in page.locator("h1").inner_text()
        if complaints := flaws(page):
            found[view] = complaints

    assert found == {}


def test_no_cell_of_a_sheet_is_a_formula_and_amounts_stay_numbers(place: Place) -> None:
    feed(place)
    visitor = place.visitor()

    for name in ("preview", "activity"):
        text = visitor.get(f"{place.page}/{name}.csv").content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        header, cells = rows[0], [cell for row in rows[1:] for cell in row]
        amounts = [row[header.index("Amount")] for row in rows[1:]]

        assert all(len(row) == len(header) for row in rows)
        assert [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell] == []
        assert any(cell.startswith("'=HYPERLINK") for cell in cells)
        assert any(float(amount) > 100 for amount in amounts if amount)
