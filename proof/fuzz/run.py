"""Fuzz all doors at once for a while, then check that the service is as healthy as before."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Protocol

import httpx2

from proof.fuzz.api import ApiDoor
from proof.fuzz.arrivals import ArrivalsDoor
from proof.fuzz.imports import ImportsDoor
from proof.fuzz.pace import Size
from proof.fuzz.page import PageDoor
from proof.fuzz.place import Place, work_goes_on
from proof.fuzz.watch import Asked, Watch
from proof.fuzz.weather import Weather, Work

_JUDGE_EVERY_SECONDS = 5.0
_ENDING_SECONDS = 0.5  # a process closes its port a moment before it is gone
_LINE = 2_000
_WHOLE = Asked("service", "the whole run", "the whole run")


class Door(Protocol):
    """A thread's work that keeps the service busy."""

    def work(self) -> None:
        """Work until it is time to stop."""


def fuzz(here: Place, watch: Watch, seed: int, seconds: float) -> str:
    """Fuzz all doors for `seconds`, or until the service has ended; return what else was done."""
    stop = threading.Event()
    weather, work = Weather(here, seed, stop), Work(here, seed, stop)
    doors: list[Door] = [
        ApiDoor(here, watch, seed, stop),
        PageDoor(here, watch, seed, stop),
        ArrivalsDoor(here, watch, seed, stop),
        ImportsDoor(here, watch, seed, stop),
        weather,
        work,
    ]
    troubles: list[Exception] = []
    threads = [
        threading.Thread(target=_kept, args=(door.work, troubles, stop), name=type(door).__name__)
        for door in doors
    ]
    for one in threads:
        one.start()
    end_at = time.monotonic() + seconds
    while time.monotonic() < end_at and here.is_alive() and not troubles:
        stop.wait(min(_JUDGE_EVERY_SECONDS, max(0.1, end_at - time.monotonic())))
        watch.judge_times()
    stop.set()
    for one in threads:
        one.join()
    for trouble in troubles:
        if not isinstance(trouble, httpx2.TransportError):
            raise trouble
        watch.found(_WHOLE, f"the service does not answer ({type(trouble).__name__})")
    return (
        f"The weather at QuickBooks changed {weather.changes} times; {work.asked} syncs, previews,"
        " refreshes and comparisons were asked for."
    )


def end(here: Place, watch: Watch, size: Size) -> None:
    """Check the process, its memory, its log and its work after the fuzzing."""
    if trouble := work_goes_on(here):
        time.sleep(_ENDING_SECONDS)
    if not here.is_alive():
        watch.found(_WHOLE, "the process has ended")
        here.on.living.pop(here.pid)
    else:
        for grown in size.grew():
            watch.found(_WHOLE, grown)
        if trouble:
            watch.found(_WHOLE, f"its work does not go on: {trouble}")
    for line in here.log.read_text(errors="replace").splitlines():
        if route := _failed(line):
            watch.found(Asked("log", route, line[-_LINE:]), "an exception in the log")


def _failed(line: str) -> str:
    """Return the event and the route of a log line with an exception; empty if it has none."""
    if "Traceback" not in line and '"level": "error"' not in line:
        return ""
    try:
        told = json.loads(line)
    except ValueError:
        return line[:200]
    last = str(told.get("traceback", "") or told.get("exception", "")).strip().splitlines()
    return f"{told.get('event')} {told.get('route', '')} {last[-1:]}"


def _kept(work: Callable[[], None], troubles: list[Exception], stop: threading.Event) -> None:
    """Run a door's work; an exception of its own code ends the run and is raised there."""
    try:
        work()
    except Exception as trouble:  # noqa: BLE001  raised by the run, once all threads have ended
        troubles.append(trouble)
        stop.set()
