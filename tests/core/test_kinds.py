"""What each kind of entry declares, and the rules that follow from the declarations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cleo_accounting
from cleo_accounting.core import kinds
from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import Money, RecordKind, Role
from tests.core.given import payable

ROOM = Path(cleo_accounting.__file__).parent


def test_every_kind_is_declared_once() -> None:
    assert sorted(kind.remote for kind in kinds.KINDS) == sorted(RemoteKind)


def test_kinds_are_synced_after_those_that_they_need() -> None:
    order = [kind.remote for kind in kinds.KINDS]
    synced = [remote for remotes in kinds.ENTITY_TYPES.values() for remote in remotes]

    for kind in kinds.KINDS:
        assert all(order.index(needed) < order.index(kind.remote) for needed in kind.needs)
        if kind.entity_type:
            assert all(synced.index(needed) < synced.index(kind.remote) for needed in kind.needs)


def test_the_entity_types_are_the_platforms() -> None:
    assert {name: list(remotes) for name, remotes in kinds.ENTITY_TYPES.items()} == {
        "vendors": ["vendor", "customer"],
        "bankAccounts": ["account"],
        "invoices": [
            "item",
            "bill",
            "invoice",
            "expense",
            "vendor_credit",
            "credit_memo",
            "bill_payment",
            "payment",
        ],
    }


def test_every_cause_that_a_kind_declares_is_in_the_catalogue() -> None:
    declared = [kinds.party(kinds.document(kind).party).needed for kind in kinds.DOCUMENTS]
    declared += [kinds.document(kind).choice_needed for kind in kinds.DOCUMENTS]
    declared += [kinds.expense(kind).choice_needed for kind in kinds.EXPENSES]
    declared += [kinds.entry(kind).removal.cause for kind in kinds.ENTRIES]

    assert set(declared) <= CAUSES.keys()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("cents", [-1, 0, 1])
def test_a_document_names_the_party_of_its_role(role: Role, cents: int) -> None:
    document = kinds.document_for(payable(role=role, amount=Money(cents, "USD")))
    party, payment = kinds.party(document.party), kinds.payment_of(document.remote)

    assert (document.role, party.role, payment.role) == (role, role, role)
    assert (document.is_credit, document.sign) == ((True, -1) if cents < 0 else (False, 1))
    assert document.remote is (payment.credit if cents < 0 else payment.document)
    assert kinds.party_of(document.remote) is kinds.party_of(party.remote) is party


@pytest.mark.parametrize("record", RecordKind)
def test_counterparts_are_the_kinds_that_are_made_from_a_record(record: RecordKind) -> None:
    for kind in kinds.KINDS:
        assert (kind.remote in kinds.counterparts(record)) == (kind.record is record)


def test_what_is_no_party_and_no_document_says_so() -> None:
    with pytest.raises(TypeError):
        kinds.document(RemoteKind.ACCOUNT)
    with pytest.raises(TypeError):
        kinds.party_of(RemoteKind.TERM)


def test_a_kind_is_named_in_the_files_that_the_tour_lists_and_in_no_other() -> None:
    named = {
        str(path.relative_to(ROOM))
        for path in ROOM.rglob("*.py")
        if "VENDOR_CREDIT" in path.read_text(encoding="utf-8")
    }

    tour = (ROOM.parents[1] / "docs" / "tour.md").read_text(encoding="utf-8")
    _, _, told = tour.partition("## How a kind is added")
    assert named == set(re.findall(r"^\| `([a-z_/]+\.py)` \|", told, re.MULTILINE))


def test_nothing_but_its_module_and_its_translator_decides_by_a_document_or_a_party() -> None:
    """Differences between kinds are declared; branches elsewhere would be missed by a new kind."""
    names = "VENDOR|CUSTOMER|EMPLOYEE|BILL|INVOICE|VENDOR_CREDIT|CREDIT_MEMO"
    branch = re.compile(rf"kind is (not )?RemoteKind\.({names})\b")
    rooms = ("core", "flows", "store", "web", "cli", "platform")

    found = [
        f"{path.relative_to(ROOM)}: {line.strip()}"
        for room in rooms
        for path in (ROOM / room).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if branch.search(line)
    ]

    assert found == []
