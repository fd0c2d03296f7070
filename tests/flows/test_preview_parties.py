"""A sync of vendors and customers ends as its preview said, whatever the connections are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cleo_accounting.core.directory import Directory
from cleo_accounting.core.kinds import PARTIES
from cleo_accounting.core.links import Remote, RemoteKind
from cleo_accounting.core.match import email_flaw
from cleo_accounting.core.parties import PartyPlanner
from cleo_accounting.core.plan import Create, Leave, LinkTo, Verdict
from cleo_accounting.core.records import Connection, ConnectionStatus, Role
from cleo_accounting.flows.reporting.progress import items
from cleo_accounting.store import decisions
from cleo_accounting.store.database import Database
from quickbooks_emulator.basics.faults import Refusal
from tests.emulator.bookkeeper import Bookkeeper
from tests.world import BUSINESS, World, payable, world

# Few words in many spellings, so that equal and similar names come up often.
WRITTEN = st.sampled_from(
    [
        "Acme Paper",
        "ACME PAPER",
        "Acme  Paper",
        "\u00a0Acme Paper ",
        "Acme Paper, Inc.",
        "Acme Papers",
        "Caf\u00e9 Nord",
        "CAFE\u0301 NORD",
        "Cafe Nord",
        "Bolt & Nut 12",
        "Bolt & Nut 13",
        "Bolt:Nut",
        "Bolt-Nut",
        "Bolt\tNut",
        "\u200b",
        "x" * 501,
        "y" * 500,
    ]
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
EMAILS = st.sampled_from([None, None, None, "ap@acme.example", "AP@acme.example", "none", "a@b"])
STATUSES = st.sampled_from([ConnectionStatus.ACTIVE] * 5 + list(ConnectionStatus))
PARTNERS = st.tuples(
    WRITTEN, EMAILS, STATUSES, st.sampled_from(["payer", "payee", "both", "neither"])
)
THERE = st.tuples(
    st.sampled_from(["Vendor", "Customer", "Employee"]),
    WRITTEN,
    st.sampled_from([True, True, False]),
)
WORDS = st.sampled_from([None, None, None, "create_as", "same_as", "leave_out"])
SWITCHES = st.sampled_from(["but_for_case", "but_for_case_blanks_and_form"])

Ends = dict[tuple[str, str], tuple[str, str | None]]


def _ends(here: World, *, dry_run: bool) -> Ends:
    """Sync or preview everything; return the action and cause for each vendor and customer."""
    status = here.sync(dry_run=dry_run)
    assert status.run is not None
    found, _ = items(here.house, BUSINESS, here.integration_id, status.run.id, limit=1000)
    parties = [one for one in found if one.kind in ("vendor", "customer")]
    assert {one.state for one in parties} <= {"planned", "written", "left"}
    return {(one.kind, one.record_id): (one.action, one.code) for one in parties}


def _there(here: World, kind: str, name: str, *, active: bool) -> None:
    with suppress(Refusal):  # QuickBooks refuses the name, or has it already
        named = {"DisplayName": name, **({"GivenName": "A"} if kind == "Employee" else {})}
        made = here.intuit.company.create(kind, named)
        if not active:
            here.intuit.company.update(kind, made["Id"], {"Active": False})


def _partners(drawn: list[tuple[Any, ...]]) -> list[Any]:
    records: list[Any] = []
    for at, (name, email, state, role) in enumerate(drawn):
        records.append(Connection(f"conn_{at}", name, state, email=email))
        if role in ("payer", "both"):
            records.append(payable(at, to=at))
        if role in ("payee", "both"):
            records.append(payable(100 + at, to=at, role=Role.PAYEE))
    return records


def _decide(here: World, record_id: str, verdict: str | None, value: str) -> None:
    if verdict is None:
        return
    with here.house.database.transaction() as tx:
        for kind in (RemoteKind.VENDOR, RemoteKind.CUSTOMER):
            word = Verdict(verdict, value, "finance")
            now = here.house.clock.now()
            decisions.decide(tx, here.integration_id, kind, record_id, word, now)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    drawn=st.lists(PARTNERS, min_size=1, max_size=6),
    there=st.lists(THERE, max_size=5),
    words=st.lists(WORDS, min_size=6, max_size=6),
    later=st.lists(PARTNERS, min_size=1, max_size=6),
    equal_names=SWITCHES,
)
def test_vendors_and_customers_end_as_previewed(
    new_sqlite: Callable[[], str],
    drawn: list[tuple[Any, ...]],
    there: list[tuple[str, str, bool]],
    words: list[str | None],
    later: list[tuple[Any, ...]],
    equal_names: str,
) -> None:
    """This holds at first, after people's decisions, and after changes of names and e-mails."""
    database = Database(new_sqlite())
    with world(database) as here:
        here.intuit.emulator.turn(equal_names=equal_names)
        here.open_for_business()
        for kind, name, active in there:
            _there(here, kind, name, active=active)
        here.feed(*_partners(drawn))
        assert _ends(here, dry_run=True) == _ends(here, dry_run=False)

        values = {"create_as": "Another Name {}", "same_as": "conn_0", "leave_out": "Not ours."}
        for at, word in enumerate(words[: len(drawn)]):
            if word != "same_as" or at:
                _decide(here, f"conn_{at}", word, values.get(word or "", "").format(at))
        assert _ends(here, dry_run=True) == _ends(here, dry_run=False)

        here.feed(*_partners(later[: len(drawn)]))
        assert _ends(here, dry_run=True) == _ends(here, dry_run=False)
    database.close()


def _accepts(books: Bookkeeper, kind: str, document: dict[str, Any]) -> bool:
    return books.send("POST", kind, document).status == 200


@settings(max_examples=150, deadline=None)
@given(ours=WRITTEN | TEXTS, theirs=WRITTEN | TEXTS, other=SWITCHES)
@example(ours="0\x1f", theirs="0\x1f", other="but_for_case")
@example(ours="PACIFIC GAS WORKS", theirs="Acme Paper", other="but_for_case")
def test_what_is_planned_to_be_created_is_what_quickbooks_accepts(
    ours: str, theirs: str, other: str
) -> None:
    books = Bookkeeper(switches={"equal_names": other})
    if not _accepts(books, "customer", {"DisplayName": theirs}):
        return
    directory = Directory(
        [
            Remote(kind, held["Id"], "0", held["DisplayName"])
            for kind in PARTIES
            for held in books.company.all(kind.value.capitalize())
        ]
    )
    planner = PartyPlanner(RemoteKind.VENDOR, {}, directory, {})

    (operation,) = planner.plan([Connection("conn_1", ours)])

    accepted = _accepts(books, "vendor", {"DisplayName": ours.strip()})
    if isinstance(operation, Create):
        assert accepted
    elif isinstance(operation, LinkTo):
        assert not accepted
    else:
        assert isinstance(operation, Leave)
        same = ours.strip().casefold() == theirs.strip(" ").casefold()
        assert not (accepted and same)


@settings(max_examples=100, deadline=None)
@given(st.emails() | TEXTS | EMAILS.filter(bool) | st.just(f"{'x' * 99}@long.example"))
def test_what_is_sent_as_an_email_is_what_quickbooks_accepts(email: str) -> None:
    books = Bookkeeper()
    fits = email_flaw(email.strip()) is None

    document = {"DisplayName": "Zeta", "PrimaryEmailAddr": {"Address": email.strip()}}
    assert _accepts(books, "vendor", document) or not fits
