"""The migrated tables equal the tables in code, down to the conditions of their indexes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import command
from sqlalchemy import bindparam, text

from cleo_accounting.core.match import name_key
from cleo_accounting.core.records import (
    Connection,
    Money,
    Part,
    Payment,
    PaymentStatus,
    RecordKind,
    canonical,
)
from cleo_accounting.errors import Misconfigured
from cleo_accounting.store import access, payment_parts, records, schema
from cleo_accounting.store.database import Database
from cleo_accounting.store.moment import Moment
from cleo_accounting.store.tables import metadata, workers
from tests.core.given import payable
from tests.store.memory import NOW

pytestmark = pytest.mark.both


_WHAT_THERE_IS = {
    "sqlite": """
        select type, tbl_name, name, sql from sqlite_master
        where name not like 'sqlite_%' and tbl_name <> 'schema_version' and type = 'index'
    """,
    "postgresql": """
        select 'index', tablename, indexname, indexdef from pg_indexes
        where schemaname = 'public' and tablename <> 'schema_version'
        union all
        select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        from pg_constraint where conrelid::regclass::text <> 'schema_version' and conrelid <> 0
        and connamespace = 'public'::regnamespace
        union all
        select 'column', table_name, column_name,
            concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
        from information_schema.columns
        where table_schema = 'public' and table_name <> 'schema_version'
    """,
}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A separate database, because these tests add and drop tables."""
    opened = Database(database_url)
    yield opened
    opened.close()


def _there(database: Database) -> set[tuple[str, ...]]:
    with database.reading() as tx:
        rows = tx.execute(text(_WHAT_THERE_IS[tx.dialect.name]))
        return {tuple(" ".join(str(cell).split()) for cell in row) for row in rows}


