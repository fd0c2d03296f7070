"""The PostgreSQL roles of docs/deployment.md, set up with exactly the commands given there."""

from __future__ import annotations

import re
import shlex
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.engine import make_url

from tests.crash.given import cents, exactly, feed, marks, owed
from tests.house.test_house import ROOT
from tests.processes import Stage, free_port, stage

BILLS = 40
SECTION = (
    (ROOT / "docs" / "deployment.md")
    .read_text(encoding="utf-8")
    .partition("## Roles of the database")[2]
    .partition("\n## ")[0]
)
ROLES = ("cleo_owner", "cleo_service", "cleo_auditor")
DATABASES = ("cleo_books", "cleo_engine")


@dataclass(frozen=True)
class Deployed:
    """A service whose database was set up by the document; all names share a unique suffix."""

    on: Stage
    server: str
    ending: str

    def url(self, role: str, database: str = "cleo_books") -> str:
        chosen = make_url(self.server).set(
            drivername="postgresql",
            username=role + self.ending,
            password=self.ending,
            database=database + self.ending,
        )
        return chosen.render_as_string(hide_password=False)

    def command(self, line: str, **more: object) -> str:
        """Run a command of the document with the environment variables before it."""
        words = shlex.split(
            re.sub(r"\b(cleo_(?:service|auditor))(?=\s|$)", rf"\1{self.ending}", line)
        )
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            role, database = re.fullmatch(r"postgresql://(\w+)@db.example/(\w+)", value).groups()  # type: ignore[union-attr]
            self.on.service.environment[name] = self.url(role, database)
        assert words[0] == "cleo-accounting"
        return self.on.command(*words[1:], **more)  # type: ignore[arg-type]


def blocks(language: str) -> list[str]:
    """Return the code blocks of the section in one language."""
    return re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture(scope="module")
def deployed(postgres_url: str) -> Iterator[Deployed]:
    """A service with the roles and databases that the document's SQL creates."""
    ending = f"_{uuid.uuid4().hex[:12]}"
    (made,) = blocks("sql")
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        for statement in made.split(";"):
            if statement.strip():
                admin.execute(re.sub(r"\b(cleo_\w+)", rf"\1{ending}", statement).encode())
        for role in ROLES:
            admin.execute(f"alter role {role}{ending} password '{ending}'".encode())
        with stage("", free_port()) as on:
            yield Deployed(on, postgres_url, ending)
        for database in DATABASES:
            admin.execute(f"drop database {database}{ending} with (force)".encode())
        for role in ROLES:
            admin.execute(f"drop role {role}{ending}".encode())


def test_the_service_works_in_the_roles_that_the_page_sets_up(deployed: Deployed) -> None:
    (lines,) = blocks("sh")
    migrate, check, verify = lines.strip().splitlines()

    assert "Rights granted" in deployed.command(migrate)
    on = deployed.on
    on.service.environment["CLEO_DATABASE_URL"] = deployed.url("cleo_service")
    on.service.environment["CLEO_ENGINE_DATABASE_URL"] = deployed.url("cleo_service", "cleo_engine")
    on.connect()
    on.choose_expense_account()
    feed(on, BILLS)
    on.ask("POST", f"{on.one}/sync", json={})
    assert on.finish(60)["state"] == "succeeded"
    assert marks(on) == exactly(BILLS)
    assert cents(on) == owed(BILLS)
    assert "one business at a time" in deployed.command(check)
    assert "no_second_wall" not in "".join(on.service.said)
    assert "sound" in deployed.command(verify)
    _see_what_each_may(deployed)


def _see_what_each_may(deployed: Deployed) -> None:
    """Check the rights of the owner and the auditor as documented, once there are rows."""
    with psycopg.connect(deployed.url("cleo_owner"), autocommit=True) as owner:
        assert owner.execute("select count(*) from records").fetchone() == (0,)
        with owner.transaction():
            owner.execute("set local cleo.business = '*'")
            assert owner.execute("select count(*) > 0 from records").fetchone() == (True,)
        owner.execute("set row_security = off")  # as pg_dump does
        with pytest.raises(InsufficientPrivilege):
            owner.execute("select count(*) from records")
    with psycopg.connect(deployed.url("cleo_auditor"), autocommit=True) as auditor:
        for statement in (
            "select from records",
            "select from integrations",
            "delete from audit",
            "insert into audit default values",
        ):
            with pytest.raises(InsufficientPrivilege):
                auditor.execute(statement.encode())
