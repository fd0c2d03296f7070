"""Play and judge many seeds, in this process or in several; the results keep the order of seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from proof.oracle import Violation, check
from proof.simulation.bench import Bench
from proof.simulation.hands import shared_out
from proof.simulation.play import Account, play
from proof.simulation.records import Step
from proof.simulation.script import Script, write
from proof.simulation.shrink import shrink
from proof.tally import Told


@dataclass(frozen=True, slots=True)
class Judged:
    """A played script with its records and the violations that were found."""

    script: Script
    account: Account
    violations: Sequence[Violation]


def judge(script: Script, bench: Bench) -> Judged:
    """Play a script and have the oracle check it."""
    account = play(script, bench)
    return Judged(script, account, check(account.history, account.journal, account.dump))


def judged(seeds: Iterable[int], jobs: int = 1) -> Iterator[Told]:
    """Judge the seeds in order, in `jobs` processes."""
    return shared_out(told, seeds, jobs)


def told(bench: Bench, seed: int) -> Told:
    """Judge the script of a seed, and return what a campaign keeps of it."""
    found = judge(write(seed), bench)
    kinds = Counter(entry["kind"] for entry in found.account.journal)
    return Told(
        seed,
        found.violations,
        found.account.digest,
        found.account.faults,
        requests=kinds["request"],
        effects=kinds["effect"],
    )


def shortest(found: Judged, bench: Bench) -> tuple[Step, ...]:
    """Return the shortest script found that violates the same invariant as the first violation."""
    wanted = found.violations[0].invariant

    def shows(steps: Sequence[Step]) -> bool:
        again = judge(replace(found.script, steps=tuple(steps)), bench)
        return any(one.invariant == wanted for one in again.violations)

    return shrink(found.script.steps, shows)
