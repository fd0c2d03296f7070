"""What these tests have in common: records to send, and one document for each in the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.processes import Stage

SECONDS_MAX = 90.0
TOGETHER = 4  # so many payables in a row are of one connection


def wait_until(holds: Callable[[], object], seconds_max: float = SECONDS_MAX) -> None:
    """Wait for something that will come about by itself."""
    end = time.monotonic() + seconds_max
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def feed(on: Stage, bills: int, first: int = 0, connections: int = 1) -> None:
    """Hand in approved payables of some connections; every one has to be taken."""
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
    """Hand in records; every one has to be taken."""
    for at in range(0, len(given), 1000):
        records = given[at : at + 1000]
        answer = on.ask("POST", f"{on.records}/bulk", json={"records": records}).json()
        assert answer["refused"] == 0, answer


def marker(entry: dict[str, Any]) -> str:
    """Which of our records an entry of the company is for; empty if it is not ours."""
    return str(entry.get("PrivateNote", "")).partition("CleoPay:")[2]


def in_cents(amount: object) -> int:
    """What an amount of QuickBooks comes to in cents."""
    return round(float(str(amount)) * 100)


def ours(on: Stage, kind: str = "Bill") -> list[dict[str, Any]]:
    """The entries of a kind that the company holds for our records."""
    return [one for one in on.all(kind) if marker(one)]


def marks(on: Stage, kind: str = "Bill") -> Counter[str]:
    """How many entries the company holds for each of our records."""
    return Counter(marker(one) for one in ours(on, kind))


def cents(on: Stage) -> dict[str, int]:
    """What the company holds for each of our payables, in cents."""
    return {marker(bill): in_cents(bill["TotalAmt"]) for bill in ours(on)}


def exactly(bills: int) -> Counter[str]:
    """One document for each payable that was handed in."""
    return Counter(f"pay_{n}" for n in range(bills))


def owed(bills: int) -> dict[str, int]:
    """What each payable is about, in cents."""
    return {f"pay_{n}": (n + 1) * 100 + n % 100 for n in range(bills)}
