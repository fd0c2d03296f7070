"""The OpenAPI contract is complete, correct and kept for any request."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cleo_accounting.core.kinds import KINDS
from cleo_accounting.flows.work import errands
from cleo_accounting.store.database import Database
from cleo_accounting.web.paths import BASE
from tests.service import Service, served
from tests.world import BUSINESS, connection, payable, source, world

ELEVEN = {
    ("get", ""),
    ("post", "/connect"),
    ("get", "/status"),
    ("delete", "/disconnect"),
    ("get", "/{accountingIntegrationId}/sync/status"),
    ("post", "/{accountingIntegrationId}/sync"),
    ("post", "/{accountingIntegrationId}/sync/{entityType}"),
    ("get", "/{accountingIntegrationId}/invoice-fields"),
    ("post", "/{accountingIntegrationId}/vendors/mappings"),
    ("post", "/{accountingIntegrationId}/bank-accounts/mappings"),
    ("get", "/callback"),
}


@pytest.fixture(params=["sqlite", "postgres"])
def lived_in(request: pytest.FixtureRequest) -> Iterator[Service]:
    """A service with records, a run and mappings, which tests may leave in any state.

    It runs on both databases, because each refuses values that the other accepts.
    """
    database = Database(request.getfixturevalue(f"new_{request.param}")())
    with world(database) as here:
        here.open_for_business()
        here.feed(connection(1), connection(2), source(1, "Main"), payable(1), payable(2, to=2))
        errands.run_due(here.house)
        here.sync()
        yield from served(here)
    database.close()


@pytest.fixture(scope="module")
def document(stranger: Service) -> dict[str, Any]:
    answer: dict[str, Any] = stranger.client.get("/openapi.json").json()
    return answer


def _enum(schema: dict[str, Any]) -> list[str]:
    """Return the values that a schema allows, whether or not it is nullable."""
    return next(one["enum"] for one in [schema, *schema.get("anyOf", ())] if "enum" in one)


def test_every_kind_that_the_core_declares_is_in_the_contract(document: dict[str, Any]) -> None:
    activity = document["paths"][f"{BASE}/{{accountingIntegrationId}}/activity"]["get"]
    timeline = document["paths"][
        f"{BASE}/{{accountingIntegrationId}}/activity/{{kind}}/{{recordId}}"
    ]["get"]
    asked = [
        one["schema"]
        for operation in (activity, timeline)
        for one in operation["parameters"]
        if one["name"] == "kind"
    ]
    decided = document["components"]["schemas"]["DecisionBody"]["properties"]["kind"]

    synced = [kind.remote.value for kind in KINDS if kind.entity_type]
    assert [_enum(schema) for schema in asked] == [synced, synced]
    assert _enum(decided) == [kind.remote.value for kind in KINDS if kind.record]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield method, path, operation


def test_the_platform_s_eleven_paths_are_there(document: dict[str, Any]) -> None:
    there = {(method, path) for method, path, _ in _operations(document)}

    assert {(method, BASE + path) for method, path in ELEVEN} <= there


def test_every_operation_is_described_and_declares_its_errors(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in document["tags"]}
    for method, path, operation in _operations(document):
        assert operation["description"], path
        assert set(operation["tags"]) <= tags
        assert not path.endswith("/")
        if not operation.get("security"):
            continue
        for status in ("401", "403", "404", "422", "500"):
            content = operation["responses"][status]["content"]
            assert set(content) == {"application/json", "application/problem+json"}, path
            assert content["application/json"]["schema"]["$ref"].endswith("/Error")
        if method in ("post", "put") and "requestBody" in operation:
            assert {"400", "413", "415"} <= set(operation["responses"]), path


def test_every_body_but_a_record_takes_nothing_unknown(
    document: dict[str, Any],
) -> None:
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Body") or name == "InvoiceFields":
            known = schema["additionalProperties"] is False
            assert known is (name not in RECORDS), name
    assert "HTTPValidationError" not in schemas


def test_no_schema_is_unused(document: dict[str, Any]) -> None:
    text = str(document)

    assert [
        name
        for name in document["components"]["schemas"]
        if f"'#/components/schemas/{name}'" not in text
    ] == []


# The platform's own documents, to which it may add any field.
RECORDS = {
    *("ConnectionBody", "FundingSourceBody", "PayableBody", "PaymentBody"),
    "LineItemBody",
    "PartBody",
}

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
SKIPPED = ("/events",)  # an endless response has no body to check
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
EXAMPLES = 6


def _latest_run(service: Service) -> str:
    listed = service.ask("GET", f"{service.one}/runs?limit=1").json()
    return str(listed["items"][0]["id"])


def _send(case: Any, service: Service, draw: int) -> None:
    """Send a case, mostly to objects that exist, with a role that may send it."""
    ids = case.path_parameters
    if "businessId" in ids:
        ids["businessId"] = BUSINESS
    if "accountingIntegrationId" in ids and draw % 4:
        ids["accountingIntegrationId"] = service.here.integration_id
    if "recordId" in ids and draw % 2:
        ids["recordId"] = "conn_1"
    if "payableId" in ids and draw % 2:
        ids["payableId"] = "pay_1"
    if "runId" in ids and draw % 2:
        ids["runId"] = _latest_run(service)
    # A role that may disconnect would end the connection for the rest of the test.
    role = "viewer" if case.path.endswith("/disconnect") else "admin"
    as_ = role if "{businessId}" in case.path and "/records" not in case.path else "platform"
    headers = {"Authorization": f"Bearer {service.tokens[as_]}"}
    case.call_and_validate(headers=headers, checks=list(CHECKS))


@pytest.mark.both
def test_whatever_is_sent_the_answer_is_a_documented_one(lived_in: Service) -> None:
    contract = schemathesis.openapi.from_asgi("/openapi.json", lived_in.client.app)
    sent: dict[str, int] = {}
    for result in contract.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]  # the contract is sound
        if operation.path.endswith(SKIPPED):
            continue
        for mode in MODES:
            try:
                cases = operation.as_strategy(generation_mode=mode)
                cases.validate()
            except (Unsatisfiable, schemathesis.errors.SchemathesisError):
                continue  # an operation without input has no invalid requests

            @given(case=cases, draw=st.integers(0, 7))
            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            def ask(case: Any, draw: int) -> None:
                sent[operation.label] = sent.get(operation.label, 0) + 1  # noqa: B023  at once
                _send(case, lived_in, draw)

            with contextlib.suppress(Unsatisfiable):
                ask()

    assert len(sent) >= 40
    assert sum(sent.values()) >= 5 * len(sent)
