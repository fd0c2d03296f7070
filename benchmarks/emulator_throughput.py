"""Measure the emulator's throughput, its memory per bill and its start time.

Run `python benchmarks/emulator_throughput.py`. The targets: 2,000 bills a second through batches
in process on one core, 1,000 over HTTP, less than 3 kB of memory per bill, growing linearly with
their number (the first quarter also fills the journal, whose size is bounded), and a start in less
than two seconds.
"""

from __future__ import annotations

import gc
import http.client
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil

from quickbooks_emulator.accounting.throttle import UNLIMITED
from quickbooks_emulator.basics.clock import VirtualClock
from quickbooks_emulator.basics.wire import Request
from quickbooks_emulator.testing import emulator, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quickbooks_emulator.testing import Intuit

ITEMS = 30
SLICES = 4


def batches(intuit: Intuit, count: int, start: int = 0) -> Iterator[bytes]:
    """Yield the bodies of batches that create bills, as a client would send them."""
    company = intuit.company
    vendors = [each["Id"] for each in company.all("Vendor")]
    expense = company.books.special("Expense")
    assert expense is not None
    for batch in range(start, start + count):
        items = [
            {
                "bId": str(number),
                "operation": "create",
                "Bill": bill(vendors[number % len(vendors)], expense.id, batch, number),
            }
            for number in range(ITEMS)
        ]
        yield json.dumps({"BatchItemRequest": items}).encode()


def bill(vendor: str, account: str, batch: int, number: int) -> dict[str, Any]:
    """Return a bill with one line."""
    detail = {"AccountRef": {"value": account}}
    line = {
        "Amount": 100.5,
        "Description": "Paper and toner",
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }
    return {
        "VendorRef": {"value": vendor},
        "DocNumber": f"B{batch}-{number}",
        "TxnDate": "2026-01-05",
        "PrivateNote": f"CleoPay:pay_{batch:06d}{number:02d}",
        "Line": [line],
    }


def headers(intuit: Intuit) -> dict[str, str]:
    """Return the request headers of an authorized client."""
    token = intuit.authorize().access_token
    return {
        "authorization": f"Bearer {token}",
        "accept": "application/json",
        "content-type": "application/json",
    }


def enter(send: Callable[[int, bytes], bytes], bodies: list[bytes], start: int = 0) -> float:
    """Send batches one after the other and return the bills per second."""
    begun = time.perf_counter()
    for number, body in enumerate(bodies, start):
        answer = send(number, body)
        assert answer.count(b'"TotalAmt"') == ITEMS, answer[:500]
    return len(bodies) * ITEMS / (time.perf_counter() - begun)


def in_process(count: int) -> tuple[float, list[float]]:
    """Return the bills per second through `handle`, and the bytes per bill in each quarter."""
    with emulator(clock=VirtualClock(), limits=UNLIMITED, latency_seconds=0) as intuit:
        sent = headers(intuit)
        path = f"/v3/company/{intuit.realm_id}/batch"

        def send(number: int, body: bytes) -> bytes:
            query = (("requestid", f"r{number}"),)
            return intuit.emulator.handle(Request("POST", path, query, sent, body)).body

        process = psutil.Process()
        speeds, sizes = [], []
        for part in range(SLICES):
            bodies = list(batches(intuit, count // SLICES, part * count))
            gc.collect()
            before = process.memory_info().rss
            speeds.append(enter(send, bodies, part * count))
            gc.collect()
            grown = process.memory_info().rss - before
            sizes.append(grown / (len(bodies) * ITEMS))
        return len(speeds) / sum(1 / each for each in speeds), sizes


def over_http(count: int) -> float:
    """Return the bills per second that one client sends over one connection."""
    with served(limits=UNLIMITED) as intuit:
        sent = headers(intuit)
        bodies = list(batches(intuit, count))
        parts = urlsplit(intuit.url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port)

        def send(number: int, body: bytes) -> bytes:
            path = f"/v3/company/{intuit.realm_id}/batch?requestid=r{number}"
            connection.request("POST", path, body, sent)
            return connection.getresponse().read()

        return enter(send, bodies)


def start_seconds() -> float:
    """Return how long a new interpreter takes to create a furnished company."""
    program = "from quickbooks_emulator.testing import emulator\nwith emulator(): pass"
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter() - begun


def main() -> None:
    """Run the measurements and print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1600
    speed, sizes = in_process(count)
    rows = [
        ("bills/s in process, batches of 30", f"{speed:,.0f}", "≥ 2,000"),
        ("bills/s over HTTP, batches of 30", f"{over_http(count):,.0f}", "≥ 1,000"),
        ("bytes a bill, by quarter", " ".join(f"{each:,.0f}" for each in sizes), "< 3,000"),
        ("seconds to start", f"{start_seconds():.2f}", "< 2"),
    ]
    print(f"{Path(__file__).stem}: {count * ITEMS:,} bills, Python {sys.version.split()[0]}")
    for name, figure, promise in rows:
        print(f"  {name:36} {figure:>24}   promised {promise}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  {'peak memory, MB':36} {peak:>24}")


if __name__ == "__main__":
    main()
