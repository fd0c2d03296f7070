"""The dates of a document: from its record, the connection's terms and the business's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cleo_accounting.core.records import PayableStatus, Role
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import choose
from cleo_accounting.platform.shape import PayableBody
from tests.world import BUSINESS, World, connection, payable

PAID: dict[str, Any] = {"role": Role.PAYEE, "status": PayableStatus.SUBMITTED}
LATE = datetime(2026, 1, 6, 3, 30, tzinfo=UTC)  # still the 5th in New York


def _term(here: World, days: int, name: str | None = None) -> str:
    made = here.intuit.company.create("Term", {"Name": name or f"In {days} days", "DueDays": days})
    return str(made["Id"])


@pytest.mark.parametrize(("kind", "more"), [("Bill", {}), ("Invoice", PAID)])
@pytest.mark.parametrize(
    ("net", "due_on", "due", "term"),
    [
        (17, None, "2026-01-22", "In 17 days"),
        (0, None, "2026-01-05", None),
        (18, None, "2026-01-23", None),
        (17, date(2026, 3, 1), "2026-03-01", "In 17 days"),
        (None, date(2026, 3, 1), "2026-03-01", "Chosen"),
        (18, date(2026, 3, 1), "2026-03-01", "Chosen"),
    ],
)
def test_net_terms_make_a_document_due_unless_the_record_says_when(
    here: World,
    kind: str,
    more: dict[str, Any],
    net: int | None,
    due_on: date | None,
    due: str,
    term: str | None,
) -> None:
    names = {_term(here, 17): "In 17 days", _term(here, 44, "Chosen"): "Chosen"}
    if term == "Chosen":
        (chosen,) = [one for one, name in names.items() if name == "Chosen"]
        here.choose(terms_id=chosen)
    here.feed(connection(1, "Acme", net_terms_days=net), payable(1, due_on=due_on, **more))

    here.sync()

    (made,) = here.ours(kind)
    assert made["DueDate"] == due
    if net != 0:  # the emulated company has its own term that is due on receipt
        assert names.get(made.get("SalesTermRef", {}).get("value")) == term


def test_an_inactive_term_of_as_many_days_is_not_used(here: World) -> None:
    here.intuit.company.update("Term", _term(here, 17), {"Active": False})
    here.feed(connection(1, "Acme", net_terms_days=17), payable(1))

    here.sync()

    (bill,) = here.ours()
    assert bill["DueDate"] == "2026-01-22"
    assert "SalesTermRef" not in bill


def test_terms_that_change_later_rewrite_no_document(here: World) -> None:
    here.feed(connection(1, "Acme", net_terms_days=10), payable(1), payable(2))
    here.sync()
    here.feed(connection(1, "Acme", net_terms_days=30), payable(1, memo="changed"))

    told = here.sync()

    assert told.tallies["invoices"].updated == 1
    assert {bill["DueDate"] for bill in here.ours()} == {"2026-01-15"}


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", "2026-01-06"), ("America/New_York", "2026-01-05"), ("Asia/Tokyo", "2026-01-06")],
)
def test_what_its_creation_dates_has_the_day_in_the_time_zone_of_the_business(
    here: World, zone: str, day: str
) -> None:
    here.choose(time_zone=zone)
    here.feed(
        connection(1, "Acme", net_terms_days=1), payable(1, issued_on=LATE.date(), created_at=LATE)
    )

    here.sync()

    (bill,) = here.ours()
    assert bill["TxnDate"] == day


def test_another_time_zone_moves_no_document_that_is_there(here: World) -> None:
    record = payable(1, issued_on=LATE.date(), created_at=LATE)
    here.feed(connection(1, "Acme", net_terms_days=5), record)
    here.sync()
    here.choose(time_zone="America/New_York")
    assert here.sync().tallies["invoices"].unchanged == 1
    here.feed(payable(1, issued_on=LATE.date(), created_at=LATE, memo="changed"))

    told = here.sync()

    assert told.tallies["invoices"].updated == 1
    (bill,) = here.ours()
    assert (bill["TxnDate"], bill["DueDate"]) == ("2026-01-06", "2026-01-11")
    assert "changed" in bill["PrivateNote"]


def test_an_invoice_date_counts_and_only_without_one_the_creation() -> None:
    given = {"connectionId": "conn_1", "amount": 1, "status": "APPROVED"}
    created = {"createdAt": "2026-01-06T03:30:00Z"}
    dated = PayableBody.model_validate({**given, **created, "invoiceDate": "2026-01-01"})
    undated = PayableBody.model_validate({**given, **created})

    one, other = (
        body.record("pay_1", amounts_in="dollars", currency="USD") for body in (dated, undated)
    )

    assert (one.issued_on, one.created_at) == (date(2026, 1, 1), None)
    assert (other.issued_on, other.created_at) == (LATE.date(), LATE)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "america new york"])
def test_a_time_zone_that_there_is_not_is_refused(here: World, zone: str) -> None:
    fields, version = choose.fields(here.house, BUSINESS, here.integration_id)
    chosen = type(fields)(time_zone=zone)

    with pytest.raises(Invalid) as refusal:
        choose.set_fields(
            here.house, BUSINESS, here.integration_id, chosen, version=version, by="user_1"
        )

    assert [flaw.field for flaw in refusal.value.flaws] == ["timeZone"]
