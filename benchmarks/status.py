"""Measure the response times of a sync's status while the sync runs, in one process and in two.

    python -m benchmarks.status [--bills 10000] [--rate 200]

A first sync of `--bills` bills is requested; until it ends, its status is requested `--rate` times
a second at fixed times: a late response does not delay the next request, and is timed from when its
request was due. The same is measured before the sync, while nothing runs. In the second half the
service has two processes (`serve --no-worker` and `work`). The limits of the service and of the
emulator are lifted, so that the sync is as busy as the machine allows. “CPU” is the processor time
of the API process for each request; in one process, it includes the sync.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import queue
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.sync_bills import feed_bills
from tests.processes import Process, Stage, free_port, stage

_CONNECTIONS = 32
_IDLE_SECONDS = 10.0


@dataclass(slots=True)
class Asked:
    """The response times of status requests, each from the time at which it was due."""

    seconds: Sequence[float]
    cpu_seconds: float  # of the API process, including all its other work

    def at(self, share: float) -> float:
        """Return the time within which this share of the requests was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Measure one process and two processes, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.status")
    parser.add_argument("--bills", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=200)
    asked = parser.parse_args()
    table = Table(title=f"The status, {asked.rate} times a second, in milliseconds")
    for name in ("processes", "meanwhile", "requests", "p50", "p95", "p99", "max", "CPU", "sync"):
        table.add_column(
            name, justify="right" if name not in ("processes", "meanwhile") else "left"
        )
    for processes in (1, 2):
        with tempfile.TemporaryDirectory() as folder, _started(Path(folder), processes) as on:
            feed_bills(on, asked.bills)
            idle = _ask(on, asked.rate, _wait)
            table.add_row(str(processes), "nothing", *_told(idle), "")
            began = time.perf_counter()
            busy = _ask(on, asked.rate, lambda on: _sync(on, asked.bills))
            took = time.perf_counter() - began
            table.add_row(str(processes), "a first sync", *_told(busy), f"{took:.1f} s")
    Console(width=110).print(table)


@contextmanager
def _started(folder: Path, processes: int) -> Iterator[Stage]:
    """Connect a company to a service of one process, or of an API process and a worker."""
    with stage(f"sqlite:///{folder / 'bench.sqlite'}", free_port()) as on:
        worker = Process(["cleo_accounting", "work"], on.service.environment, "(Working)")
        if processes == 2:
            on.service.arguments = [*on.service.arguments, "--no-worker"]
            on.command("migrate")
            worker.start()
        try:
            on.connect()
            on.choose_expense_account()
            yield on
        finally:
            if worker.started:
                worker.kill()


def _wait(_on: Stage) -> None:
    time.sleep(_IDLE_SECONDS)


def _sync(on: Stage, bills: int) -> None:
    on.ask("POST", on.one + "/sync/invoices", json={})
    told = on.finish(1_800)
    assert told["progress"]["invoices"]["created"] == bills, told


def _ask(on: Stage, rate: int, meanwhile: Callable[[Stage], None]) -> Asked:
    """Request the status at fixed times, from another process, until `meanwhile` returns."""
    context = multiprocessing.get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    asking = context.Process(
        target=_keep_asking, args=(on.base + on.one + "/sync/status", on.token, rate, stop, answers)
    )
    asking.start()
    answers.get(timeout=60)  # the process is ready
    before = _cpu_seconds(on)
    meanwhile(on)
    stop.set()
    took = answers.get()
    asking.join()
    return Asked(took, _cpu_seconds(on) - before)


def _cpu_seconds(on: Stage) -> float:
    assert on.service.started
    times = psutil.Process(on.service.started.pid).cpu_times()
    return float(times.user + times.system)


def _keep_asking(
    url: str, token: str, rate: int, stop: Event, answers: Queue[str | list[float]]
) -> None:
    """Send requests at fixed times over several connections, and put their times into the queue."""
    due: queue.SimpleQueue[float | None] = queue.SimpleQueue()
    took: list[float] = []
    threads = [
        threading.Thread(target=_connection, args=(url, token, due, took))
        for _ in range(_CONNECTIONS)
    ]
    for one in threads:
        one.start()
    answers.put("ready")
    at = time.perf_counter()
    while not stop.is_set():
        at += 1 / rate
        time.sleep(max(0.0, at - time.perf_counter()))
        due.put(at)
    for _ in threads:
        due.put(None)
    for one in threads:
        one.join()
    answers.put(took)


def _connection(
    url: str, token: str, due: queue.SimpleQueue[float | None], took: list[float]
) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=60)
    while (at := due.get()) is not None:
        connection.request("GET", parts.path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        took.append(time.perf_counter() - at)


def _told(asked: Asked) -> Sequence[str]:
    times = [f"{asked.at(share) * 1000:.0f}" for share in (0.5, 0.95, 0.99, 1)]
    each = asked.cpu_seconds / len(asked.seconds)
    return f"{len(asked.seconds):,}", *times, f"{each * 1000:.1f}"


if __name__ == "__main__":
    main()
