"""The vault opens a secret only in the place it was sealed for, and only if it is unchanged."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleo_accounting.errors import Misconfigured, Reconnect
from cleo_accounting.store.vault import Vault

DICE = random.Random(3)
OLD, NEW = (base64.b64encode(DICE.randbytes(32)).decode() for _ in range(2))
PLACE = ("integrations", "acctint_1", "biz_1", "company_1")


def vault(*keys: str) -> Vault:
    return Vault(keys, DICE.randbytes)


@settings(deadline=None)
@given(text=st.text())
def test_what_is_sealed_opens_again(text: str) -> None:
    ours = vault(NEW)

    assert ours.open(ours.seal(text, PLACE), PLACE) == text


def test_the_same_text_is_never_sealed_alike_twice() -> None:
    ours = vault(NEW)

    assert len({ours.seal("secret", PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("at", range(4))
def test_a_seal_that_was_moved_to_another_place_does_not_open(at: int) -> None:
    ours = vault(NEW)
    sealed = ours.seal("secret", PLACE)
    elsewhere = [part + "x" if index == at else part for index, part in enumerate(PLACE)]

    with pytest.raises(Reconnect) as refusal:
        ours.open(sealed, elsewhere)

    assert refusal.value.code == "grant_unreadable"


def test_places_that_look_alike_once_joined_are_two_places() -> None:
    ours = vault(NEW)
    sealed = ours.seal("secret", ("a", "bc"))

    with pytest.raises(Reconnect):
        ours.open(sealed, ("ab", "c"))


def test_no_single_changed_character_opens() -> None:
    ours = vault(NEW)
    sealed = ours.seal("secret", PLACE)
    opened = 0
    for at, char in enumerate(sealed):
        changed = sealed[:at] + ("A" if char != "A" else "B") + sealed[at + 1 :]
        try:
            ours.open(changed, PLACE)
        except (Reconnect, Misconfigured):
            continue
        opened += 1

    assert opened <= 2  # the unused bits at the end of each base64 part carry no data


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    sealed = vault(OLD).seal("secret", PLACE)
    both = vault(NEW, OLD)

    assert both.open(sealed, PLACE) == "secret"
    assert not both.is_newest(sealed)
    assert both.is_newest(both.seal("secret", PLACE))


def test_a_key_that_is_gone_is_named_by_its_setting_and_never_shown() -> None:
    sealed = vault(OLD).seal("secret", PLACE)

    with pytest.raises(Misconfigured, match="CLEO_ENCRYPTION_KEYS") as refusal:
        vault(NEW).open(sealed, PLACE)

    assert OLD not in str(refusal.value)
    assert NEW not in repr(vault(NEW))


@pytest.mark.parametrize("key", ["", "short", base64.b64encode(b"x" * 31).decode(), "ü" * 44])
def test_a_key_of_another_length_stops_the_start(key: str) -> None:
    with pytest.raises(Misconfigured, match="32 random bytes"):
        vault(key)


def test_no_key_at_all_stops_the_start() -> None:
    with pytest.raises(Misconfigured, match="at least one key"):
        vault()
