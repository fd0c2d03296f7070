"""An attacker who can write to the database cannot alter the audit trail undetected."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from cleo_accounting.core.records import canonical
from cleo_accounting.errors import Invalid, Misconfigured
from cleo_accounting.flows.admin import acts
from cleo_accounting.flows.admin.examine import examine
from cleo_accounting.store import audit
from cleo_accounting.store.audit import Entry
from cleo_accounting.store.database import Database
from cleo_accounting.store.signer import Signer
from cleo_accounting.store.tables import audit as table
from tests.world import BUSINESS, KEY, World

OTHER = "biz_other"
STRANGE = base64.b64encode(bytes(range(64, 96))).decode()


@pytest.fixture
def chained(here: World) -> World:
    """Two businesses with entries in their audit trails."""
    with here.house.database.transaction() as tx:
        for business in (BUSINESS, OTHER):
            for number in range(5):
                audit.note(
                    tx,
                    business,
                    by="user_1",
                    what="mapped",
                    subject=f"conn_{number}",
                    now=here.house.clock.now(),
                )
    return here


def _rehashed(here: World, business: str, sign: Signer | None) -> None:
    """Edit the third entry and recompute all later hashes, as well as an attacker can."""
    with here.house.database.transaction() as tx:
        rows = tx.execute(table.select().where(table.c.business_id == business)).all()
        previous = "0" * 64
        for row in sorted(rows, key=lambda row: row.number):
            by = "somebody else" if row.number == 3 else row.by
            entry = Entry(row.number, row.at, by, row.what, row.subject, row.facts)
            plain = canonical([business, entry, previous])
            hash_, key_id = hashlib.sha256(plain.encode()).hexdigest(), None
            if sign:
                key_id = row.key_id
                hash_ = sign.sign(canonical([business, entry, previous, key_id]))
            values = {"by": by, "previous": previous, "hash": hash_, "key_id": key_id}
            tx.execute(update(table).where(table.c.id == row.id).values(**values))
            previous = hash_


def _kept(here: World, folder: Path) -> Path:
    path = folder / "heads.jsonl"
    acts.keep(path, acts.heads(here.house))
    return path


def _broken(here: World, path: Path | None = None) -> Sequence[str]:
    found = acts.verify(here.house, path=path)
    return [name for name, one in found.items() if not one.sound]


def test_an_edited_act_is_found(chained: World) -> None:
    assert _broken(chained) == []

    with chained.house.database.transaction() as tx:
        tx.execute(
            update(table)
            .where(table.c.business_id == OTHER, table.c.number == 3)
            .values(by="somebody else")
        )

    assert acts.verify(chained.house)[OTHER].broken_at == 3


@pytest.mark.parametrize("sign", [None, Signer([STRANGE])], ids=["plain", "another key"])
def test_an_edited_act_is_found_though_all_behind_it_was_made_to_fit(
    chained: World, sign: Signer | None
) -> None:
    _rehashed(chained, OTHER, sign)

    assert _broken(chained) == [OTHER]


def test_a_chain_cut_short_is_found_by_the_heads_kept_elsewhere(
    chained: World, tmp_path: Path
) -> None:
    path = _kept(chained, tmp_path)
    with chained.house.database.transaction() as tx:
        tx.execute(delete(table).where(table.c.business_id == OTHER, table.c.number > 2))

    verdict = acts.verify(chained.house, path=path)[OTHER]

    assert (verdict.broken_at, verdict.trouble) == (3, "cut short: 5 entries were there")
    with chained.house.database.transaction() as tx:  # also detected after new entries are added
        for _ in range(4):
            audit.note(tx, OTHER, by="u", what="mapped", subject="x", now=chained.house.clock.now())
    assert acts.verify(chained.house, path=path)[OTHER].broken_at == 5


def test_a_chain_that_was_dropped_is_found(chained: World, tmp_path: Path) -> None:
    path = _kept(chained, tmp_path)
    with chained.house.database.transaction() as tx:
        tx.execute(delete(table).where(table.c.business_id == OTHER))

    assert acts.verify(chained.house, path=path)[OTHER].trouble == "taken out altogether"


def test_the_doctor_misses_heads_that_were_taken_away(chained: World, tmp_path: Path) -> None:
    house = replace(chained.house, heads_path=tmp_path / "heads.jsonl")

    def passes() -> bool:
        return {one.name: one.passed for one in examine(house)}["audit log"]

    assert not passes()
    path = _kept(chained, tmp_path)
    assert passes()
    with house.database.transaction() as tx:
        tx.execute(delete(table).where(table.c.business_id == OTHER, table.c.number > 2))
    assert not passes()
    path.unlink()
    assert not passes()


def test_a_chain_that_grew_since_its_head_was_kept_is_sound(chained: World, tmp_path: Path) -> None:
    path = _kept(chained, tmp_path)
    with chained.house.database.transaction() as tx:
        audit.note(tx, OTHER, by="u", what="mapped", subject="x", now=chained.house.clock.now())
    acts.keep(path, acts.heads(chained.house))

    assert _broken(chained, path) == []


@pytest.mark.parametrize("change", [{"number": 2}, {"hash": "0" * 64}, {"business_id": BUSINESS}])
def test_a_head_cannot_be_made_up(
    chained: World, tmp_path: Path, change: dict[str, object]
) -> None:
    path = _kept(chained, tmp_path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    forged = [{**one, **change} if one["business_id"] == OTHER else one for one in lines]
    path.write_text("".join(json.dumps(one) + "\n" for one in forged))

    with pytest.raises(Invalid, match="was not signed"):
        acts.verify(chained.house, path=path)


def test_heads_are_told_once_a_day(chained: World) -> None:
    first = acts.tell_daily(chained.house)
    assert {OTHER, BUSINESS} <= {one.business_id for one in first}
    assert acts.tell_daily(chained.house) == ()

    chained.house.clock.sleep(24 * 3600)

    assert acts.tell_daily(chained.house)


def test_acts_from_before_are_guarded_once_the_tables_are_brought_up_to_date(
    chained: World,
) -> None:
    _rehashed(chained, OTHER, None)
    assert _broken(chained) == [OTHER]

    acts.sign_old(chained.house, by="cli:operator")

    assert _broken(chained) == []
    with chained.house.database.transaction() as tx:
        tx.execute(text("update audit set key_id = null where business_id = :b"), {"b": OTHER})
    assert _broken(chained) == [OTHER]


def test_no_act_is_taken_without_a_key(new_sqlite: Callable[[], str]) -> None:
    with pytest.raises(Misconfigured, match="CLEO_AUDIT_KEYS"):
        Signer([])
    assert KEY not in repr(Signer([KEY]))
    unsigned = Database(new_sqlite())
    with unsigned.transaction() as tx, pytest.raises(AssertionError, match="nobody signs"):
        audit.note(tx, OTHER, by="u", what="mapped", subject="x", now=datetime.now(UTC))
    unsigned.close()
