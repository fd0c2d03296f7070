"""Importing files: the same documents in any order of files, and none in a preview."""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cleo_accounting.core.identity import Word
from cleo_accounting.core.records import (
    Connection,
    LineItem,
    Money,
    Payable,
    PayableStatus,
    RecordKind,
    Role,
)
from cleo_accounting.flows import House
from cleo_accounting.flows.records import importing
from cleo_accounting.flows.records.importing import Outcome, Settling
from cleo_accounting.platform.rows import Bad, Group
from cleo_accounting.platform.spreadsheet import Options, Sheet
from cleo_accounting.store import incoming, records
from cleo_accounting.store.database import Database
from tests.world import BUSINESS, world

HEADER = ["vendor_name", "invoice_number", "invoice_date", "amount", "description"]
NOTHING = Settling()


class Intake:
    """Imports rows into one business."""

    def __init__(self, house: House, folder: Path, business_id: str) -> None:
        self.house, self.folder = house.of(business_id), folder
        self.business_id = business_id

    def take(
        self,
        *rows: tuple[object, ...],
        settling: Settling = NOTHING,
        dry_run: bool = False,
        header: list[str] = HEADER,
    ) -> list[Outcome]:
        path = self.folder / "rows.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
        return self.take_file(path, settling=settling, dry_run=dry_run)

    def take_file(
        self, path: Path, *, settling: Settling = NOTHING, dry_run: bool = False
    ) -> list[Outcome]:
        found = list(Sheet(path, Options()).read())
        assert [one for one in found if isinstance(one, Bad)] == []
        return importing.take_groups(
            self.house,
            self.business_id,
            [one for one in found if isinstance(one, Group)],
            settling=settling,
            by="a person",
            dry_run=dry_run,
        )

    def payables(self) -> list[Payable]:
        with self.house.database.reading() as tx:
            page = records.page(tx, self.business_id, RecordKind.PAYABLE, limit=100_000)
        return [one for _, one in page if isinstance(one, Payable)]

    def vendors(self) -> list[Connection]:
        with self.house.database.reading() as tx:
            page = records.page(tx, self.business_id, RecordKind.CONNECTION, limit=100_000)
        return [one for _, one in page if isinstance(one, Connection)]

    def keep(self, *given: Connection | Payable) -> None:
        with self.house.database.transaction() as tx:
            incoming.upsert(tx, self.business_id, given, self.house.clock.now())


def said(outcomes: Iterable[Outcome]) -> list[str]:
    return [one.outcome for one in outcomes if one.kind is RecordKind.PAYABLE]


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with world(database) as made:
        yield made.house


@pytest.fixture
def intake(house: House, tmp_path: Path) -> Intake:
    return Intake(house, tmp_path, BUSINESS)


RENT = ("Acme", "RENT", "2026-01-15", "100.00", "Rent")


def test_a_later_file_with_the_same_reference_writes_nothing_over(intake: Intake) -> None:
    intake.take(RENT)

    outcomes = intake.take(("Acme", "RENT", "2026-02-15", "120.00", "Rent"))

    assert said(outcomes) == ["created"]
    assert sorted(one.amount.minor for one in intake.payables()) == [100_00, 120_00]


def test_the_same_file_again_changes_nothing(intake: Intake) -> None:
    rows = [RENT, ("Bolt", "7", "2026-01-01", "-5.00", "Nuts"), (*RENT[:3], "1.00", "Heating")]
    first = intake.take(*rows)

    again = intake.take(*reversed(rows))

    assert [one.outcome for one in first] == ["created"] * 4
    assert [one.outcome for one in again] == ["unchanged"] * 4


def test_amended_lines_are_an_update_that_says_what_changes(intake: Intake) -> None:
    intake.take(RENT)

    (_, outcome) = intake.take((*RENT[:3], "110.00", "Rent and heating"), dry_run=True)

    assert outcome.outcome == "updated"
    assert [(one.field, one.before, one.after) for one in outcome.changes] == [
        ("amount", "100.00 USD", "110.00 USD"),
        ("line 1", "Rent 100.00 USD", "Rent and heating 110.00 USD"),
    ]
    assert intake.payables()[0].amount == Money(100_00, "USD")


def test_a_preview_says_what_an_import_does_and_writes_nothing(intake: Intake) -> None:
    rows = [
        RENT,
        ("Acme", "RENT", "2026-02-15", "100.00", ""),
        ("Bolt", "7", "2026-01-01", "5", ""),
    ]
    intake.take(("Acme", "8", "2026-01-01", "5", ""))
    before = intake.payables()

    foreseen = intake.take(*rows, dry_run=True)

    assert intake.payables() == before
    assert intake.take(*rows) == foreseen
    assert said(foreseen) == ["created", "held", "created"]


@pytest.mark.both
def test_a_held_document_is_settled_once(intake: Intake) -> None:
    later = ("acme ", "rent", "2026-02-15", "100.00", "Rent")
    intake.take(RENT)
    (held,) = [one for one in intake.take(later) if one.outcome == "held"]
    assert [one.issued_on for one in held.alike] == [date(2026, 1, 15)]
    assert len(intake.payables()) == 1

    settled = intake.take(later, settling=Settling(each={held.id: Word.OTHER}))

    assert said(settled) == ["created"]
    assert said(intake.take(later)) == ["unchanged"]
    assert said(intake.take(("Acme", "RENT", "2026-03-15", "100.00", "Rent"))) == ["created"]
    assert len(intake.payables()) == 3


