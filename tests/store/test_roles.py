"""Which roles row-level security restricts, and what a role is granted, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from cleo_accounting.errors import Misconfigured
from cleo_accounting.store import roles, schema
from cleo_accounting.store.database import Database


@pytest.fixture
def above(new_postgres: Callable[[], str]) -> Iterator[Database]:
    """A separate database, opened as a superuser."""
    opened = Database(new_postgres())
    yield opened
    opened.close()


@pytest.fixture
def service(above: Database, as_service: Callable[[str], str]) -> Iterator[Database]:
    """The same database, opened as the role of the service."""
    opened = Database(as_service(above.engine.url.render_as_string(hide_password=False)))
    yield opened
    opened.close()


def _do(database: Database, statement: str) -> None:
    with database.transaction() as tx:
        tx.execute(text(statement))


def test_it_is_told_who_is_above_row_level_security(above: Database, service: Database) -> None:
    assert "row-level security does not apply" in roles.trouble(above)
    assert roles.trouble(service) == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("alter table links disable row level security", "does not apply to the role on links"),
        ("grant update on audit to {role}", "may change the audit log"),
        ("grant delete on audit to {role}", "may change the audit log"),
    ],
)
def test_it_is_told_where_the_wall_has_a_hole(
    above: Database, service: Database, service_role: tuple[str, str], change: str, told: str
) -> None:
    _do(above, change.format(role=service_role[0]))

    assert told in roles.trouble(service)


def test_an_owner_is_held_by_forced_policies_only(
    above: Database, service: Database, service_role: tuple[str, str]
) -> None:
    _do(above, f"alter table runs owner to {service_role[0]}")
    assert roles.trouble(service) == ""

    _do(above, "alter table runs no force row level security")
    assert "does not apply to the role on runs" in roles.trouble(service)


def test_a_grant_takes_away_what_a_role_had_before(
    above: Database, service: Database, service_role: tuple[str, str]
) -> None:
    _do(above, f"grant all on all tables in schema public to {service_role[0]}")
    assert roles.trouble(service)

    roles.grant(above, service=service_role[0])
    assert roles.trouble(service) == ""


def test_what_a_later_migration_adds_is_the_service_s_too(
    above: Database, service: Database
) -> None:
    _do(above, "create table later (id serial primary key)")

    _do(service, "insert into later default values")


def test_rights_are_granted_to_roles_that_exist(above: Database) -> None:
    with pytest.raises(Misconfigured, match="no role nobody_here"):
        roles.grant(above, service="nobody_here")


def test_a_file_has_no_roles(new_sqlite: Callable[[], str]) -> None:
    database = Database(new_sqlite())
    with pytest.raises(Misconfigured, match="Only PostgreSQL has roles"):
        roles.grant(database, service="cleo_service")
    assert roles.trouble(database) == ""
    database.close()


def test_the_service_is_told_that_it_cannot_migrate(above: Database, service: Database) -> None:
    _do(above, "drop table schema_version")

    with pytest.raises(Misconfigured, match="as their owner"):
        schema.upgrade(service)
