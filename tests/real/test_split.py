"""A city's payables give the same documents from one file or from many files in any order."""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cleo_accounting.core.records import Money, Payable, RecordKind, total
from cleo_accounting.flows import House
from cleo_accounting.flows.records import importing
from cleo_accounting.flows.records.importing import Settling
from cleo_accounting.platform.rows import Bad, Group
from cleo_accounting.platform.spreadsheet import Options, Sheet
from cleo_accounting.store import records
from cleo_accounting.store.database import Database
from tests.world import world

TOTAL = Money.of("91441269.50", "GBP")


@pytest.fixture(scope="module")
def file() -> Path:
    folder = os.environ.get("TEST_SHARED_DATA")
    if not folder:
        assert "TEST_REQUIRE_SHARED_DATA" not in os.environ, "TEST_SHARED_DATA is not set"
        pytest.skip("TEST_SHARED_DATA names no folder of real payables")
    return Path(folder) / "real-payables-1.csv"


@pytest.fixture
def house(new_sqlite: Callable[[], str]) -> Iterator[House]:
    database = Database(new_sqlite())
    with world(database) as made:
        yield made.house
    database.close()


def take(house: House, business_id: str, path: Path) -> set[str]:
    found = list(Sheet(path, Options(currency="GBP")).read())
    assert [one for one in found if isinstance(one, Bad)] == []
    outcomes = importing.take_groups(
        house,
        business_id,
        [one for one in found if isinstance(one, Group)],
        settling=Settling(),
        by="a person",
        dry_run=False,
    )
    return {one.outcome for one in outcomes}


def documents(house: House, business_id: str) -> dict[str, Payable]:
    with house.database.reading() as tx:
        page = records.page(tx, business_id, RecordKind.PAYABLE, limit=100_000)
    return {one.id: one for _, one in page if isinstance(one, Payable)}


@pytest.mark.parametrize("seed", [1, 2])
def test_whole_or_split_by_dates_in_any_order_gives_the_same_documents(
    file: Path, house: House, tmp_path: Path, seed: int
) -> None:
    with file.open(newline="", encoding="utf-8") as opened:
        header, *rows = csv.reader(opened)
    day = header.index("payment_date")
    dice = random.Random(seed)
    borders = sorted(dice.sample(sorted({row[day] for row in rows}), 4))
    parts: dict[int, list[list[str]]] = {}
    for row in rows:
        parts.setdefault(sum(border <= row[day] for border in borders), []).append(row)
    order = list(parts.values())
    dice.shuffle(order)

    assert take(house, "biz_whole", file) == {"created"}
    for at, part in enumerate(order):
        path = tmp_path / f"{at}.csv"
        with path.open("w", newline="", encoding="utf-8") as opened:
            csv.writer(opened).writerows([header, *dice.sample(part, len(part))])
        assert take(house, "biz_split", path) <= {"created", "unchanged"}

    whole, split = documents(house, "biz_whole"), documents(house, "biz_split")
    assert len(whole) == 4_822
    assert total([one.amount for one in whole.values()], "GBP") == TOTAL
    assert split.keys() == whole.keys()
    assert {id_: one.amount for id_, one in split.items()} == {
        id_: one.amount for id_, one in whole.items()
    }
    for business_id in ("biz_whole", "biz_split"):
        assert take(house, business_id, file) == {"unchanged"}
    assert documents(house, "biz_split") == split
