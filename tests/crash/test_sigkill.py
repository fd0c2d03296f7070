"""The service is killed, again and again, in the middle of a sync: nothing twice, nothing lost."""

from __future__ import annotations

import random
import time
from collections import Counter
from decimal import Decimal

import pytest

from tests.processes import Stage, free_port, stage

pytestmark = pytest.mark.both


BILLS = 3_000
KILLS = 10
FINISH_SECONDS_MAX = 180.0


def _feed(on: Stage) -> None:
    connections = [
        {"type": "connection", "id": f"conn_{n}", "record": {"connectedBusinessName": f"Kill {n}"}}
        for n in range(40)
    ]
    payables = [
        {
            "type": "payable",
            "id": f"pay_{n}",
            "record": {
                "connectionId": f"conn_{n % 40}",
                "amount": f"{n + 1}.{n % 100:02}",
                "invoiceNumber": f"K-{n}",
                "invoiceDate": "2026-01-05",
                "status": "APPROVED",
            },
        }
        for n in range(BILLS)
    ]
    for at in range(0, BILLS, 1000):
        given = [*(connections if at == 0 else ()), *payables[at : at + 1000 - 40 * (at == 0)]]
        answer = on.ask("POST", f"{on.records}/bulk", json={"records": given[:1000]}).json()
        assert answer["refused"] == 0, answer
    rest = on.ask("POST", f"{on.records}/bulk", json={"records": payables[960:1000]}).json()
    assert rest["refused"] == 0


@pytest.mark.timeout(900)  # ten kills and as many starts take minutes
def test_killed_ten_times_a_sync_still_ends_with_every_bill_once(database_url: str) -> None:
    moments = random.Random(2026)
    with stage(database_url, free_port()) as on:
        on.connect()
        _feed(on)
        on.choose_expense_account()
        before = on.counted("Bill")
        on.ask("POST", on.one + "/sync", json={})
        for kill in range(KILLS):
            target = before + BILLS * (kill + 0.5) / (KILLS + 1)
            _wait_until(lambda target=target: on.counted("Bill") >= target)
            time.sleep(moments.uniform(0, 0.08))  # so that every boundary has its turn
            on.service.kill()
            on.come_back()
        told = _finish(on)

    assert told["state"] == "succeeded", told
    assert told["progress"]["invoices"]["created"] == BILLS


def _wait_until(holds: object) -> None:
    end = time.monotonic() + FINISH_SECONDS_MAX
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)


def _finish(on: Stage) -> dict[str, object]:
    """Wait for the run's own end, then hold what the company has against what we sent."""
    told = on.finish(FINISH_SECONDS_MAX)
    marks = Counter(
        note.rsplit("\n", 1)[-1]
        for bill in on.all("Bill")
        if "CleoPay:" in (note := bill.get("PrivateNote", ""))
    )
    assert marks == Counter(f"CleoPay:pay_{n}" for n in range(BILLS))
    total = sum(
        Decimal(str(bill["TotalAmt"])) for bill in on.all("Bill") if bill["DocNumber"][:2] == "K-"
    )
    assert total == sum(Decimal(f"{n + 1}.{n % 100:02}") for n in range(BILLS))
    return dict(told)
