"""Before anything is sent, a plan names the choices that can no longer be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cleo_accounting.core.records import PayableStatus, Role
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting.progress import Item, items
from cleo_accounting.flows.work import errands
from cleo_accounting.store.errands import Verb
from tests.world import BUSINESS, World, connection, payable, source

PAID: dict[str, Any] = {"role": Role.PAYEE, "status": PayableStatus.SUBMITTED}


def _look(here: World) -> None:
    errands.ask_to(here.house, BUSINESS, here.integration_id, Verb.LOOK)
    errands.run_due(here.house)


def _left(here: World, *, dry_run: bool) -> Item:
    """Sync or preview, and return what became of the payable `pay_1`."""
    told = here.sync("vendors", "invoices", dry_run=dry_run)
    assert told.run is not None
    found, _ = items(here.house, BUSINESS, here.integration_id, told.run.id)
    (left,) = [one for one in found if one.record_id == "pay_1"]
    return left


def _known(here: World, more: dict[str, Any]) -> None:
    """Make the connection of later payables a vendor or a customer, by syncing a draft."""
    draft = {**more, "status": PayableStatus.DRAFT}
    here.feed(connection(1, "Acme"), payable(9, **draft))
    here.sync()


def _made(here: World, kind: str, **document: Any) -> str:
    return str(here.intuit.company.create(kind, document)["Id"])


def _inactive(kind: str) -> Callable[[World, str], None]:
    return lambda here, remote_id: here.intuit.company.update(kind, remote_id, {"Active": False})


CHOSEN: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "expense_account_id": ("Account", {"Name": "Nails", "AccountType": "Expense"}, {}, "expense"),
    "ap_account_id": (
        "Account",
        {"Name": "Owed", "AccountType": "Accounts Payable"},
        {},
        "accounts payable account",
    ),
    "class_id": ("Class", {"Name": "North"}, {}, "class"),
    "department_id": ("Department", {"Name": "Leeds"}, {}, "location"),
    "terms_id": ("Term", {"Name": "Net 77", "DueDays": 77}, {}, "term"),
    "item_id": (
        "Item",
        {"Name": "Consultancy days", "Type": "Service", "IncomeAccountRef": {"value": "INCOME"}},
        PAID,
        "product or service",
    ),
}


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("field", CHOSEN)
def test_what_was_made_inactive_is_named_and_nothing_is_sent(
    here: World, field: str, *, dry_run: bool
) -> None:
    kind, document, more, called = CHOSEN[field]
    if "IncomeAccountRef" in document:
        document = {**document, "IncomeAccountRef": {"value": here.account("Income")}}
    remote_id = _made(here, kind, **document)
    here.choose(**{field: remote_id})
    _known(here, more)
    _inactive(kind)(here, remote_id)
    here.feed(payable(1, **more))
    here.intuit.emulator.advance(60)

    left = _left(here, dry_run=dry_run)

    assert left.code == "choice_unusable"
    assert str(document["Name"]) in str(left.cause)
    assert called in str(left.cause)
    assert "was made inactive in QuickBooks" in str(left.cause)
    assert here.ours("Bill") + here.ours("Invoice") == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_income_account_matters_only_until_there_is_an_item(
    here: World, *, dry_run: bool
) -> None:
    income = here.integration.fields.income_account_id
    assert income
    here.feed(connection(1, "Acme"), payable(1, **PAID))
    _look(here)
    _inactive("Account")(here, income)
    here.intuit.emulator.advance(60)

    left = _left(here, dry_run=dry_run)
    assert left.code == "choice_unusable"
    assert "income account" in str(left.cause)

    here.intuit.company.update("Account", income, {"Active": True})
    here.sync()
    _inactive("Account")(here, income)
    here.feed(payable(1, memo="changed", **PAID))
    assert _left(here, dry_run=dry_run).code is None


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("field", "switch", "kind"),
    [
        ("class_id", "classes_per_line", "Class"),
        ("department_id", "departments", "Department"),
    ],
)
def test_tracking_that_was_switched_off_is_said_and_never_dropped_silently(
    here: World, field: str, switch: str, kind: str, *, dry_run: bool
) -> None:
    here.choose(**{field: _made(here, kind, Name="North")})
    here.feed(connection(1, "Acme"))
    here.sync()
    here.intuit.company.configure(**{switch: False})
    here.feed(payable(1))
    here.intuit.emulator.advance(60)

    left = _left(here, dry_run=dry_run)

    assert left.code == "not_tracked"
    assert "“North”" in str(left.cause)
    assert here.ours() == []


@pytest.mark.parametrize(
    ("field", "api", "switch", "kind"),
    [
        ("class_id", "classId", "classes_per_line", "Class"),
        ("department_id", "departmentId", "departments", "Department"),
    ],
)
def test_a_company_that_does_not_track_it_lets_nobody_choose_it(
    here: World, field: str, api: str, switch: str, kind: str
) -> None:
    remote_id = _made(here, kind, Name="North")
    here.intuit.company.configure(**{switch: False})
    _look(here)
    fields, version = choose.fields(here.house, BUSINESS, here.integration_id)
    chosen = type(fields)(**{field: remote_id})

    with pytest.raises(Invalid) as refusal:
        choose.set_fields(
            here.house, BUSINESS, here.integration_id, chosen, version=version, by="user_1"
        )

    (flaw,) = refusal.value.flaws
    assert (flaw.field, flaw.code) == (api, "not_tracked")
    assert "“North”" in flaw.message


@pytest.mark.parametrize("country", ["GB", "CA", "AU", "FR"])
@pytest.mark.parametrize("more", [{}, PAID], ids=["bill", "invoice"])
def test_a_company_abroad_is_told_once_per_document_before_anything_is_sent(
    here: World, country: str, more: dict[str, Any]
) -> None:
    here.intuit.company.configure(country=country)
    _look(here)
    _known(here, more)
    here.feed(payable(1, **more))

    for dry_run in (True, False):
        left = _left(here, dry_run=dry_run)
        assert left.code == "tax_code_needed"
        assert country in str(left.cause)
    assert here.ours("Bill") + here.ours("Invoice") == []


@pytest.mark.parametrize(
    ("cents", "link", "code"),
    [(0, False, "nothing_to_book"), (-5_00, True, "sign_changed"), (0, True, "zeroed")],
)
def test_a_total_of_zero_is_nothing_to_book_and_one_that_was_sent_keeps_its_sign(
    here: World, cents: int, code: str, *, link: bool
) -> None:
    here.feed(connection(1, "Acme"), *([payable(1)] if link else []))
    here.sync()
    here.feed(payable(1, cents))

    left = _left(here, dry_run=True)

    assert left.code == code
    assert left.needs_attention == (code != "nothing_to_book")
    assert "credit" not in str(left.fix)


def test_a_foreign_currency_is_held_as_long_as_no_rate_is_sent(here: World) -> None:
    here.intuit.company.configure(multicurrency=True)
    _look(here)
    here.feed(connection(1, "Acme"), payable(1, currency="EUR"))

    assert _left(here, dry_run=True).code == "rate_needed"


def test_a_vendor_that_is_kept_in_another_currency_is_named(here: World) -> None:
    here.intuit.emulator.act("turn", {"vendor_currency": "honoured"})
    here.intuit.company.configure(multicurrency=True)
    here.intuit.company.create("Vendor", {"DisplayName": "Acme", "CurrencyRef": {"value": "EUR"}})
    _look(here)
    here.feed(connection(1, "Acme"), payable(1))

    left = _left(here, dry_run=False)

    assert left.code == "party_currency_differs"
    assert "“Acme” uses EUR in QuickBooks" in str(left.cause)


def test_a_bank_account_made_inactive_is_noticed_by_the_next_sync(here: World) -> None:
    bank = _made(here, "Account", Name="Main 4417", AccountType="Bank")
    here.feed(source(1, "Operations", "4417"))
    assert here.sync("bankAccounts").tallies["bankAccounts"].linked == 1
    here.intuit.emulator.advance(60)
    _inactive("Account")(here, bank)

    told = here.sync("bankAccounts")

    assert [one.code for one in told.errors] == ["inactive"]
    assert "“Main 4417”" in str(told.errors[0].cause)
    assert told.run is not None
    assert told.run.usage["reads"] == 1


def test_the_lists_are_looked_at_once_a_run_and_not_where_nothing_is_to_be_written(
    here: World,
) -> None:
    here.feed(connection(1, "Acme"), connection(2, "Beta"))
    here.feed(payable(3), payable(4, to=2, **PAID))
    here.sync()
    here.intuit.emulator.advance(60)
    here.feed(payable(1), payable(2, to=2, **PAID))
    first = here.sync()
    here.intuit.emulator.advance(60)
    second = here.sync()

    assert first.run is not None
    assert second.run is not None
    # The lists, possible twins by number and by date of each kind, and the changes of documents.
    assert first.run.usage["reads"] == 6
    assert second.run.usage["reads"] == 1  # the changes of documents
