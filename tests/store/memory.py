"""An integration, runs and operations in the store, for the tests of the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.core.links import Link, Origin, Profile, RemoteKind
from cleo_accounting.core.states import Trigger
from cleo_accounting.store import integrations, operations, runs
from cleo_accounting.store.database import Database, Transaction
from cleo_accounting.store.integrations import Integration, Status
from cleo_accounting.store.operations import Row
from cleo_accounting.store.runs import Run

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
HERE = "acctint_1"
THREADS = 8

Result = TypeVar("Result")


def integration(number: int = 1, *, business: str = "biz_1", company: str = "") -> Integration:
    company_id = company or f"company_{number}"
    return Integration(
        id=f"acctint_{number}",
        business_id=business,
        provider="quickbooks",
        company_id=company_id,
        company_name="Harbor",
        status=Status.CONNECTED,
        status_reason=None,
        profile=Profile(company_id, "Harbor", "US", "USD"),
        fields=InvoiceFields(),
        fields_version=1,
        grant_version=0,
        names_cursor=None,
        connected_at=NOW,
        connected_by="user_1",
        disconnected_at=None,
    )


def connected(database: Database, *, run: str = "run_1") -> Database:
    """Add an integration and a working run to the database; return the database."""
    with database.transaction() as tx:
        integrations.add(tx, integration())
        runs.add(tx, asked(run))
        runs.start(tx, run, NOW)
    return database


def asked(name: str, *, of: str = HERE, dry_run: bool = False, types: Sequence[str] = ()) -> Run:
    return Run(
        id=name,
        integration_id=of,
        business_id="biz_1",
        entity_types=tuple(types) or ("vendors",),
        dry_run=dry_run,
        trigger=Trigger.PAGE,
        asked_by="tester",
        state="queued",
        created_at=NOW,
    )


def row(number: int, **more: Any) -> Row:
    given = {"action": "create", "state": "waiting", "payload": f"{{{number}}}", **more}
    return Row(RemoteKind.BILL, f"pay_{number}", f"INV-{number}", **given)


def plan(database: Database, count: int, run: str = "run_1", **more: Any) -> None:
    with database.transaction() as tx:
        operations.add(tx, run, HERE, 0, [row(number, **more) for number in range(count)])


def link(record_id: str, remote_id: str, kind: RemoteKind = RemoteKind.BILL, **more: Any) -> Link:
    given = {"version": "0", "origin": Origin.CREATED, **more}
    return Link(record_id, kind, remote_id, **given)


def at_once(database: Database, acts: Sequence[Callable[[Transaction], Result]]) -> list[Result]:
    """Run each function in its own transaction, many at a time; return the results in order."""

    def do(act: Callable[[Transaction], Result]) -> Result:
        with database.transaction() as tx:
            return act(tx)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(do, acts))
