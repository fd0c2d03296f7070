"""The basic types of the platform's JSON: ids, texts, dates and numbers, all parsed strictly."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

# Intuit, Bill and Invoice: an amount has at most 11 digits before the point.
AMOUNT_MAX: Final = Decimal("99999999999.99")
DECIMALS_MAX: Final = 10
_WRITTEN_LENGTH_MAX: Final = 40
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _number(value: Any) -> Decimal:  # noqa: ANN401  whatever the JSON holds
    """Parse a JSON number by its shortest text, or a plain decimal string, and nothing else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise PydanticCustomError("number", "must be a number, such as 108.25 or “108.25”")
    if isinstance(value, str) and not (
        len(value) <= _WRITTEN_LENGTH_MAX and _NUMBER.fullmatch(value)
    ):
        raise PydanticCustomError(
            "number", "must be written in digits with a point, such as “1234.50”"
        )
    number = Decimal(repr(value) if isinstance(value, float) else value)
    if not number.is_finite():
        raise PydanticCustomError("number", "must be a number: infinity and NaN are none")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if -exponent > DECIMALS_MAX:
        raise PydanticCustomError("number", "has more than 10 decimals: round it")
    if abs(number) > AMOUNT_MAX:
        raise PydanticCustomError("number", "is too large: at most 99999999999.99")
    return number


def _written(value: Any) -> Any:  # noqa: ANN401  whatever the JSON holds
    """Accept dates only as text: a bare number would be read as seconds since 1970."""
    if isinstance(value, str | date | datetime):
        return value
    raise PydanticCustomError("date", "must be a date as text, such as “2026-01-31”")


def _storable(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("text", "holds a NUL character: take it out")
    if _SURROGATE.search(text):
        raise PydanticCustomError("text", "holds half a character: write it whole")
    return text


def _named(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("text", "must not be blank")
    return text


def _plain(value: Any) -> Any:  # noqa: ANN401  whatever the JSON holds
    """Return the value of a custom field (text, number or boolean) as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    return value if isinstance(value, str) else None  # lists and objects are not used


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$", max_length=64)]
Text = Annotated[str, AfterValidator(_storable)]
Name = Annotated[
    str, Field(min_length=1, max_length=500), AfterValidator(_storable), AfterValidator(_named)
]
Number = Annotated[
    Decimal,
    BeforeValidator(_number),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": -99999999999.99, "maximum": 99999999999.99},
                {"type": "string", "pattern": r"^-?[0-9]{1,11}(\.[0-9]{1,10})?$"},
            ],
            "examples": ["108.25"],
        }
    ),
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Day = Annotated[date, BeforeValidator(_written)]
Moment = Annotated[datetime, BeforeValidator(_written)]
Plain = Annotated[Annotated[Text, Field(max_length=1000)] | None, BeforeValidator(_plain)]
Flag = StrictBool
Days = Annotated[StrictInt, Field(ge=0, le=1000)]
