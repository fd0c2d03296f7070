"""Every view executes few statements, however much data there is, and none scans a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from benchmarks.page import LISTS, VIEWS, asked_of, fill
from cleo_accounting.flows.admin import access
from cleo_accounting.flows.reporting import export, history
from cleo_accounting.store.access import Rank
from cleo_accounting.store.database import Database
from cleo_accounting.web import sheets
from cleo_accounting.web.teller import Teller
from tests.page.house import Place, served
from tests.world import BUSINESS

STATEMENTS_MAX = 32  # a page shows 25 rows or 50: one statement for each of them would be too many
VENDORS, ITEMS = 60, 600
# Scans of a statement's own subqueries and constants, which are no tables.
_NO_TABLE = re.compile(r"SCAN (anon_\d+|\(.*\)|CONSTANT ROW)")


@pytest.fixture(scope="module")
def full(new_sqlite: Callable[[], str]) -> Iterator[Place]:
    """A served house with data on every page."""
    database = Database(new_sqlite())
    with served(database) as place:
        fill(place, VENDORS, ITEMS)
        yield place
    database.close()


def _ask(place: Place, path: str) -> list[tuple[str, object]]:
    """Request a view and return the statements that the database executed for it."""
    house = place.world.house
    if path in LISTS or "format=csv" in path:
        api = f"{place.url}/api/businesses/{BUSINESS}/integrations/accounting"
        _, token = access.issue(house, business_id=BUSINESS, rank=Rank.VIEWER, name="t", by="t")
        url = f"{api}/{place.world.integration_id}{path}"
        headers = {"Authorization": f"Bearer {token}"}
    else:
        url, headers = place.page + path, {}
    visitor = place.visitor()
    with asked_of(house.database) as statements:
        answer = visitor.get(url, headers=headers)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) > 200
    return statements


@pytest.mark.parametrize("path", [path.format(unmapped="conn_58") for path in VIEWS] + list(LISTS))
def test_a_view_asks_few_questions_and_none_reads_a_whole_table(full: Place, path: str) -> None:
    asked = _ask(full, path)

    assert 0 < len(asked) <= STATEMENTS_MAX, "\n".join(statement for statement, _ in asked)
    with full.world.house.database.engine.connect() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"explain query plan {statement}", parameters)  # type: ignore[arg-type]
            steps = [str(row[3]) for row in plan]
            scans = [step for step in steps if "SCAN " in step and not _NO_TABLE.match(step)]
            assert scans == [], statement


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("/activity.csv", ITEMS + VENDORS // 10),
        ("/activity.csv?search=INV-1", 111),
        ("/preview.csv", ITEMS + VENDORS // 10),
        ("/issues?format=csv", 18),
        ("/activity?format=csv&outcome=sent", ITEMS * 49 // 50),
    ],
)
def test_a_sheet_is_read_in_pages_and_its_rows_are_chosen_once(
    full: Place, path: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 50)

    asked = _ask(full, path)

    by_id = [statement for statement, _ in asked if "operations.id IN (" in statement]
    first_errors = 2 if "preview" in path else 0  # those of the last sync and the last preview
    assert len(by_id) == -(-rows // 50) + first_errors
    assert len(asked) <= len(by_id) + STATEMENTS_MAX


def test_a_sheet_begins_before_all_of_it_is_read(full: Place) -> None:
    house, one = full.world.house, full.world.integration_id
    rows = sheets.activity(house, BUSINESS, one, Teller("UTC", house.clock.now()), {})

    with asked_of(house.database) as asked:
        first = next(sheets.written(sheets.ACTIVITY, rows))

    assert 100 < first.count("\r\n") < ITEMS
    assert sum("operations.id IN (" in statement for statement, _ in asked) == 1


def test_the_number_that_every_page_shows_is_the_total_of_the_issues(full: Place) -> None:
    house, one = full.world.house, full.world.integration_id

    total = history.issues(house, BUSINESS, one).total

    assert total == history.number_of_issues(house, one) > 0


def test_a_scan_would_be_seen(full: Place) -> None:
    with full.world.house.database.engine.connect() as connection:
        plan = connection.execute(text("explain query plan select * from operations")).all()

    assert not _NO_TABLE.match(plan[0][3])
