"""Measure the memory a service keeps after large requests: with its own settings and glibc's.

    python -m benchmarks.memory [requests]

Two services, one after the other, answer the same requests, sixteen at a time: bodies of up to ten
megabytes, most of them refused, and small reads in between. The memory is printed at each fifth.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx2
import psutil

from proof.processes.stage import Stage, stage

REQUESTS = 1_500
AT_ONCE = 16
_PARTS = 5
_REST_SECONDS = 2.0
_MANY = str(10**9)
_SETTINGS: Mapping[str, str] = {
    "CLEO_LIMIT_PLATFORM_PER_MINUTE": _MANY,
    "CLEO_LIMIT_BUSINESS_PER_MINUTE": _MANY,
}
# The children of `stage` are forks, so glibc itself never reads this variable; the service does,
# and then leaves glibc's settings unchanged.
_AS_THE_LIBRARY: Mapping[str, str] = {"MALLOC_ARENA_MAX": "unset"}


def main(requests: int) -> None:
    """Measure both services and print the memory of each."""
    print(f"{requests:,} requests, {AT_ONCE} at a time; MB at the start and after each fifth")
    for name, more in (("as the service starts", {}), ("glibc's default", _AS_THE_LIBRARY)):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/memory.sqlite"
            with stage(url, Path(folder), 1, {**_SETTINGS, **more}) as on:
                sizes = measure(on, requests)
        print(f"{name:<25}{''.join(f'{size / 1e6:>7.0f}' for size in sizes)}")


def measure(on: Stage, requests: int) -> list[int]:
    """Send the requests to a service and return its memory at the start and after each fifth."""
    (pid,) = on.living
    process = psutil.Process(pid)
    bodies = [_records(count, letters) for count, letters in _SHAPES]
    sizes = [process.memory_info().rss]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in range(_PARTS):
            list(threads.map(partial(_ask, on, bodies), range(requests // _PARTS)))
            time.sleep(_REST_SECONDS)
            sizes.append(process.memory_info().rss)
    return sizes


_SHAPES = ((20, 100), (1_000, 500), (1_000, 9_000), (1_000, 12_000))


def _records(count: int, letters: int) -> bytes:
    """Return a body of connections with names of this many letters; more than 500 are refused."""
    record = {"connectedBusinessName": "n" * letters}
    some = [{"type": "connection", "id": f"conn_{at}", "record": record} for at in range(count)]
    return json.dumps({"records": some}).encode()


def _ask(on: Stage, bodies: list[bytes], number: int) -> None:
    url = f"http://127.0.0.1:{on.port}/api/businesses/biz_kills"
    headers = {"authorization": f"Bearer {on.token}", "content-type": "application/json"}
    if number % 2:
        httpx2.get(f"{url}{on.one}/activity", headers=headers, timeout=120)
        return
    body = bodies[number // 2 % len(bodies)]
    answer = httpx2.post(url + on.records + "/bulk", content=body, headers=headers, timeout=120)
    assert answer.status_code < 500, answer.text


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS)
