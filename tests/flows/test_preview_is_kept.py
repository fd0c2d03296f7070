"""A preview says exactly what a sync does, for random companies, records and choices."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cleo_accounting.core.records import PayableStatus, Record, Role
from cleo_accounting.flows.reporting.progress import items
from cleo_accounting.store.database import Database
from tests.world import BUSINESS, World, connection, payable, world

_NAMES = (
    "Acme",
    "ACME",
    "Acme, Inc.",
    "Harbor Supply",
    "Zoë's Café",
    "Amy's Bird Sanctuary",
    "A:B",
)
_EMAILS = (None, "a@acme.example", "nowhere", "x" * 95 + "@acme.example")
_NUMBERS = (None, "", "  ", "RENT", "INV-1", "inv-1", "L" * 30, "L" * 29 + "M", "7")
_CENTS = (10_000, 10_000, 12_345, 1, 0, -500)


def _company(dice: random.Random, here: World) -> None:
    """Make the company a random one, with settings, vendors and customers as people leave them."""
    company = here.intuit.company
    company.configure(
        classes_per_line=dice.random() < 0.7,
        departments=dice.random() < 0.7,
        country=dice.choice(["US", "US", "US", "GB", "CA"]),
        multicurrency=dice.random() < 0.3,
        closing_date=dice.choice([None, None, "2026-01-10"]),
    )
    for name in dice.sample(_NAMES[:6], 2):
        kind = dice.choice(["Vendor", "Customer"])
        if not [
            one for one in here.books(kind) if one["DisplayName"].casefold() == name.casefold()
        ]:
            try:
                made = company.create(kind, {"DisplayName": name})
            except Exception:  # noqa: BLE001  the name is taken; any company will do
                continue
            if dice.random() < 0.3:
                company.update(kind, made["Id"], {"Active": False})


def _chosen(dice: random.Random, here: World) -> None:
    """Choose invoice fields at random, and make some of the choices inactive afterwards."""
    company = here.intuit.company
    for field, kind in (("class_id", "Class"), ("department_id", "Department")):
        if dice.random() < 0.3:
            here.choose(**{field: company.create(kind, {"Name": f"{kind} {field}"})["Id"]})
    if dice.random() < 0.2:
        company.update("Account", here.account("Expense"), {"Active": False})
    if dice.random() < 0.2:
        here.choose(expense_account_id=None)


def _records(dice: random.Random) -> list[Record]:
    made: list[Record] = [
        connection(
            at,
            dice.choice(_NAMES),
            email=dice.choice(_EMAILS),
            net_terms_days=dice.choice([None, 0, 30, 17]),
        )
        for at in range(1, 5)
    ]
    numbers: set[tuple[int, str]] = set()  # the platform keeps numbers unique within a connection
    for index in range(1, 13):
        to, number = dice.randint(1, 5), dice.choice(_NUMBERS)
        if number and (to, number.casefold()) in numbers:
            number = f"{index}-{number}"
        numbers.add((to, (number or "").casefold()))
        role = dice.choice([Role.PAYER, Role.PAYER, Role.PAYEE])
        cents = dice.choice(_CENTS)
        half = f"{cents / 200:.2f}"
        lines = dice.choice([(), (), (("a", "1", half), ("b", "1", half))])
        made.append(
            payable(
                index,
                cents,
                to=to,
                role=role,
                status=dice.choice([*PayableStatus, PayableStatus.APPROVED]),
                number=number,
                currency=dice.choice(["USD", "USD", "USD", "EUR"]),
                issued_on=date(2026, 1, 5) + timedelta(days=dice.randint(0, 20)),
                lines=lines,
                memo=dice.choice([None, "memo", "é" * 4100]),
            )
        )
    return made


def _outcomes(here: World, run_id: str) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Return the action of a run for each record, or the cause for which the record waits."""
    found, _ = items(here.house, BUSINESS, here.integration_id, run_id, limit=500)
    return {
        (one.kind, one.record_id): (
            "waits" if one.state in ("left", "refused") else one.action,
            one.code,
        )
        for one in found
    }


def differing(here: World) -> dict[Any, Any]:
    """Preview and sync; return every record that did not end as previewed."""
    previewed = here.sync(dry_run=True)
    synced = here.sync()
    assert previewed.run is not None
    assert synced.run is not None
    before, after = _outcomes(here, previewed.run.id), _outcomes(here, synced.run.id)
    return {
        key: (before.get(key), after.get(key))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }


@settings(max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "6")), deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_record_ends_otherwise_than_previewed(new_sqlite: Callable[[], str], seed: int) -> None:
    dice = random.Random(seed)
    database = Database(new_sqlite())
    with world(database) as here:
        here.open_for_business()
        _company(dice, here)
        _chosen(dice, here)
        here.feed(*_records(dice))
        assert differing(here) == {}, seed
    database.close()
