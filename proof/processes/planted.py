"""Bugs that can be planted in a process of the service, to test whether the fuzzing finds them."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting import progress
from cleo_accounting.web import app
from proof.replacing import Make, replaced

_REPLACED = ExitStack()  # never closed: a bug stays until its process ends


def _raises() -> None:
    _make_before(progress.status, lambda: 1 // 0)


def _sleeps() -> None:
    _make_before(connect.latest, lambda: time.sleep(6), times=2)


def _tells() -> None:
    said = 'Traceback (most recent call last): File "/srv/app.py", line 1'
    _replace(
        app._say_no,  # noqa: SLF001  a bug on purpose
        lambda right: (
            lambda request, status, code, _message, **more: right(
                request, status, code, said, **more
            )
        ),
    )


def _dies() -> None:
    _make_before(progress.status, lambda: os._exit(1))


def _make_before(
    flow: Any,  # noqa: ANN401  a function
    mistake: Callable[[], object],
    times: int | None = None,
) -> None:
    """Run the mistake before a flow is called: the first `times` times, or each time."""
    asked = itertools.count()

    def make(right: Any) -> Any:  # noqa: ANN401  as above
        def wrong(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401  the arguments of the right one
            if times is None or next(asked) < times:
                mistake()
            return right(*arguments, **more)

        return wrong

    _replace(flow, make)


def _replace(right: Any, make: Make) -> None:  # noqa: ANN401  as above
    """Replace a function until the process ends."""
    _REPLACED.enter_context(replaced(right, make))


PLANTED: Mapping[str, Callable[[], None]] = {
    "raises": _raises,
    "sleeps": _sleeps,
    "tells": _tells,
    "dies": _dies,
}
