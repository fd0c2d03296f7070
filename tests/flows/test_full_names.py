"""Entries below a parent in QuickBooks are shown and accepted by their full names."""

from __future__ import annotations

from typing import Any

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import plan_bank_accounts
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import choose, find, pair
from cleo_accounting.flows.mapping.pair import BANK_ACCOUNT, CUSTOMER
from cleo_accounting.flows.mapping.suggest import Shelf
from cleo_accounting.flows.work import errands
from cleo_accounting.store import links
from tests.world import BUSINESS, World, connection, source


def _make(here: World, kind: str, **properties: Any) -> str:
    made = here.intuit.emulator.act(
        "person",
        {
            "realm_id": here.intuit.realm_id,
            "deed": "create",
            "kind": kind,
            "document": properties,
        },
    )
    return str(made["Id"])


@pytest.fixture
def nested(here: World) -> dict[str, str]:
    """The ids of accounts, classes, items and customers of which two share a short name."""
    ids: dict[str, str] = {}
    for parent in ("Roofing", "Plumbing"):
        above = _make(here, "Account", Name=parent, AccountType="Expense")
        ids[f"{parent}:Job Materials"] = _make(
            here,
            "Account",
            Name="Job Materials",
            AccountType="Expense",
            ParentRef={"value": above},
            SubAccount=True,
        )
    above = _make(here, "Account", Name="First National", AccountType="Bank")
    ids["First National:Payroll 4417"] = _make(
        here,
        "Account",
        Name="Payroll 4417",
        AccountType="Bank",
        ParentRef={"value": above},
        SubAccount=True,
    )
    above = _make(here, "Class", Name="North")
    ids["North:Shop"] = _make(here, "Class", Name="Shop", ParentRef={"value": above}, SubClass=True)
    above = _make(here, "Customer", DisplayName="Acme Homes")
    ids["Acme Homes:Kitchen"] = _make(
        here, "Customer", DisplayName="Kitchen", ParentRef={"value": above}, Job=True
    )
    here.feed(connection(1, "Kitchens Ltd"), source(1, "Payroll 4417"), source(2, "Savings"))
    assert errands.run_due(here.house) == 1
    return ids


@pytest.mark.parametrize(
    ("kind", "full_name"),
    [
        (RemoteKind.ACCOUNT, "Roofing:Job Materials"),
        (RemoteKind.ACCOUNT, "First National:Payroll 4417"),
        (RemoteKind.CLASS, "North:Shop"),
        (RemoteKind.CUSTOMER, "Acme Homes:Kitchen"),
    ],
)
@pytest.mark.parametrize("search", ["whole", "lower", "leaf"])
def test_lists_show_and_find_full_names(
    here: World, nested: dict[str, str], kind: RemoteKind, full_name: str, search: str
) -> None:
    words = {"whole": full_name, "lower": full_name.lower(), "leaf": full_name.split(":")[1]}

    found, total = find.theirs(
        here.house,
        BUSINESS,
        here.integration_id,
        kind,
        search=words[search],
        limit=10,
        offset=0,
    )

    assert full_name in [one.full_name for one in found]
    assert total == len(found)
    assert nested[full_name] in [one.id for one in found]


@pytest.mark.parametrize("text", ["Roofing:Job Materials", " roofing:job materials ", "id"])
def test_a_choice_is_named_by_its_full_name(here: World, nested: dict[str, str], text: str) -> None:
    wanted = nested["Roofing:Job Materials"]
    given = {"expense_account_id": wanted if text == "id" else text}

    assert choose.named(here.house, BUSINESS, here.integration_id, given) == {
        "expense_account_id": wanted
    }


def test_a_short_name_that_several_have_is_refused_with_all_of_them(
    here: World, nested: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        choose.named(
            here.house, BUSINESS, here.integration_id, {"expense_account_id": "Job Materials"}
        )

    (flaw,) = refusal.value.flaws
    assert (flaw.field, flaw.code) == ("expenseAccountId", "ambiguous")
    for full_name in ("Roofing:Job Materials", "Plumbing:Job Materials"):
        assert f"“{full_name}” ({nested[full_name]})" in flaw.message


def test_a_short_name_that_one_has_is_enough(here: World, nested: dict[str, str]) -> None:
    found = choose.named(here.house, BUSINESS, here.integration_id, {"class_id": "Shop"})

    assert found == {"class_id": nested["North:Shop"]}


def test_an_inactive_one_gives_way_to_an_active_one_of_the_same_short_name(
    here: World, nested: dict[str, str]
) -> None:
    here.intuit.emulator.act(
        "person",
        {
            "realm_id": here.intuit.realm_id,
            "deed": "inactivate",
            "kind": "Account",
            "id": nested["Plumbing:Job Materials"],
        },
    )
    errands.ask_to(here.house, BUSINESS, here.integration_id, errands.Verb.LOOK)
    errands.run_due(here.house)

    found = choose.named(
        here.house, BUSINESS, here.integration_id, {"expense_account_id": "Job Materials"}
    )
    gone = choose.named(
        here.house, BUSINESS, here.integration_id, {"expense_account_id": "Plumbing:Job Materials"}
    )

    assert found == {"expense_account_id": nested["Roofing:Job Materials"]}
    assert gone == {"expense_account_id": nested["Plumbing:Job Materials"]}


@pytest.mark.parametrize(
    ("target", "record_id", "full_name"),
    [
        (CUSTOMER, "conn_1", "Acme Homes:Kitchen"),
        (BANK_ACCOUNT, "fs_2", "First National:Payroll 4417"),
    ],
)
def test_a_mapping_is_made_and_shown_by_full_name(
    here: World, nested: dict[str, str], target: pair.Target, record_id: str, full_name: str
) -> None:
    made, new = pair.pair(
        here.house, BUSINESS, here.integration_id, target, record_id, full_name, "user_1"
    )

    assert new
    assert (made.link.remote_id, made.link.remote_name) == (nested[full_name], full_name)


def test_a_bank_account_is_linked_and_suggested_by_either_name(
    here: World, nested: dict[str, str]
) -> None:
    with here.house.database.reading() as tx:
        accounts = links.remotes_of(tx, here.integration_id, RemoteKind.ACCOUNT)
    wanted = nested["First National:Payroll 4417"]

    for name, last_four in (
        ("payroll 4417", None),
        ("First National:Payroll 4417", None),
        ("Wages", "4417"),
    ):
        (operation,) = plan_bank_accounts([source(9, name, last_four)], {}, accounts, {})
        assert getattr(operation, "remote").id == wanted  # noqa: B009  one type of the union has it
        best = Shelf(accounts).banks(name, last_four)[0]
        assert (best.remote.id, best.remote.full_name) == (wanted, "First National:Payroll 4417")
