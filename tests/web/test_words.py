"""Errors are explained in the service's own words: no message of the framework reaches a caller."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import httpx2
import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core.core_schema import ErrorType

from cleo_accounting.platform import flaws
from cleo_accounting.platform.flaws import of_request
from tests.service import Service
from tests.world import BUSINESS

FRAMEWORK = re.compile(
    r"Input should|Field required|String should|Value error|Assertion failed|Extra inputs|valid"
    r" (string|integer|boolean|number|dictionary|list|date|datetime|UUID|decimal)|unable to (parse"
    r"|interpret)|JSON decode|Expecting|Extra data|Unterminated|should have at (least|most)|at"
    r" least \d+ item|should be (greater|less)|pydantic|Traceback|NoneType|<class|Decimal\(|"
    r"not valid under|Not Found$|Method Not Allowed|\bNone\b|\bTrue\b|\bFalse\b|"
    r"must match|\[A-Za-z|\{\d+,\d*\}|\[\^"  # a regular expression
)
WRONG: tuple[Any, ...] = (
    *(None, True, 7, -1, 1.5, 10**30, "", "x", "x" * 5000, "a\x00b", "\ud800", "2026-13-45"),
    *([], [1], [None], {}, {"a": 1}, [[]], "true", "1"),
)
ASKED_WRONG = ("", "x", "-1", "1.5", "9" * 30, "2026-13-45", "\x00", "x" * 3000, "null", "[]")
IDS = {
    "businessId": BUSINESS,
    "runId": "run_nowhere",
    "recordId": "conn_1",
    "itemId": "1",
    "entityType": "vendors",
    "tokenId": "tok_nowhere",
    "field": "itemId",
    "kind": "bill",
    "collection": "payables",
    "payableId": "pay_1",
}
HARMLESS = ("/events", "/disconnect", "/tokens", "/session")


def _operations(service: Service) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    document = service.client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/api") and not path.endswith(HARMLESS[:2]):
                yield path, method.upper(), operation, document


def _address(service: Service, path: str, **ids: str) -> str:
    here = {**IDS, "accountingIntegrationId": service.here.integration_id, **ids}
    return path.format(**here)


def _body(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object, with its references resolved."""
    while "$ref" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        else:
            schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    return schema


