"""Read XML request bodies, which several of Intuit's own SDKs send, into their JSON form."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

from quickbooks_emulator.basics import faults

_LISTS = frozenset(
    {
        "AttachableRef",
        "BatchItemRequest",
        "CustomField",
        "Line",
        "LinkedTxn",
        "NameValue",
        "TaxLine",
        "TaxRateDetail",
    }
)
"""Members that are lists in JSON, even with a single element."""
_MEMOS = frozenset({"CustomerMemo", "Entity", "HomeCurrency"})
"""Members that, like a …Ref, are an object with a `value` in JSON."""


def read_xml(body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the root's name and its content in JSON form, in which every value is a string."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise faults.unreadable_document()
    try:
        root = fromstring(body)  # noqa: S314  there are no entity declarations to expand
    except ParseError:
        raise faults.unreadable_document() from None
    try:
        return _name(root), _object(root)
    except RecursionError:
        raise faults.unreadable_document() from None


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _object(element: Element) -> dict[str, Any]:
    members: dict[str, Any] = {
        name.rpartition("}")[2]: value
        for name, value in element.attrib.items()
        if not name.endswith("schemaLocation")
    }
    for child in element:
        name = _name(child)
        value = _value(name, child)
        if name in _LISTS:
            members.setdefault(name, []).append(value)
        elif name not in members:
            members[name] = value
    return members


def _value(name: str, element: Element) -> Any:  # noqa: ANN401  an object or a text
    if len(element):
        return _object(element)
    content = (element.text or "").strip("\r\n\t ") if name != "Description" else element.text
    if name.endswith("Ref") or name in _MEMOS:
        known = {each: element.attrib[each] for each in ("name", "type") if each in element.attrib}
        return {"value": content or "", **known}
    if not content and name.endswith(("Detail", "Addr", "Payment")):
        return {}
    return content or ""
