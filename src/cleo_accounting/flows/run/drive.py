"""Drive a run, step by step: what each attempt leads to, whichever engine repeats it."""

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
    """What a step came to: nap and do the next one, or (None) leave the run alone.

    `parked`: the run is left alone until its next turn, at `wait_until` or when it is resumed.
    """

    nap_seconds: float | None
    wait_until: datetime | None = None
    trouble: Exception | None = None
    parked: bool = False


def attempt(house: House, run_id: str, fence: int) -> Attempt:
    """Do a run's next step; error → fate of the job, here and nowhere else."""
    try:
        progress = sync.advance(house, run_id, fence)
    except Superseded as trouble:  # somebody else goes on with it
        return Attempt(None, trouble=trouble)
    except AWAY as trouble:  # nothing was decided, so nothing is lost by waiting
        return Attempt(_TROUBLE_SECONDS, trouble=trouble)
    except Exception as trouble:  # noqa: BLE001  a mistake of ours must not leave a run open for ever
        sync.fail(house, run_id)
        return Attempt(None, trouble=trouble)
    if progress.done or progress.parked:
        return Attempt(None, progress.wait_until, parked=progress.parked)
    if progress.wait_until is None:
        return Attempt(0.0)
    wait = (progress.wait_until - house.clock.now()).total_seconds()
    return Attempt(max(_NAP_SECONDS_MIN, wait), progress.wait_until)


def leave(house: House, run_id: str, fence: int, *, turn_over: bool, ending: bool) -> bool:
    """Park a run that could go on, if the worker ends or its turn is over and others wait.

    Says whether the worker is to leave the run alone.
    """
    try:
        if ending:
            sync.give_back(house, run_id, fence)
            return True
        return turn_over and sync.give_way(house, run_id, fence)
    except Superseded:
        return True
    except AWAY:  # whoever looks after runs that nobody drives finds it
        return ending
