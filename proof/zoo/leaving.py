"""Planted bugs in erasing a business: its data stays, or data of another one is erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import true

from cleo_accounting.store import erasure
from proof.simulation.script import Script, write
from proof.zoo import situations
from proof.zoo.planting import Bug, planted, valued


def _leaves(script: Script) -> Script:
    return replace(script, terms=replace(script.terms, leaves=True))


def _alone(seed: int) -> Script:
    return _leaves(situations.calm(seed))


def _beside_another(seed: int) -> Script:
    return _leaves(write(seed, "tenants"))


def _tables(name: str) -> list[Any]:
    of_anybody = erasure._tables("")
    return [table for table, _ in of_anybody if table.name == name]


def _of_everybody(tables_of: Any) -> Any:
    def wrong(business_id: str) -> Any:
        for table, mine in tables_of(business_id):
            yield table, true() if table.name == "records" else mine

    return wrong


BUGS: Sequence[Bug] = (
    Bug(
        "left behind",
        "the records of a business that was erased stay",
        _alone,
        valued(erasure.KEPT, (*erasure.KEPT, *_tables("records")), erasure),
    ),
    Bug(
        "erased beside it",
        "with a business that leaves go the records of every other one",
        _beside_another,
        planted(erasure._tables, _of_everybody),
    ),
)
