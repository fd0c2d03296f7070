"""What a command works with: the house, the business, and the user."""

from __future__ import annotations

import getpass
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import typer
from pydantic import SecretStr

from cleo_accounting import bootstrap, jobs, settings
from cleo_accounting.errors import Misconfigured, Missing
from cleo_accounting.flows import House
from cleo_accounting.flows.admin import acts
from cleo_accounting.flows.company import connect
from cleo_accounting.jobs import Engine
from cleo_accounting.settings import Settings
from cleo_accounting.store import schema
from cleo_accounting.store.integrations import Integration

BUSINESS_VARIABLE = "CLEO_BUSINESS"  # for the command line only; the service has many businesses

Business = Annotated[
    str,
    typer.Option(
        "--business", "-b", envvar=BUSINESS_VARIABLE, help="The id of the business, such as biz_1."
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database", help="The URL of the database, instead of CLEO_DATABASE_URL."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="Maximum number of rows.")]
Offset = Annotated[int, typer.Option(min=0, help="Number of rows to skip.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen without doing it.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """The house as a command uses it, for one business."""

    house: House
    settings: Settings
    business_id: str
    by: str

    def integration(self) -> Integration:
        """Return the business's integration, connected or not.

        Raises:
            Missing: the business was never connected.
        """
        found = connect.latest(self.house, self.business_id)
        if found is None:
            raise Missing(
                f"{self.business_id} is not connected: run “cleo-accounting connect” first."
            )
        return found


@contextmanager
def opened(business_id: str, database_url: str | None) -> Iterator[Desk]:
    """Open the house for a command, and close it afterwards."""
    chosen = read_settings(os.environ, database_url)
    house = bootstrap.build(chosen)
    try:
        bring_up_to_date(house)
        yield Desk(
            house.of(business_id) if business_id else house, chosen, business_id, f"cli:{_user()}"
        )
    finally:
        house.close()


def bring_up_to_date(house: House) -> None:
    """Make sure that the tables are up to date; a SQLite file is migrated by whoever opens it.

    Raises:
        Misconfigured: a shared database waits for its operator to migrate it.
    """
    if schema.is_current(house.database):
        return
    if not house.database.is_file:
        raise Misconfigured("The database has another version. Run “cleo-accounting migrate”.")
    migrated(house)


def migrated(house: House) -> None:
    """Migrate the tables to this version, and sign the audit chains that are not signed yet."""
    schema.upgrade(house.database)
    acts.sign_old(house, by=f"cli:{_user()}")


@contextmanager
def worked(desk: Desk) -> Iterator[None]:
    """Make sure that a worker processes the command's run: a running one, or else this process."""
    if jobs.is_working(desk.house):
        yield
    else:
        with terminable(), jobs.working(desk.house, engine(desk.settings)):
            yield


@contextmanager
def terminable() -> Iterator[None]:
    """Handle a termination signal like Ctrl-C."""

    def _stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def engine(chosen: Settings) -> Engine:
    """Return the configuration of the durable engine under these settings."""
    return Engine(
        bootstrap.engine_url(chosen),
        runs_at_once=chosen.runs_at_once,
        lease=timedelta(seconds=chosen.worker_lease_seconds),
    )


def read_settings(environment: Mapping[str, str], database_url: str | None) -> Settings:
    """Read the settings, with the command line's database if it names one."""
    given = {name: text for name, text in environment.items() if name != BUSINESS_VARIABLE}
    chosen = settings.read(given)
    if not database_url:
        return chosen
    return chosen.model_copy(update={"database_url": SecretStr(database_url)})


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
