"""The history: what the driver of the simulation observed, in order. The first of three records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from quickbooks_emulator.world.emulator import Emulator

Entry = dict[str, Any]


@dataclass(slots=True)
class History:
    """A log that holds only what a caller of the service, or the injector of faults, can know."""

    emulator: Emulator
    entries: list[Entry] = field(default_factory=list)

    def note(self, what: str, **facts: Any) -> None:  # noqa: ANN401  plain values of any kind
        """Append an entry about a request, an answer, a fault or another event."""
        self.entries.append(
            {
                "seq": len(self.entries),
                "after": self.emulator.journal.seq,  # the last entry of QuickBooks' journal by then
                "at": self.emulator.clock.now().isoformat(),
                "what": what,
                **facts,
            }
        )

    def count(self, what: str) -> int:
        """Return how many entries of this kind the history has."""
        return sum(entry["what"] == what for entry in self.entries)
