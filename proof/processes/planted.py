"""Mistakes that a process of the service can be told to make, so that the fuzzing can be tested."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting import progress
from cleo_accounting.web import app


def _raises() -> None:
    _instead_of(progress, "status", lambda: 1 // 0)


def _sleeps() -> None:
    _instead_of(connect, "latest", lambda: time.sleep(6), times=2)


def _tells() -> None:
    said = 'Traceback (most recent call last): File "/srv/app.py", line 1'
    right = app._say_no  # noqa: SLF001  a mistake on purpose
    app._say_no = lambda request, status, code, _, **more: right(  # noqa: SLF001  same
        request, status, code, said, **more
    )


def _dies() -> None:
    _instead_of(progress, "status", lambda: os._exit(1))


def _instead_of(
    room: Any,  # noqa: ANN401  a module
    name: str,
    mistake: Callable[[], object],
    times: int | None = None,
) -> None:
    """Make the mistake so many times before a flow is called, or each time."""
    right, asked = getattr(room, name), itertools.count()

    def wrong(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401  whatever the right one took
        if times is None or next(asked) < times:
            mistake()
        return right(*arguments, **more)

    setattr(room, name, wrong)


PLANTED: Mapping[str, Callable[[], None]] = {
    "raises": _raises,
    "sleeps": _sleeps,
    "tells": _tells,
    "dies": _dies,
}
