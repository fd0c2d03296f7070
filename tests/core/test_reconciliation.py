"""Reconciliation finds every document that is not there exactly once and equal to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cleo_accounting.core.fields import marker
from cleo_accounting.core.links import (
    Document,
    DocumentLine,
    Link,
    Origin,
    Remote,
    RemoteKind,
)
from cleo_accounting.core.reconciliation import Comparison, Finding, Reconciliation
from cleo_accounting.core.records import LineItem, Money, Payable, PayableStatus, Role

DAY = date(2026, 1, 5)


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
        lines=tuple(DocumentLine("x", Money(line, "USD")) for line in lines or (minor,)),
        total=Money(minor, "USD"),
        note="",
        marker="",
    )
    details = {"marker": marker(marked)} if marked else {}
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
    comparison.take(records, after)
    return comparison.finish()


def findings(result: Reconciliation) -> list[Finding]:
    return [one.finding for one in result.discrepancies]


def test_a_document_there_once_with_its_lines_is_equal() -> None:
    result = compare([payable(lines=("7.50", "2.50"))], [bill(lines=(250, 750))], [link()])

    assert result.agrees
    assert result.equal == 1
    assert result.ours == result.theirs == {"USD": 1000}


def test_a_cent_too_much_is_differing() -> None:
    result = compare([payable()], [bill(minor=1001)], [link()])

    assert findings(result) == [Finding.DIFFERING]
    assert result.discrepancies[0].said == "Ours is 10.00 USD, theirs is 10.01 USD."
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
    assert findings(compare([payable(status=status)], [bill()], [link()])) == [Finding.WITHDRAWN]
    assert compare([payable(status=status)], [], [link(gone=True)]).agrees


def test_a_linked_document_is_known_without_its_mark() -> None:
    assert compare([payable()], [bill(marked=None)], [link()]).equal == 1


def test_a_document_without_mark_or_link_is_none_of_ours() -> None:
    result = compare([], [bill(marked=None)], [])

    assert result.agrees
    assert result.foreign == 1
    assert not result.theirs


def test_what_was_never_sent_is_counted_apart() -> None:
    result = compare([payable(-500)], [], [])

    assert result.agrees
    assert result.not_sent == 1
    assert result.waiting == {"USD": -500}


def test_what_is_written_while_we_read_is_neither_missing_nor_extra() -> None:
    unseen = compare([payable()], [], [link()], before=[])
    seen = compare([payable()], [bill()], [link()], before=[])

    assert unseen.agrees
    assert seen.equal == 1
