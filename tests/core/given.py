"""Hypothesis strategies: names as people write them, records, links, and company profiles."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from cleo_accounting.core.fields import InvoiceFields, Place
from cleo_accounting.core.links import Link, Origin, Profile, Remote, RemoteKind
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.records import (
    Connection,
    ConnectionStatus,
    FundingSource,
    LineItem,
    Money,
    Payable,
    PayableStatus,
    Role,
)

DAY = date(2026, 1, 5)
IDS = [f"conn_{number}" for number in range(6)]

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
numbers = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=200)
# Few words in many spellings, so that equal and similar names come up often.
names = st.one_of(
    st.sampled_from(
        [
            "Acme",
            "ACME",
            "Acme, Inc.",
            "Acmé",
            "Bolt & Co",
            "Bolt and Co",
            "Bolt",
            "A:B",
            " ",
            "A\tB",
        ]
    ),
    texts,
)
emails = st.none() | st.sampled_from(["a@acme.test", "A@Acme.test", "b@bolt.test"])
days = st.dates(date(2025, 12, 30), date(2026, 1, 10))
cents = st.integers(-500, 10**13)
currencies = st.sampled_from(["USD", "USD", "USD", "EUR", "JPY", "KWD"])
money = st.builds(Money, cents, currencies)
decimals = st.decimals(-(10**11), 10**11, allow_nan=False, places=4)


def connections(ids: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Connection]:
    return st.builds(
        Connection,
        id=ids or st.sampled_from(IDS),
        name=names,
        status=st.sampled_from([*ConnectionStatus, *[ConnectionStatus.ACTIVE] * 3]),
        email=emails,
    )


many_connections = st.lists(connections(), unique_by=lambda one: one.id, max_size=6)
sources = st.lists(
    st.builds(
        FundingSource,
        id=st.sampled_from([f"fs_{n}" for n in range(5)]),
        name=st.sampled_from(["Checking 1234", "checking 1234", "Payroll", "Ops"]),
        account_type=st.just("checking"),
        last_four=st.none() | st.sampled_from(["1234", "5678"]),
    ),
    unique_by=lambda one: one.id,
    max_size=5,
)
banks = st.lists(
    st.builds(
        Remote,
        kind=st.just(RemoteKind.ACCOUNT),
        id=st.sampled_from([str(n) for n in range(40, 46)]),
        version=st.just("0"),
        name=st.sampled_from(["Checking 1234", "Payroll", "Ops 5678", "12345"]),
        active=st.booleans(),
        details=st.sampled_from([{"type": "Bank"}, {"type": "Bank"}, {"type": "Expense"}]),
    ),
    unique_by=lambda one: one.id,
    max_size=5,
)
remotes = st.lists(
    st.builds(
        Remote,
        kind=st.sampled_from([RemoteKind.VENDOR, RemoteKind.CUSTOMER, RemoteKind.EMPLOYEE]),
        id=st.sampled_from([str(n) for n in range(50, 58)]),
        version=st.just("0"),
        name=names,
        active=st.sampled_from([True, True, True, False]),
        gone=st.sampled_from([False, False, False, True]),
        details=emails.map(lambda email: {"email": email} if email else {}),
    ),
    unique_by=lambda one: one.id,
    max_size=6,
)
verdicts = st.dictionaries(
    st.sampled_from(IDS),
    st.builds(
        Verdict,
        st.sampled_from(["create_as", "leave_out", "create_again", "keep_theirs", "send_ours"]),
        names,
        st.just("finance"),
    ),
    max_size=2,
)


def links(
    kind: RemoteKind, ids: list[str], remote_ids: list[str]
) -> st.SearchStrategy[dict[str, Link]]:
    return st.lists(
        st.builds(
            Link,
            record_id=st.sampled_from(ids),
            kind=st.just(kind),
            remote_id=st.sampled_from(remote_ids),
            version=st.just("0"),
            origin=st.sampled_from(Origin),
            fingerprint=st.none() | st.just("f" * 64),
            remote_name=names,
            gone=st.sampled_from([False, False, True]),
        ),
        unique_by=(lambda one: one.record_id, lambda one: one.remote_id),
        max_size=3,
    ).map(lambda made: {one.record_id: one for one in made})


@st.composite
def payables(draw: st.DrawFn) -> Payable:
    currency = draw(currencies)
    lines = draw(
        st.lists(
            st.builds(
                LineItem,
                texts,
                st.decimals(0, 1000, places=2),
                st.decimals(-100, 1000, places=4),
            ),
            max_size=3,
        )
    )
    exact = Money(sum(line.amount(currency).minor for line in lines), currency)
    wild = draw(st.builds(Money, cents, st.just(currency)))
    exactly: bool = draw(st.booleans())
    return Payable(
        id=draw(st.sampled_from([f"pay_{n}" for n in range(8)])),
        connection_id=draw(st.sampled_from([*IDS, "conn_unknown"])),
        role=draw(st.sampled_from(Role)),
        status=draw(st.sampled_from(PayableStatus)),
        amount=exact if lines and exactly else wild,
        issued_on=draw(days),
        number=draw(st.none() | numbers),
        due_on=draw(st.none() | days),
        memo=draw(st.none() | texts),
        lines=tuple(lines),
        custom_fields=tuple(draw(st.lists(st.tuples(st.sampled_from("PQR"), texts), max_size=3))),
    )


many_payables = st.lists(payables(), unique_by=lambda one: one.id, max_size=8)
fields = st.builds(
    InvoiceFields,
    expense_account_id=st.none() | st.just("7"),
    memo_template=st.sampled_from(["{memo}", "", "{number} {connection} {due}"]),
    custom_fields=st.lists(
        st.tuples(st.sampled_from("PQR"), st.sampled_from(Place)),
        unique_by=lambda pair: pair[0],
        max_size=3,
    ).map(tuple),
    go_live=st.none() | st.just(DAY),
    send_submitted_bills=st.booleans(),
)
profiles = st.builds(
    Profile,
    company_id=st.just("1"),
    name=st.just("Harbor"),
    country=st.just("US"),
    currency=st.just("USD"),
    multicurrency=st.booleans(),
    closed_until=st.none() | st.just(DAY),
)


def payable(**more: object) -> Payable:
    """Return a payable with nothing wrong in it, except for the given fields."""
    values: dict[str, object] = {
        "id": "pay_1",
        "connection_id": "conn_1",
        "role": Role.PAYER,
        "status": PayableStatus.APPROVED,
        "amount": Money(1000, "USD"),
        "issued_on": DAY,
        "number": "1042",
    }
    return Payable(**{**values, **more})  # type: ignore[arg-type]


def line(quantity: str, unit_price: str, description: str = "Rope") -> LineItem:
    return LineItem(description, Decimal(quantity), Decimal(unit_price))
