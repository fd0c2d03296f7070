"""Planted bugs of updates: a person's coding or edits are lost, or paid documents change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from cleo_accounting.core import amend, weigh
from cleo_accounting.core.links import Base, Document
from cleo_accounting.providers.quickbooks.translate import writing
from proof.zoo import by_hand
from proof.zoo.planting import Bug, all_of, instead, planted

_OWNED = ("Id", "Description", "Amount", "DetailType")


def _without_ids(lines: Any) -> Any:
    def wrong(*of: Any, **more: Any) -> Sequence[Mapping[str, Any]]:
        return [{name: line[name] for name in line if name != "Id"} for line in lines(*of, **more)]

    return wrong


def _only_ours(lines: Any) -> Any:
    def wrong(*of: Any, **more: Any) -> Sequence[Mapping[str, Any]]:
        return [_stripped(line) for line in lines(*of, **more)]

    return wrong


def _stripped(line: Mapping[str, Any]) -> Mapping[str, Any]:
    name = line.get("DetailType", "")
    detail = dict(line.get(name, {}))
    for theirs in ("CustomerRef", "BillableStatus", "ServiceDate"):
        detail.pop(theirs, None)
    return {**{key: line[key] for key in _OWNED if key in line}, name: detail}


def _everything(_changed: Any) -> Any:
    def wrong(_before: Any, ours: Any) -> Sequence[str]:
        names = [one.name for one in fields(ours) if one.name in amend.AMENDED]
        return [
            name
            for name in names
            if name not in ("lines", "total") and getattr(ours, name) is not None
        ]

    return wrong


def _remembers_ours(_settled: Any) -> Any:
    """Treat the state after a write as ours, even if a person changed it."""

    def wrong(_base: Any, content: Any, answered: Any) -> Base:
        known = isinstance(answered, Document) or not isinstance(content, Document)
        return Base(content, answered if known else None)

    return wrong


BUGS: Sequence[Bug] = (
    Bug(
        "lines anew",
        "lines are sent without their ids, so that all are replaced",
        by_hand.coded,
        planted(writing._amended_lines, _without_ids),
    ),
    Bug(
        "coding dropped",
        "of lines only what is ours is sent back",
        by_hand.coded,
        planted(writing._amended_lines, _only_ours),
    ),
    Bug(
        "all fields resent",
        "an update sends what our record did not change, over what a person did",
        by_hand.coded,
        all_of(
            planted(amend._changed, _everything),
            planted(amend._touched, instead(lambda *_, **__: False)),
        ),
    ),
    Bug(
        "paid amended",
        "what is paid over there is changed in amount unasked",
        by_hand.coded,
        planted(weigh.paid_of, instead(lambda _there: None)),
    ),
    Bug(
        "theirs forgotten",
        "what a person changed and we kept is taken for ours at the next update",
        by_hand.coded,
        planted(amend.settled, _remembers_ours),
    ),
)
