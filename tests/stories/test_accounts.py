"""Public reports about accounts: several accounts with one name under different parents."""

from __future__ import annotations

from tests.cli.terminal import Terminal


def test_a_sub_account_is_chosen_and_shown_by_its_full_name(terminal: Terminal) -> None:
    company = terminal.intuit.company
    ids = {}
    for parent in ("Job Expenses", "Landscaping Services"):
        above = company.create("Account", {"Name": parent, "AccountType": "Expense"})
        below = {"Name": "Job Materials", "AccountType": "Expense", "SubAccount": True}
        made = company.create("Account", {**below, "ParentRef": {"value": above["Id"]}})
        ids[f"{parent}:Job Materials"] = made["Id"]
    terminal.connect()
    terminal.run("preview", "vendors")

    short = terminal.run("map", "fields", "--expense-account", "Job Materials")
    assert short.code == 2
    for name, account_id in ids.items():
        assert name in short.err
        shown = terminal.good("map", "fields", "--expense-account", name).out
        assert f"{name} ({account_id})" in shown
