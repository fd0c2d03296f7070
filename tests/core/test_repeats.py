"""Our documents that share a number: different documents, or one that was entered twice."""

from __future__ import annotations

from datetime import date

import pytest

from cleo_accounting.core.links import Document, Remote, RemoteKind
from cleo_accounting.core.plan import Create, Leave
from cleo_accounting.core.records import Money
from cleo_accounting.core.repeats import Own, Repeats, named, owned, settle

DAY, LATER = date(2026, 1, 5), date(2026, 2, 5)


def usd(cents: int) -> Money:
    return Money(cents, "USD")


def create(
    record_id: str = "pay_2", dated: date = LATER, cents: int = 20_000, number: str = "RENT"
) -> Create:
    content = Document(
        party_id="7",
        number=number,
        dated=dated,
        total=usd(cents),
        lines=(),
        note="",
        marker=f"CleoPay:{record_id}",
    )
    return Create(RemoteKind.BILL, record_id, number, content, "mark")


FIRST = Own("pay_1", DAY, usd(10_000), written=True)
EUROS = Own("pay_1", DAY, Money(20_000, "EUR"), written=True)
OTHER_WORDS = (named("pay_9"), "145")

CASES: list[tuple[str, Create, list[Own], tuple[str, ...], str]] = [
    ("nobody else has the number", create(), [], (), "create"),
    ("another date and another total", create(), [FIRST], (), "again"),
    ("the same date", create(dated=DAY), [FIRST], (), "ask"),
    ("the same total", create(cents=10_000), [FIRST], (), "ask"),
    ("the same date and total", create(dated=DAY, cents=10_000), [FIRST], (), "ask"),
    ("the same amount in another currency", create(), [EUROS], (), "again"),
    ("the record itself", create("pay_1", DAY, 10_000), [FIRST], (), "create"),
    ("a person said so", create(cents=10_000), [FIRST], (named("pay_1"),), "again"),
    ("a person said so of others", create(cents=10_000), [FIRST], OTHER_WORDS, "ask"),
    (
        "a person said so of one of two",
        create(cents=10_000),
        [FIRST, Own("pay_3", LATER, usd(5), written=False)],
        (named("pay_1"),),
        "ask",
    ),
]


def test_dates_tell_documents_of_one_number_apart_where_a_person_said_so() -> None:
    alike = create(cents=10_000)

    assert outcome(settle(alike, [FIRST], (), is_by_date=True)) == "again"
    assert outcome(settle(create(dated=DAY), [FIRST], (), is_by_date=True)) == "ask"


def outcome(decided: Create | Leave) -> str:
    if isinstance(decided, Leave):
        assert decided.code == "duplicate_number"
        return "ask"
    return "again" if decided.number_again else "create"


@pytest.mark.parametrize(
    ("one", "others", "said", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_another_date_and_another_total_make_another_document(
    one: Create, others: list[Own], said: tuple[str, ...], expected: str
) -> None:
    assert outcome(settle(one, others, said)) == expected


def test_the_question_names_the_others_with_their_dates_and_totals() -> None:
    others = [FIRST, *[Own(f"pay_{n}", LATER, usd(n), written=False) for n in range(3, 8)]]

    asked = settle(create(cents=10_000), others, ())

    assert isinstance(asked, Leave)
    assert asked.facts["used"] == (
        "is also the number of 6 other bills of the same vendor from Cleo Pay:"
        " that of 2026-01-05 over 100.00 USD (in QuickBooks; same total);"
        " that of 2026-02-05 over 0.03 USD (not in QuickBooks yet; same date);"
        " that of 2026-02-05 over 0.04 USD (not in QuickBooks yet; same date); 3 more"
    )
    assert asked.facts["beside"] == [named(one.record_id) for one in others]


def test_what_is_planned_earlier_counts_also_where_it_waits() -> None:
    repeats = Repeats()
    plan = [
        create("pay_1", DAY, 10_000),
        create("pay_2", LATER, 10_000, "rent "),
        create("pay_3", LATER, 30_000),
        create("pay_4", date(2026, 3, 5), 40_000),
        create("pay_5", date(2026, 3, 5), 40_000, "OTHER"),
        create("pay_6", DAY, 10_000, ""),
        create("pay_7", DAY, 10_000, ""),
    ]

    decided = [repeats.settle(one, [], ()) for one in plan]

    outcomes = [outcome(one) for one in decided]
    assert outcomes == ["create", "ask", "ask", "again", "create", "create", "create"]
    asked = [one.facts["beside"] for one in decided if isinstance(one, Leave)]
    assert asked == [["ours:pay_1"], ["ours:pay_2"]]


def test_the_number_of_a_document_that_the_run_removes_is_free() -> None:
    repeats = Repeats()
    repeats.remove(["pay_1"])

    assert outcome(repeats.settle(create(cents=10_000), [FIRST], ())) == "create"


def test_documents_that_are_linked_or_carry_our_mark_are_ours() -> None:
    def there(remote_id: str, cents: int = 100, *, gone: bool = False, mark: str = "") -> Remote:
        content = create(cents=cents).content
        details = {"marker": mark} if mark else {}
        return Remote(
            RemoteKind.BILL, remote_id, "0", "RENT", gone=gone, details=details, content=content
        )

    seen = [
        there("1"),
        there("2", mark="CleoPay:pay_2"),
        there("3", mark="CleoPay:pay_3"),
        there("4"),
        there("5", 0),
        there("6", gone=True),
    ]

    found = owned(seen, {"1": "pay_1", "3": "pay_30", "5": "pay_5", "6": "pay_6"})

    assert [one.record_id for one in found] == ["pay_1", "pay_2", "pay_30"]
