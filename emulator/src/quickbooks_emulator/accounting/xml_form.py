"""Write responses as XML, for clients that do not ask for JSON."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from quickbooks_emulator.basics.faults import SCHEMA

_ATTRIBUTES = ("domain", "status", "sparse")
_FIRST = ("Id", "SyncToken", "MetaData")
_PAGE = ("startPosition", "maxResults", "totalCount")


def as_xml(answer: dict[str, Any]) -> str:
    """Return a whole response as XML, from its JSON form."""
    inner = "".join(_member(name, value) for name, value in answer.items() if name != "time")
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse xmlns="{SCHEMA}" time={quoteattr(str(answer.get("time", "")))}>'
        f"{inner}</IntuitResponse>"
    )


def _member(name: str, value: Any) -> str:  # noqa: ANN401  any part of a JSON document
    if type(value) is list:
        return "".join(_member(name, each) for each in value)
    if type(value) is not dict:
        return f"<{name}>{escape(_text(value))}</{name}>"
    if name == "Fault":
        return _fault(value)
    if "value" in value and (name.endswith("Ref") or name == "Entity"):
        return _reference(name, value)
    if name in {"QueryResponse", "BatchItemResponse"}:
        chosen = ("bId",) if name == "BatchItemResponse" else _PAGE
        return _element(name, value, chosen)
    return _element(name, value, _ATTRIBUTES)


def _element(name: str, value: dict[str, Any], attributes: tuple[str, ...]) -> str:
    shown = "".join(
        f" {each}={quoteattr(_text(value[each]))}" for each in attributes if each in value
    )
    ordered = [each for each in _FIRST if each in value]
    ordered += [each for each in value if each not in attributes and each not in _FIRST]
    inner = "".join(_member(each, value[each]) for each in ordered)
    return f"<{name}{shown}>{inner}</{name}>" if inner else f"<{name}{shown}/>"


def _reference(name: str, value: dict[str, Any]) -> str:
    shown = "".join(
        f" {each}={quoteattr(_text(value[each]))}" for each in ("type", "name") if each in value
    )
    return f"<{name}{shown}>{escape(_text(value['value']))}</{name}>"


def _fault(fault: dict[str, Any]) -> str:
    errors = "".join(
        f"<Error code={quoteattr(each['code'])}"
        + (f" element={quoteattr(each['element'])}" if each.get("element") else "")
        + f"><Message>{escape(each['Message'])}</Message>"
        + f"<Detail>{escape(each['Detail'])}</Detail></Error>"
        for each in fault["Error"]
    )
    return f"<Fault type={quoteattr(fault['type'])}>{errors}</Fault>"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
