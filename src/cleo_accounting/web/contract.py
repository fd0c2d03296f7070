"""The contract (OpenAPI 3.1): what the framework cannot know of itself is said here."""

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
SUMMARY = "Keeps a business's Cleo Pay records in step with its QuickBooks Online company."
DESCRIPTION = """
Connect once, map once; every connection, payable and payment then appears in QuickBooks exactly
once, to the cent.

**Errors** have one body, which says what to do; it also satisfies RFC 9457 (ask for
`application/problem+json`). **Lists** take `limit` and `offset` and name their neighbours in
`Link`. **Repeating** a POST under the same `Idempotency-Key` gives the first answer and does
nothing. **Too much at once** is answered with 429 and `Retry-After`; `RateLimit` tells in advance
how much is left. **Amounts** are decimal strings; moments are UTC.
"""
CONTACT = {"name": "Cleo Pay", "url": "https://cleo-pay.com"}
LICENCE = {"name": "Proprietary"}
TAGS = (
    {"name": "Connect", "description": "Connect a company, see whether it is, disconnect it."},
    {"name": "Sync", "description": "Ask for a sync or a preview, and see what became of it."},
    {"name": "Mappings", "description": "Which record is which vendor, customer, bank account."},
    {"name": "Choices", "description": "Invoice fields, and decisions only a person can make."},
    {"name": "Records", "description": "The platform's records: taken in, read, listed, deleted."},
    {"name": "Reconciliation", "description": "Both sides compared, document by document."},
    {"name": "Access", "description": "API tokens; for the platform only."},
    {"name": "Health", "description": "For whoever runs the service."},
    {"name": "Pages", "description": "What a browser comes back to."},
)
_NEVER = ("HTTPValidationError", "ValidationError")  # the framework's body, which we never send
_HEADERS = {
    "X-Request-Id": {
        "description": "Finds this request in our logs.",
        "schema": {"type": "string", "maxLength": 64},
    },
    "RateLimit-Policy": {
        "description": "The budgets that this request counts against: `q` requests in `w` seconds.",
        "schema": {"type": "string"},
        "example": '"token";q=1200;w=60, "business";q=3000;w=60',
    },
    "RateLimit": {
        "description": "Of each budget what is left, and in how many seconds it is full again.",
        "schema": {"type": "string"},
        "example": '"token";r=1198;t=42, "business";r=2987;t=42',
    },
}
_TOKEN_ENDS = {
    "Token-Expires": {
        "description": "When the API token of this request ends; only sent in its last 14 days.",
        "schema": {"type": "string", "format": "date-time"},
    }
}


def operation_id(route: APIRoute) -> str:
    """Name an operation after what it does."""
    return to_camel(route.name)


def complete(app: FastAPI) -> None:
    """Say in the contract what holds for every answer."""
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
                    del answers["422"]  # all it takes is text, and any text will do
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
