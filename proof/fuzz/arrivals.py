"""Fuzz the sign-in callback, with parameters as QuickBooks sends them and with mutated ones."""

from __future__ import annotations

import random
import threading
from urllib.parse import urlencode

from proof.fuzz import hostile
from proof.fuzz.place import OTHER, Place
from proof.fuzz.watch import Caller, Watch
from proof.processes.stage import BUSINESS

_DOORWAY = "/api/integrations/accounting/callback"
_NAMES = ("state", "code", "realmId", "error", "iss")


class ArrivalsDoor:
    """Begins sign-ins of the second business, and sends hostile callbacks."""

    def __init__(self, here: Place, watch: Watch, seed: int, stop: threading.Event) -> None:
        self._here = here
        self._stop = stop
        self._dice = random.Random(f"{seed} arrivals")
        self._caller = Caller(watch, "callback", here.url)

    def work(self) -> None:
        """Send callbacks until it is time to stop."""
        came: dict[str, str] = {}
        while not self._stop.is_set():
            if self._dice.random() < 0.1 or not came:
                came = self._sign_in() or came
            self._arrive(came)
            self._stop.wait(self._dice.uniform(0, 0.1))

    def _sign_in(self) -> dict[str, str] | None:
        business = OTHER if self._dice.random() < 0.9 else BUSINESS
        begun = self._caller.ask(
            "POST",
            f"/api/businesses/{business}/integrations/accounting/connect",
            route="/connect",
            asks_quickbooks=True,
            json={},
            headers=self._bearer(),
        )
        if begun is None or begun.status_code != 200:
            return None
        return self._here.consented(begun.json()["authorizationUrl"], business)

    def _arrive(self, came: dict[str, str]) -> None:
        told = list(came.items())
        if self._dice.random() < 0.8:
            told = hostile.form(self._dice, told)
            told += [
                (name, hostile.text(self._dice)) for name in _NAMES if self._dice.random() < 0.1
            ]
        query = urlencode([(name, value[:6_000]) for name, value in told], errors="surrogatepass")
        if self._dice.random() < 0.1:
            query = hostile.mutated(self._dice, query.encode()).decode("latin-1")
            query = "".join(letter for letter in query if " " < letter < "\x7f" and letter != "#")
        if self._dice.random() < 0.6:
            self._caller.ask("GET", f"{_DOORWAY}?{query}", route=_DOORWAY, asks_quickbooks=True)
            return
        self._caller.ask(
            "GET",
            f"/api/businesses/{OTHER}/integrations/accounting/callback?{query}",
            route="/callback",
            asks_quickbooks=True,
            headers=self._bearer(),
        )

    def _bearer(self) -> dict[str, str]:
        role = "platform" if self._dice.random() < 0.8 else self._dice.choice(("viewer", "admin"))
        return {"authorization": f"Bearer {self._here.tokens[role]}"}
