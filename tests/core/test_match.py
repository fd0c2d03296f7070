"""Which remote names equal ours, which only look alike, and which QuickBooks would refuse."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleo_accounting.core.directory import Directory
from cleo_accounting.core.links import Remote, RemoteKind
from cleo_accounting.core.match import (
    NAME_LENGTH_MAX,
    carries_digits,
    flaw,
    mended,
    name_key,
    normalised,
    plainer,
)
from cleo_accounting.core.numbers import number_key
from tests.core.given import names, remotes

LATIN = st.text(st.sampled_from("abcdefgxyzABCXYZéÉüÜñß&.,'’ -0123456789"), max_size=30)


def vendor(
    name: str,
    remote_id: str = "1",
    *,
    kind: RemoteKind = RemoteKind.VENDOR,
    active: bool = True,
    gone: bool = False,
    email: str = "",
) -> Remote:
    details = {"email": email} if email else {}
    return Remote(kind, remote_id, "0", name, active=active, gone=gone, details=details)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme, Inc.", "ACME"),
        ("Acme Incorporated", "acme llc"),
        ("Müller GmbH", "Muller"),
        ("Bolt & Nut Co.", "bolt and nut"),
        ("O'Brien", "O’Brien"),
        ("O\u0092Brien", "OBrien"),
        ("Acme (deleted)", "acme"),
        ("A.C.M.E.", "Acme"),
        ("  Acme\t Works ", "acme-works"),
        ("ﬁne Wines", "Fine wines"),
    ],
)
def test_what_people_write_differently_looks_alike(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme", "Acme Works"),
        ("Bolt", "Bold"),
        ("Inc", "Ltd"),
        ("North 1", "North 2"),
        ("東京", "大阪"),
    ],
)
def test_what_differs_in_a_word_does_not_look_alike(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(LATIN)
def test_case_and_blanks_never_make_another_name(name: str) -> None:
    assert normalised(name.upper()) == normalised(name.lower())
    assert normalised(f"  {name} ") == normalised(name)
    assert name_key(f" {name.upper()} ") == name_key(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Works", "acme  WORKS"),
        ("Acme Works", "\u00a0Acme\u2003 Works\n"),
        ("Café", "CAFE\u0301"),
        ("Å", "\u212b"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("\u0345\u0301", "\u0301\u0345"),
    ],
)
def test_names_that_are_equal_to_quickbooks_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)
    assert number_key(one) == number_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Acme", "Acmé"), ("Ac me", "Acme"), ("Acme²", "Acme2"), ("A-1", "A1")]
)
def test_names_that_may_be_two_to_quickbooks_have_two_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text())
def test_a_key_of_a_name_is_its_own_key(name: str) -> None:
    key = name_key(name)

    assert name_key(key) == key
    assert name_key(unicodedata.normalize("NFC", name)) == key
    assert name_key(unicodedata.normalize("NFD", name)) == key
    assert name_key(f" {name}\t") == key
    assert name_key(name.replace(" ", "  ")) == key


@given(LATIN)
def test_a_normalised_name_is_its_own(name: str) -> None:
    assert normalised(normalised(name)) == normalised(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "is empty"),
        (" \u00a0", "is empty"),
        ("\u200b\ufeff", "is empty"),
        ("A\u2028B", "has an invisible control character"),
        ("A\ud800B", "has an invisible control character"),
        ("A:B", "has a colon"),
        ("A\tB", "has an invisible control character"),
        ("A\u0085B", "has an invisible control character"),
        ("x" * 501, "is longer than 500 characters"),
    ],
)
def test_a_flaw_is_named_and_mended(name: str, why: str) -> None:
    assert flaw(name) == why
    assert flaw(mended(name)) is None


@given(names | st.text() | st.text(min_size=NAME_LENGTH_MAX, max_size=NAME_LENGTH_MAX + 20))
@example("a" * (NAME_LENGTH_MAX - 1) + " b")
def test_a_mended_name_is_always_taken(name: str) -> None:
    assert flaw(mended(name)) is None
    assert mended(mended(name)) == mended(name)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=NAME_LENGTH_MAX))
def test_a_name_without_flaw_is_not_touched(name: str) -> None:
    assert mended(name) == name


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("Acme* <Paper>", "Acme Paper"),
        ("Smith & Sons (Bath), Ltd.", "Smith Sons Bath Ltd"),
        ("Zoë's Café", "Zoe s Cafe"),
        ("金門", "Unnamed"),
    ],
)
def test_a_name_with_a_character_that_was_refused_is_proposed_plainer(
    name: str, proposed: str
) -> None:
    assert plainer(name) == proposed


@given(st.text())
def test_a_plainer_name_is_one_that_quickbooks_takes(name: str) -> None:
    assert flaw(plainer(name)) is None


def test_punctuation_that_was_read_in_the_wrong_code_is_put_right() -> None:
    assert mended("O\u0092Brien \u0093Best\u0094: Ltd") == "O’Brien “Best”- Ltd"


@given(remotes, names, st.sampled_from(["Vendor", "Customer"]))
def test_a_proposed_name_is_free_and_taken(known: list[Remote], name: str, suffix: str) -> None:
    directory = Directory(known)

    for _ in range(3):
        proposed = directory.free(name, suffix)
        assert directory.holder(proposed) is None
        assert flaw(proposed) is None
        assert suffix in proposed
        directory.add(vendor(proposed))


def test_a_very_long_name_still_has_room_for_its_suffix() -> None:
    assert len(Directory([]).free("x" * 600, "Customer")) <= NAME_LENGTH_MAX


def test_vendors_customers_and_employees_share_one_space_of_names() -> None:
    directory = Directory(
        [vendor("Acme", kind=RemoteKind.EMPLOYEE), vendor("Bolt", "2", gone=True)]
    )

    holder = directory.holder(" ACME ")
    assert holder is not None
    assert holder.kind is RemoteKind.EMPLOYEE
    assert directory.holder("Bolt") is None


def test_accounts_and_items_do_not_hold_the_names_of_parties() -> None:
    assert Directory([vendor("Rent", kind=RemoteKind.ACCOUNT)]).holder("Rent") is None


@pytest.mark.parametrize("active_first", [True, False])
def test_an_inactive_namesake_does_not_hide_an_active_one(active_first: bool) -> None:
    both = [vendor("Acme", "1"), vendor("Acme", "2", active=False)]

    holder = Directory(both if active_first else both[::-1]).holder("acme")

    assert holder is not None
    assert holder.id == "1"


def test_evidence_is_told_and_the_best_comes_first() -> None:
    directory = Directory(
        [
            vendor("Acme, Inc.", "1"),
            vendor("Nothing alike", "2", email="pay@acme.test"),
            vendor("ACME LLC", "3", active=False),
            vendor("Acme Ltd", "4", kind=RemoteKind.CUSTOMER),
        ]
    )

    found = directory.like("Acme", "PAY@acme.test", RemoteKind.VENDOR)

    assert [(one.remote.id, one.why) for one in found] == [
        ("2", "same e-mail"),
        ("1", "same name, spelled differently"),
        ("3", "same name, spelled differently"),
    ]


def test_having_no_email_is_no_evidence() -> None:
    directory = Directory([vendor("Bolt", "1"), vendor("Nut", "2", email="x@y.test")])

    assert not directory.like("Acme", None, RemoteKind.VENDOR)
    assert not directory.like("Acme", "", RemoteKind.VENDOR)


@pytest.mark.parametrize(
    ("name", "carried"),
    [
        ("Checking 1234", True),
        ("x1234", True),
        ("(1234)", True),
        ("12345", False),
        ("01234", False),
    ],
)
def test_digits_count_only_as_a_number_of_their_own(name: str, carried: bool) -> None:
    assert carries_digits(name, "1234") is carried
