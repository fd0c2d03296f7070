"""Businesses are separated twice: by each statement's conditions, and by PostgreSQL's policies."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.admin import once
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store import erasure
from cleo_accounting.store.database import Database
from cleo_accounting.store.tables import metadata
from cleo_accounting.store.tenancy import SHARED
from tests.attacks.browser import Browser
from tests.attacks.test_every_route import INSIDE
from tests.house.statements import Watch, forgetful, watched
from tests.house.test_house import ROOT
from tests.service import OTHER, Service, guarded_paths, served
from tests.world import BUSINESS, World, connection, payable, source, world

SOURCES = ROOT / "src" / "cleo_accounting"
STATEMENTS_MIN = 150  # statements on tables of businesses that the scenario below has to send

# Functions that cross businesses, and why. All others use the rows of one business only.
CROSSING = {
    "flows.admin.access._database": "the platform's own tokens belong to no business",
    "flows.admin.access.identify": "a caller is known by a secret; whose it is, is the question",
    "flows.admin.access.page": "the operator's list of all tokens",
    "flows.admin.access.revoke": "the operator's word about any token",
    "flows.admin.acts.heads": "the heads of all chains",
    "flows.admin.acts.sign_old": "all chains, once, at a migration",
    "flows.admin.acts.tell_daily": "the heads of all chains, once a day",
    "flows.admin.acts.verify": "all chains",
    "flows.company.books.heed": "a company that wants silence, whoever held it",
    "flows.company.connect.Fresh.current": "a company that wants silence, whoever held it",
    "flows.company.connect.still_may": "a sign-in that was begun with a token of the platform's",
    "flows.company.connect.take": "a sign-in is known by its state; whose it is, is the answer",
    "flows.work.errands.ask_daily": "a worker asks for every business",
    "flows.work.errands.revoke": "whether another business holds the company by now",
    "flows.work.errands.run_due": "a worker takes what is due, of every business",
    "flows.admin.examine._doubts": "the operator's look at the whole service",
    "flows.admin.examine._keys": "the operator's look at the whole service",
    "flows.admin.examine._waiting": "the operator's look at the whole service",
    "flows.company.give_back.at_once": "whether another business uses the company",
    "flows.company.give_back.stale": "a worker takes what is over, of every business",
    "flows.admin.health.ignored_fields": "metrics of the whole service",
    "flows.admin.health.integrations_by_status": "metrics of the whole service",
    "flows.company.hold._rival": "which business holds the company",
    "flows.company.hold._win": "the business that loses the company, and its chain of acts",
    "flows.company.hold.look_at_holder": "whether the business that holds the company still can",
    "flows.admin.keys.ask_to_reseal": "a worker asks for every business",
    "flows.admin.keys.listed": "which keys any grant needs",
    "flows.admin.keys.reseal": "the operator seals every grant again",
    "flows.admin.keys.trouble": "whether any grant opens",
    "flows.company.offer.find": "an offer is known by its secret; whose it is, is the answer",
    "flows.admin.once.forget_old": "a worker forgets what is over, of every business",
    "flows.company.release.holder": "the operator asks who holds a company",
    "flows.company.release.release": "the operator takes a company from whoever holds it",
    "flows.admin.session.enter": "a link is known by its secret; whose it is, is the answer",
    "flows.admin.session.look": "a link is known by its secret; whose it is, is the answer",
    "flows.admin.session.opened": "one browser may have visits of several businesses",
    "flows.admin.session.sign_in": "a sign-in is known by its state; whose it is, is the answer",
    "flows.run.sync.give_way": "whether another business waits for its turn",
    "jobs._Worker._hand_out": "a worker takes runs of every business",
    "jobs._Worker._house_of": "which business a run is of",
    "jobs._Worker._revive": "a worker looks after runs of every business",
    "store.schema._upgrade": "a migration may move rows of every business",
}


@pytest.fixture(scope="module")
def worked(new_sqlite: Callable[[], str]) -> Iterator[tuple[World, Watch]]:
    """One of two businesses that share a database, and all statements that both have sent."""
    database = Database(new_sqlite())
    with world(database) as here:
        with watched(database) as seen:
            company = here.intuit.emulator.add_company("Another Company")
            other = World(here.house.of(OTHER), replace(here.intuit, company=company), OTHER)
            for one in (here, other):
                _work(one)
            for service in served(here):
                _ask(service)
        yield here, seen
    database.close()


@pytest.fixture(scope="module")
def kept(new_postgres: Callable[[], str]) -> Iterator[Database]:
    """A PostgreSQL database with all tables."""
    database = Database(new_postgres())
    yield database
    database.close()


def _work(here: World) -> None:
    here.open_for_business()
    here.feed(connection(1), connection(2), source(1, "Checking", "1234"))
    here.feed(payable(1), payable(2, to=2), payable(3, to=9))
    errands.run_due(here.house)
    here.sync(dry_run=True)
    here.sync()
    here.feed(payable(1, 12_000))
    run = sync.request(
        here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="tester"
    )
    fence = sync.take(here.house, run.id)
    sync.advance(here.house, run.id, fence)
    assert not sync.give_way(here.house, run.id, fence)
    here.work(run.id)
    reconcile.keep(here.house, here.integration_id)
    once.forget_old(here.house)


def _ask(service: Service) -> None:
    """Read every path of the API and the page, and perform the actions that people do."""
    run = service.ask("POST", f"{service.one}/sync", json={}).json()["id"]
    thing = {"collection": "payables", "entityType": "vendors", "field": "expenseAccountId"}
    ids = {
        "kind": "bill",
        "recordId": "pay_1",
        "payableId": "pay_1",
        "runId": run,
        "tab": "vendors",
    }
    where = {"businessId": BUSINESS, "accountingIntegrationId": service.here.integration_id}
    looks = [one for one in guarded_paths() if "GET" in one.methods and "events" not in one.path]
    for route in looks:
        service.ask("GET", route.path.format(**where, **thing, **ids))
    vendor = service.ask("GET", f"{service.one}/vendors").json()["items"][0]["id"]
    seen = service.ask("GET", f"{service.one}/invoice-fields")
    for method, path, body in (
        ("POST", f"{service.one}/runs/{run}/retry", None),
        ("POST", f"{service.one}/runs/{run}/cancel", None),
        (
            "POST",
            f"{service.one}/decisions",
            {"kind": "vendor", "recordId": "conn_2", "decision": "leave_out", "value": "no"},
        ),
        ("POST", f"{service.one}/vendors/mappings", {"connectionId": "conn_2", "vendorId": vendor}),
        ("POST", f"{service.one}/pause", None),
        ("POST", f"{service.one}/resume", None),
        ("POST", f"{service.one}/refresh", None),
        ("POST", f"{service.one}/reconciliation", None),
        ("POST", f"{service.one}/reconciliation/remove-duplicates", None),
        ("POST", f"{service.base}/connect", {}),
        ("DELETE", f"{service.base}/records/payables/pay_3", None),
    ):
        key = {"Idempotency-Key": f"{method} {path}", "If-Match": seen.headers["etag"]}
        answer = service.ask(method, path, json=body, headers=key, as_="platform")
        assert answer.status_code < 400, answer.text
    browser = Browser(service).in_as("ana@harbor.example")
    for page in INSIDE:
        if "GET" in page.methods:
            browser.client.get(page.path.format(businessId=BUSINESS, **thing, **ids))
    for path in ("/pause", "/resume", "/sync", "/disconnect", "/sign-out"):
        assert browser.post(path).status_code in (200, 303), path
    service.ask("DELETE", f"{service.base}/sessions")


def test_every_statement_on_a_table_of_businesses_names_its_own(
    worked: tuple[World, Watch],
) -> None:
    _, watch = worked

    assert len(watch.seen) >= STATEMENTS_MIN
    assert watch.flaws == set()


def test_a_statement_that_forgot_its_business_is_found(
    worked: tuple[World, Watch],
) -> None:
    """Tested on every table with the counts of one business's rows."""
    database = worked[0].house.database
    with watched(database) as seen, forgetful(database), database.of(BUSINESS).reading() as tx:
        erasure.counts(tx, BUSINESS)

    for table in {*metadata.tables} - {*SHARED, "audit"}:  # its rows are never erased
        assert any(flaw.startswith(f"{table} without its business") for flaw in seen.flaws), table


