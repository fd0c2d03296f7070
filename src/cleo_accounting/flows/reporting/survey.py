"""Determine the state of a business, exactly one, with the few numbers that go with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import Role
from cleo_accounting.core.states import RunState
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting import history, progress
from cleo_accounting.flows.reporting.history import Issues
from cleo_accounting.flows.reporting.progress import RunStatus
from cleo_accounting.store import records, runs
from cleo_accounting.store.integrations import Status
from cleo_accounting.store.views import todo as todo_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration
    from cleo_accounting.store.runs import Run

PREVIEW_LIFE = timedelta(hours=24)
_PARTY_KINDS = (RemoteKind.VENDOR, RemoteKind.CUSTOMER, RemoteKind.ACCOUNT)


class BusinessState(StrEnum):
    """The state of a business with regard to its books."""

    NOT_CONNECTED = "not_connected"
    DISCONNECTED = "disconnected"
    NEEDS_RECONNECT = "needs_reconnect"
    CONFIRM_COMPANY = "confirm_company"
    CONNECTING = "connecting"
    PAUSED_BY_USER = "paused_by_user"
    WAITING = "waiting"
    UPSTREAM_DOWN = "upstream_down"
    SYNCING = "syncing"
    SETUP_NEEDED = "setup_needed"
    PREVIEW = "preview"
    PLAN_LIMIT = "plan_limit"
    PARTIAL = "partial"
    STOPPED = "stopped"
    CONNECTED_OK = "connected_ok"


@dataclass(frozen=True, slots=True)
class Todo:
    """What has to be mapped or chosen before everything can be sent."""

    expense_account: bool = False
    income: bool = False
    vendors: int = 0
    customers: int = 0
    bank_accounts: int = 0

    @property
    def total(self) -> int:
        """The sum of all parts: the one number that every place shows."""
        fields = int(self.expense_account) + int(self.income)
        return fields + self.vendors + self.customers + self.bank_accounts


@dataclass(frozen=True, slots=True)
class Survey:
    """The state of a business and the numbers that go with it."""

    state: BusinessState
    integration: Integration | None = None
    sync: RunStatus = field(default_factory=lambda: RunStatus(None))
    preview: RunStatus = field(default_factory=lambda: RunStatus(None))
    issues: Issues = field(default_factory=Issues)
    todo: Todo = field(default_factory=Todo)
    last_success: datetime | None = None
    ever_synced: bool = False
    preview_is_old: bool = True  # too old to send by it, or there is none
    records: Mapping[str, int] = field(default_factory=dict)


def survey(house: House, business_id: str, *, preview_too: bool = False) -> Survey:
    """Return the state of a business; `preview_too`: read the preview even if outdated."""
    one = connect.latest(house, business_id)
    if one is None:
        return Survey(BusinessState.NOT_CONNECTED)
    sync = progress.status(house, business_id, one.id)
    with house.database.reading() as tx:
        newest = runs.latest(tx, one.id, dry_run=True)
        success = runs.last_success(tx, one.id)
        todo = _todo(tx, one)
        counted = records.count(tx, business_id)
    wanted = newest and (preview_too or not sync.run or newest.position > sync.run.position)
    preview = RunStatus(None)
    if newest and wanted:
        preview = progress.status(house, business_id, one.id, newest.id)
    issues = history.issues(house, business_id, one.id)
    found = Survey(
        state=BusinessState.CONNECTED_OK,
        integration=one,
        sync=sync,
        preview=preview,
        issues=issues,
        todo=todo,
        last_success=success,
        ever_synced=sync.run is not None,
        preview_is_old=_is_old(newest, sync.run, house.clock.now()),
        records=counted,
    )
    return replace(found, state=_state(found, one))


def todo(house: House, one: Integration) -> Todo:
    """Return what has to be mapped or chosen."""
    with house.database.reading() as tx:
        return _todo(tx, one)


def _state(found: Survey, one: Integration) -> BusinessState:
    """Return the first state that holds; what stops everything else comes first."""
    run = found.sync.run
    order = (
        (BusinessState.DISCONNECTED, one.status is Status.DISCONNECTED),
        (BusinessState.NEEDS_RECONNECT, one.status is Status.NEEDS_RECONNECT),
        (BusinessState.CONFIRM_COMPANY, run is None and one.confirmed_at is None),
        (BusinessState.CONNECTING, run is None and one.names_cursor is None),
        (BusinessState.PAUSED_BY_USER, one.paused_at is not None),
        (_under_way(run), run is not None and run.state in runs.OPEN),
        (BusinessState.PLAN_LIMIT, one.profile.read_only),
        (BusinessState.SETUP_NEEDED, run is None and found.todo.total > 0),
        (BusinessState.PREVIEW, run is None),
        (
            BusinessState.STOPPED,
            run is not None and run.state in (RunState.FAILED, RunState.CANCELLED) and run.code,
        ),
        (BusinessState.PARTIAL, found.issues.total > 0),
    )
    return next((state for state, holds in order if holds), BusinessState.CONNECTED_OK)


def _is_old(preview: Run | None, sync: Run | None, now: datetime) -> bool:
    if preview is None or (sync is not None and sync.position > preview.position):
        return True
    return preview.finished_at is not None and now - preview.finished_at > PREVIEW_LIFE


def _under_way(run: Run | None) -> BusinessState:
    if run is None or run.waiting_since is None:
        return BusinessState.SYNCING
    return (
        BusinessState.UPSTREAM_DOWN if run.code == "upstream_unavailable" else BusinessState.WAITING
    )


def _todo(tx: Transaction, one: Integration) -> Todo:
    roles = records.roles(tx, one.business_id)
    plan = runs.latest(tx, one.id, dry_run=None, whole=True)
    left = todo_rows.counts(tx, one.id, plan.id, _PARTY_KINDS) if plan else {}
    chosen = one.fields
    return Todo(
        expense_account=Role.PAYER in roles and chosen.expense_account_id is None,
        income=Role.PAYEE in roles and not (chosen.item_id or chosen.income_account_id),
        vendors=left.get(RemoteKind.VENDOR, 0),
        customers=left.get(RemoteKind.CUSTOMER, 0),
        bank_accounts=left.get(RemoteKind.ACCOUNT, 0),
    )
