"""Clearing accounts: payments use one only if a person matched it."""

from __future__ import annotations

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import Role
from cleo_accounting.flows.mapping import pair
from cleo_accounting.flows.mapping.pair import BANK_ACCOUNT
from cleo_accounting.flows.work import errands
from cleo_accounting.store.errands import Verb
from tests.flows.test_payments import left, live, payment
from tests.world import BUSINESS, World, asked, connection, payable, source

pytestmark = pytest.mark.both

_CLEARING = "Card payouts 4321"


@pytest.fixture
def clearing(here: World) -> str:
    """The id of a clearing account that has the name of the only funding source."""
    made = here.intuit.company.create(
        "Account", {"Name": _CLEARING, "AccountType": "Other Current Asset"}
    )
    here.feed(connection(1, "One"), source(1, _CLEARING, "4321"), payable(1), payment())
    return str(made["Id"])


def _matched(here: World, account_id: str) -> None:
    pair.pair(here.house, BUSINESS, here.integration_id, BANK_ACCOUNT, "fs_1", account_id, "user_1")


def _look(here: World) -> None:
    errands.ask_to(here.house, BUSINESS, here.integration_id, Verb.LOOK)
    errands.run_due(here.house)


def test_a_clearing_account_is_never_matched_or_suggested_by_itself(
    here: World, clearing: str
) -> None:
    causes = {one.code for one in here.sync().errors}

    assert causes == {"account_mapping_needed", "bank_mapping_needed"}
    (waiting,), _ = pair.unmapped(
        here.house, BUSINESS, here.integration_id, BANK_ACCOUNT, limit=10, offset=0
    )
    assert clearing not in [one.remote.id for one in waiting.suggestions]


def test_clearing_accounts_are_listed_after_the_bank_accounts(here: World, clearing: str) -> None:
    _look(here)

    listed, total = pair.listed(
        here.house,
        BUSINESS,
        here.integration_id,
        BANK_ACCOUNT,
        search=None,
        active=True,
        limit=100,
        offset=0,
    )

    kinds = [one.remote.details["type"] for one in listed]
    assert kinds == sorted(kinds)
    assert set(kinds) == {"Bank", "Other Current Asset"}
    assert total == len(listed)
    assert clearing in [one.remote.id for one in listed if one.clearing]


def test_a_bill_is_paid_out_of_the_clearing_account_that_a_person_chose(
    here: World, clearing: str
) -> None:
    here.intuit.emulator.turn(check_account="bank_or_current_asset")
    _look(here)
    _matched(here, clearing)

    assert not here.sync().errors
    (paid,) = live(here)
    assert paid["CheckPayment"]["BankAccountRef"]["value"] == clearing
    assert left(here) == 0


def test_a_customer_pays_into_the_clearing_account_that_a_person_chose(
    here: World, clearing: str
) -> None:
    here.feed(connection(2, "Two"), payable(2, to=2, role=Role.PAYEE), payment(2, 2))
    _look(here)
    _matched(here, clearing)

    here.sync()

    (paid,) = live(here, "Payment")
    assert paid["DepositToAccountRef"]["value"] == clearing


def test_a_clearing_account_that_quickbooks_refuses_is_told_with_its_fix(
    here: World, clearing: str
) -> None:
    _look(here)
    _matched(here, clearing)

    refused = asked(here.sync(), "bank_account_type")

    assert refused.kind == RemoteKind.BILL_PAYMENT
    assert f"no payment from “{_CLEARING}”" in str(refused.cause)
    assert refused.facts["source_id"] == "fs_1"
    assert live(here) == []

    _matched(here, here.account("Bank"))
    assert not here.sync().errors
    assert left(here) == 0


def test_a_clearing_account_that_was_made_inactive_holds_its_payments(
    here: World, clearing: str
) -> None:
    here.intuit.emulator.turn(check_account="bank_or_current_asset")
    _look(here)
    _matched(here, clearing)
    here.intuit.emulator.act(
        "person",
        {
            "realm_id": here.intuit.realm_id,
            "deed": "inactivate",
            "kind": "Account",
            "id": clearing,
        },
    )

    causes = {one.code for one in here.sync().errors}

    assert causes == {"inactive", "bank_account_inactive"}
    assert live(here) == []
