"""What the seeds of a campaign came to: one by one, and counted together."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from proof.oracle import Violation


@dataclass(frozen=True, slots=True)
class Told:
    """One seed as a campaign remembers it."""

    seed: int
    violations: Sequence[Violation]
    digest: str
    faults: Mapping[str, int]
    requests: int
    effects: int


@dataclass(slots=True)
class Tally:
    """What a campaign came to so far."""

    seeds: int = 0
    broken: list[Told] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    effects: int = 0
    digest: str = ""

    def take(self, told: Told) -> None:
        """Count one more."""
        self.seeds += 1
        self.faults.update(told.faults)
        self.requests += told.requests
        self.effects += told.effects
        self.digest = digest(self.digest, told.digest)
        if told.violations:
            self.broken.append(told)


def digest(*parts: object) -> str:
    """One number for all that happened: equal worlds have equal ones."""
    text = json.dumps(parts, sort_keys=True, default=str, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
