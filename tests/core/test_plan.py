"""The plan: one operation per record, the same each time, and never one entry for two records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core import kinds
from cleo_accounting.core.directory import Directory
from cleo_accounting.core.documents import DocumentPlanner, mark_of
from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.core.links import Document, Link, Origin, Profile, Remote, RemoteKind
from cleo_accounting.core.match import flaw, name_key
from cleo_accounting.core.parties import PartyPlanner
from cleo_accounting.core.plan import (
    SALES_ITEM,
    Create,
    Keep,
    Leave,
    LinkTo,
    Operation,
    Remove,
    Update,
    Verdict,
    plan_bank_accounts,
    plan_item,
)
from cleo_accounting.core.records import (
    Connection,
    ConnectionStatus,
    FundingSource,
    Money,
    Payable,
    PayableStatus,
    Role,
)
from tests.core import given as some
from tests.core.given import DAY, IDS, payable

PARTY_LINKS = some.links(RemoteKind.VENDOR, IDS, [str(n) for n in range(50, 58)])
BANK_LINKS = some.links(
    RemoteKind.ACCOUNT, [f"fs_{n}" for n in range(5)], [str(n) for n in range(40, 46)]
)
BILL_LINKS = some.links(
    RemoteKind.BILL, [f"pay_{n}" for n in range(8)], [str(n) for n in range(70, 80)]
)
PROFILE = Profile("1", "Harbor", "US", "USD")
FIELDS = InvoiceFields(expense_account_id="7")


def parties(
    connections: Sequence[Connection],
    remotes: Sequence[Remote] = (),
    links: Mapping[str, Link] | None = None,
    verdicts: Mapping[str, Verdict] | None = None,
    wanted: set[str] | None = None,
) -> list[Operation]:
    planner = PartyPlanner(
        RemoteKind.VENDOR, links or {}, Directory(remotes), verdicts or {}, wanted
    )
    return list(planner.plan(connections))


def party_link(number: int, remote_id: str, **more: object) -> Link:
    given = {"origin": Origin.CREATED, "fingerprint": "f" * 64, **more}
    return Link(f"conn_{number}", RemoteKind.VENDOR, remote_id, "0", **given)  # type: ignore[arg-type]


def planner(**more: object) -> DocumentPlanner:
    values: dict[str, object] = {
        "kind": kinds.BILL,
        "profile": PROFILE,
        "fields": FIELDS,
        "parties": {"conn_1": party_link(1, "50")},
        "names": {"conn_1": "Acme"},
        "verdicts": {},
        **more,
    }
    return DocumentPlanner(**values)  # type: ignore[arg-type]


def bill_link(record: Payable, **more: object) -> Link:
    given = {"origin": Origin.CREATED, "fingerprint": mark_of(record), **more}
    return Link(record.id, RemoteKind.BILL, "70", "0", **given)  # type: ignore[arg-type]


def one(operations: Sequence[Operation]) -> Operation:
    (only,) = operations
    return only


everything = (some.many_connections, some.remotes, PARTY_LINKS, some.verdicts)


@given(*everything)
def test_every_connection_has_one_operation_and_twice_the_same(
    connections: list[Connection],
    remotes: list[Remote],
    links: dict[str, Link],
    verdicts: dict[str, Verdict],
) -> None:
    planned = parties(connections, remotes, links, verdicts)

    assert [each.record_id for each in planned] == [each.id for each in connections]
    assert planned == parties(connections, remotes, links, verdicts)


@given(*everything)
def test_no_two_writes_share_a_name_and_none_has_a_flaw(
    connections: list[Connection],
    remotes: list[Remote],
    links: dict[str, Link],
    verdicts: dict[str, Verdict],
) -> None:
    planned = parties(connections, remotes, links, verdicts)

    written = [each.content for each in planned if isinstance(each, Create | Update)]
    keys = [name_key(content.name) for content in written if not isinstance(content, Document)]
    assert len(keys) == len(set(keys))
    assert not any(flaw(key) for key in keys)


@given(*everything)
def test_no_create_takes_a_name_that_is_in_use(
    connections: list[Connection],
    remotes: list[Remote],
    links: dict[str, Link],
    verdicts: dict[str, Verdict],
) -> None:
    in_use = {name_key(each.name) for each in remotes if each.active and not each.gone}

    for each in parties(connections, remotes, links, verdicts):
        if isinstance(each, Create):
            assert not isinstance(each.content, Document)
            assert name_key(each.content.name) not in in_use


@given(*everything)
def test_a_vendor_is_linked_at_most_once_and_only_where_nobody_is_linked(
    connections: list[Connection],
    remotes: list[Remote],
    links: dict[str, Link],
    verdicts: dict[str, Verdict],
) -> None:
    planned = parties(connections, remotes, links, verdicts)

    linked = [each.remote.id for each in planned if isinstance(each, LinkTo)]
    assert len(linked) == len(set(linked))
    assert not set(linked) & {each.remote_id for each in links.values()}
    assert all(each.remote.active for each in planned if isinstance(each, LinkTo))


@given(some.sources, some.banks, BANK_LINKS)
def test_every_funding_source_has_one_operation_and_no_account_two(
    sources: list[FundingSource], banks: list[Remote], links: dict[str, Link]
) -> None:
    planned = list(plan_bank_accounts(sources, links, banks, {}))

    assert [each.record_id for each in planned] == [each.id for each in sources]
    assert planned == list(plan_bank_accounts(sources, links, banks, {}))
    assert not any(isinstance(each, Create | Update | Remove) for each in planned)
    linked = [each.remote for each in planned if isinstance(each, LinkTo)]
    ids = [each.id for each in linked] + [each.remote_id for each in links.values()]
    assert len(ids) == len(set(ids))
    assert all(each.active and each.details["type"] == "Bank" for each in linked)


@st.composite
def document_planners(draw: st.DrawFn) -> DocumentPlanner:
    known = {number: party_link(number, str(50 + number)) for number in range(1, 4)}
    return planner(
        kind=draw(st.sampled_from([kinds.document(one) for one in kinds.DOCUMENTS])),
        profile=draw(some.profiles),
        fields=draw(some.fields),
        parties={link.record_id: link for link in known.values()},
        names={each: each for each in IDS[:5]},
        inactive=draw(st.sampled_from([(), ("51",)])),
        item_id=draw(st.none() | st.just("11")),
    )


@given(document_planners(), some.many_payables, BILL_LINKS, st.randoms(use_true_random=False))
def test_every_payable_stands_for_itself_in_any_order_and_any_page(
    plans: DocumentPlanner, payables: list[Payable], links: dict[str, Link], dice: object
) -> None:
    planned = list(plans.plan(payables, links))

    concerned = [each for each in payables if plans.concerns(each, links.get(each.id))]
    assert [each.record_id for each in planned] == [each.id for each in concerned]
    shuffled = list(payables)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    alone = [each for single in shuffled for each in plans.plan([single], links)]
    assert sorted(map(repr, alone)) == sorted(map(repr, planned))


@given(document_planners(), some.many_payables, BILL_LINKS)
def test_what_is_written_of_a_payable_adds_up_and_is_due(
    plans: DocumentPlanner, payables: list[Payable], links: dict[str, Link]
) -> None:
    records = {each.id: each for each in payables}

    for each in plans.plan(payables, links):
        if isinstance(each, Create | Update):
            record = records[each.record_id]
            assert isinstance(each.content, Document)
            total = each.content.total
            assert total.minor == plans.kind.sign * record.amount.minor > 0
            assert sum(line.amount.minor for line in each.content.lines) == total.minor
            assert record.status not in (PayableStatus.DECLINED, PayableStatus.CANCELLED)
            assert each.record_id in links or record.status is not PayableStatus.DRAFT
            assert each.content.party_id not in plans.inactive


@given(document_planners(), some.payables())
def test_what_is_written_and_has_not_changed_since_is_kept_whatever_changed_around_it(
    plans: DocumentPlanner, record: Payable
) -> None:
    record = replace(record, status=PayableStatus.APPROVED)

    operation = one(list(plans.plan([record], {record.id: bill_link(record)})))

    assert operation == Keep(record.id)


def _alone(record: Payable, link: Link | None = None, **more: object) -> Operation:
    return one(list(planner(**more).plan([record], {record.id: link} if link else {})))


def test_a_change_of_the_record_is_an_update_and_another_default_is_not() -> None:
    link = bill_link(payable())

    changed = _alone(payable(memo="changed"), link)
    assert isinstance(changed, Update)
    assert _alone(payable(), link, fields=replace(FIELDS, expense_account_id="8")) == Keep("pay_1")
    assert _alone(payable(), link, inactive=("50",)) == Keep("pay_1")
    assert _alone(payable(status=PayableStatus.PAID), link) == Keep("pay_1")


def test_what_was_deleted_there_is_written_again_only_if_a_person_says_so() -> None:
    link = bill_link(payable(), gone=True)

    left = _alone(payable(), link)
    assert isinstance(left, Leave)
    assert left.code == "deleted_there"
    word = Verdict("create_again", "70", "finance")
    assert isinstance(_alone(payable(), link, verdicts={"pay_1": word}), Create)


def test_a_word_to_create_it_again_counts_once() -> None:
    """The decision is about the document deleted at the time; a later deletion asks again."""
    deleted_later = replace(bill_link(payable(), gone=True), remote_id="71")
    word = Verdict("create_again", "70", "finance")

    assert isinstance(_alone(payable(), deleted_later, verdicts={"pay_1": word}), Leave)


def test_theirs_is_kept_until_ours_changes_again() -> None:
    changed = payable(memo="changed")
    word = {"pay_1": Verdict("keep_theirs", mark_of(changed), "finance")}
    link = bill_link(payable())

    assert _alone(changed, link, verdicts=word) == Keep("pay_1")
    assert isinstance(_alone(payable(memo="again"), link, verdicts=word), Update)


@pytest.mark.parametrize("status", [PayableStatus.DECLINED, PayableStatus.CANCELLED])
def test_what_is_withdrawn_goes_if_it_was_written(status: PayableStatus) -> None:
    record = payable(status=status)

    removed = _alone(record, bill_link(record))
    assert isinstance(removed, Remove)
    assert removed.facts["status"] == status.value.lower()
    for link, code in ((None, "withdrawn"), (bill_link(record, gone=True), "gone")):
        left = _alone(record, link)
        assert isinstance(left, Leave)
        assert left.code == code


@pytest.mark.parametrize(("days", "kept_out"), [(-1, True), (0, False)])
def test_the_go_live_date_itself_is_in(days: int, kept_out: bool) -> None:
    record = payable(issued_on=DAY + timedelta(days=days))

    assert isinstance(_alone(record, fields=replace(FIELDS, go_live=DAY)), Leave) is kept_out


@pytest.mark.parametrize(("days", "closed"), [(0, True), (1, False)])
def test_the_closing_date_itself_is_closed(days: int, closed: bool) -> None:
    record = payable(issued_on=DAY + timedelta(days=days))
    profile = replace(PROFILE, closed_until=DAY)

    assert isinstance(_alone(record, profile=profile), Leave) is closed


def test_a_renamed_connection_meets_the_names_of_others_at_planning() -> None:
    linked = {"conn_1": party_link(1, "50")}
    theirs = [
        Remote(RemoteKind.VENDOR, "50", "0", "Old"),
        Remote(RemoteKind.EMPLOYEE, "51", "0", "New"),
    ]

    taken = one(parties([Connection("conn_1", "New")], theirs, linked))
    assert isinstance(taken, Leave)
    assert taken.code == "name_taken"
    assert taken.facts["owner"] == "an employee"
    assert isinstance(one(parties([Connection("conn_1", "Newer")], theirs, linked)), Update)
    assert isinstance(one(parties([Connection("conn_1", "OLD")], theirs, linked)), Update)


def test_a_new_connection_does_not_take_the_name_that_another_is_renamed_to() -> None:
    theirs = [Remote(RemoteKind.VENDOR, "50", "0", "Old")]
    both = [Connection("conn_1", "New"), Connection("conn_2", "new")]

    first, second = parties(both, theirs, {"conn_1": party_link(1, "50")})

    assert isinstance(first, Update)
    assert isinstance(second, Leave)
    assert (second.code, second.facts["other_id"]) == ("name_shared", "conn_1")


@pytest.mark.parametrize("kind", [RemoteKind.CUSTOMER, RemoteKind.EMPLOYEE])
def test_the_name_of_an_inactive_customer_or_employee_is_free(kind: RemoteKind) -> None:
    """QuickBooks itself appends “(deleted)” to the name of an entry that is made inactive."""
    theirs = [Remote(kind, "50", "0", "Acme", active=False)]

    assert isinstance(one(parties([Connection("conn_1", "Acme")], theirs)), Create)


def test_a_vendor_that_is_mapped_by_hand_is_not_ours_to_change() -> None:
    linked = {"conn_1": party_link(1, "50", origin=Origin.MAPPED)}

    assert parties([Connection("conn_1", "Quite another name")], (), linked) == [Keep("conn_1")]


def test_only_connections_that_are_wanted_and_in_use_become_vendors() -> None:
    given_ = [
        Connection("conn_1", "One", ConnectionStatus.PENDING),
        Connection("conn_2", "Two", ConnectionStatus.ARCHIVED),
        Connection("conn_3", "Three"),
        Connection("conn_4", "Four"),
    ]

    planned = parties(given_, wanted={"conn_1", "conn_2", "conn_4"})

    assert [each.code for each in planned if isinstance(each, Leave)] == [
        "connection_pending",
        "connection_archived",
        "not_a_vendor",
    ]
    assert isinstance(planned[-1], Create)


def test_the_item_that_invoices_sell_is_chosen_found_or_made() -> None:
    income = InvoiceFields(income_account_id="80")
    theirs = [Remote(RemoteKind.ITEM, "5", "0", "cleo pay SALES")]
    link = Link(SALES_ITEM, RemoteKind.ITEM, "5", "0", Origin.CREATED)

    assert plan_item(InvoiceFields(), None, theirs, "Cleo Pay sales") is None
    assert plan_item(replace(income, item_id="9"), None, theirs, "Cleo Pay sales") is None
    assert plan_item(income, link, [], "Cleo Pay sales") == Keep(SALES_ITEM)
    assert isinstance(plan_item(income, None, theirs, "Cleo Pay sales"), LinkTo)
    assert isinstance(
        plan_item(income, None, [replace(theirs[0], active=False)], "Cleo Pay sales"), Create
    )
    assert isinstance(plan_item(income, replace(link, gone=True), [], "Cleo Pay sales"), Create)


def test_an_invoice_needs_an_item_and_a_bill_an_account() -> None:
    bill = _alone(payable(), fields=InvoiceFields())
    invoice = _alone(payable(role=Role.PAYEE), kind=kinds.INVOICE)

    assert [each.code for each in (bill, invoice) if isinstance(each, Leave)] == [
        "expense_account_needed",
        "item_needed",
    ]


def test_dates_and_amounts_are_told_as_people_read_them() -> None:
    far = payable(issued_on=date(2025, 12, 31))
    left = [
        _alone(far, profile=replace(PROFILE, closed_until=DAY)),
        _alone(payable(amount=Money(-123456, "USD")), bill_link(payable())),
    ]

    assert [dict(each.facts) for each in left if isinstance(each, Leave)] == [
        {"dated": "2025-12-31", "closed": "2026-01-05"},
        {"total": "-1,234.56 USD", "document": "a bill"},
    ]
