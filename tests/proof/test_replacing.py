"""Planted bugs refer to functions; one that moved or takes other arguments is reported."""

# ruff: noqa: ARG005  these lambdas exist for their parameters

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cleo_accounting.core import causes
from cleo_accounting.flows.admin import once
from cleo_accounting.flows.reporting import progress
from cleo_accounting.flows.run import sync
from cleo_accounting.store.vault import Vault
from proof.replacing import Unfit, exchanged, fits, replaced


def test_a_function_is_replaced_wherever_the_service_calls_it_for_the_length_of_a_block() -> None:
    right, rooms = causes.is_loud, [vars(room) for room in (causes, progress, sync)]

    def quiet(state: str, code: str | None) -> bool:
        return False

    with replaced(right, lambda _: quiet):
        assert all(room["is_loud"] is quiet for room in rooms)

    assert all(room["is_loud"] is right for room in rooms)


def test_a_method_is_replaced_in_its_class() -> None:
    right = Vault.seal

    with replaced(right, lambda _: lambda self, text, place: text):
        assert Vault.seal is not right

    assert Vault.seal is right


def test_what_was_replaced_already_is_not_replaced_again() -> None:
    right = causes.is_loud

    with (
        replaced(right, lambda _: lambda state, code: False),
        pytest.raises(Unfit, match="something else by now"),
        replaced(right, lambda _: lambda state, code: True),
    ):
        pass


def _right(tx: int, rows: str, told: str = "", *, key: str) -> None:
    pass


@pytest.mark.parametrize(
    "wrong",
    [
        lambda tx, rows, told, *, key: None,
        lambda _tx, _rows, _told, *, key: None,
        lambda tx, *_, **__: None,
        lambda *_, **__: None,
        lambda tx, rows, *_, key, **more: None,
    ],
)
def test_a_replacement_may_leave_parameters_to_the_rest(wrong: Callable[..., Any]) -> None:
    fits(_right, wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda tx, rows, *, key: None,
        lambda rows, tx, told, *, key: None,
        lambda tx, rows, told: None,
        lambda tx, rows, told, more, *, key: None,
        lambda *_: None,
        lambda *_, key: None,
    ],
)
def test_a_replacement_that_takes_other_arguments_is_unfit(wrong: Callable[..., Any]) -> None:
    with pytest.raises(Unfit):
        fits(_right, wrong)


def test_a_value_is_exchanged_where_it_has_one_name() -> None:
    right = once.KEPT

    with exchanged(right, timedelta(), once):
        assert vars(once)["KEPT"] == timedelta()

    assert vars(once)["KEPT"] is right
    with pytest.raises(Unfit, match="under the names"), exchanged(right, timedelta(), causes):
        pass
