"""From a seed to a script: what kind of world, and what happens in it, as plain steps.

Every step carries all that it needs, so that leaving some out leaves a script that can be played.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from proof.simulation import relations, scenes
from proof.simulation.records import Step
from proof.simulation.seams import EDGES, Edge
from proof.simulation.terms import drawn
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
_NAMES = (
    "Acme Supplies",
    "O’Neil & Söhne",
    "Bridge Foods",
    "Zebra {}",
    "Harbor Light, Inc.",
    "D'Angelo",
    "Back\\slash Ltd",
    "North 50% Co",
)


def code(dice: random.Random) -> dict[str, Any]:
    """How a bookkeeper codes a document: what a line is for, words, a line and a header field."""
    found: dict[str, Any] = {"line": dice.randint(0, 3), "customer": True, "dated": True}
    if dice.random() < 0.3:
        found["words"] = "See the contract"
    if dice.random() < 0.3:
        found["header"] = {"DueDate": "2026-05-05"}
    return found


@dataclass(frozen=True, slots=True)
class Script:
    """A world and what happens in it."""

    terms: Terms
    steps: tuple[Step, ...]


# What a seed may have much of; each seed has a few of them, so that they meet in every combination.
FEATURES = (
    *("doubts", "tokens", "people", "zombies", "tenants", "decisions", "pages", "batches", "edges"),
    *("vendors", "invoices"),
    *scenes.NAMES,
    *relations.NAMES,
)
_SCENES = {**scenes.SCENES, **relations.RELATIONS}
# What people choose for documents, beside accounts: a class, a location, terms.
CODES = (("class_id", "Wholesale"), ("department_id", "Branch"), ("terms_id", "Net 15"))
Focus = Literal["doubts", "tokens", "people", "zombies", "tenants"]
_DOUBTS = tuple(
    """
    drop_before_commit drop_after_commit reset_mid_body truncated_body empty_body html_page
    error_before_commit error_after_commit timeout_before_commit timeout_after_commit late_commit
    timeout_midway
    """.split()
)


def write(seed: int, focus: Focus | None = None) -> Script:
    """Write the script of a seed; `focus` is a feature that it has in any case."""
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
    for _ in range(dice.randint(2, 5)):
        steps += writer.episode()
    return Script(terms, tuple(steps))


class _Writer:
    """Draws what happens next; knows what it has written so far."""

    def __init__(self, dice: random.Random, tenants: int, features: frozenset[str]) -> None:
        self.dice = dice
        self.features = features
        self.tenants = tenants
        self.payables: dict[tuple[int, int], Step] = {}
        self.connections: dict[tuple[int, int], Step] = {}
        much, has = 20, features.__contains__
        self._invoices = 0.75 if has("invoices") else 0.25  # the share of payables
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
        """What happens in a scene, around a new payable or one that is known."""

        def make(tenant: int) -> list[Step]:
            if self.tenants < 2 and name == "two_at_once":  # it takes two
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
        """Something that happens."""
        weights = [weight for weight, _ in self.kinds]
        (_, make) = self.dice.choices(self.kinds, weights)[0]
        return make(self.dice.randrange(self.tenants))

    def weather(self) -> Step:
        """Some hours in which things go wrong by chance."""
        total = self.dice.choice([0.05, 0.15, 0.3, 0.6])
        chosen = self.dice.sample(KINDS, self.dice.randint(1, 5))
        rates = {kind: total / len(chosen) for kind in chosen}
        return {
            "do": "weather",
            "rates": rates,
            "delay": self.dice.choice([3.0, 120.0, 140.0, 2000.0]),
        }

    def _connection(self, tenant: int, n: int) -> Step:
        name = _NAMES[n % len(_NAMES)].format(n)
        step = {"do": "connection", "tenant": tenant, "n": n, "name": name}
        self.connections[tenant, n] = step
        return step

    def _payable(self, tenant: int, n: int) -> Step:
        known = [number for of, number in self.connections if of == tenant]
        cents = self.dice.choice([1, 99, 1_005, 10_000, 12_345, self.dice.randint(1, 10**7)])
        step: Step = {
            "do": "payable",
            "tenant": tenant,
            "n": n,
            "to": self.dice.choice(known) if self.dice.random() < 0.97 else 77,
            "role": "payee" if self.dice.random() < self._invoices else "payer",
            "cents": cents,
        }
        if cents > 10 and self.dice.random() < 0.4:
            part = self.dice.randint(1, cents - 1)
            step["lines"] = [part, cents - part]
        if self.dice.random() < 0.1:
            step["status"] = self.dice.choice(
                ["DRAFT", "SUBMITTED", "CANCELLED", "DECLINED", "SCHEDULED", "PAID"]
            )
        if self.dice.random() < 0.15:
            step["number"] = "1001"
        if self.dice.random() < 0.2:
            step["due"] = "2026-02-01"
        if self.dice.random() < 0.2:
            step["memo"] = f"as agreed {n}"
        if self.dice.random() < (0.6 if "edges" in self.features else 0.05):
            step = scenes.on_the_edge(self.dice, step)
        self.payables[tenant, n] = step
        return step

    def _more(self, tenant: int) -> list[Step]:
        if self.dice.random() < 0.3:
            return [self._connection(tenant, len(self.connections) % 8)]
        number = 1 + max((n for of, n in self.payables if of == tenant), default=-1)
        return [self._payable(tenant, number + at) for at in range(self.dice.randint(1, 3))]

    def _changed(self, tenant: int) -> list[Step]:
        """Our own side changes its mind."""
        if self.dice.random() < 0.2:
            n = self.dice.choice([number for of, number in self.connections if of == tenant])
            step = {**self.connections[tenant, n]}
            step["name"] = self.dice.choice([f"{step['name']} Renamed", step["name"]])
            step["status"] = self.dice.choice(["active", "active", "archived"])
            self.connections[tenant, n] = step
            return [step]
        key = self._any_payable(tenant)
        if key is None:
            return []
        step = {**self.payables[key]}
        what = self.dice.choice(["cents", "cents", "cancel", "revive", "due", "to"])
        if what == "cents":
            step = scenes.other_amount(self.dice, step)
        elif what == "due":
            step["due"] = self.dice.choice(["2026-03-01", "2026-04-01"])
        elif what == "to":
            step["to"] = self.dice.choice([n for of, n in self.connections if of == tenant])
        else:
            gone = self.dice.choice(["CANCELLED", "DECLINED"])
            step["status"] = gone if what == "cancel" else "APPROVED"
        self.payables[key] = step
        return [step]

    def _sync(self, tenant: int) -> list[Step]:
        step: Step = {"do": "sync", "tenant": tenant}
        if self.dice.random() < 0.1:
            step["dry"] = True
        elif self.dice.random() < 0.1:
            step["retry"] = True
        elif self.dice.random() < 0.15:
            step["types"] = self.dice.choice([["vendors"], ["invoices"]])
        turns = self.dice.choice([1, 2, 3, 5, 8, 20, 40])
        worker = self.dice.choice([0, 0, 0, 1])
        return [step, {"do": "work", "worker": worker, "turns": turns}]

    def _interrupted(self, tenant: int) -> list[Step]:
        """A worker is hurt somewhere in the middle of what it does."""
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

    def _something(self, tenant: int) -> list[Step]:
        """Something new or changed, so that there is something to send."""
        steps: list[Step] = []
        for _ in range(self.dice.randint(0, 3)):
            steps += self.dice.choice([self._more, self._changed])(tenant)
        return steps

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
        """One misfortune for one of the next requests, and a sync that meets it."""
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

    def _person(self, tenant: int) -> list[Step]:
        """Somebody works in QuickBooks."""
        deed = self.dice.choice(
            [
                *["edit", "edit", "edit", "code", "code", "delete", "void", "pay", "pay", "name"],
                *["type_bill", "books", "same"],
            ]
        )
        key = self._any_payable(tenant)
        number = self.dice.choice([n for of, n in self.connections if of == tenant])
        name = self.connections[tenant, number]["name"] + (f" T{tenant}" if tenant else "")
        target = f"pay_{key[1]}" if key else "pay_0"
        step: Step = {"do": "person", "tenant": tenant, "deed": deed, "on": target}
        if deed in ("edit", "code"):
            changes = self.dice.choice(
                [
                    {"DueDate": "2026-05-05"},
                    {"TxnDate": "2026-01-09"},
                    {"DocNumber": "HAND-1"},
                    {"Line": self.dice.randint(1, 9999) / 100},
                    {"Description": "Agreed"},
                ]
            )
            how = {"with": {"changes": changes}} if deed == "edit" else {"code": code(self.dice)}
            edited: Step = {**step, **how}
            # Often while we want to change it, too: that is where edits are lost.
            return [edited, *self._ours_too(key)] if self.dice.random() < 0.5 else [edited]
        if deed == "type_bill":
            number_typed = f"INV-{key[1]}" if key else "INV-0"
            vendor = f"Vendor:{name}"
            typed = {"do": deed, "vendor": vendor, "number": number_typed, "cents": 4_200}
            if key and self.dice.random() < 0.5:  # the same by its total, some days apart
                typed |= {"number": "TYPED-1", "cents": self.payables[key]["cents"]}
                typed["day"] = self.dice.choice(["2026-01-01", "2026-01-12", "2026-01-13"])
            return [{**typed, "tenant": tenant}]
        if deed == "books":
            last = self.dice.choice(["2026-01-31", None])
            return [{**step, "on": None, "deed": "close_books", "with": {"last_day": last}}]
        if deed == "name":
            return [self._on_name(step, name, number)]
        if deed == "same":
            kind = self.dice.choice(["Vendor", "Customer", "Vendor"])
            document = {"DisplayName": name}
            return [
                {**step, "on": None, "deed": "create", "with": {"kind": kind, "document": document}}
            ]
        return [step]

    def _ours_too(self, key: tuple[int, int] | None) -> list[Step]:
        if key is None:
            return []
        step = scenes.other_amount(self.dice, self.payables[key])
        if self.dice.random() < 0.3:
            step["status"] = "CANCELLED"
        self.payables[key] = step
        return [step, {"do": "sync", "tenant": key[0]}, {"do": "work", "turns": 20}]

    def _on_name(self, step: Step, name: str, number: int) -> Step:
        deed = self.dice.choice(["edit", "inactivate", "reactivate", "merge"])
        step = {**step, "deed": deed, "on": f"Vendor:{name}"}
        if deed == "edit":
            changes = self.dice.choice(
                [{"DisplayName": f"Theirs {number}"}, {"PrimaryPhone": {"FreeFormNumber": "555"}}]
            )
            step["with"] = {"changes": changes}
        if deed == "merge":
            others = [each["name"] for each in self.connections.values()]
            step["into"] = f"Vendor:{self.dice.choice(others)}"
        return step

    def _time(self, _tenant: int) -> list[Step]:
        seconds = self.dice.choice([30.0, 3600.0, 3600.0, 90_000.0, 41 * 86_400.0])
        return [{"do": "pass", "seconds": seconds}]

    def _let_go(self, tenant: int) -> list[Step]:
        do = self.dice.choice(["disconnect", "disconnect_there"])
        steps: list[Step] = [{"do": do, "tenant": tenant}]
        if self.dice.random() < 0.6:
            steps.append({"do": "connect", "tenant": tenant})
        return steps

    def _decide(self, tenant: int) -> list[Step]:
        key = self._any_payable(tenant)
        if key is None:
            return []
        kind = "invoice" if self.payables[key].get("role") == "payee" else "bill"
        verdict = self.dice.choice(
            [
                *("leave_out", "bring_back", "create_again", "send_ours", "keep_theirs"),
                *("link_to", "another_one", "link_to", "another_one", "unlink", "remove_there"),
            ]
        )
        step = {"do": "decide", "tenant": tenant, "kind": kind, "record": f"pay_{key[1]}"}
        return [{**step, "verdict": verdict, "value": "because" if verdict == "leave_out" else ""}]

    def _cancel(self, tenant: int) -> list[Step]:
        return [{"do": "cancel", "tenant": tenant}, {"do": "work", "turns": 2}]

    def _choice(self, tenant: int) -> list[Step]:
        fields = self.dice.choice(
            [
                {"expense_account_id": "Repairs"},
                {"expense_account_id": None},
                {"go_live": "2026-01-03"},
                {"send_submitted_bills": True},
                self._code(),
                self._code(),
            ]
        )
        return [{"do": "choose", "tenant": tenant, "fields": fields}]

    def _code(self) -> dict[str, str | None]:
        """A class, a location or terms for what is written from now on, or none any more."""
        name, value = self.dice.choice(CODES)
        return {name: value if self.dice.random() < 0.7 else None}

    def _look(self, tenant: int) -> list[Step]:
        return [{"do": "look", "tenant": tenant}, {"do": "work", "turns": 1}]

    def _file(self, tenant: int) -> list[Step]:
        """Somebody takes in rows of a file that have one number, on several days."""
        row: Step = {"do": "import", "tenant": tenant, "vendor": "Paper Mill", "number": "RENT"}
        steps: list[Step] = []
        for _ in range(self.dice.randint(1, 4)):
            day = {"day": f"2026-01-{self.dice.choice([5, 5, 9, 20]):02}"}
            word = {"word": self.dice.choice([None, None, "same", "other"])}
            steps.append({**row, **day, **word, "cents": self.dice.choice([4_200, 4_200, 5_300])})
        return steps

    def _up_and_down(self, tenant: int) -> list[Step]:
        """A vendor or customer becomes inactive, a sync meets it, and it is active again."""
        n = self.dice.choice([number for of, number in self.connections if of == tenant])
        name = self.connections[tenant, n]["name"] + (f" T{tenant}" if tenant else "")
        on = f"{self.dice.choice(['Vendor', 'Vendor', 'Customer'])}:{name}"
        step: Step = {"do": "person", "tenant": tenant, "on": on}
        more = [*self._more(tenant), *self._sync(tenant)]
        again = [{**step, "deed": "reactivate"}, *self._sync(tenant)]
        return [{**step, "deed": "inactivate"}, *more, *(again if self.dice.random() < 0.7 else [])]

    def _any_payable(self, tenant: int) -> tuple[int, int] | None:
        known = [key for key in self.payables if key[0] == tenant]
        return self.dice.choice(known) if known else None
