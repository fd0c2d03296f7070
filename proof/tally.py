"""The results of a campaign's seeds, one by one and summed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from proof.oracle import Violation


@dataclass(frozen=True, slots=True)
class Told:
    """The result of one seed, as a campaign keeps it."""

    seed: int
    violations: Sequence[Violation]
    digest: str
    faults: Mapping[str, int]
    requests: int
    effects: int


@dataclass(slots=True)
class Tally:
    """The sums of a campaign so far."""

    seeds: int = 0
    broken: list[Told] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    effects: int = 0
    digest: str = ""

    def take(self, told: Told) -> None:
        """Add the result of a seed."""
        self.seeds += 1
        self.faults.update(told.faults)
        self.requests += told.requests
        self.effects += told.effects
        self.digest = digest(self.digest, told.digest)
        if told.violations:
            self.broken.append(told)


def digest(*parts: object) -> str:
    """Return a digest of all that happened: equal worlds have equal digests."""
    text = json.dumps(parts, sort_keys=True, default=str, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