def _wrong_bodies(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[object]:
    schema = _body(schema, document)
    members = schema.get("properties", {})
    yield from (None, [], "text", 7, {}, {"surprise": 1}, {"a\x00": 1})
    for name, member in members.items():
        for value in WRONG:
            yield {name: value}
        inner = member
        if member.get("type") == "array":
            inner = member["items"]
        known = {"$ref", "anyOf"} & inner.keys() and _body(inner, document)
        if known and "properties" in known:
            for below in known["properties"]:
                for value in WRONG[::3]:
                    one = {below: value}
                    yield {name: [one] if member.get("type") == "array" else one}


def _is_ours(answer: httpx2.Response, sent: object) -> None:
    assert answer.status_code < 500, (sent, answer.text)
    if answer.status_code < 400:
        return
    told = answer.json()
    every = [told["message"], *(one["message"] for one in told["errors"])]
    for message in every:
        assert message, sent
        assert not FRAMEWORK.search(message), (sent, message)
        assert message.isprintable(), (sent, message)
    if answer.status_code == 422 and told["code"] == "invalid":
        for one in told["errors"]:
            assert one["field"] or "record" in str(answer.url), (sent, told)


def _send(service: Service, method: str, path: str, body: object) -> httpx2.Response:
    content = json.dumps(body).encode()
    headers = {"content-type": "application/json", "If-Match": '"1"'}
    return service.ask(method, path, as_="platform", content=content, headers=headers)


def test_what_is_wrong_with_a_body_is_told_in_our_words(shared: Service) -> None:
    sent = 0
    for path, method, operation, document in _operations(shared):
        if "requestBody" not in operation:
            continue
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        for body in _wrong_bodies(schema, document):
            sent += 1
            _is_ours(_send(shared, method, _address(shared, path), body), (method, path, body))
    assert sent > 1000


def test_what_is_wrong_with_a_record_of_many_is_told_in_our_words(shared: Service) -> None:
    document = shared.client.get("/openapi.json").json()
    types = {
        "connection": "ConnectionBody",
        "fundingSource": "FundingSourceBody",
        "payable": "PayableBody",
        "payment": "PaymentBody",
        "vendor": "PayableBody",
    }
    for kind, name in types.items():
        schema = {"$ref": f"#/components/schemas/{name}"}
        records = [
            {"type": kind, "id": f"wrong_{at}", "record": body}
            for at, body in enumerate(_wrong_bodies(schema, document))
            if isinstance(body, dict)
        ]
        answer = _send(shared, "POST", f"{shared.base}/records/bulk", {"records": records})
        assert answer.status_code == 200, answer.text
        for one, outcome in zip(records, answer.json()["outcomes"], strict=True):
            said = [outcome["message"], *(each["message"] for each in outcome["errors"])]
            assert outcome["outcome"] != "refused" or all(said)
            assert not FRAMEWORK.search(" ".join(said)), (one, said)


def test_what_is_wrong_with_a_query_or_an_id_is_told_in_our_words(shared: Service) -> None:
    for path, method, operation, _ in _operations(shared):
        if method != "GET":
            continue
        for one in operation.get("parameters", ()):
            for value in ASKED_WRONG:
                query = {one["name"]: value} if one["in"] == "query" else {}
                ids = {one["name"]: value} if one["in"] == "path" and value.isalnum() else {}
                answer = shared.ask(
                    method, _address(shared, path, **ids), as_="platform", params=query
                )
                _is_ours(answer, (path, one["name"], value))


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"{", "application/json", 400),
        (b'{"a": 1,}', "application/json", 400),
        (b'{"a": 1} x', "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b'{"a": 1, "a": 2}', "application/json", 400),
        (b'{"a": "\xff"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"a": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "", 415),
        (b"<a/>", "text/xml", 415),
    ],
)
def test_a_body_that_is_none_is_named_by_every_operation_that_needs_one(
    shared: Service, content: bytes, kind: str, status: int
) -> None:
    for path, method, operation, _ in _operations(shared):
        if not operation.get("requestBody", {}).get("required"):
            continue
        headers = {"content-type": kind, "If-Match": '"1"'}
        answer = shared.ask(
            method, _address(shared, path), as_="platform", content=content, headers=headers
        )
        assert answer.status_code == status, (path, answer.text)
        _is_ours(answer, (path, content))
        assert "body" in answer.json()["message"], path


def _patterns(part: Any) -> Iterator[str]:
    """Yield the regular expressions of a contract, except those of numbers."""
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str) and not part["pattern"].startswith("^-?"):
            yield part["pattern"]
        for one in part.values():
            yield from _patterns(one)
    elif isinstance(part, list):
        for one in part:
            yield from _patterns(one)


def test_every_pattern_of_the_contract_is_told_in_words_of_its_own(shared: Service) -> None:
    patterns = set(_patterns(shared.client.get("/openapi.json").json()))
    error = {"type": "string_pattern_mismatch", "loc": ("body", "a"), "msg": "", "input": "x"}

    (unknown,) = of_request([{**error, "ctx": {"pattern": "^a$"}}])
    told = {
        pattern: of_request([{**error, "ctx": {"pattern": pattern}}])[0].message
        for pattern in patterns
    }

    assert len(patterns) > 5
    assert [one for one in told if told[one] == unknown.message] == []
    assert not FRAMEWORK.search(" ".join(told.values()))


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_every_error_of_the_validator_is_told_in_our_words(kind: str) -> None:
    facts = {
        **dict.fromkeys(("ge", "gt", "le", "lt", "min_length", "max_length"), 3),
        "pattern": "^a$",
        "expected": "'a' or 'b'",
        "error": "Input should be wild",
    }
    error = {"type": kind, "loc": ("body", "a"), "msg": "Input should be wild", "ctx": facts}

    (flaw,) = of_request([{**error, "input": "x"}])

    assert flaw.field == "a"
    assert flaw.message
    assert not FRAMEWORK.search(flaw.message)


def test_the_framework_words_are_those_of_the_validator_that_is_installed() -> None:
    class Form(BaseModel):
        yes: bool
        number: int
        text: str

    with pytest.raises(ValidationError) as refused:
        Form.model_validate({"yes": "perhaps", "number": "x"})

    for error in refused.value.errors():
        assert FRAMEWORK.search(error["msg"]), error["msg"]
    assert not any(FRAMEWORK.search(one.message) for one in flaws.flaws(refused.value.errors()))
