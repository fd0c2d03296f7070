"""Drive a run step by step, whichever job engine repeats the steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cleo_accounting.errors import Superseded
from cleo_accounting.flows import House
from cleo_accounting.flows.run import sync
from cleo_accounting.store.database import AWAY

_NAP_SECONDS_MIN = 0.05
_TROUBLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of a step: nap and do the next one or, if None, leave the run alone.

    `parked`: the run is left alone until its next turn, at `wait_until` or when it is resumed.
    """

    nap_seconds: float | None
    wait_until: datetime | None = None
    trouble: Exception | None = None
    parked: bool = False


def attempt(house: House, run_id: str, fence: int) -> Attempt:
    """Do a run's next step; this is the only place that turns an error into the fate of the job."""
    try:
        progress = sync.advance(house, run_id, fence)
    except Superseded as trouble:  # another worker has taken the run over
        return Attempt(None, trouble=trouble)
    except AWAY as trouble:  # nothing was decided, so nothing is lost by waiting
        return Attempt(_TROUBLE_SECONDS, trouble=trouble)
    except Exception as trouble:  # noqa: BLE001  a bug of ours must not leave a run open for ever
        sync.fail(house, run_id)
        return Attempt(None, trouble=trouble)
    if progress.done or progress.parked:
        return Attempt(None, progress.wait_until, parked=progress.parked)
    if progress.wait_until is None:
        return Attempt(0.0)
    wait = (progress.wait_until - house.clock.now()).total_seconds()
    return Attempt(max(_NAP_SECONDS_MIN, wait), progress.wait_until)


def leave(house: House, run_id: str, fence: int, *, turn_over: bool, ending: bool) -> bool:
    """Park a run that could continue, if the worker ends or its turn is over and others wait.

    Returns whether the worker should leave the run alone.
    """
    try:
        if ending:
            sync.give_back(house, run_id, fence)
            return True
        return turn_over and sync.give_way(house, run_id, fence)
    except Superseded:
        return True
    except AWAY:  # the scan for runs without a worker will find it
        return ending
