"""A comparison tells equal, unsent and differing records apart; a decision settles each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.reconciliation import Discrepancy, Outcome, outcome_of
from cleo_accounting.core.records import PayableStatus, Role
from cleo_accounting.errors import Conflict, Invalid
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting import reconcile
from tests.world import World, connection, payable

LINES = (("Paper", "1", "60.00"), ("Ink", "2", "20.00"))
DUE = date(2026, 2, 4)


def bill(**more: Any) -> Any:
    return payable(1, 100_00, lines=LINES, **{"due_on": DUE, **more})


def written(here: World) -> dict[str, Any]:
    """Write a bill of two lines to QuickBooks; return the bill there."""
    here.feed(connection(1, "Partner"), connection(2, "Other"), bill())
    here.sync()
    (document,) = here.numbered("INV-1")
    return document


def compared(here: World) -> reconcile.Compared:
    """Compare as a worker does, and return the stored comparison."""
    reconcile.keep(here.house, here.integration_id)
    return reconcile.compared(here.house, here.business_id, here.integration_id)


def differing(here: World) -> Discrepancy:
    (one,) = compared(here).differing
    return one


def decide(here: World, word: str, value: str = "") -> None:
    where = (here.house, here.business_id, here.integration_id)
    choose.decide(*where, RemoteKind.BILL, "pay_1", word, value, "finance")


def line(document: dict[str, Any], **change: Any) -> dict[str, Any]:
    """Return the lines of a bill with the first one changed."""
    first, *others = document["Line"]
    return {"Line": [{**first, **change}, *others]}


def other_account(here: World, document: dict[str, Any]) -> dict[str, Any]:
    account = next(
        one["Id"]
        for one in here.books("Account")
        if one["AccountType"] == "Expense" and one["Id"] != here.account("Expense")
    )
    detail = {"AccountRef": {"value": account}}
    return line(document, AccountBasedExpenseLineDetail=detail)


CHANGES: dict[str, tuple[Callable[[World, dict[str, Any]], dict[str, Any]], set[str]]] = {
    "vendor": (lambda here, _: {"VendorRef": {"value": here.vendor("Other")}}, {"party_id"}),
    "number": (lambda _, __: {"DocNumber": "OTHER-7"}, {"number"}),
    "date": (lambda _, __: {"TxnDate": "2026-01-09"}, {"dated"}),
    "due date": (lambda _, __: {"DueDate": "2026-03-09"}, {"due"}),
    "amount": (lambda _, bill: line(bill, Amount=Decimal(61)), {"total", "lines"}),
    "account": (other_account, {"lines"}),
    "description": (lambda _, bill: line(bill, Description="Pens"), {"lines"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_somebody_changed_there_differs_and_is_settled_by_keeping_or_sending(
    here: World, name: str
) -> None:
    """Totals alone are not enough: each field is compared, with both values, and settled."""
    document = written(here)
    assert compared(here).outcome is Outcome.EQUAL
    change, fields = CHANGES[name]
    here.intuit.company.update("Bill", document["Id"], change(here, document))

    found = differing(here)
    assert {one.field for one in found.fields} == fields
    assert all(one.theirs != one.ours for one in found.fields)
    assert found.decisions == ("keep_theirs", "send_ours")

    decide(here, "keep_theirs")
    kept = compared(here)
    assert (kept.outcome, kept.summary.accepted) == (Outcome.EQUAL, 1)
    assert here.sync("invoices").tallies["invoices"].updated == 0
    assert compared(here).outcome is Outcome.EQUAL


@pytest.mark.parametrize("name", CHANGES)
def test_sending_ours_makes_it_equal_and_nothing_else_is_touched(here: World, name: str) -> None:
    document = written(here)
    change, _ = CHANGES[name]
    theirs = {**change(here, document), "PrivateNote": f"ask Jo\n{document['PrivateNote']}"}
    here.intuit.company.update("Bill", document["Id"], theirs)
    differing(here)

    decide(here, "send_ours")
    told = here.sync("invoices")

    assert told.tallies["invoices"].updated == 1
    assert compared(here).outcome is Outcome.EQUAL
    assert here.sync("invoices").tallies["invoices"].unchanged == 1


def test_what_changed_there_after_the_comparison_is_not_written_over(here: World) -> None:
    document = written(here)
    here.intuit.company.update("Bill", document["Id"], {"TxnDate": "2026-01-09"})
    differing(here)
    decide(here, "send_ours")
    here.intuit.company.update("Bill", document["Id"], {"TxnDate": "2026-01-11"})

    here.sync("invoices")

    assert here.numbered("INV-1")[0]["TxnDate"] == "2026-01-11"


def test_what_changed_here_after_the_word_is_not_written_over_unasked(here: World) -> None:
    document = written(here)
    changed = line(document, Amount=Decimal(61))
    here.intuit.company.update("Bill", document["Id"], changed)
    differing(here)
    decide(here, "send_ours")
    here.feed(payable(1, 90_00, lines=[("Paper", "1", "50.00"), LINES[1]], due_on=DUE))

    (item,) = here.sync("invoices").errors

    assert item.code == "changed_there"
    assert here.numbered("INV-1")[0]["Line"][0]["Amount"] == 61


def test_a_word_on_what_has_changed_here_since_asks_for_a_new_comparison(here: World) -> None:
    document = written(here)
    here.intuit.company.update("Bill", document["Id"], {"TxnDate": "2026-01-09"})
    differing(here)
    here.feed(bill(memo="changed here"))

    with pytest.raises(Conflict):
        decide(here, "keep_theirs")


def test_a_word_on_what_does_not_differ_is_refused(here: World) -> None:
    written(here)
    compared(here)

    with pytest.raises(Invalid):
        decide(here, "send_ours")


def test_everything_unsent_is_not_equal(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1), payable(2))
    found = compared(here)

    assert found.outcome is Outcome.UNSENT
    assert found.summary.not_sent == 2
    assert found.summary.tallies[0].waiting == {"USD": 20_000}
    assert [(one.code, one.number) for one in found.summary.unsent] == [("next_sync", 2)]


def test_what_is_refused_or_waits_is_not_sent_and_says_why(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1, lines=[("Sum", "1", "99.00")]), payable(2))
    here.sync()

    found = compared(here)

    assert found.outcome is Outcome.UNSENT
    assert [(one.code, one.number) for one in found.summary.unsent] == [("lines_differ", 1)]
    assert found.summary.equal == 1


def test_what_is_kept_out_on_purpose_is_named_and_is_not_unsent(here: World) -> None:
    here.feed(
        connection(1, "Partner"),
        payable(1, status=PayableStatus.DRAFT),
        payable(2, status=PayableStatus.CANCELLED),
        payable(3),
        payable(4),
    )
    where = (here.house, here.business_id, here.integration_id)
    choose.decide(*where, RemoteKind.BILL, "pay_4", "leave_out", "by hand", "finance")
    here.sync()
    here.feed(payable(3, status=PayableStatus.CANCELLED))
    here.sync()

    found = compared(here)

    assert found.outcome is Outcome.EQUAL
    codes = {one.code: one.number for one in found.summary.kept_out}
    assert codes == {"draft": 1, "withdrawn": 1, "left_out": 1, "removed": 1}


def test_what_changed_here_since_the_last_sync_is_a_change_that_is_not_sent(here: World) -> None:
    written(here)
    here.feed(bill(memo="changed here"))

    found = compared(here)

    assert found.outcome is Outcome.UNSENT
    assert (found.summary.changes, found.summary.not_sent) == (1, 0)
    here.sync()
    assert compared(here).outcome is Outcome.EQUAL


def test_what_was_deleted_there_is_missing_until_a_person_decides(here: World) -> None:
    document = written(here)
    here.intuit.company.delete("Bill", document["Id"])
    here.house.clock.sleep(here.house.quiescence.total_seconds() + 1)

    found = differing(here)
    assert (found.finding, found.decisions) == ("missing", ("create_again", "leave_out"))
    assert differing(here).finding == "missing"

    decide(here, "create_again")
    assert compared(here).outcome is Outcome.UNSENT
    here.sync()
    assert compared(here).outcome is Outcome.EQUAL
    assert len(here.numbered("INV-1")) == 1


def test_what_was_deleted_there_and_is_left_out_here_is_kept_out(here: World) -> None:
    document = written(here)
    here.intuit.company.delete("Bill", document["Id"])
    assert differing(here).finding == "missing"

    decide(here, "leave_out", "it was a mistake")

    assert compared(here).outcome is Outcome.EQUAL


def test_an_invoice_that_was_voided_there_is_missing(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1, role=Role.PAYEE))
    here.sync()
    (invoice,) = here.numbered("INV-1", "Invoice")
    assert compared(here).outcome is Outcome.EQUAL
    here.intuit.company.void("Invoice", invoice["Id"])

    assert differing(here).finding == "missing"


def test_what_quickbooks_fills_in_is_no_difference(here: World) -> None:
    """An invoice without a due date gets one; a bill gets an A/P account."""
    here.feed(connection(1, "Customer"), connection(2, "Supplier"))
    here.feed(payable(1, role=Role.PAYEE), payable(2, to=2))
    here.sync()

    assert compared(here).outcome is Outcome.EQUAL


def test_another_default_account_does_not_make_old_bills_differ(here: World) -> None:
    document = written(here)
    account = other_account(here, document)["Line"][0]["AccountBasedExpenseLineDetail"]
    here.choose(expense_account_id=account["AccountRef"]["value"])

    assert compared(here).outcome is Outcome.EQUAL


def test_a_comparison_that_only_looks_keeps_nothing(here: World) -> None:
    written(here)

    found = reconcile.reconcile(here.house, here.business_id, here.integration_id)

    assert outcome_of(found) is Outcome.EQUAL
    assert reconcile.latest(here.house, here.business_id, here.integration_id) is None
