"""Every reason that a plan or a flow gives is in the catalogue, in full sentences with a fix."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given

import cleo_accounting
from cleo_accounting.core import kinds
from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.choices import CHOICES, trouble
from cleo_accounting.core.documents import DocumentPlanner
from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.core.links import Link, Origin, Remote, RemoteKind
from cleo_accounting.core.past import COPY, removed
from cleo_accounting.core.plan import Create, Leave, Operation, Verdict, plan_bank_accounts
from cleo_accounting.core.records import (
    Connection,
    ConnectionStatus,
    FundingSource,
    Money,
    Payable,
    PayableStatus,
    Role,
)
from cleo_accounting.core.repeats import Repeats
from cleo_accounting.core.telling import tell
from cleo_accounting.core.twins import Twins, Words, settle
from tests.core import given as some
from tests.core import test_expenses, test_payments
from tests.core.given import DAY, line, payable
from tests.core.test_plan import (
    BANK_LINKS,
    BILL_LINKS,
    FIELDS,
    PROFILE,
    bill_link,
    document_planners,
    everything,
    parties,
    party_link,
    planner,
)

SOURCES = Path(cleo_accounting.__file__).parent


def words(code: str) -> set[str]:
    cause = CAUSES[code]
    return {
        name
        for text in (cause.text, cause.fix)
        for _, name, _, _ in Formatter().parse(text)
        if name
    }


def leaves(operations: Iterator[Operation] | list[Operation]) -> list[Leave]:
    return [each for each in operations if isinstance(each, Leave)]


def _whole(left: Leave) -> None:
    assert left.code in CAUSES
    assert words(left.code) <= left.facts.keys(), left
    assert "…" not in tell(left.code, dict.fromkeys(left.facts, "x"))[0]


def _strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            yield str(name), node


def _is_code(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "code"


# The position of the code among the arguments of each call.
_CODE_AT = {"_leave": 1, "Leave": 3, "Refused": 0, "end_waiting": 2, "Trouble": 0, "Past": 0}

_DECLARED = ("needed", "choice_needed", "cause")  # arguments in which a kind declares causes


def _codes_in_source(room: str) -> set[str]:
    """Return every code that the sources of a package give as a reason, in any known form."""
    found: set[str] = set()
    for path in (SOURCES / room).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, call in _calls(tree):
            at = _CODE_AT.get(name)
            if at is not None and len(call.args) > at:
                found.update(_strings(call.args[at]))
            for keyword in call.keywords:
                if keyword.arg in _DECLARED:
                    found.update(_strings(keyword.value))
        for node in ast.walk(tree):
            if room == "core" and isinstance(node, ast.Assign) and _is_code(node.targets[0]):
                found.update(_strings(node.value))
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                settled = [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "code"]
                found.update(code for value in settled for code in _strings(value))
    return found


def test_every_code_in_the_source_is_in_the_catalogue() -> None:
    used = _codes_in_source("core") | _codes_in_source("flows")

    assert {"draft", "vendor_needed", "customer_needed", "two_found", "total_differs"} <= used
    assert used - CAUSES.keys() == set()


def test_every_refusal_of_a_provider_is_in_the_catalogue() -> None:
    text = "".join(
        path.read_text(encoding="utf-8") for path in (SOURCES / "providers").rglob("faults.py")
    )
    told = set(re.findall(r'(?:"\d+"|NOT_FOUND): "([a-z_]+)"', text))

    assert "name_taken" in told
    assert told - CAUSES.keys() == set()


def test_every_cause_has_a_title_a_text_and_the_loud_ones_a_fix() -> None:
    for cause in CAUSES.values():
        assert cause.title
        assert cause.text.endswith((".", "}"))
        assert cause.quiet or cause.fix.endswith("."), cause.code


def test_no_two_causes_share_a_title_since_both_may_head_a_section_of_one_page() -> None:
    assert len({cause.title for cause in CAUSES.values()}) == len(CAUSES)


@given(*everything)
def test_whatever_becomes_of_connections_is_told_in_whole_sentences(
    connections: list[Connection],
    remotes: list[Remote],
    links: dict[str, Link],
    verdicts: dict[str, Verdict],
) -> None:
    for left in leaves(parties(connections, remotes, links, verdicts)):
        _whole(left)


@given(some.sources, some.banks, BANK_LINKS)
def test_whatever_becomes_of_funding_sources_is_told_in_whole_sentences(
    sources: list[FundingSource], banks: list[Remote], links: dict[str, Link]
) -> None:
    for left in leaves(plan_bank_accounts(sources, links, banks, {})):
        _whole(left)


@given(document_planners(), some.many_payables, BILL_LINKS)
def test_whatever_becomes_of_payables_is_told_in_whole_sentences(
    plans: DocumentPlanner, payables: list[Payable], links: dict[str, Link]
) -> None:
    for left in leaves(plans.plan(payables, links)):
        _whole(left)


(CLASS,) = [one for one in CHOICES if one.name == "class_id"]
LEFT_OUT = {"conn_1": Verdict("leave_out", "a friend", "finance")}
ACME = Connection("conn_1", "Acme")


def vendor(name: str, kind: RemoteKind = RemoteKind.VENDOR, *, active: bool = True) -> Remote:
    return Remote(kind, "50", "0", name, active=active)


def _of_party() -> Iterator[Leave]:
    pending, archived = ConnectionStatus.PENDING, ConnectionStatus.ARCHIVED
    yield from leaves(parties([ACME], verdicts=LEFT_OUT))
    yield from leaves(parties([ACME], wanted=set()))
    yield from leaves(parties([replace(ACME, status=pending), replace(ACME, status=archived)]))
    yield from leaves(parties([replace(ACME, name="A:B")]))
    yield from leaves(parties([ACME], [vendor("Acme, Inc.")]))
    yield from leaves(parties([ACME], [vendor("Acme", RemoteKind.EMPLOYEE)]))
    yield from leaves(parties([ACME], [vendor("Acme", active=False)]))
    yield from leaves(parties([ACME], [vendor("Acme")], {"conn_2": party_link(2, "50")}))
    yield from leaves(parties([ACME], links={"conn_1": party_link(1, "50", gone=True)}))
    yield from leaves(parties([ACME, Connection("conn_2", "ACME Ltd")]))
    same = {"conn_1": Verdict("same_as", "conn_2", "finance")}
    yield from leaves(parties([ACME], verdicts=same))


def _of_bank() -> Iterator[Leave]:
    source = FundingSource("fs_1", "Ops", "checking")
    bank = Remote(RemoteKind.ACCOUNT, "40", "0", "Ops", active=False, details={"type": "Bank"})
    link = Link("fs_1", RemoteKind.ACCOUNT, "40", "0", Origin.MAPPED)
    yield from leaves(plan_bank_accounts([source], {"fs_1": link}, [bank], {}))
    yield from leaves(plan_bank_accounts([source], {}, [bank], {}))


def _of_document() -> Iterator[Leave]:
    def left(record: Payable, link: Link | None = None, **more: object) -> list[Leave]:
        links = {record.id: link} if link else {}
        return leaves(planner(**more).plan([record], links))

    changed = payable(memo="changed")
    for status in (PayableStatus.DRAFT, PayableStatus.SUBMITTED, PayableStatus.CANCELLED):
        yield from left(payable(status=status))
    yield from left(payable(), verdicts={"pay_1": Verdict("leave_out", "twice", "finance")})
    yield from left(payable(), fields=replace(FIELDS, go_live=DAY.replace(day=6)))
    yield from left(payable(amount=Money(0, "USD")))
    yield from left(payable(amount=Money(0, "USD")), bill_link(payable()))
    yield from left(payable(amount=Money(-1, "USD")), bill_link(payable()))
    yield from left(payable(lines=(line("1", "1"),)))
    yield from left(payable(amount=Money(1, "EUR")))
    abroad = replace(PROFILE, multicurrency=True)
    yield from left(payable(amount=Money(1, "EUR")), profile=abroad)
    yield from left(payable(), profile=abroad, currencies={"50": "EUR"})
    yield from left(payable(), profile=replace(PROFILE, country="GB"))
    tracks = replace(PROFILE, line_classes=True)
    north = Remote(RemoteKind.CLASS, "5", "0", "North")
    for chosen, profile in ((north, PROFILE), (replace(north, active=False), tracks)):
        yield from left(payable(), trouble=trouble(CLASS, "5", chosen, profile))
    yield from left(payable(connection_id="conn_9"))
    yield from left(payable(), parties={})
    yield from left(payable(role=Role.PAYEE), parties={}, kind=kinds.INVOICE)
    yield from left(payable(role=Role.PAYEE), kind=kinds.INVOICE)
    yield from left(payable(), inactive=("50",))
    yield from left(payable(), fields=InvoiceFields())
    yield from left(payable(), profile=replace(PROFILE, closed_until=DAY))
    yield from left(changed, bill_link(payable(), gone=True))
    cancelled = payable(status=PayableStatus.CANCELLED)
    yield from left(cancelled, bill_link(payable(), gone=True))
    for facts in ({"status": "cancelled", "why": "It was cancelled here"}, dict(COPY)):
        yield from left(cancelled, past={"pay_1": removed(RemoteKind.BILL, facts, DAY)})
    entered = replace(bill_link(payable()), origin=Origin.MATCHED)
    yield from left(payable(status=PayableStatus.CANCELLED), entered)


def _of_twins() -> Iterator[Leave]:
    (create,) = planner().plan([payable()], {})
    assert isinstance(create, Create)
    there = Remote(RemoteKind.BILL, "7", "0", "", content=create.content)
    twins = Twins([create], [there])
    for words in (Words(), Words(same={create.record_id: "9"})):
        left = settle(create, twins, {}, words, {})
        assert isinstance(left, Leave)
        yield left


def _of_repeats() -> Iterator[Leave]:
    (create,) = planner().plan([payable()], {})
    assert isinstance(create, Create)
    repeats = Repeats()
    repeats.settle(create, (), ())
    left = repeats.settle(replace(create, record_id="pay_2"), (), ())
    assert isinstance(left, Leave)
    yield replace(left, facts={**left.facts, "proposed": "INV-1-2"})


def test_every_reason_of_the_plan_is_reached_and_told_in_whole_sentences() -> None:
    reached = [*_of_party(), *_of_bank(), *_of_document(), *_of_twins(), *_of_repeats()]
    reached += test_payments.reasons()
    reached += test_expenses.reasons()

    assert {left.code for left in reached} == _codes_in_source("core")
    for left in reached:
        _whole(left)


def test_a_reason_is_told_in_the_words_of_its_facts() -> None:
    text, fix = tell(
        "name_taken", {"name": "Acme", "owner": "a customer", "proposed": "Acme (Vendor)"}
    )

    assert (
        text
        == "“Acme” is already the name of a customer in QuickBooks, where names must be unique."
    )
    assert fix == "Create it as “Acme (Vendor)”, or match it with an existing one."


@pytest.mark.parametrize("value", ["{name}", "{0}", "{", "{name.__class__}", "%s"])
def test_a_fact_is_never_read_as_a_template(value: str) -> None:
    assert value in tell("rejected", {"what": value})[0]


def test_an_unknown_code_is_still_told_and_a_missing_fact_shows() -> None:
    assert tell("never_heard_of", {"what": "no"})[0] == "QuickBooks refused it, because no."
    assert tell("rejected", {})[0] == "QuickBooks refused it, because …."
