"""Forged cookies cost at most one query, and no cell of a spreadsheet becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from cleo_accounting.store.database import Database
from cleo_accounting.web.sheets import cell
from tests.service import Service, served
from tests.world import world


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """The API and the pages of a connected business."""
    with world(database) as here:
        here.open_for_business()
        yield from served(here)


@pytest.mark.parametrize("length", [3, 43, 200])
@pytest.mark.parametrize("path", ["/launch", "/reconnect", "/disconnected"])
def test_a_page_asks_the_database_once_however_many_cookies_come(
    service: Service, path: str, length: int
) -> None:
    asked: list[str] = []
    engine = service.here.house.database.engine
    event.listen(engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    cookies = "; ".join(f"cleo-{at:012x}={at:0{length}d}" for at in range(15_000 // (length + 20)))

    answer = service.ask("GET", path, as_=None, headers={"Cookie": cookies})

    assert answer.status_code == 200
    assert len([one for one in asked if "FROM sessions" in one]) <= 1


@pytest.mark.parametrize(
    "name",
    [
        "a;=1+1;b",
        "a\t=1+1",
        "a; \u00a0@SUM(1)",
        "a;\uff1d1+1",
        "x\n=cmd|' /C calc'!A0",
        "=1+1",
        ";-2+3",
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_is_a_formula_whichever_list_separator_the_spreadsheet_uses(
    name: str, separator: str
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(["Acme", cell(name), "9"])

    cells = [
        one for row in csv.reader(io.StringIO(out.getvalue()), delimiter=separator) for one in row
    ]

    assert not [one for one in cells if one.strip(' \u00a0"')[:1] in "=+-@\uff1d" and one.strip()]


def test_a_plain_text_with_a_semicolon_stays_as_it_is() -> None:
    assert cell("Müller; Söhne - seit 1900") == "Müller; Söhne - seit 1900"