@pytest.mark.parametrize("said", [OTHER, ""], ids=["another one", "none"])
def test_a_statement_of_another_business_than_its_transaction_s_is_found(
    worked: tuple[World, Watch], said: str
) -> None:
    database = worked[0].house.database
    whose = database.of(said or OTHER)
    whose._business = said
    with watched(database) as seen, whose.reading() as tx:
        erasure.counts(tx, BUSINESS)

    assert any(flaw.startswith(f"records of ['{BUSINESS}'] for {said}") for flaw in seen.flaws)
    assert any(flaw.startswith(f"integrations of ['{BUSINESS}']") for flaw in seen.flaws)


def test_work_crosses_businesses_only_where_it_has_to() -> None:
    assert set(_crossings()) == set(CROSSING)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda one: one.name)
def test_a_table_has_a_forced_policy_or_a_reason_for_none(kept: Database, table: Any) -> None:
    with kept.reading() as tx:
        forced, policies = tx.execute(_POLICIES, {"name": table.name}).one()
    if table.name in SHARED:
        assert not {"business_id", "integration_id", "run_id"} & set(table.c.keys())
        assert policies == []
    else:
        assert forced
        assert policies == ["one_business"]


_POLICIES = text("""
    select relrowsecurity and relforcerowsecurity,
        array(select polname::text from pg_policy where polrelid = pg_class.oid)
    from pg_class where oid = to_regclass(:name)
""")


def _crossings() -> Iterator[str]:
    """Yield every function that uses `database.across` or opens a block `across(tx)`."""
    for path in SOURCES.rglob("*.py"):
        room = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        for name, node in _inside(ast.parse(path.read_text(encoding="utf-8"))):
            of_database = isinstance(node, ast.Attribute) and node.attr == "across"
            of_block = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("across")
            if of_database or of_block:
                yield f"{room}.{name}"


def _inside(node: ast.AST, name: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Yield every node of a module with the name of the function that contains it."""
    for child in ast.iter_child_nodes(node):
        within = name
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            within = f"{name}.{child.name}".lstrip(".")
        yield within, child
        yield from _inside(child, within)
