"""Lay out the SVG charts of recent weeks: numbers and amounts of documents by outcome.

Payments have a bar of their own beside that of the documents: the two are never added up.
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
_APART = 6  # columns between two labels, enough for the widest ones
_LABEL = 70  # half of the widest label, at the larger type of narrow screens
_GAP = 1.5  # between the bar of documents and that of payments
OUTCOMES = (("sent", "Sent"), ("changed", "Changed"), ("waiting", "Needs attention"))
PAID = ("paid", "Paid")
LEGEND = (*OUTCOMES, PAID)


@dataclass(frozen=True, slots=True)
class Bar:
    """One segment of a column."""

    outcome: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """The column of a week: its segments, and the labels below and above it.

    `total` is the total of its higher bar, of documents or of payments.
    """

    monday: date
    label_x: float
    anchor: str  # of the labels: those of the outer columns begin or end at the edge
    top: float
    bars: Sequence[Bar]
    total: int
    tells_total: bool  # true for the highest and the latest week, unless the two would overlap


@dataclass(frozen=True, slots=True)
class Chart:
    """All columns of a chart, and the y coordinate of its base line."""

    columns: Sequence[Column]
    ground: float


def counts(weeks: Sequence[Week]) -> Chart:
    """Return the chart of the numbers of documents and payments."""
    return _chart(weeks, [[week.numbers.get(name, 0) for name, _ in LEGEND] for week in weeks])


def money(weeks: Sequence[Week], currency: str) -> Chart:
    """Return the chart of the amounts in one currency, in minor units."""
    return _chart(
        weeks,
        [
            [max(0, dict(week.amounts.get(name, ())).get(currency, 0)) for name, _ in LEGEND]
            for week in weeks
        ],
    )


def _chart(weeks: Sequence[Week], values: Sequence[Sequence[int]]) -> Chart:
    """Return the chart of values in the order of the legend; each week's last value is payments."""
    ground = HEIGHT - _BOTTOM
    totals = [max(sum(documents), paid) for *documents, paid in values]
    peak = max(totals, default=0)
    told = {totals.index(peak)} if peak else set()
    if told and len(totals) - 1 - max(told) >= _APART:
        told.add(len(totals) - 1)
    step = (WIDTH - 2 * _LEFT) / max(1, len(weeks))
    width = step * 0.62
    # If any week has payments, every week has room for two bars.
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
    """Return the stacked segments of a bar; `place` is its x coordinate and its width."""
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
    """Return the x coordinate and the anchor of a label, so that it is not cut off."""
    if middle < _LABEL:
        return 0, "start"
    if middle > WIDTH - _LABEL:
        return WIDTH, "end"
    return round(middle, 1), "middle"
