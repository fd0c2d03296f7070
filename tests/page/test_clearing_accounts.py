"""Clearing accounts on the page are labelled, and explained before and after they are matched."""

from __future__ import annotations

from tests.page.house import Place
from tests.page.paying import begun
from tests.page.test_promises import person
from tests.world import source

_EFFECT = "Use it only to clear payments: enter a transfer between it and your bank account"


def test_a_clearing_account_is_explained_before_and_after_it_is_matched(place: Place) -> None:
    here = begun()(place)
    here.intuit.company.create(
        "Account", {"Name": "Card payouts", "AccountType": "Other Current Asset"}
    )
    here.feed(source(2, "Payouts"))
    here.sync()
    place.look()
    one = person(place)

    one.go("/mapping/banks/fs_2?search=Card")
    assert "Other Current Asset: for clearing only" in one.words()
    assert _EFFECT not in one.words()

    one.press("Choose")
    assert "Use this account to clear payments?" in one.words()
    assert _EFFECT in one.words()

    one.press("Yes, match them")
    assert _EFFECT in one.words()
    one.go("/mapping/banks/fs_1")
    assert _EFFECT not in one.words()
