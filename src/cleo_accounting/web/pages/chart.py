"""Draw the weeks: how many documents, and how much money, by what became of them; as SVG.

Payments stand in a bar of their own beside those of the documents: they are never added up.
"""

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
_GAP = 1.5  # between the bar of documents and that of payments
OUTCOMES = (("sent", "Sent"), ("changed", "Changed"), ("waiting", "Needs attention"))
PAID = ("paid", "Paid")
LEGEND = (*OUTCOMES, PAID)


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
    """A week: its pieces, and the words under and above it.

    `total`: what its higher bar comes to, of documents or of payments.
    """

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
    """Draw how many documents, and how many payments."""
    return _chart(weeks, [[week.numbers.get(name, 0) for name, _ in LEGEND] for week in weeks])


def money(weeks: Sequence[Week], currency: str) -> Chart:
    """Draw what they come to in one currency, in minor units."""
    return _chart(
        weeks,
        [
            [max(0, dict(week.amounts.get(name, ())).get(currency, 0)) for name, _ in LEGEND]
            for week in weeks
        ],
    )


def _chart(weeks: Sequence[Week], values: Sequence[Sequence[int]]) -> Chart:
    """Draw values in the order of the legend; the last of each week are payments."""
    ground = HEIGHT - _BOTTOM
    totals = [max(sum(documents), paid) for *documents, paid in values]
    peak = max(totals, default=0)
    told = {totals.index(peak)} if peak else set()
    if told and len(totals) - 1 - max(told) >= _APART:
        told.add(len(totals) - 1)
    step = (WIDTH - 2 * _LEFT) / max(1, len(weeks))
    width = step * 0.62
    # Where there are payments at all, each week has room for two bars.
    bar_width = (width - _GAP) / 2 if any(some[-1] for some in values) else width
    scale = (ground - _TOP) / peak if peak else 0
    columns: list[Column] = []
    for at, (week, (*documents, paid)) in enumerate(zip(weeks, values, strict=True)):
        x = _LEFT + at * step + (step - width) / 2
        bars = _stack(OUTCOMES, documents, (x, bar_width), scale)
        bars += _stack([PAID], [paid], (x + bar_width + _GAP, bar_width), scale)
        y = min((bar.y for bar in bars), default=ground)
        label_x, anchor = _label(x + width / 2)
        columns.append(
            Column(week.monday, label_x, anchor, round(y - 5, 1), bars, totals[at], at in told)
        )
    return Chart(columns, ground)


def _stack(
    outcomes: Sequence[tuple[str, str]],
    values: Sequence[int],
    place: tuple[float, float],
    scale: float,
) -> list[Bar]:
    """Pile values upon one another; `place`: where the pile stands, and how wide it is."""
    x, width = place
    y: float = HEIGHT - _BOTTOM
    bars: list[Bar] = []
    for (outcome, _), value in zip(outcomes, values, strict=True):
        if value:
            height = max(2.0, scale * value)
            y -= height
            bars.append(Bar(outcome, round(x, 1), round(y, 1), round(width, 1), round(height, 1)))
    return bars


def _label(middle: float) -> tuple[float, str]:
    """Return where a label stands, and which part of it stands there, so that none is cut off."""
    if middle < _LABEL:
        return 0, "start"
    if middle > WIDTH - _LABEL:
        return WIDTH, "end"
    return round(middle, 1), "middle"
