"""Parse JSON strictly: no duplicate names, no NaN, only UTF-8, and limited depth."""

from __future__ import annotations

import json
import re
from typing import Any

DEPTH_MAX = 50
MEMBERS_MAX = 1_000  # per object
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"')


class NotJson(ValueError):
    """The data is not JSON that is accepted; the message says why, without repeating the data."""


def parse(data: bytes, *, values_max: int | None = None) -> Any:  # noqa: ANN401  whatever the JSON holds
    """Parse JSON of at most `values_max` values (None: any number).

    Raises:
        NotJson: it is none, or names something twice, or is too deep, or holds too much.
    """
    if values_max is not None and not _at_most(data, values_max):
        raise NotJson(f"holds more than {values_max:,} values: send it in several parts")
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except NotJson:
        raise
    except UnicodeDecodeError:
        raise NotJson("is not UTF-8") from None
    except json.JSONDecodeError as flaw:
        raise NotJson(
            f"is not JSON from line {flaw.lineno}, column {flaw.colno} on: see that every text is"
            " in double quotes and every comma, colon and bracket in its place"
        ) from None
    except (ValueError, RecursionError):
        raise NotJson("holds a number or a nesting beyond all measure") from None
    if _deeper(value, DEPTH_MAX):
        raise NotJson(f"is nested deeper than {DEPTH_MAX} levels")
    return value


def _at_most(data: bytes, values_max: int) -> bool:
    """Return whether JSON has at most so many values: each follows a comma or a bracket."""
    if len(data) <= values_max or _marks(data) <= values_max:
        return True
    return _marks(_TEXT.sub(b"", data)) <= values_max  # those within strings do not count


def _marks(data: bytes) -> int:
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MEMBERS_MAX:
        raise NotJson(f"holds an object of more than {MEMBERS_MAX:,} members")
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("names a member twice")
    return found


def _no_constant(name: str) -> Any:  # noqa: ANN401  the json module's own protocol
    raise NotJson(f"holds {name}, which is no JSON number")


def _deeper(value: Any, levels: int) -> bool:  # noqa: ANN401  whatever the JSON holds
    if isinstance(value, dict):
        return levels == 0 or any(_deeper(one, levels - 1) for one in value.values())
    if isinstance(value, list):
        return levels == 0 or any(_deeper(one, levels - 1) for one in value)
    return False
