"""What these tests have in common: records to send, and one document for each in the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from tests.processes import Stage

SECONDS_MAX = 90.0


def wait_until(holds: Callable[[], object], seconds_max: float = SECONDS_MAX) -> None:
    """Wait for something that will come about by itself."""
    end = time.monotonic() + seconds_max
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def feed(on: Stage, bills: int, first: int = 0) -> None:
    """Hand in approved payables of one connection; every one has to be taken."""
    connection = {
        "type": "connection",
        "id": "conn_1",
        "record": {"connectedBusinessName": "Resilient"},
    }
    payables = [
        {
            "type": "payable",
            "id": f"pay_{n}",
            "record": {
                "connectionId": "conn_1",
                "amount": f"{n + 1}.{n % 100:02}",
                "invoiceNumber": f"S-{n}",
                "invoiceDate": "2026-01-05",
                "status": "APPROVED",
            },
        }
        for n in range(first, first + bills)
    ]
    given = [connection, *payables]
    for at in range(0, len(given), 1000):
        answer = on.ask(
            "POST", f"{on.records}/bulk", json={"records": given[at : at + 1000]}
        ).json()
        assert answer["refused"] == 0, answer


def marks(on: Stage) -> Counter[str]:
    """How many documents the company holds for each of our payables."""
    return Counter(
        bill["PrivateNote"].rsplit("CleoPay:", 1)[-1]
        for bill in on.all("Bill")
        if "CleoPay:" in bill.get("PrivateNote", "")
    )


def cents(on: Stage) -> dict[str, int]:
    """What the company holds for each of our payables, in cents."""
    return {
        bill["PrivateNote"].rsplit("CleoPay:", 1)[-1]: round(float(bill["TotalAmt"]) * 100)
        for bill in on.all("Bill")
        if "CleoPay:" in bill.get("PrivateNote", "")
    }


def exactly(bills: int) -> Counter[str]:
    """One document for each payable that was handed in."""
    return Counter(f"pay_{n}" for n in range(bills))


def owed(bills: int) -> dict[str, int]:
    """What each payable is about, in cents."""
    return {f"pay_{n}": (n + 1) * 100 + n % 100 for n in range(bills)}
