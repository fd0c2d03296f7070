"""Reconciliation finds every document that is not in QuickBooks exactly once, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from cleo_accounting.core import kinds
from cleo_accounting.core.beside import Ours, lines_differing, set_beside
from cleo_accounting.core.comparison import Comparison
from cleo_accounting.core.documents import DocumentPlanner, is_withdrawn
from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.core.headline import summary
from cleo_accounting.core.ledger import Ledger, Settled
from cleo_accounting.core.links import (
    Document,
    DocumentLine,
    Link,
    Origin,
    Profile,
    Remote,
    RemoteKind,
)
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.reconciliation import Finding, Outcome, Reconciliation
from cleo_accounting.core.records import LineItem, Money, Payable, PayableStatus, Role
from cleo_accounting.core.render import marker
from cleo_accounting.core.sides import Planned

DAY = date(2026, 1, 5)
PLANNER = DocumentPlanner(
    kind=kinds.BILL,
    profile=Profile("1", "Harbor", "US", "USD"),
    fields=InvoiceFields(expense_account_id="7"),
    parties={"conn_1": Link("conn_1", RemoteKind.VENDOR, "1", "0", Origin.CREATED)},
    names={"conn_1": "Supplier"},
    verdicts={},
)


def name_of(kind: RemoteKind, remote_id: str) -> str:
    return f"{kind.value} {remote_id}"


def planned(
    one: Payable, links: dict[str, Link], verdict: Verdict | None = None, waits_for: str = ""
) -> Planned:
    planner = replace(PLANNER, verdicts={one.id: verdict} if verdict else {})
    (operation,) = planner.plan([one], links)
    content = planner.content(one)
    written = content if one.id in links and links[one.id].fingerprint else None
    return Planned(
        one.id,
        one.number or one.id,
        one.amount,
        operation,
        planner.mark(one),
        content,
        written=written,
        verdict=verdict,
        waits_for=waits_for,
        withdrawn="It was cancelled" if is_withdrawn(one) else "",
    )


def payable(
    minor: int = 1000,
    *,
    status: PayableStatus = PayableStatus.APPROVED,
    lines: tuple[str, ...] = (),
    currency: str = "USD",
) -> Payable:
    return Payable(
        id="pay_1",
        connection_id="conn_1",
        role=Role.PAYER,
        status=status,
        amount=Money(minor, currency),
        issued_on=DAY,
        number="1042",
        lines=tuple(LineItem("x", Decimal(1), Decimal(price)) for price in lines),
    )


def bill(
    remote_id: str = "7",
    minor: int = 1000,
    *,
    lines: tuple[int, ...] = (),
    marked: str | None = "pay_1",
    gone: bool = False,
) -> Remote:
    content = Document(
        party_id="1",
        number="1042",
        dated=DAY,
        lines=tuple(DocumentLine("x", Money(line, "USD"), "7") for line in lines or (minor,)),
        total=Money(minor, "USD"),
        note="",
        marker="",
    )
    details = {"balance": str(Decimal(minor).scaleb(-2))}
    details |= {"marker": marker(marked)} if marked else {}
    return Remote(
        RemoteKind.BILL, remote_id, "0", "1042", gone=gone, details=details, content=content
    )


def link(remote_id: str = "7", *, gone: bool = False) -> Link:
    return Link("pay_1", RemoteKind.BILL, remote_id, "0", Origin.CREATED, gone=gone)


def compare(
    records: list[Payable],
    remotes: list[Remote],
    links: list[Link],
    before: list[Link] | None = None,
) -> Reconciliation:
    after = {one.record_id: one for one in links}
    known = after if before is None else {one.record_id: one for one in before}
    comparison = Comparison(RemoteKind.BILL, known, remotes)
    comparison.take([planned(one, after) for one in records], after, name_of)
    return comparison.finish()


def findings(result: Reconciliation) -> list[Finding]:
    return [one.finding for one in result.discrepancies]


def test_a_document_there_once_with_its_lines_is_equal() -> None:
    result = compare([payable(lines=("7.50", "2.50"))], [bill(lines=(250, 750))], [link()])

    assert result.outcome is Outcome.EQUAL
    assert result.equal == 1
    assert result.ours == result.theirs == {"USD": 1000}


def test_a_cent_too_much_is_differing() -> None:
    result = compare([payable()], [bill(minor=1001)], [link()])

    assert findings(result) == [Finding.DIFFERING]
    assert result.discrepancies[0].said == ("It differs in the total and the amount of line 1.")
    assert not result.agrees


def test_another_currency_is_differing() -> None:
    assert findings(compare([payable(currency="CAD")], [bill()], [link()])) == [Finding.DIFFERING]


def test_the_same_total_of_other_lines_is_differing() -> None:
    result = compare([payable(lines=("7.50", "2.50"))], [bill(lines=(1000,))], [link()])

    assert findings(result) == [Finding.DIFFERING]


def test_a_document_that_is_gone_is_missing() -> None:
    assert findings(compare([payable()], [], [link()])) == [Finding.MISSING]
    assert findings(compare([payable()], [bill(gone=True)], [link()])) == [Finding.MISSING]


def test_a_second_document_with_our_mark_is_twice() -> None:
    result = compare([payable()], [bill("7"), bill("8")], [link()])

    assert findings(result) == [Finding.TWICE]
    assert result.discrepancies[0].remote_ids == ("7", "8")


def test_one_with_our_mark_that_stands_alone_takes_the_place_of_the_one_that_is_gone() -> None:
    result = compare([payable()], [bill("8")], [link("7", gone=True)])

    assert findings(result) == [Finding.EXTRA]
    assert result.ours == result.theirs
    assert [one.remote_id for one in result.instead] == ["8"]


@pytest.mark.parametrize("other", [bill("8", minor=0), bill("8", gone=True)])
def test_a_voided_or_deleted_one_takes_no_place(other: Remote) -> None:
    assert compare([payable()], [other], [link("7")]).instead == []


def test_two_with_our_mark_wait_for_a_person() -> None:
    result = compare([payable()], [bill("8"), bill("9")], [link("7")])

    assert findings(result) == [Finding.TWICE]
    assert result.instead == []


def test_a_mark_of_nobody_is_extra() -> None:
    assert findings(compare([], [bill(marked="pay_9")], [])) == [Finding.EXTRA]


def test_a_document_that_we_have_no_link_to_is_extra() -> None:
    assert findings(compare([payable()], [bill()], [])) == [Finding.EXTRA]


@pytest.mark.parametrize("status", [PayableStatus.DECLINED, PayableStatus.CANCELLED])
def test_a_withdrawn_document_must_be_gone(status: PayableStatus) -> None:
    assert findings(compare([payable(status=status)], [bill()], [])) == [Finding.WITHDRAWN]
    assert compare([payable(status=status)], [], [link(gone=True)]).agrees
    assert compare([payable(status=status)], [], [link()]).agrees


def test_what_is_cancelled_and_still_there_is_a_change_to_be_sent() -> None:
    result = compare([payable(status=PayableStatus.CANCELLED)], [bill()], [link()])

    assert result.outcome is Outcome.UNSENT
    assert [(one.code, one.number) for one in result.changed] == [("next_sync", 1)]
    assert result.ours == result.theirs


def test_a_linked_document_is_known_without_its_mark() -> None:
    assert compare([payable()], [bill(marked=None)], [link()]).equal == 1


def test_a_document_without_mark_or_link_is_none_of_ours() -> None:
    result = compare([], [bill(marked=None)], [])

    assert result.agrees
    assert result.foreign == 1
    assert not result.theirs


def test_what_waits_for_a_person_is_not_sent() -> None:
    result = compare([payable(500, lines=("1.00",))], [], [])

    assert result.outcome is Outcome.UNSENT
    assert not result.agrees
    assert result.not_sent == 1
    assert result.waiting == {"USD": 500}
    assert [(one.code, one.number) for one in result.unsent] == [("lines_differ", 1)]


def test_credits_count_below_zero() -> None:
    credits_ = replace(PLANNER, kind=kinds.VENDOR_CREDIT)
    comparison = Comparison(RemoteKind.VENDOR_CREDIT, {"pay_1": link()}, [bill()])
    one, links = payable(-1000), {"pay_1": replace(link(), kind=RemoteKind.VENDOR_CREDIT)}
    (operation,) = credits_.plan([one], links)
    about = (one.id, "1042", one.amount, operation, credits_.mark(one), credits_.content(one))
    comparison.take([Planned(*about)], links, name_of)
    ledger = Ledger()
    result = comparison.finish(Settled(), ledger)

    assert result.agrees
    assert (result.ours, result.theirs) == ({"USD": -1000}, {"USD": -1000})
    assert ledger.open(RemoteKind.VENDOR, name_of).total.ours == {"USD": -1000}


def test_what_goes_with_the_next_sync_is_not_sent() -> None:
    result = compare([payable()], [], [])

    assert [(one.code, one.worth) for one in result.unsent] == [("next_sync", {"USD": 1000})]
    assert summary([result]).headline == (
        "All sent documents are equal; 1 document worth 10.00 USD is not sent."
    )


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (PayableStatus.DRAFT, "draft"),
        (PayableStatus.SUBMITTED, "not_approved"),
        (PayableStatus.CANCELLED, "withdrawn"),
        (PayableStatus.DECLINED, "withdrawn"),
    ],
)
def test_what_is_not_to_be_sent_is_kept_out_and_named(status: PayableStatus, code: str) -> None:
    result = compare([payable(status=status)], [], [])

    assert result.outcome is Outcome.EQUAL
    assert result.not_sent == 0
    assert [(one.code, one.number) for one in result.kept_out] == [(code, 1)]


def test_a_change_here_is_a_change_to_be_sent_and_no_difference() -> None:
    before = payable()
    sent = replace(link(), fingerprint=PLANNER.mark(before))

    comparison = Comparison(RemoteKind.BILL, {"pay_1": sent}, [bill()])
    after = replace(before, memo="changed", amount=Money(2000, "USD"))
    now = planned(after, {"pay_1": sent})
    was = PLANNER.content(before)
    comparison.take([replace(now, written=was)], {"pay_1": sent}, name_of)
    result = comparison.finish()

    assert result.outcome is Outcome.UNSENT
    assert (result.changes, result.not_sent, result.equal) == (1, 0, 0)
    assert result.ours == result.theirs == {"USD": 1000}


def test_a_change_of_both_sides_differs() -> None:
    before = payable()
    sent = replace(link(), fingerprint=PLANNER.mark(before))

    comparison = Comparison(RemoteKind.BILL, {"pay_1": sent}, [bill(minor=3000)])
    after = replace(before, amount=Money(2000, "USD"))
    now = planned(after, {"pay_1": sent})
    was = PLANNER.content(before)
    comparison.take([replace(now, written=was)], {"pay_1": sent}, name_of)
    (said,) = comparison.finish().discrepancies

    assert said.finding is Finding.DIFFERING
    assert {one.field: one.both for one in said.fields} == {"total": True, "lines": True}


def test_what_a_person_decided_to_keep_is_no_difference() -> None:
    one = payable()
    word = Verdict("keep_theirs", PLANNER.mark(one), "finance")
    links = {"pay_1": link()}
    comparison = Comparison(RemoteKind.BILL, links, [bill(minor=1200)])
    comparison.take([planned(one, links, word)], links, name_of)
    result = comparison.finish()

    assert result.outcome is Outcome.EQUAL
    assert (result.accepted, result.equal) == (1, 0)
    assert result.ours == result.theirs == {"USD": 1200}
    assert "by a decision" in summary([result]).headline


LINE = DocumentLine("Paper", Money(1000, "USD"), account_id="7")
OURS = Document(
    party_id="1",
    number="1042",
    dated=DAY,
    due=DAY + timedelta(days=30),
    lines=(LINE,),
    total=Money(1000, "USD"),
    note="",
    marker="CleoPay:pay_1",
)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"party_id": "2"}, "party_id", "the vendor"),
        ({"number": "1043"}, "number", "the number"),
        ({"dated": DAY + timedelta(days=1)}, "dated", "the date"),
        ({"due": None}, "due", "the due date"),
        ({"due": DAY}, "due", "the due date"),
        ({"total": Money(1001, "USD")}, "total", "the total"),
        ({"total": Money(1000, "CAD")}, "total", "the total"),
        ({"lines": (replace(LINE, account_id="8"),)}, "lines", "the account of line 1"),
        ({"lines": (replace(LINE, account_id=None),)}, "lines", "the account of line 1"),
        ({"lines": (replace(LINE, description="Ink"),)}, "lines", "the description of line 1"),
        ({"lines": (replace(LINE, item_id="3", account_id=None),)}, "lines", "the account"),
        ({"lines": (LINE, replace(LINE, amount=Money(1, "USD")))}, "lines", "a line that is not"),
        ({"lines": ()}, "lines", "line 1, which is not there"),
    ],
)
def test_each_field_that_differs_is_said(change: dict[str, object], field: str, words: str) -> None:
    theirs = replace(OURS, **change)  # type: ignore[arg-type]

    found = set_beside(Ours(OURS, OURS, parties=["1"]), theirs, RemoteKind.VENDOR, name_of)

    assert [one.field for one in found.fields] == [field]
    assert words in found.said


@pytest.mark.parametrize(
    "change",
    [
        {"number": " 1042 "},
        {"note": "somebody wrote this", "department_id": "4", "terms_id": "3"},
        {"ap_account_id": "33"},
        {"lines": (replace(LINE, class_id="5"), DocumentLine("a remark", Money(0, "USD")))},
        {"lines": (replace(LINE, description=" Paper  "),)},
    ],
)
def test_what_is_not_ours_to_say_is_no_difference(change: dict[str, object]) -> None:
    theirs = replace(OURS, **change)  # type: ignore[arg-type]

    found = set_beside(Ours(OURS, OURS, parties=["1"]), theirs, RemoteKind.VENDOR, name_of)

    assert found.fields == ()


def test_what_we_left_open_and_quickbooks_filled_in_is_no_difference() -> None:
    ours = replace(OURS, due=None, lines=(replace(LINE, account_id=None, description=""),))

    found = set_beside(Ours(ours, ours, parties=["1"]), OURS, RemoteKind.VENDOR, name_of)

    assert found.fields == ()


def test_another_default_account_is_for_documents_to_come() -> None:
    now = replace(OURS, lines=(replace(LINE, account_id="9"),))

    found = set_beside(Ours(now, OURS, parties=["1"]), OURS, RemoteKind.VENDOR, name_of)

    assert found.fields == ()


def test_lines_may_stand_in_any_order() -> None:
    other = replace(LINE, description="Ink", amount=Money(500, "USD"))

    assert lines_differing((LINE, other), (other, LINE)) == []


def test_what_is_written_while_we_read_is_neither_missing_nor_extra() -> None:
    unseen = compare([payable()], [], [link()], before=[])
    seen = compare([payable()], [bill()], [link()], before=[])

    assert unseen.agrees
    assert seen.equal == 1
