"""Validation errors in our own words: which field, what is wrong, and what to do."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, get_args

from pydantic_core.core_schema import ErrorType

from cleo_accounting.errors import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TOLD_MAX = 100  # flaws in one response
_SHOWN_LENGTH_MAX = 40
_NAME_LENGTH_MAX = 80
_OBJECT = "must be a JSON object"
_WHOLE = "must be a whole number"
_NUMBER = "must be a number"
_FLAG = "must be true or false"

_SAYINGS: Mapping[str, str] = {
    "missing": "is required",
    "near_miss": "is not known here: did you mean “{meant}”?",
    "extra_forbidden": "is not known here: leave it out",
    "string_type": "must be a text",
    "string_unicode": "holds characters that are no text: take them out",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "is too long: at most {max_length} characters",
    "too_short": "holds too few: at least {min_length}",
    "too_long": "holds too many: at most {max_length}",
    "enum": "must be one of {expected}, not {given}",
    "literal_error": "must be one of {expected}, not {given}",
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "is a number beyond all measure",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "must be a number: infinity and NaN are none",
    "list_type": "must be a list, such as […]",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "invalid_key": "has a member whose name is no text",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "json_invalid": "is not JSON",
}
_ID_SAYING = "must be an id: at most {} letters, digits and the signs _ . : -"
_WORD_SAYING = "must be a word of at most {} small letters, with _ between its parts"
# Regular expressions are not shown to people, but described in words.
_PATTERN_SAYINGS: Mapping[str, str] = {
    r"^[A-Za-z0-9_.:-]{1,64}$": _ID_SAYING.format(64),
    r"^[A-Za-z0-9_.:-]{1,40}$": _ID_SAYING.format(40),
    r"^[a-z_]{1,60}$": _WORD_SAYING.format(60),
    r"^[a-z_]{1,40}$": _WORD_SAYING.format(40),
    r"^[a-z_]{0,40}$": _WORD_SAYING.format(40),
    r"^[0-9]{4}$": "must be four digits",
    r"^[A-Z]{3}$": "must be a currency code of three capital letters, such as “USD”",
    r"^[^\x00-\x1f\x7f]+$": "must be a text without control characters",
}
_PATTERN = "string_pattern_mismatch"
_UNFIT = "is not what is taken here: see the documentation of this request"
_MOMENT = "must be a moment that exists, with its time zone, such as “2026-01-31T09:30:00Z”"
_DATES = {
    "date_": "must be a date that exists, such as “2026-01-31”",
    "datetime_": _MOMENT,
    "timezone_": _MOMENT,
}
_FRAMEWORK = frozenset(get_args(ErrorType))
_BODY = "body"


def flaws(errors: Iterable[Mapping[str, Any]]) -> list[Flaw]:
    """Return Pydantic's errors in our own words: the field, and what to do about it."""
    return [
        Flaw(
            path(error["loc"]), _say(error), "required" if error["type"] == "missing" else "invalid"
        )
        for error in errors
    ]


def of_request(errors: Iterable[Mapping[str, Any]]) -> list[Flaw]:
    """Return the first `TOLD_MAX` flaws of a request.

    If the body is missing or not an object, the flaw names the body itself.
    """
    return flaws({**one, "loc": _place(one["loc"])} for one in islice(errors, TOLD_MAX))


def path(loc: Iterable[str | int]) -> str:
    """Return a location in JSON as text: `lineItems[2].unitPrice`."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = _printable(part, _NAME_LENGTH_MAX)  # the name may come from the request
            text += f".{name}" if text else name
    return text


def shown(value: object) -> str:
    """Return a foreign value in a form fit for display: short, printable, in quotation marks."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return f"“{_printable(text, _SHOWN_LENGTH_MAX)}”"


def _printable(text: str, length: int) -> str:
    plain = "".join(one if one.isprintable() else "�" for one in text[: length + 1])
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def _place(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return a location within the request, without the leading “body” or “query”."""
    behind = loc[1:] if loc and loc[0] in (_BODY, "query", "path", "header") else loc
    return behind or (_BODY,)


def _say(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    if kind == "missing" and error["loc"] == (_BODY,):
        return "is missing: send a JSON object, such as {…}, as application/json"
    for prefix, saying in _DATES.items():
        if kind.startswith(prefix):
            return saying
    if kind == _PATTERN:
        return _PATTERN_SAYINGS.get(str((error.get("ctx") or {}).get("pattern")), _UNFIT)
    if isinstance(error.get("input"), str):  # a text with an error in its length
        kind = {"too_short": "string_too_short", "too_long": "string_too_long"}.get(kind, kind)
    if kind in _SAYINGS:
        facts = {**(error.get("ctx") or {}), "given": shown(error.get("input"))}
        return _SAYINGS[kind].format_map(facts)
    if kind not in _FRAMEWORK:
        return str(error["msg"])  # our own message: see PydanticCustomError
    return _UNFIT
