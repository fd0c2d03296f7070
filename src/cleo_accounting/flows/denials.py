"""Note that somebody was refused, without letting them fill the database by being refused.

Every denial is counted and most are logged, by the door. In the chain of acts there is one entry
for each caller in ten minutes, and twenty in all for a process; it says how many came before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from cleo_accounting.store import audit

if TYPE_CHECKING:
    from datetime import datetime

    from cleo_accounting.store.database import Database

NOBODY = "nobody"  # a caller whom we do not know
WINDOW = timedelta(minutes=10)
ENTRIES_MAX = 20


@dataclass(frozen=True, slots=True)
class Denial:
    """What was refused to whom: the route is a pattern, the code that of the answer."""

    by: str
    route: str
    code: str
    business_id: str | None = None  # one that the caller may see


@dataclass(slots=True)
class Denials:
    """Who was refused in this window and noted, and how many denials since nobody noted."""

    began: datetime | None = None
    noted: set[str] = field(default_factory=set)
    unnoted: int = 0
    guard: Lock = field(default_factory=Lock)

    def admit(self, by: str, now: datetime) -> int | None:
        """Return how many denials an entry stands for, itself included; None where none is due."""
        with self.guard:
            if self.began is None or not timedelta() <= now - self.began < WINDOW:
                self.began, self.noted = now, set()
            self.unnoted += 1
            if by in self.noted or len(self.noted) >= ENTRIES_MAX:
                return None
            self.noted.add(by)
            number, self.unnoted = self.unnoted, 0
            return number

    def note(self, database: Database, denial: Denial, now: datetime) -> None:
        """Note a denial in the chain of the business, or of the platform where none is known."""
        number = self.admit(denial.by, now)
        if number is None:
            return
        chain = denial.business_id or audit.PLATFORM
        with database.of(chain).transaction() as tx:
            audit.note(
                tx,
                chain,
                by=denial.by,
                what="denied",
                subject=denial.route[:160],
                now=now,
                facts={"code": denial.code, "number": number},
            )
