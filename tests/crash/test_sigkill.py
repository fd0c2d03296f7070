"""A service that is killed many times in the middle of a sync repeats and loses nothing."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from proof.processes.birth import nursery
from proof.processes.journal import Effects
from tests.crash.given import cents, exactly, feed, in_cents, marker, marks, ours, owed, wait_until
from tests.crash.payments import applied, feed_payments, left, moved, payments_of
from tests.processes import Stage, forked, free_port, stage

pytestmark = pytest.mark.both


BILLS, CONNECTIONS = 3_000, 40
PAID = 1_500  # of the bills, each by one payment
KILLS = {"Bill": (10, BILLS), "BillPayment": (20, PAID)}
FINISH_SECONDS_MAX = 180.0


@pytest.mark.timeout(900)  # thirty kills and restarts take minutes
def test_killed_thirty_times_a_sync_still_ends_with_every_bill_and_payment_once(
    database_url: str, tmp_path: Path
) -> None:
    debts = owed(BILLS)
    paid = payments_of(owed(PAID))
    with nursery() as quick, stage(database_url, free_port()) as on:
        on.service = forked(on.service, quick, tmp_path)
        effects = Effects(on.intuit_url)
        # The emulator ignores request ids: only our own lookups prevent duplicates on a resend.
        on.do("acts", do="turn", **{"with": {"requestid": "ignored"}})
        on.connect()
        bank, payables, expense = (
            _account(on, sort) for sort in ("Bank", "Accounts Payable", "Expense")
        )
        feed(on, BILLS, connections=CONNECTIONS)
        feed_payments(on, paid, bank["Name"])
        on.choose_expense_account()
        balances = _balances(on)
        on.ask("POST", on.one + "/sync", json={})
        _kill_again_and_again(on, effects)
        told = on.finish(FINISH_SECONDS_MAX)

        assert told["state"] == "succeeded", told
        assert told["progress"]["invoices"]["created"] == BILLS + len(paid)
        assert marks(on) == exactly(BILLS) == effects.ever_created("Bill")
        assert (
            marks(on, "BillPayment") == Counter(list(paid)) == effects.ever_created("BillPayment")
        )
        assert cents(on) == debts
        bills = ours(on)
        assert applied(bills, on) == paid
        assert {marker(one): in_cents(one["Balance"]) for one in bills} == left(debts, paid)
        settled = sum(sum(of.values()) for of in paid.values())
        assert moved(balances, _balances(on)) == {
            expense["Id"]: sum(debts.values()),
            payables["Id"]: settled - sum(debts.values()),
            bank["Id"]: -settled,
        }

        effects.fresh()
        on.ask("POST", on.one + "/sync", json={})
        assert on.finish(FINISH_SECONDS_MAX)["state"] == "succeeded"
        assert effects.fresh() == []


def _kill_again_and_again(on: Stage, effects: Effects) -> None:
    """Kill the service while each kind is written, at times spread over all of its entries."""
    moments = random.Random(2026)
    for kind, (kills, number) in KILLS.items():
        before = on.counted(kind)
        for kill in range(kills):
            target = before + number * (kill + 0.5) / (kills + 1)
            wait_until(lambda kind=kind, target=target: on.counted(kind) >= target)
            time.sleep(moments.uniform(0, 0.08))  # so that kills hit every step
            on.service.kill()
            effects.fresh()  # before the journal drops the effects
            on.come_back()


def _account(on: Stage, account_type: str) -> dict[str, str]:
    return next(one for one in on.all("Account") if one["AccountType"] == account_type)


def _balances(on: Stage) -> Mapping[str, int]:
    """Return the balance of each account, in cents."""
    found: dict[str, int] = on.see(f"companies/{on.realm_id}/trial-balance")
    return found
