"""Format and parse times as Intuit does: Pacific time with its offset, to the second.

The US daylight saving rule is implemented here, so that no time zone database is needed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache

STANDARD = timezone(timedelta(hours=-8))
DAYLIGHT = timezone(timedelta(hours=-7))

_SHAPE = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(Z|[+-]\d{2}:?\d{2})?"
)


def _sunday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))


@cache
def _summer(year: int) -> tuple[datetime, datetime]:
    begins, ends = _sunday(year, 3, 2), _sunday(year, 11, 1)
    return (
        datetime(begins.year, begins.month, begins.day, 10, tzinfo=UTC),
        datetime(ends.year, ends.month, ends.day, 9, tzinfo=UTC),
    )


def pacific(moment: datetime) -> datetime:
    """Convert a moment to Pacific time."""
    begins, ends = _summer(moment.year)
    universal = moment.astimezone(UTC)
    return universal.astimezone(DAYLIGHT if begins <= universal < ends else STANDARD)


def stamp(moment: datetime) -> str:
    """Format a moment as MetaData does: `2026-01-05T09:00:00-08:00`."""
    return pacific(moment).isoformat(timespec="seconds")


def stamp_to_the_millisecond(moment: datetime) -> str:
    """Format a moment as a response's `time` does: `2026-01-05T09:00:00.000-08:00`."""
    return pacific(moment).isoformat(timespec="milliseconds")


def read_moment(text: str) -> float:
    """Parse an ISO date or time to seconds since 1970 (Pacific if no zone); raises ValueError."""
    match = _SHAPE.fullmatch(text.strip().replace(" ", "+") if "T" in text else text.strip())
    if match is None:
        raise ValueError(text)
    day, hours, zone = match.groups()
    local = datetime.fromisoformat(f"{day}T{hours or '00:00:00'}")
    if zone is None:
        guess = local.replace(tzinfo=STANDARD)
        return local.replace(tzinfo=pacific(guess).tzinfo).timestamp()
    if zone == "Z":
        return local.replace(tzinfo=UTC).timestamp()
    if ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    return datetime.fromisoformat(f"{local.isoformat()}{zone}").timestamp()


def read_date(text: str) -> str:
    """Parse the date of a text, ignoring any time or zone after it; raises ValueError."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    return date.fromisoformat(match.group(1)).isoformat()
