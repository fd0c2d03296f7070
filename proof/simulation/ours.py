"""Draw what happens in our records: the records, choices, decisions and syncs of a business."""

from __future__ import annotations

import random

from proof.simulation import scenes
from proof.simulation.records import Step

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
# What people choose for documents, besides accounts: a class, a location, terms.
CODES = (("class_id", "Wholesale"), ("department_id", "Branch"), ("terms_id", "Net 15"))


class Ours:
    """Draws what a business does, and keeps track of what it has sent so far."""

    def __init__(self, dice: random.Random, tenants: int, features: frozenset[str]) -> None:
        self.dice = dice
        self.features = features
        self.tenants = tenants
        self.payables: dict[tuple[int, int], Step] = {}
        self.connections: dict[tuple[int, int], Step] = {}
        self._invoices = 0.75 if "invoices" in features else 0.25  # the share of payables

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
        """Draw a change of one of our records."""
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

    def _something(self, tenant: int) -> list[Step]:
        """Draw new or changed records, so that there is something to send."""
        steps: list[Step] = []
        for _ in range(self.dice.randint(0, 3)):
            steps += self.dice.choice([self._more, self._changed])(tenant)
        return steps

    def _ours_too(self, key: tuple[int, int] | None) -> list[Step]:
        if key is None:
            return []
        step = scenes.other_amount(self.dice, self.payables[key])
        if self.dice.random() < 0.3:
            step["status"] = "CANCELLED"
        self.payables[key] = step
        return [step, {"do": "sync", "tenant": key[0]}, {"do": "work", "turns": 20}]

    def _file(self, tenant: int) -> list[Step]:
        """A person imports rows of a file that have one number and several days."""
        row: Step = {"do": "import", "tenant": tenant, "vendor": "Paper Mill", "number": "RENT"}
        steps: list[Step] = []
        for _ in range(self.dice.randint(1, 4)):
            day = {"day": f"2026-01-{self.dice.choice([5, 5, 9, 20]):02}"}
            word = {"word": self.dice.choice([None, None, "same", "other"])}
            steps.append({**row, **day, **word, "cents": self.dice.choice([4_200, 4_200, 5_300])})
        return steps

    def _code(self) -> dict[str, str | None]:
        """Choose a class, a location or terms for documents from now on, or clear it."""
        name, value = self.dice.choice(CODES)
        return {name: value if self.dice.random() < 0.7 else None}

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

    def _decide(self, tenant: int) -> list[Step]:
        key = self._any_payable(tenant)
        if key is None:
            return []
        kind = scenes.kind_of(self.payables[key])
        verdict = self.dice.choice(
            [
                *("leave_out", "bring_back", "create_again", "send_ours", "keep_theirs"),
                *("link_to", "another_one", "link_to", "another_one", "unlink", "remove_there"),
            ]
        )
        step = {"do": "decide", "tenant": tenant, "kind": kind, "record": f"pay_{key[1]}"}
        return [{**step, "verdict": verdict, "value": "because" if verdict == "leave_out" else ""}]

    def _any_payable(self, tenant: int) -> tuple[int, int] | None:
        known = [key for key in self.payables if key[0] == tenant]
        return self.dice.choice(known) if known else None

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

    def _time(self, _tenant: int) -> list[Step]:
        seconds = self.dice.choice([30.0, 3600.0, 3600.0, 90_000.0, 41 * 86_400.0])
        return [{"do": "pass", "seconds": seconds}]

    def _let_go(self, tenant: int) -> list[Step]:
        do = self.dice.choice(["disconnect", "disconnect_there"])
        steps: list[Step] = [{"do": do, "tenant": tenant}]
        if self.dice.random() < 0.6:
            steps.append({"do": "connect", "tenant": tenant})
        return steps

    def _cancel(self, tenant: int) -> list[Step]:
        return [{"do": "cancel", "tenant": tenant}, {"do": "work", "turns": 2}]

    def _look(self, tenant: int) -> list[Step]:
        return [{"do": "look", "tenant": tenant}, {"do": "work", "turns": 1}]