def _columns(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return SQLite's description of each column: name, type, nullability, default and key."""
    with database.reading() as tx:
        return {
            name: sorted(tuple(row)[1:] for row in tx.execute(text(f"pragma table_info({name})")))
            for name in metadata.tables
        }


def test_a_migrated_database_is_the_one_in_code(database: Database) -> None:
    assert schema.is_current(database)
    assert schema.differences(database) == []


def test_every_index_default_and_constraint_is_the_one_in_code(
    database: Database,
) -> None:
    """This covers what the comparison of tables ignores: conditions, defaults and checks."""
    migrated = _there(database)
    columns = _columns(database) if database.is_file else {}
    with database.transaction() as tx:
        metadata.drop_all(tx)
        metadata.create_all(tx)

    assert _there(database) == migrated
    assert len(migrated) > 10
    if database.is_file:
        assert _columns(database) == columns


def test_upgrading_twice_is_harmless(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(workers.insert().values(id="w", started_at=NOW, seen_at=NOW))

    schema.upgrade(database)

    with database.reading() as tx:
        assert tx.execute(workers.select()).one().id == "w"
    assert schema.differences(database) == []


def test_records_that_were_kept_before_are_found_by_name_and_number(database: Database) -> None:
    with database.transaction() as tx:
        command.downgrade(schema._config(tx), "0003")
    before = (
        "insert into records (business_id, kind, id, connection_id, role, label, body,"
        " fingerprint, received_at) values ('b', :kind, :id, :party, :role, :label, :body, '', :at)"
    )
    vendor, bill = Connection("conn_1", "Café  Noir"), payable(number="INV 7", id="pay_1")
    unnumbered = payable(number=None, id="pay_2")
    with database.transaction() as tx:
        for kind, one, label in [
            ("connection", vendor, vendor.name),
            ("payable", bill, "INV 7"),
            ("payable", unnumbered, "pay_2"),
        ]:
            tx.execute(
                text(before).bindparams(bindparam("at", type_=Moment())),
                {
                    "kind": kind, "id": one.id, "party": "conn_1", "role": "payer",
                    "label": label, "body": canonical(one), "at": NOW,
                },
            )  # fmt: skip

    schema.upgrade(database)

    with database.reading() as tx:
        named = records.labelled(tx, "b", RecordKind.CONNECTION, [name_key("CAFE\u0301 noir")])
        numbered = records.labelled(tx, "b", RecordKind.PAYABLE, ["inv 7", "pay_2", ""])
    assert named == {"café noir": [vendor]}
    assert numbered == {"inv 7": [bill]}


def test_tokens_from_before_they_ended_have_ninety_days(database: Database) -> None:
    with database.transaction() as tx:
        command.downgrade(schema._config(tx), "0005")
        tx.execute(
            text(
                "insert into tokens (id, hash, role, name, created_at, created_by)"
                " values ('tok_1', 'h', 'platform', 'x', :at, 'cli')"
            ).bindparams(bindparam("at", type_=Moment())),
            {"at": NOW},
        )

    schema.upgrade(database)

    with database.reading() as tx:
        token = access.by_id(tx, "tok_1")
    assert token is not None
    days = (token.expires_at - datetime.now(UTC)) / timedelta(days=1)
    assert 89.9 < days < 90.1


def test_a_database_of_another_version_is_told_apart(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(text("delete from schema_version"))

    assert not schema.is_current(database)


def test_a_table_that_lacks_a_column_is_told(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(text("alter table workers drop column seen_at"))

    assert schema.differences(database)


def test_of_three_that_upgrade_at_once_one_does_and_all_are_content(
    new_postgres: Callable[[], str],
) -> None:
    url = new_postgres()
    empty = Database(url)
    with empty.transaction() as tx:
        tx.execute(text("drop schema public cascade; create schema public"))
    code = (
        "import sys; from cleo_accounting.store import database, schema;"
        "schema.upgrade(database.Database(sys.argv[1]))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE)
        for _ in range(3)
    ]

    said = [process.communicate(timeout=120)[1].decode() for process in started]

    assert [process.returncode for process in started] == [0, 0, 0], said
    assert schema.is_current(empty)
    assert schema.differences(empty) == []
    empty.close()


def test_a_moment_keeps_its_zone_and_a_naive_one_is_a_mistake(database: Database) -> None:
    there = NOW.replace(microsecond=123456).astimezone(timezone(timedelta(hours=-7)))
    with database.transaction() as tx:
        tx.execute(workers.insert().values(id="w", started_at=there, seen_at=there))

    with database.reading() as tx:
        back: datetime = tx.execute(workers.select()).one().seen_at
    assert back == there
    assert back.utcoffset() == timedelta(0)
    naive = workers.update().values(seen_at=NOW.replace(tzinfo=None))
    with pytest.raises(Exception, match="a moment needs its zone"), database.transaction() as tx:
        tx.execute(naive)


@pytest.mark.parametrize(
    "url",
    ["", "mysql://root:hunter2@db/x", "nonsense hunter2", "sqlite://", "sqlite:///:memory:"],
)
def test_a_url_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(Misconfigured, match="CLEO_DATABASE_URL") as refusal:
        Database(url)

    assert "hunter2" not in str(refusal.value)


def test_half_a_transaction_is_none(database: Database) -> None:
    def stop_halfway() -> None:
        with database.transaction() as tx:
            tx.execute(workers.insert().values(id="w", started_at=NOW, seen_at=NOW))
            raise KeyError

    with pytest.raises(KeyError):
        stop_halfway()

    with database.reading() as tx:
        assert tx.execute(workers.select()).all() == []


def test_whoever_reads_locks_nobody_out(database: Database) -> None:
    with database.reading() as reading:
        before = reading.execute(workers.select()).all()
        with database.transaction() as tx:
            tx.execute(workers.insert().values(id="w", started_at=NOW, seen_at=NOW))

    assert before == []
    with database.reading() as tx:
        assert len(tx.execute(workers.select()).all()) == 1


def test_payments_that_were_kept_before_are_found_by_their_payables(database: Database) -> None:
    with database.transaction() as tx:
        command.downgrade(schema._config(tx), "0016")
    before = (
        "insert into records (business_id, kind, id, label, body, fingerprint, received_at)"
        " values ('b', 'payment', :id, '', :body, '', :at)"
    )
    paid = Money(100, "USD")
    parts = (Part("pay_1", paid), Part("pay_2", paid))
    whole = Payment("pmt_1", "fs_1", paid, PaymentStatus.COMPLETED, payable_id="pay_1")
    several = Payment("pmt_2", "fs_1", Money(200, "USD"), PaymentStatus.COMPLETED, parts=parts)
    with database.transaction() as tx:
        for one in (whole, several, Payment("pmt_3", "fs_1", paid, PaymentStatus.COMPLETED)):
            tx.execute(
                text(before).bindparams(bindparam("at", type_=Moment())),
                {"id": one.id, "body": canonical(one), "at": NOW},
            )

    schema.upgrade(database)

    with database.reading() as tx:
        found = [payment_parts.paying(tx, "b", one) for one in ("pay_1", "pay_2", "pay_3")]
    assert found == [["pmt_1", "pmt_2"], ["pmt_2"], []]
