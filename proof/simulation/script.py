"""Write a script from a seed: the terms of a world, and its events as plain steps.

Every step carries all that it needs, so that a script is still playable if steps are left out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from proof.simulation import crediting, doubts, occasions, paying, relations, scenes
from proof.simulation.records import Step
from proof.simulation.seams import EDGES, Edge
from proof.simulation.terms import drawn
from proof.simulation.theirs import Theirs
from proof.simulation.world import Terms

KINDS = (
    "delay",
    "drop_before_commit",
    "drop_after_commit",
    "timeout_midway",
    "reset_mid_body",
    "truncated_body",
    "empty_body",
    "html_page",
    "error_before_commit",
    "error_after_commit",
    "timeout_before_commit",
    "timeout_after_commit",
    "late_commit",
    "slow_drip",
    "throttled",
)
HOWS = ("crash", "crash", "pause", "pause", "lose_commit", "refuse_database", "unreachable")
EDGES_COUNTED: tuple[list[Edge], ...] = (
    ["send"],
    ["answered"],
    ["send", "answered"],
    ["begin", "commit", "committed"],
    list(EDGES),
)
PATHS = ("*/batch", "*/batch", "*/batch", "*/query", "*/cdc", "/v3/*", "*/tokens/bearer")


@dataclass(frozen=True, slots=True)
class Script:
    """The terms of a world and the steps that are played in it."""

    terms: Terms
    steps: tuple[Step, ...]


_SCENES = {
    **scenes.SCENES,
    **relations.RELATIONS,
    **occasions.OCCASIONS,
    **doubts.DOUBTS,
    **paying.PAYING,
    **crediting.CREDITING,
}
# Features that a seed may have much of; each seed has a few, so that all combinations occur.
FEATURES = (
    *("doubts", "tokens", "people", "zombies", "tenants", "decisions", "pages", "batches", "edges"),
    *("vendors", "invoices"),
    *_SCENES,
)
Focus = Literal["doubts", "tokens", "people", "zombies", "tenants"]
_DOUBTS = tuple(
    """
    drop_before_commit drop_after_commit reset_mid_body truncated_body empty_body html_page
    error_before_commit error_after_commit timeout_before_commit timeout_after_commit late_commit
    timeout_midway
    """.split()
)


def write(seed: int, focus: Focus | None = None) -> Script:
    """Write the script of a seed; a `focus` is a feature that it has in any case."""
    dice = random.Random(f"script {seed}")
    features = set(dice.sample(FEATURES, dice.randint(0, 5))) | ({focus} if focus else set())
    two = bool({"tenants", "two_at_once"} & features) or dice.random() < 0.05
    writer = _Writer(dice, 2 if two else 1, frozenset(features))
    terms = drawn(seed, dice, writer.tenants, writer.features)
    steps: list[Step] = []
    for tenant in range(writer.tenants):
        steps += writer.opening(tenant)
    if dice.random() < 0.3:
        steps.append(writer.weather())
    number = dice.randint(2, 5)
    lead = dice.randrange(number)  # where a scene is played; the scenes take turns by seed
    for at in range(number):
        steps += writer.scene(seed) if at == lead else writer.episode()
    return Script(terms, tuple(steps))


class _Writer(Theirs):
    """Draws the next steps, and keeps track of what it has written so far."""

    def __init__(self, dice: random.Random, tenants: int, features: frozenset[str]) -> None:
        super().__init__(dice, tenants, features)
        much, has = 20, features.__contains__
        self.kinds: Sequence[tuple[int, Callable[[int], list[Step]]]] = (
            (4, self._more),
            (6, self._changed),
            (8, self._sync),
            (much if has("zombies") else 8, self._interrupted),
            (much if has("doubts") or has("tokens") else 8, self._fault),
            (much if has("people") else 6, self._person),
            (3, self._time),
            (2, self._let_go),
            (much if has("decisions") else 2, self._decide),
            (2, self._cancel),
            (2, self._choice),
            (1, self._look),
            (1, self._file),
            (much if has("vendors") else 1, self._up_and_down),
            *((much if has(name) else 1, self._scene(name)) for name in _SCENES),
        )

    def _scene(self, name: str) -> Callable[[int], list[Step]]:
        """Return a maker of a scene's steps, played around a new payable or a known one."""

        def make(tenant: int) -> list[Step]:
            if self.tenants < 2 and name == "two_at_once":  # it takes two businesses
                return []
            key = self._any_payable(tenant)
            new = key is None or self.dice.random() < 0.7
            around = self._more(tenant)[-1] if new or key is None else self.payables[key]
            if around["do"] != "payable":
                return [around]
            steps = _SCENES[name](self.dice, dict(around))
            for step in steps:
                if step["do"] == "connection":
                    self.connections[step["tenant"], step["n"]] = step
                if step["do"] == "payable":
                    known = self.payables.get((step["tenant"], step["n"]), step)
                    step["role"] = known.get("role", "payer")  # a bill never becomes an invoice
                    self.payables[step["tenant"], step["n"]] = step
            return steps

        return make

    def opening(self, tenant: int) -> list[Step]:
        """A business connects, chooses its accounts and sends its first records."""
        steps: list[Step] = [{"do": "connect", "tenant": tenant}]
        steps += [{"do": "work", "turns": 2}]
        fields = {"expense_account_id": "Supplies", "income_account_id": "Sales"}
        steps.append({"do": "choose", "tenant": tenant, "fields": fields})
        if self.dice.random() < 0.3:
            steps.append({"do": "choose", "tenant": tenant, "fields": self._code()})
        steps += [self._connection(tenant, n) for n in range(self.dice.randint(1, 3))]
        if self.dice.random() < 0.3:
            name = self.dice.choice(["Operations", "Checking 1111"])
            steps.append({"do": "source", "tenant": tenant, "n": 1, "name": name, "digits": "1111"})
        steps += [self._payable(tenant, n) for n in range(self.dice.randint(1, 6))]
        return steps

    def episode(self) -> list[Step]:
        """Draw an event by its weight."""
        weights = [weight for weight, _ in self.kinds]
        (_, make) = self.dice.choices(self.kinds, weights)[0]
        return make(self.dice.randrange(self.tenants))

    def scene(self, seed: int) -> list[Step]:
        """Return the steps of the scene whose turn it is, by the seed."""
        name = list(_SCENES)[seed % len(_SCENES)]
        return self._scene(name)(self.dice.randrange(self.tenants))

    def weather(self) -> Step:
        """Draw the rates of random network faults."""
        total = self.dice.choice([0.05, 0.15, 0.3, 0.6])
        chosen = self.dice.sample(KINDS, self.dice.randint(1, 5))
        rates = {kind: total / len(chosen) for kind in chosen}
        return {
            "do": "weather",
            "rates": rates,
            "delay": self.dice.choice([3.0, 120.0, 140.0, 2000.0]),
        }

    def _interrupted(self, tenant: int) -> list[Step]:
        """A worker is interrupted at some boundary of its work."""
        how = self.dice.choice(HOWS)
        edges = self.dice.choice(EDGES_COUNTED)
        most = 60 if len(edges) > 3 else 14
        interrupt: Step = {"at": self.dice.randint(1, most), "how": how, "edges": edges}
        worker = self.dice.choice([0, 0, 1])
        if how == "pause":
            interrupt["meanwhile"] = self._meanwhile(tenant, 1 - worker)
        work = {"do": "work", "worker": worker, "turns": 40, "interrupt": interrupt}
        asked: list[Step] = [] if self.dice.random() < 0.2 else [{"do": "sync", "tenant": tenant}]
        return [*self._something(tenant), *asked, work]

    def _meanwhile(self, tenant: int, other: int) -> list[Step]:
        seconds = self.dice.choice([0.0, 21.0, 61.0, 700.0, 2000.0])
        steps: list[Step] = [{"do": "pass", "seconds": seconds}] if seconds else []
        for _ in range(self.dice.randint(0, 2)):
            make = self.dice.choice([self._person, self._changed, self._let_go, self._cancel])
            steps += make(tenant)
        if self.dice.random() < 0.75:
            work: Step = {"do": "work", "worker": other, "turns": self.dice.choice([2, 10, 40])}
            if self.dice.random() < 0.3:
                at = self.dice.randint(1, 40)
                how = self.dice.choice(["crash", "lose_commit"])
                edges = self.dice.choice(EDGES_COUNTED)
                work["interrupt"] = {"at": at, "how": how, "edges": edges}
            steps.append(work)
        return steps

    def _fault(self, tenant: int) -> list[Step]:
        """A fault hits one of the next requests, and a sync meets it."""
        kind, path = self.dice.choice(KINDS), self.dice.choice(PATHS)
        if "doubts" in self.features and self.dice.random() < 0.7:
            kind, path = self.dice.choice(_DOUBTS), "*/batch"
        elif "tokens" in self.features:
            path = "*/tokens/bearer"
        step: Step = {"do": "fault", "kind": kind, "path": path, "skip": self.dice.randint(0, 3)}
        step["times"] = self.dice.choice([1, 1, 1, 2, 9])
        if kind in ("delay", "late_commit"):
            step["seconds"] = self.dice.choice([4.0, 40.0, 100.0, 140.0, 200.0, 4000.0])
        if path != "*/tokens/bearer":
            return [step, *self._something(tenant), *self._sync(tenant)]
        step["skip"] = 0
        if self.dice.random() < 0.5:
            step |= {"kind": "invalid_grant", "times": 1}
        aged: Step = {"do": "pass", "seconds": 3600.0}
        return [step, aged, *self._something(tenant), *self._sync(tenant)]
