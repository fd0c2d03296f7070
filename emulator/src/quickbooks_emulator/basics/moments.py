"""How Intuit writes and reads moments: Pacific time with its offset, to the second.

The rule of US daylight saving is spelled out here so that no time zone database is needed.
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
    """The same moment as clocks in California show it."""
    begins, ends = _summer(moment.year)
    universal = moment.astimezone(UTC)
    return universal.astimezone(DAYLIGHT if begins <= universal < ends else STANDARD)


def stamp(moment: datetime) -> str:
    """As in MetaData: `2026-01-05T09:00:00-08:00`."""
    return pacific(moment).isoformat(timespec="seconds")


def stamp_to_the_millisecond(moment: datetime) -> str:
    """As in the `time` of an answer: `2026-01-05T09:00:00.000-08:00`."""
    return pacific(moment).isoformat(timespec="milliseconds")


def read_moment(text: str) -> float:
    """Seconds since 1970 of an ISO date or moment; raises ValueError. Without zone: Pacific."""
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
    """The day of `YYYY-MM-DD`, whatever zone or time follows it; raises ValueError."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    return date.fromisoformat(match.group(1)).isoformat()
