"""Suggest counterparts for a record, with a reason and a certainty; nothing is linked here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.likeness import SIMILAR_FROM, Likeness, Names, surest
from cleo_accounting.core.match import carries_digits, name_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.links import Remote

SUGGESTIONS_MAX = 5


class Shelf:
    """The names of one kind, prepared once for any number of lookups."""

    def __init__(self, remotes: Sequence[Remote]) -> None:
        self._remotes = remotes
        self._exact: dict[str, list[Remote]] = {}
        self._names = Names()
        for one in remotes:
            for key in {name_key(one.name), name_key(one.full_name)}:
                self._exact.setdefault(key, []).append(one)
            self._names.add(one)

    def parties(self, name: str, email: str | None) -> Sequence[Likeness]:
        """Suggest vendors or customers for a connection."""
        return self._best(self._same(name), name, email)

    def banks(self, name: str, last_four: str | None) -> Sequence[Likeness]:
        """Suggest bank accounts for a funding source."""
        digits = [
            Likeness(one, "same last four digits", 98)
            for one in self._remotes
            if last_four and carries_digits(one.name, last_four)
        ]
        return self._best([*self._same(name), *digits], name)

    def _same(self, name: str) -> list[Likeness]:
        return [Likeness(one, "same name", 100) for one in self._exact.get(name_key(name), ())]

    def _best(
        self, sure: Sequence[Likeness], name: str, email: str | None = None
    ) -> Sequence[Likeness]:
        """Keep the best reason for each counterpart, and the best few counterparts."""
        most = SUGGESTIONS_MAX + len(sure)
        like = self._names.like(name, email, sure_from=SIMILAR_FROM, limit=most)
        return surest([*sure, *like])[:SUGGESTIONS_MAX]
