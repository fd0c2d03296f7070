"""A decision must name the kind that its record becomes, or it would have no effect."""

from __future__ import annotations

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import Role
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import choose
from tests.flows.test_payments import payment
from tests.world import BUSINESS, World, asked, connection, decide, payable


def _leave_out(here: World, kind: RemoteKind, record_id: str) -> None:
    where = (here.house, BUSINESS, here.integration_id)
    choose.decide(*where, kind, record_id, "leave_out", "by hand", "user_1")


def _refusal(here: World, kind: RemoteKind, record_id: str) -> str:
    with pytest.raises(Invalid) as refused:
        _leave_out(here, kind, record_id)
    (flaw,) = refused.value.flaws
    assert (flaw.field, flaw.code) == ("kind", "other_kind")
    return flaw.message


@pytest.mark.parametrize(
    ("record", "right", "wrong", "said"),
    [
        (payable(1), "bill", "vendor_credit", "a bill by now, not a vendor credit"),
        (payable(1, -100), "vendor_credit", "bill", "a vendor credit by now, not a bill"),
        (payable(1, role=Role.PAYEE), "invoice", "bill", "an invoice by now, not a bill"),
        (payment(1, 7), "bill_payment", "payment", "a bill payment by now"),
        (payment(1, None), "expense", "bill_payment", "an expense by now, not a bill payment"),
    ],
)
def test_a_decision_about_what_a_record_does_not_become_is_refused(
    here: World, record: object, right: str, wrong: str, said: str
) -> None:
    here.feed(connection(1, "One"), payable(7), record)  # type: ignore[arg-type]
    record_id = "pmt_1" if right in ("bill_payment", "expense") else "pay_1"

    assert said in _refusal(here, RemoteKind(wrong), record_id)
    _leave_out(here, RemoteKind(right), record_id)
    words, _ = choose.decided(here.house, BUSINESS, here.integration_id, limit=10, offset=0)
    assert [(kind, name) for kind, name, _ in words] == [(right, record_id)]


def test_a_payable_that_was_written_stays_what_it_is(here: World) -> None:
    here.feed(connection(1, "One"), payable(1))
    here.sync()
    here.feed(payable(1, -10_000))

    _leave_out(here, RemoteKind.BILL, "pay_1")
    assert "a bill by now" in _refusal(here, RemoteKind.VENDOR_CREDIT, "pay_1")


def test_a_payment_of_an_unknown_payable_may_become_any_kind(here: World) -> None:
    here.feed(connection(1, "One"), payment(1, 9))

    _leave_out(here, RemoteKind.PAYMENT, "pmt_1")
    _leave_out(here, RemoteKind.BILL_PAYMENT, "pmt_1")


def test_an_item_that_is_outdated_cannot_be_decided(here: World) -> None:
    here.feed(payable(1))
    item = asked(here.sync(), "connection_unknown")
    here.feed(payable(1, -10_000))

    with pytest.raises(Invalid, match="not possible here"):
        decide(here, item, "leave_out", "by hand")
