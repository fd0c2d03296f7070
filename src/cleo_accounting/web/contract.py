"""Complete the OpenAPI 3.1 document with what FastAPI cannot derive from the code."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pydantic.alias_generators import to_camel

from cleo_accounting.web.answers import PROBLEM, SAID

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.routing import APIRoute

TITLE = "Cleo Pay Accounting"
VERSION = version("cleo-accounting")
SUMMARY = "Syncs a business's Cleo Pay records to its QuickBooks Online company."
DESCRIPTION = """
Connect and map once. Every connection, payable and payment then appears in QuickBooks exactly
once, to the cent.

**Errors** share one format with a message that says what to do; it is also available as RFC 9457
(`application/problem+json`). **Lists** take `limit` and `offset` and link to their neighbours in
`Link`. **Retrying** a POST with the same `Idempotency-Key` returns the first response and does
nothing else. **Rate limits** answer with 429 and `Retry-After`; `RateLimit` shows how much is
left. **Amounts** are decimal strings; times are UTC.
"""
CONTACT = {"name": "Cleo Pay", "url": "https://cleo-pay.com"}
LICENCE = {"name": "Proprietary"}
TAGS = (
    {"name": "Connect", "description": "Connect a company, check the connection, disconnect."},
    {"name": "Sync", "description": "Start a sync or a preview, and follow its results."},
    {"name": "Mappings", "description": "Match records with vendors, customers and bank accounts."},
    {"name": "Choices", "description": "Bill and invoice fields, and decisions on records."},
    {"name": "Records", "description": "The platform's records: send, read, list and delete."},
    {
        "name": "Reconciliation",
        "description": "Compare Cleo Pay with QuickBooks, document by document.",
    },
    {"name": "Access", "description": "API tokens; for the platform only."},
    {"name": "Health", "description": "For operators of the service."},
    {"name": "Pages", "description": "Pages for browsers."},
)
_NEVER = ("HTTPValidationError", "ValidationError")  # FastAPI's bodies, which we never send
_HEADERS = {
    "X-Request-Id": {
        "description": "Identifies the request in the log of the service.",
        "schema": {"type": "string", "maxLength": 64},
    },
    "RateLimit-Policy": {
        "description": "The budgets that this request counts against: `q` requests in `w` seconds.",
        "schema": {"type": "string"},
        "example": '"token";q=1200;w=60, "business";q=3000;w=60',
    },
    "RateLimit": {
        "description": "What is left of each budget, and the seconds until it is full again.",
        "schema": {"type": "string"},
        "example": '"token";r=1198;t=42, "business";r=2987;t=42',
    },
}
_TOKEN_ENDS = {
    "Token-Expires": {
        "description": "When the API token of the request expires; sent only in its last 14 days.",
        "schema": {"type": "string", "format": "date-time"},
    }
}


def operation_id(route: APIRoute) -> str:
    """Return the operation id of a route: the name of its handler in camelCase."""
    return to_camel(route.name)


def complete(app: FastAPI) -> None:
    """Add the headers and errors that all responses share to the OpenAPI document."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        for name in _NEVER:
            document["components"]["schemas"].pop(name, None)
        for path in document["paths"].values():
            for operation in path.values():
                answers = operation["responses"]
                for status in (408, 429, 431) if "requestBody" in operation else (429, 431):
                    answers.setdefault(str(status), _refusal(status))
                if _NEVER[0] in str(answers.get("422")):
                    del answers["422"]  # its parameters are plain text, and any text is valid
                for status, answer in answers.items():
                    _complete(status, answer)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's own way to extend it


def _refusal(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": SAID[status], "content": {"application/json": {"schema": schema}}}


def _complete(status: str, answer: dict[str, Any]) -> None:
    answer.setdefault("headers", {}).update(_HEADERS)
    if status.startswith("2"):
        answer["headers"].update(_TOKEN_ENDS)
    for shown in list(answer.get("content", {}).values()):
        if shown.get("schema", {}).get("$ref", "").endswith("/Error"):
            answer["content"] = {"application/json": shown, PROBLEM: shown}
    if status == "401":
        answer["headers"]["WWW-Authenticate"] = {"schema": {"type": "string"}}
    if status in ("429", "503"):
        answer["headers"]["Retry-After"] = {"schema": {"type": "integer"}}
