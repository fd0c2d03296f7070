"""Render a cause and its fix as text, filled with the facts of a record."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

from cleo_accounting.core.causes import CAUSES

# Defaults for refusals that were stored before these facts existed.
_EARLIER: Mapping[str, str] = {
    "used": "is already used in QuickBooks for the same vendor",
    "again": "",
    "what": "of a rule of its own",
    "advice": "See the QuickBooks message under the technical details",
}


class _Lenient(Formatter):
    """A formatter that puts an ellipsis where the facts lack a name of the template."""

    def get_value(self, key: int | str, _args: object, kwargs: Mapping[str, object]) -> object:
        return kwargs.get(str(key), "…")


def tell(code: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """Return the texts of a cause and of its fix."""
    cause = CAUSES.get(code, CAUSES["rejected"])
    said = _Lenient()
    known = {**_EARLIER, **facts} if "said" in facts else facts
    return said.vformat(cause.text, (), known), said.vformat(cause.fix, (), known)
