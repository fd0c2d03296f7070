"""Many seeds, one after the other: each played and judged; the first broken promise is shrunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from proof.oracle import Violation, check
from proof.simulation.bench import Bench
from proof.simulation.play import Account, play
from proof.simulation.records import Step
from proof.simulation.script import Script, write
from proof.simulation.shrink import shrink
from proof.simulation.witness import digest


@dataclass(frozen=True, slots=True)
class Judged:
    """One seed: what happened, and what was broken."""

    seed: int
    script: Script
    account: Account
    violations: Sequence[Violation]


@dataclass(slots=True)
class Tally:
    """What a campaign came to so far."""

    seeds: int = 0
    broken: list[Judged] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    effects: int = 0
    digest: str = ""

    def take(self, judged: Judged) -> None:
        """Count one more."""
        self.seeds += 1
        self.faults.update(judged.account.faults)
        self.requests += sum(entry["kind"] == "request" for entry in judged.account.journal)
        self.effects += sum(entry["kind"] == "effect" for entry in judged.account.journal)
        self.digest = digest(self.digest, judged.account.digest)
        if judged.violations:
            self.broken.append(judged)


def judge(script: Script, bench: Bench) -> Judged:
    """Play a script and have the oracle say what was broken."""
    account = play(script, bench)
    violations = check(account.history, account.journal, account.dump)
    return Judged(script.terms.seed, script, account, violations)


def judged(seeds: Iterator[int], bench: Bench) -> Iterator[Judged]:
    """Judge seed after seed."""
    for seed in seeds:
        yield judge(write(seed), bench)


def shortest(found: Judged, bench: Bench) -> tuple[Step, ...]:
    """The shortest script that breaks the same promise as was found first."""
    wanted = found.violations[0].invariant

    def shows(steps: Sequence[Step]) -> bool:
        again = judge(replace(found.script, steps=tuple(steps)), bench)
        return any(one.invariant == wanted for one in again.violations)

    return shrink(found.script.steps, shows)
