"""Draw the weeks: how many documents, and how much money, by what became of them; as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.flows.reporting.history import Week

WIDTH, HEIGHT = 340, 170
_LEFT, _TOP, _BOTTOM = 4, 18, 26
_APART = 6  # columns between two labels, of the widest that there are
_LABEL = 70  # half of the widest label, at the larger type of narrow screens
OUTCOMES = (("sent", "Sent"), ("changed", "Changed"), ("waiting", "Needs attention"))


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a column."""

    outcome: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """A week: its pieces, and the words under and above it."""

    monday: date
    label_x: float
    anchor: str  # of its labels: those of the outer columns begin or end at the edge
    top: float
    bars: Sequence[Bar]
    total: int
    tells_total: bool  # the highest week and the latest do, unless they would overlap


@dataclass(frozen=True, slots=True)
class Chart:
    """All columns, and the line they stand on."""

    columns: Sequence[Column]
    ground: float


def counts(weeks: Sequence[Week]) -> Chart:
    """Draw how many documents."""
    return _chart(weeks, [[week.numbers.get(name, 0) for name, _ in OUTCOMES] for week in weeks])


def money(weeks: Sequence[Week], currency: str) -> Chart:
    """Draw what they come to in one currency, in minor units."""
    return _chart(
        weeks,
        [
            [max(0, dict(week.amounts.get(name, ())).get(currency, 0)) for name, _ in OUTCOMES]
            for week in weeks
        ],
    )


def _chart(weeks: Sequence[Week], values: Sequence[Sequence[int]]) -> Chart:
    ground = HEIGHT - _BOTTOM
    totals = [sum(some) for some in values]
    peak = max(totals, default=0)
    told = {totals.index(peak)} if peak else set()
    if told and len(totals) - 1 - max(told) >= _APART:
        told.add(len(totals) - 1)
    step = (WIDTH - 2 * _LEFT) / max(1, len(weeks))
    width = step * 0.62
    columns: list[Column] = []
    for at, (week, some) in enumerate(zip(weeks, values, strict=True)):
        x = _LEFT + at * step + (step - width) / 2
        y: float = ground
        bars: list[Bar] = []
        for (outcome, _), value in zip(OUTCOMES, some, strict=True):
            if value:
                height = max(2.0, (ground - _TOP) * value / peak)
                y -= height
                bars.append(
                    Bar(outcome, round(x, 1), round(y, 1), round(width, 1), round(height, 1))
                )
        label_x, anchor = _label(x + width / 2)
        columns.append(
            Column(week.monday, label_x, anchor, round(y - 5, 1), bars, totals[at], at in told)
        )
    return Chart(columns, ground)


def _label(middle: float) -> tuple[float, str]:
    """Return where a label stands, and which part of it stands there, so that none is cut off."""
    if middle < _LABEL:
        return 0, "start"
    if middle > WIDTH - _LABEL:
        return WIDTH, "end"
    return round(middle, 1), "middle"
