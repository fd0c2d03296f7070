"""The oracle detects data of one business in another (I9) and forbidden writes of ours (I2)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from proof.oracle import check
from proof.simulation.bench import bench
from proof.simulation.campaign import judge
from proof.simulation.play import Account
from proof.simulation.script import write

_SEED = 4  # two businesses, each with documents created in QuickBooks


@pytest.fixture(scope="module")
def two() -> Account:
    with bench() as here:
        found = judge(write(_SEED, "tenants"), here)
    assert list(found.violations) == []
    return found.account


def _rename(account: Any) -> None:
    row = next(one for one in account.dump["records"] if one["business_id"] == "biz_0")
    row["label"] += " T1"


def _address(account: Any) -> None:
    account.dump["links"][0]["remote_name"] = "biz_0 and biz_1"


def _ask(account: Any) -> None:
    realm = next(one["realm"] for one in _told(account, "connected") if one["business"] == "biz_0")
    paths = (one for one in account.journal if one["kind"] == "request")
    one = next(it for it in paths if realm in it["request"]["path"])
    one["request"]["body"] += "select * from Vendor where DisplayName = 'Acme T1'"


def _move(account: Any) -> None:
    first, other = {row["business_id"]: row for row in account.dump["runs"]}.values()
    for row in account.dump["operations"]:
        if row["run_id"] == first["id"]:
            row["run_id"] = other["id"]


def _show(account: Any) -> None:
    first, other = {one["business"]: one for one in _told(account, "shown")}.values()
    first["run"] = other["run"]


def _mark(account: Any) -> None:
    made = (one for one in account.journal if one["kind"] == "effect" and one["by"] != "person")
    one = next(it for it in made if it["entity"] in ("Bill", "Invoice"))
    one["after"]["PrivateNote"] = "CleoPay:pay_99"


def _deposit(account: Any) -> None:
    made = (one for one in account.journal if one["kind"] == "effect" and one["by"] != "person")
    next(it for it in made if it["operation"] == "Create")["entity"] = "Deposit"


def _told(account: Any, what: str) -> list[dict[str, Any]]:
    return [one for one in account.history if one["what"] == what]


@pytest.mark.parametrize("cross", [_rename, _address, _ask, _move, _show, _mark])
def test_what_crosses_from_one_business_to_another_is_seen(
    two: Account, cross: Callable[[Any], None]
) -> None:
    crossed = copy.deepcopy(two)

    cross(crossed)

    assert "I9" in _broken(crossed)


def test_what_is_not_ours_to_make_is_seen(two: Account) -> None:
    paid = copy.deepcopy(two)

    _deposit(paid)

    assert "I2" in _broken(paid)


def _broken(account: Account) -> set[str]:
    return {one.invariant for one in check(account.history, account.journal, account.dump)}
