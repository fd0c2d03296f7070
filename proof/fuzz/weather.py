"""A hostile QuickBooks: faults, false answers and switches change at random while syncs go on."""

from __future__ import annotations

import random
import threading
from typing import Any

import httpx2

from proof.fuzz.place import OTHER, Place, Unwell
from proof.processes.stage import BUSINESS
from quickbooks_emulator.basics.switches import Switches, choices
from quickbooks_emulator.misfortunes.misfortune import KINDS

_PATHS = ("/v3/*", "/v3/*", "/oauth2/*", "*/query", "*/batch", "*/cdc")
_LASTING = (2.0, 8.0)


class Weather:
    """Changes how the emulator behaves every few seconds; some of the time there are no faults."""

    def __init__(self, here: Place, seed: int, stop: threading.Event) -> None:
        self._here = here
        self._stop = stop
        self._dice = random.Random(f"{seed} weather")
        self.changes = 0

    def work(self) -> None:
        """Change the faults and switches until it is time to stop."""
        while not self._stop.is_set():
            self._here.emulator("DELETE", "faults")
            self._here.emulator("PATCH", "switches", **self._habits())
            self._here.lie(self._dice.choice((0, 0, 0.05, 0.3)), self._dice.randrange(2**31))
            if self._dice.random() < 0.6:
                self._storm()
            self.changes += 1
            self._stop.wait(self._dice.uniform(*_LASTING))
        self._here.emulator("DELETE", "faults")
        self._here.emulator("PATCH", "switches", **_usual())

    def _storm(self) -> None:
        kinds = self._dice.sample(KINDS, self._dice.randint(1, 4))
        rates = {kind: round(self._dice.uniform(0.02, 0.3), 2) for kind in kinds}
        self._here.emulator(
            "PUT",
            "weather",
            rates={kind: min(rate, 0.9 / len(kinds)) for kind, rate in rates.items()},
            path=self._dice.choice(_PATHS),
            delay_seconds_max=5.0,
        )
        if self._dice.random() < 0.5:
            self._here.emulator(
                "POST",
                "faults",
                kind=self._dice.choice(KINDS),
                path=self._dice.choice(_PATHS),
                times=self._dice.randint(1, 10),
                seconds=round(self._dice.uniform(0, 5), 2),
            )

    def _habits(self) -> dict[str, Any]:
        """Draw some switches anew; the others stay as Intuit is believed to behave."""
        drawn = _usual()
        for name in self._dice.sample(sorted(_CHOICES), 4):
            drawn[name] = self._dice.choice(_CHOICES[name])
        return drawn


_USUAL = Switches().as_dict()
_CHOICES: dict[str, tuple[Any, ...]] = {
    name: some or (True, False)
    for name, some in choices().items()
    if some or isinstance(_USUAL[name], bool)
}


def _usual() -> dict[str, Any]:
    return {name: _USUAL[name] for name in _CHOICES}


class Work:
    """The work in the background: records, syncs, previews and comparisons."""

    def __init__(self, here: Place, seed: int, stop: threading.Event) -> None:
        self._here = here
        self._stop = stop
        self._dice = random.Random(f"{seed} work")
        self.asked = 0

    def work(self) -> None:
        """Feed records and request work until it is time to stop."""
        number = 40
        while not self._stop.is_set():
            self._stop.wait(self._dice.uniform(0.5, 3))
            try:
                number += 5
                self._here.feed(self._dice, number)
                self._ask()
            except (httpx2.HTTPError, LookupError, ValueError, Unwell):
                continue  # the doors, and the end of the run, find what does not answer

    def _ask(self) -> None:
        drawn = self._dice.random()
        if drawn < 0.15:
            self._here.set_right()
            if not self._here.look_up(OTHER):
                self._here.connect(OTHER)
        business = OTHER if drawn > 0.8 else BUSINESS
        path = self._dice.choice(
            ("/sync", "/sync", "/sync/invoices", "/refresh", "/reconciliation")
        )
        body = {"dryRun": self._dice.random() < 0.3} if path.startswith("/sync") else None
        self._here.ask("POST", self._here.one(business) + path, business, json=body)
        self.asked += 1
