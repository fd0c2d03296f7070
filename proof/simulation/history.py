"""What the driver was told, in the order in which it was told it: the first of three records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from quickbooks_emulator.world.emulator import Emulator

Entry = dict[str, Any]


@dataclass(slots=True)
class History:
    """Notes only what a caller of the service, or whoever hurts it, can know."""

    emulator: Emulator
    entries: list[Entry] = field(default_factory=list)

    def note(self, what: str, **facts: Any) -> None:  # noqa: ANN401  plain values of any kind
        """Write down that something was asked, answered or done to somebody."""
        self.entries.append(
            {
                "seq": len(self.entries),
                "after": self.emulator.journal.seq,  # what QuickBooks had noted by then
                "at": self.emulator.clock.now().isoformat(),
                "what": what,
                **facts,
            }
        )

    def count(self, what: str) -> int:
        """How often something was noted."""
        return sum(entry["what"] == what for entry in self.entries)
