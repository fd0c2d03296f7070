"""Scripts of the lives of two documents, with acts here and in QuickBooks in any order.

There are few records and many acts, so that the history is checked after many kinds of past.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from proof.simulation.records import Step
from proof.simulation.script import Script
from proof.simulation.world import Terms

_SYNC: Sequence[Step] = ({"do": "sync"}, {"do": "work", "turns": 40})
_UNHEARD = ("drop_after_commit", "reset_mid_body", "timeout_after_commit", "error_after_commit")
_UNDONE = ("drop_before_commit", "timeout_before_commit", "error_before_commit")
_ROLES = ("payer", "payee")
_NAMES = ("Acme Supplies", "Bridge Foods", "Harbor Light")
_ACTS_MAX = 14


def lives(seed: int) -> Script:
    """Write the script of the lives of a bill and an invoice from a seed."""
    dice = random.Random(f"lives {seed}")
    switches = {
        "requestid": dice.choice(["honoured", "ignored"]),
        "duplicate_numbers": dice.choice(["refused", "allowed"]),
        "query_lag_seconds": dice.choice([0.0, 0.0, 5.0]),
        "retry_after": True,
        "superseded_refresh_token": "lives_24_hours",
        "same_day_refresh": "same_value",
    }
    company = {"custom_sales_numbers": dice.random() < 0.8}
    life = _Life(dice)
    steps = [*_opening(), *(life.record(n) for n in range(len(_ROLES))), *_SYNC]
    for _ in range(dice.randint(4, _ACTS_MAX)):
        steps += life.act()
    return Script(Terms(seed, switches, company, batch_size=dice.choice([1, 2])), tuple(steps))


def coded(seed: int) -> Script:
    """Write a script in which a person books a bill's line to another account; its total stays."""
    dice = random.Random(f"coded {seed}")
    life = _Life(dice)
    code = {"line": 0, "account": "Repairs"}
    codes: Step = {"do": "person", "deed": "code", "on": "pay_0", "code": code}
    steps = (*_opening(), life.record(0), *_SYNC, codes)
    return Script(Terms(seed, {"retry_after": True}, {}, batch_size=1), steps)


def _opening() -> list[Step]:
    fields = {"expense_account_id": "Supplies", "income_account_id": "Sales"}
    people: list[Step] = [
        {"do": "connection", "n": n, "name": name} for n, name in enumerate(_NAMES)
    ]
    return [
        {"do": "connect"},
        {"do": "work", "turns": 2},
        {"do": "choose", "fields": fields},
        *people,
    ]


class _Life:
    """Draws what happens to the documents next."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.says: dict[int, Step] = {
            n: {"do": "payable", "n": n, "to": n, "cents": 10_000 + n, "role": role}
            for n, role in enumerate(_ROLES)
        }
        self.acts: Mapping[Callable[[int], list[Step]], int] = {
            self._amend: 4,
            self._withdraw: 5,
            self._approve: 3,
            self._remove_there: 4,
            self._edit_there: 4,
            self._word: 5,
            self._unanswered: 3,
            self._vendor_there: 1,
            self._compare: 2,
        }

    def record(self, n: int) -> Step:
        """Return the current state of a record."""
        return dict(self.says[n])

    def act(self) -> list[Step]:
        """Return one act, mostly followed by a sync."""
        n = self.dice.randrange(len(_ROLES))
        steps = self.dice.choices(list(self.acts), list(self.acts.values()))[0](n)
        return [*steps, *(_SYNC if self.dice.random() < 0.75 else ())]

    def _fed(self, n: int, **change: object) -> list[Step]:
        self.says[n] = {**self.says[n], **change}
        return [self.record(n)]

    def _amend(self, n: int) -> list[Step]:
        changes: Sequence[dict[str, object]] = (
            {"cents": self.dice.randint(100, 90_000), "lines": []},
            {"memo": f"note {self.dice.randint(0, 99)}"},
            {"due": f"2026-03-{self.dice.randint(10, 28)}"},
        )
        return self._fed(n, **self.dice.choice(changes))

    def _withdraw(self, n: int) -> list[Step]:
        return self._fed(n, status=self.dice.choice(["CANCELLED", "DECLINED"]))

    def _approve(self, n: int) -> list[Step]:
        return self._fed(n, status="APPROVED")

    def _remove_there(self, n: int) -> list[Step]:
        deed = "delete" if _ROLES[n] == "payer" else self.dice.choice(["void", "delete"])
        return [{"do": "person", "deed": deed, "on": f"pay_{n}"}]

    def _edit_there(self, n: int) -> list[Step]:
        changes: Sequence[dict[str, object]] = (
            {"TxnDate": "2026-01-09"},
            {"DueDate": "2026-05-05"},
            {"Line": self.dice.choice(["12.34", "100.00"])},
        )
        if self.dice.random() < 0.3:
            code = {"line": 0, "account": "Repairs"}
            return [{"do": "person", "deed": "code", "on": f"pay_{n}", "code": code}]
        edit = {"changes": self.dice.choice(changes)}
        return [{"do": "person", "deed": "edit", "on": f"pay_{n}", "with": edit}]

    def _word(self, n: int) -> list[Step]:
        verdict = self.dice.choice(
            ["leave_out", "bring_back", "create_again", "keep_theirs", "send_ours"]
        )
        kind = "bill" if _ROLES[n] == "payer" else "invoice"
        word: Step = {"do": "decide", "kind": kind, "record": f"pay_{n}", "verdict": verdict}
        return [{**word, "value": "by hand"} if verdict == "leave_out" else word]

    def _unanswered(self, _: int) -> list[Step]:
        kind = self.dice.choice([*_UNHEARD, *_UNDONE])
        fault: Step = {"do": "fault", "kind": kind, "path": "*/batch", "times": 1}
        return [{**fault, "skip": self.dice.randint(0, 1)}]

    def _vendor_there(self, n: int) -> list[Step]:
        party = "Vendor" if _ROLES[n] == "payer" else "Customer"
        on = f"{party}:{_NAMES[n]}"
        if self.dice.random() < 0.5:
            return [{"do": "person", "deed": "inactivate", "on": on}]
        other: Step = {"do": "person", "deed": "create", "on": None}
        made = {"kind": party, "document": {"DisplayName": _NAMES[2]}}
        merge: Step = {"do": "person", "deed": "merge", "on": on, "into": f"{party}:{_NAMES[2]}"}
        return [{**other, "with": made}, merge]

    def _compare(self, _: int) -> list[Step]:
        return [{"do": "compare"}, *self._word(self.dice.randrange(len(_ROLES))), *_SYNC]
