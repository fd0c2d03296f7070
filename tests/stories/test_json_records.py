"""Public reports about JSON that a server refused although every needed field was valid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.service import Service, served
from tests.world import World

_PAYABLE: dict[str, Any] = {
    "connectionId": "conn_1",
    "amount": 108.25,
    "invoiceDate": "2026-01-31",
    "invoiceNumber": "1042",
    "status": "APPROVED",
}


@pytest.fixture
def service(here: World) -> Iterator[Service]:
    yield from served(here)


def _put(service: Service, path: str, body: object) -> Any:
    """Send one record as the platform does; return the response."""
    return service.ask("PUT", f"{service.base}/records/{path}", json=body, as_="platform")


def _feed(service: Service, **more: Any) -> Any:
    _put(service, "connections/conn_1", {"connectedBusinessName": "Harbor Supply"})
    return _put(service, "payables/pay_1", {**_PAYABLE, **more})


def test_fields_that_are_not_used_do_not_stop_a_record(service: Service) -> None:
    line = {"id": "line_1", "description": "Paint", "quantity": 1, "unitPrice": 108.25, "sku": "P"}
    answer = _feed(
        service,
        description="For the north hall",
        scheduledDate="2026-02-01",
        updatedAt="2026-01-31T12:00:00Z",
        businessId="biz_one",
        lineItems=[line],
        somethingNew={"deep": [1, 2, 3]},
    )

    assert answer.status_code in {200, 201}, answer.text
    assert service.here.sync().tallies["invoices"].created == 1


def test_nulls_count_as_absent(service: Service) -> None:
    answer = _feed(
        service, lineItems=None, attachments=None, customFields=None, memo=None, dueDate=None
    )

    assert answer.status_code in {200, 201}, answer.text
    assert service.here.sync().tallies["invoices"].created == 1


def test_a_misspelt_field_that_is_needed_is_told_by_name(service: Service) -> None:
    body = {name: value for name, value in _PAYABLE.items() if name != "amount"}
    answer = _put(service, "payables/pay_1", {**body, "amout": 108.25})

    assert answer.status_code == 422
    assert "amount" in [one["field"] for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    "more",
    [{"amount": "a"}, {"invoiceDate": "31/01/2026"}, {"status": "MAYBE"}, {"lineItems": "none"}],
)
def test_no_words_of_a_framework_reach_the_sender(service: Service, more: dict[str, Any]) -> None:
    answer = _feed(service, **more)

    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == next(iter(more))
    for words in ("Input should", "valid", "pydantic", "type_error", "Decimal"):
        assert words not in error["message"]
