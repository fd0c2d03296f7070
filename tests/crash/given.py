"""Helpers of the crash tests: records to send, and the documents expected for them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.processes import Stage

SECONDS_MAX = 90.0
TOGETHER = 4  # the number of consecutive payables of one connection


def wait_until(holds: Callable[[], object], seconds_max: float = SECONDS_MAX) -> None:
    """Wait until a condition holds, or fail after `seconds_max`."""
    end = time.monotonic() + seconds_max
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def feed(on: Stage, bills: int, first: int = 0, connections: int = 1) -> None:
    """Send connections and approved payables to the service, which must accept every one."""
    parties = [
        {
            "type": "connection",
            "id": f"conn_{n}",
            "record": {"connectedBusinessName": f"Resilient {n}"},
        }
        for n in range(1, connections + 1)
    ]
    payables = [
        {
            "type": "payable",
            "id": f"pay_{n}",
            "record": {
                "connectionId": f"conn_{n // TOGETHER % connections + 1}",
                "amount": f"{n + 1}.{n % 100:02}",
                "invoiceNumber": f"S-{n}",
                "invoiceDate": "2026-01-05",
                "status": "APPROVED",
            },
        }
        for n in range(first, first + bills)
    ]
    hand_in(on, [*parties, *payables])


def hand_in(on: Stage, given: Sequence[dict[str, Any]]) -> None:
    """Send records to the service, which must accept every one."""
    for at in range(0, len(given), 1000):
        records = given[at : at + 1000]
        answer = on.ask("POST", f"{on.records}/bulk", json={"records": records}).json()
        assert answer["refused"] == 0, answer


def marker(entry: dict[str, Any]) -> str:
    """Return the id of our record that an entry in QuickBooks is for; empty if it is not ours."""
    return str(entry.get("PrivateNote", "")).partition("CleoPay:")[2]


def in_cents(amount: object) -> int:
    """Return an amount from QuickBooks in cents."""
    return round(float(str(amount)) * 100)


def ours(on: Stage, kind: str = "Bill") -> list[dict[str, Any]]:
    """Return the entries of a kind that the company holds for our records."""
    return [one for one in on.all(kind) if marker(one)]


def marks(on: Stage, kind: str = "Bill") -> Counter[str]:
    """Return how many entries of a kind the company holds for each of our records."""
    return Counter(marker(one) for one in ours(on, kind))


def cents(on: Stage) -> dict[str, int]:
    """Return the total of each payable's bill in QuickBooks, in cents."""
    return {marker(bill): in_cents(bill["TotalAmt"]) for bill in ours(on)}


def exactly(bills: int) -> Counter[str]:
    """Return the expected count: one document for each payable that was sent."""
    return Counter(f"pay_{n}" for n in range(bills))


def owed(bills: int) -> dict[str, int]:
    """Return the amount of each payable, in cents."""
    return {f"pay_{n}": (n + 1) * 100 + n % 100 for n in range(bills)}