def test_a_document_dated_anew_keeps_its_id_and_its_earlier_file_changes_nothing(
    intake: Intake,
) -> None:
    later = (*RENT[:2], "2026-02-15", *RENT[3:])
    intake.take(RENT)
    (before,) = intake.payables()

    outcomes = intake.take(later, settling=Settling(Word.SAME))

    (after,) = intake.payables()
    assert said(outcomes) == ["updated"]
    assert after == replace(before, issued_on=date(2026, 2, 15))
    assert said(intake.take(RENT)) == ["unchanged"]
    assert said(intake.take(later)) == ["unchanged"]
    assert said(intake.take(RENT, later)) == ["unchanged", "unchanged"]


def test_what_another_business_said_counts_for_it_alone(
    house: House, tmp_path: Path, intake: Intake
) -> None:
    other = Intake(house, tmp_path, "biz_other")
    later = (*RENT[:2], "2026-02-15", *RENT[3:])
    for each in (intake, other):
        each.take(RENT)
    other.take(later, settling=Settling(Word.OTHER))

    assert said(intake.take(later)) == ["held"]


@pytest.mark.parametrize("name", ["ACME  Ltd", " acme ltd ", "Acme\u00a0Ltd"])
def test_a_name_that_quickbooks_takes_for_ours_is_ours(intake: Intake, name: str) -> None:
    intake.take(("Acme Ltd", "7", "2026-01-01", "5.00", ""))

    outcomes = intake.take(
        (name, " 7 ", "2026-01-01", "5.00", ""), (name, "8", "2026-01-01", "5", "")
    )

    assert said(outcomes) == ["unchanged", "created"]
    (vendor,) = intake.vendors()
    assert vendor.name == "Acme Ltd"
    assert {one.connection_id for one in intake.payables()} == {vendor.id}


def legacy(vendor: str, number: str, day: date, cents: int) -> tuple[Connection, Payable]:
    """Return what earlier imports stored, with ids made of the names and numbers as written."""
    made = importing_before(vendor)
    return made, Payable(
        id=f"pay_{digest(vendor, number)}",
        connection_id=made.id,
        role=Role.PAYER,
        status=PayableStatus.APPROVED,
        amount=Money(cents, "USD"),
        issued_on=day,
        number=number,
        lines=(LineItem("Rent", Decimal(1), Decimal(cents).scaleb(-2)),),
    )


def importing_before(vendor: str) -> Connection:
    return Connection(f"conn_{digest(vendor)}", vendor)


def digest(*words: str) -> str:
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:24]


def test_documents_taken_in_before_keep_their_ids(intake: Intake) -> None:
    intake.keep(*legacy("Acme", "RENT", date(2026, 1, 15), 100_00))
    before = (intake.vendors(), intake.payables())

    outcomes = intake.take(RENT)

    assert [one.outcome for one in outcomes] == ["unchanged", "unchanged"]
    assert (intake.vendors(), intake.payables()) == before
    assert said(intake.take((*RENT[:2], "2026-02-15", "7.00", ""))) == ["created"]
    assert len(intake.vendors()) == 1


def test_vendors_of_one_name_taken_in_before_keep_their_documents(intake: Intake) -> None:
    one = legacy("HIGH STREET", "1", date(2026, 1, 1), 100)
    other = legacy("High Street", "2", date(2026, 1, 1), 200)
    intake.keep(*one, *other)

    outcomes = intake.take(
        ("HIGH STREET", "1", "2026-01-01", "1.00", "Rent"),
        ("High Street", "2", "2026-01-01", "2.00", "Rent"),
        ("High Street", "3", "2026-01-01", "3.00", "Rent"),
        ("high street", "4", "2026-01-01", "4.00", "Rent"),
    )

    assert said(outcomes) == ["unchanged", "unchanged", "created", "created"]
    by_number = {each.number: each.connection_id for each in intake.payables()}
    assert by_number["3"] == other[0].id
    assert by_number["4"] == one[0].id
    assert len(intake.vendors()) == 2


def _rows(seed: int) -> list[tuple[object, ...]]:
    dice = random.Random(seed)
    return [
        (
            dice.choice(["Acme", "Bolt", "acme "]),
            dice.choice(["RENT", "rent", "7", f"INV-{at}"]),
            f"2026-0{dice.randint(1, 4)}-1{dice.randint(0, 3)}",
            f"{dice.randint(1, 10**7)}.{dice.randint(10, 99)}",
            dice.choice(["Rent", "Heating"]),
        )
        for at in range(60)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_whole_or_split_by_month_in_any_order_gives_the_same(
    house: House, tmp_path: Path, seed: int
) -> None:
    rows = _rows(seed)
    whole = Intake(house, tmp_path, "biz_whole")
    split = Intake(house, tmp_path, "biz_split")
    months = sorted({str(row[2])[:7] for row in rows})
    random.Random(seed).shuffle(months)

    whole.take(*rows)
    for month in months:
        split.take(*(row for row in rows if str(row[2]).startswith(month)))

    expected = sorted(whole.payables(), key=lambda one: one.id)
    assert sorted(split.payables(), key=lambda one: one.id) == expected
    assert {one.id for one in split.vendors()} == {one.id for one in whole.vendors()}
    cents = sum(Decimal(str(row[3])) for row in rows) * 100
    assert sum(one.amount.minor for one in expected) == cents
    assert set(said(split.take(*rows))) == {"unchanged"}
