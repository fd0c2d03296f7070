"""Scripts in which the database is lost or restored from a backup, and all is sent again."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from proof.simulation.records import Step
from proof.simulation.script import Script, write

Loss = Literal["copy", "nothing"]
_SETTLED_SECONDS = 4_200.0  # all delayed requests have arrived by then
_RECORDS = ("connection", "source", "payable", "payment", "import", "paid_row")


def forgetful(seed: int, to: Loss) -> Script:
    """Return the script of a seed with a loss near its end, and the recovery after it."""
    whole = write(seed)
    half = len(whole.steps) // 2
    before = [*whole.steps[:half], {"do": "back_up"}, *whole.steps[half:]]
    loss: list[Step] = [
        {"do": "calm"},
        {"do": "pass", "seconds": _SETTLED_SECONDS},
        {"do": "lose", "to": to},
    ]
    tenants = range(whole.terms.tenants)
    fed = [step for step in whole.steps if step["do"] in _RECORDS]
    chosen = [step for step in whole.steps if step["do"] == "choose"]
    again: list[Step] = [{"do": "connect", "tenant": tenant} for tenant in tenants]
    looks: list[Step] = [{"do": "work", "turns": 4}]
    return replace(whole, steps=(*before, *loss, *again, *looks, *chosen, *fed))
