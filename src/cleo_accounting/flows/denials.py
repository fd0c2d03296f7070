"""Record refused requests in the audit log, without letting callers fill the database.

Every denial is counted and most are logged by the web layer. The audit log gets one entry per
caller in ten minutes, and twenty in all per process; an entry says how many denials it stands for.
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

NOBODY = "nobody"  # an unknown caller
WINDOW = timedelta(minutes=10)
ENTRIES_MAX = 20


@dataclass(frozen=True, slots=True)
class Denial:
    """A refused request: the route is a pattern, the code is that of the response."""

    by: str
    route: str
    code: str
    business_id: str | None = None  # only a business that the caller may see


@dataclass(slots=True)
class Denials:
    """The callers recorded in this window, and how many denials have not been recorded since."""

    began: datetime | None = None
    noted: set[str] = field(default_factory=set)
    unnoted: int = 0
    guard: Lock = field(default_factory=Lock)

    def admit(self, by: str, now: datetime) -> int | None:
        """Return how many denials an entry stands for, itself included; None if none is due."""
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
        """Record a denial in the chain of the business, or of the platform if none is known."""
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
