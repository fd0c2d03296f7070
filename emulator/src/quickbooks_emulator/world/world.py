"""An emulator's state: clock, dice, apps, grants, companies, misfortunes and journal."""

from __future__ import annotations

from dataclasses import asdict
from threading import RLock
from typing import IO, TYPE_CHECKING

from quickbooks_emulator.accounting.throttle import Call, Limits, Throttle
from quickbooks_emulator.basics.clock import Clock, HeldClock, SystemClock
from quickbooks_emulator.basics.dice import Dice
from quickbooks_emulator.basics.switches import Switches
from quickbooks_emulator.misfortunes.late import Late
from quickbooks_emulator.misfortunes.misfortune import Misfortunes
from quickbooks_emulator.notices.courier import post
from quickbooks_emulator.notices.webhooks import Webhooks
from quickbooks_emulator.sign_in.apps import User
from quickbooks_emulator.sign_in.consent import Choice, Consent
from quickbooks_emulator.sign_in.grants import Grants
from quickbooks_emulator.sign_in.oauth import OAuth
from quickbooks_emulator.world.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from quickbooks_emulator.books.books import Effect
    from quickbooks_emulator.books.company import Company
    from quickbooks_emulator.notices.webhooks import Notice


class World:
    """The state of an emulator, which the acts change and which can be saved to a file."""

    def __init__(
        self,
        seed: int = 0,
        clock: Clock | None = None,
        switches: Switches | None = None,
        *,
        base_url: str | None = None,
        limits: Limits | None = None,
        latency_seconds: float = 0.0,
        journal_file: IO[str] | None = None,
    ) -> None:
        self.seed = seed
        self.clock = HeldClock(clock or SystemClock())
        self.switches = switches or Switches()
        self.base_url = base_url
        self.latency_seconds = latency_seconds
        self.lock = RLock()
        self.dice = Dice(seed)
        self.grants = Grants(self.dice, self.clock, lambda: self.switches)
        self.oauth = OAuth(
            self.grants, dice=self.dice, clock=self.clock, switches=lambda: self.switches
        )
        self.consent = Consent(self.oauth, self.dice, self._choices)
        self.throttle = Throttle(limits)
        self.faults = Misfortunes(self.dice)
        self.journal = Journal(file=journal_file)
        self.webhooks = Webhooks(
            self.dice, self.oauth.apps, self.grants.connected, lambda: self.switches
        )
        self.courier: Callable[[Notice], int | None] = post
        """Posts a notice to its app and returns the status; can be replaced."""
        self.companies: dict[str, Company] = {}
        self.production: set[str] = set()
        """The ids of the real companies, as opposed to sandboxes."""
        self.late: list[Late] = []
        """Requests that are to be executed later."""
        self._tid, self._client_id = "", ""
        """The request being executed, and its app; empty while a person or the owner acts."""
        self._call: Call | None = None
        """The request being executed, once the limits have admitted it."""
        self._begin()

    def _begin(self) -> None:
        facts = {
            "seed": self.seed,
            "switches": self.switches.as_dict(),
            "limits": asdict(self.throttle.limits),
            "latency_seconds": self.latency_seconds,
            "base_url": self.base_url,
        }
        with self.clock.held() as now:
            self.journal.write("act", now, {"do": "begin", "with": facts})
        person = User(self.dice.uuid("user"), "dana.rivera@example.com", "Dana", "Rivera")
        self.oauth.users[person.id] = person

    def effected(self, realm_id: str, effect: Effect) -> None:
        """Record a change in a company's books in the journal and for the webhooks."""
        now = self.clock.now()
        facts = {
            "tid": self._tid,
            "realm_id": realm_id,
            "entity": effect.kind,
            "id": effect.id,
            "operation": effect.operation,
            "by": effect.by,
            "before": effect.before,
            "after": effect.after,
        }
        self.journal.write("effect", now, facts)
        self.webhooks.hear(realm_id, effect, now, by_client=self._client_id or None)

    def _choices(self) -> list[Choice]:
        return [
            Choice(realm_id, company.name, realm_id not in self.production)
            for realm_id, company in self.companies.items()
        ]
