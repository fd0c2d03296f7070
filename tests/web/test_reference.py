"""docs/api.md lists every path of the API with the role that it needs, and no other path."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cleo_accounting.web.app import BY_CODE
from cleo_accounting.web.paths import BASE, BUSINESS
from tests.service import Service, guarded_paths

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (GET|POST|PUT|DELETE) \| `([^`]+)` \| ([\w ]+) \| (.+) \|$", re.MULTILINE)


def _listed() -> dict[tuple[str, str], str]:
    found = {}
    for method, short, role, _ in ROW.findall(TEXT):
        path = BASE + short.removeprefix("…") if short.startswith("…") else short
        found[method, path] = role
    return found


@pytest.fixture(scope="module")
def document(stranger: Service) -> dict[str, Any]:
    answer: dict[str, Any] = stranger.client.get("/openapi.json").json()
    return answer


def test_every_path_is_listed_once_and_no_other(document: dict[str, Any]) -> None:
    there = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
    }

    assert set(_listed()) == there
    assert len(ROW.findall(TEXT)) == len(there)


def test_every_path_is_listed_with_its_role() -> None:
    listed = _listed()
    needed = {
        (method, route.path): " or ".join(route.ranks)
        for route in guarded_paths()
        for method in route.methods or ()
    }

    assert {one: role for one, role in listed.items() if role != "open"} == needed


def test_every_status_of_an_error_is_told() -> None:
    told = {int(number) for number in re.findall(r"\b(4\d\d|5\d\d)\b", TEXT)}

    assert set(BY_CODE.values()) <= told
    assert BUSINESS in TEXT
