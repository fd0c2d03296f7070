"""Simulated workers: they take the runs that are ready and do them step by step, through faults.

The durable engine itself is not simulated (its threads and its clock are the machine's). What a
step leads to is decided by `flows.drive` in both; only the engine's lease is repeated here: a run
belongs to one worker until that worker has been silent for the length of a lease.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cleo_accounting.errors import Superseded
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.run.drive import Attempt, attempt
from cleo_accounting.flows.work import errands
from cleo_accounting.store import turns
from cleo_accounting.store.database import AWAY
from proof.simulation.seams import Crash, Interruption
from proof.simulation.world import Life, World

LEASE = timedelta(seconds=20)
_TROUBLE_SECONDS = 2.0


@dataclass(slots=True)
class Crew:
    """All workers, with the owner of each run and the workers that are in the middle of a step."""

    world: World
    skews: tuple[timedelta, ...] = (timedelta(), timedelta())
    lives: dict[int, Life] = field(default_factory=dict)
    busy: dict[int, datetime] = field(default_factory=dict)  # in a step since then
    owners: dict[str, tuple[int, Life, int]] = field(default_factory=dict)  # by run, with the fence
    due: dict[str, datetime] = field(default_factory=dict)  # when parked runs are due

    def life(self, number: int) -> Life:
        """Return the worker's live process; start a new one if the last one crashed."""
        life = self.lives.get(number)
        if life is None or not life.process.alive:
            life = self.world.live(f"worker-{number}", self.skews[number])
            self.lives[number] = life
        return life

    def restart(self, number: int) -> None:
        """Drop the worker's process, unless it is paused in the middle of a step."""
        if number not in self.busy:
            self.lives.pop(number, None)

    def work(self, number: int, turns: int, interruption: Interruption | None = None) -> int:
        """Let a worker do up to `turns` steps; return how many it did."""
        if number in self.busy:
            return 0  # it is paused in the middle of a step
        life = self.life(number)
        self.world.history.note("works", process=life.process.name)
        life.process.plan(interruption)
        if not self._guarded(number, life, lambda: errands.ask_daily(life.house)):
            return 0
        done = 0
        while done < turns and self._turn(number, life):
            done += 1
        self.world.history.note("stopped", worker=number, boundaries=life.process.reached)
        life.process.plan(None)
        return done

    def _turn(self, number: int, life: Life) -> bool:
        """Do the errands that are due, then one step of a run; return whether to continue."""

        def turn() -> bool:
            errands.run_due(life.house)
            run_id = self._next(life)
            if run_id is None:
                return self._sleep_until_one_is_due(life)
            self._step(number, life, run_id)
            return True

        return self._guarded(number, life, turn)

    def _guarded(self, number: int, life: Life, act: Callable[[], bool | None]) -> bool:
        """Do a piece of work and contain its failure; return whether the process can continue."""
        self.busy[number] = self.world.emulator.clock.now()
        try:
            return act() is not False
        except Crash:
            self._died(number, life)
            return False
        except AWAY as trouble:
            self._was_away(number, trouble)
            self.world.emulator.wait(_TROUBLE_SECONDS)
        except Exception as trouble:  # noqa: BLE001  any exception is a finding
            self._broke(number, life, None, trouble)
            return False
        finally:
            self.busy.pop(number, None)
        return True

    def _step(self, number: int, life: Life, run_id: str) -> None:
        """Do a step of a run and the nap after it; a parked run has no owner until it is due."""
        self.due.pop(run_id, None)
        tried = self._attempt(number, life, run_id, self._fence(number, life, run_id))
        if tried.parked:
            self.owners.pop(run_id, None)
            if tried.wait_until is not None:
                self.due[run_id] = tried.wait_until
        elif tried.nap_seconds:
            life.house.clock.sleep(tried.nap_seconds)

    def _sleep_until_one_is_due(self, life: Life) -> bool:
        """Sleep until the first parked run is due; return False if no run is parked."""
        if not self.due:
            return False
        run_id = min(self.due, key=lambda one: self.due[one])
        wait = (self.due[run_id] - life.house.clock.now()).total_seconds()
        life.house.clock.sleep(max(wait, 0.0))
        self.due.pop(run_id, None)
        return True

    def _attempt(self, number: int, life: Life, run_id: str, fence: int) -> Attempt:
        tried = attempt(life.house, run_id, fence)
        if isinstance(tried.trouble, Superseded):
            self.world.history.note("superseded", worker=number, run=run_id)
        elif isinstance(tried.trouble, AWAY):
            self._was_away(number, tried.trouble)
        elif tried.trouble is not None:
            self._broke(number, life, run_id, tried.trouble)
        return tried

    def _fence(self, number: int, life: Life, run_id: str) -> int:
        """Return the fence of a run; a worker that begins to drive the run takes a new one."""
        owner = self.owners.get(run_id)
        if owner is not None and owner[1] is life:
            return owner[2]
        fence = sync.take(life.house, run_id)
        self.owners[run_id] = (number, life, fence)
        return fence

    def _next(self, life: Life) -> str | None:
        """Return a run that was begun, else a ready one; skip runs that a live worker drives."""
        with life.house.database.reading() as tx:
            waiting = (*turns.held(tx), *turns.ready(tx, life.house.clock.now()))
        return next((one.run_id for one in waiting if self._is_free(one.run_id, life)), None)

    def _is_free(self, run_id: str, life: Life) -> bool:
        owner = self.owners.get(run_id)
        if owner is None or owner[1] is life or self.lives.get(owner[0]) is not owner[1]:
            return True
        since = self.busy.get(owner[0])  # only a paused worker is silent
        return since is not None and self.world.emulator.clock.now() - since >= LEASE

    def _died(self, number: int, life: Life) -> None:
        assert not life.process.alive
        edge = life.process.trace[-1] if life.process.trace else ""
        self.world.history.note("crashed", worker=number, edge=edge)
        self.lives.pop(number, None)

    def _was_away(self, number: int, trouble: Exception) -> None:
        self.world.history.note("database_trouble", worker=number, why=type(trouble).__name__)

    def _broke(self, number: int, life: Life, run_id: str | None, trouble: Exception) -> None:
        said = "".join(traceback.format_exception(trouble)).strip().splitlines()
        self.world.history.note(
            "broke",
            worker=number,
            run=run_id,
            type=type(trouble).__name__,
            error=said[-1],
            where=said[-3:-1],
            name=life.process.name,
        )
