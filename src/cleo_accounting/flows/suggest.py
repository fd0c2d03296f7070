"""Say who a record might be over there: why, in words, and how sure; nothing is linked here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from cleo_accounting.core.match import carries_digits, name_key, normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.links import Remote

SUGGESTIONS_MAX = 5
SIMILAR_FROM = 80  # per cent; below it, most of what looks alike is not


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One counterpart that a record may have."""

    remote: Remote
    why: str
    certainty: int  # per cent; a likeness never reaches what the same name has


class Shelf:
    """The names of one kind, prepared once for any number of questions."""

    def __init__(self, remotes: Sequence[Remote]) -> None:
        self._remotes = remotes
        self._plain = [normalised(one.name) for one in remotes]
        self._sorted = [_in_order(one) for one in self._plain]
        self._exact: dict[str, list[Remote]] = {}
        self._alike: dict[str, list[Remote]] = {}
        self._email: dict[str, list[Remote]] = {}
        for one, plain in zip(remotes, self._plain, strict=True):
            for key in {name_key(one.name), name_key(one.full_name)}:
                self._exact.setdefault(key, []).append(one)
            self._alike.setdefault(plain, []).append(one)
            if email := one.details.get("email"):
                self._email.setdefault(email.casefold(), []).append(one)

    def parties(self, name: str, email: str | None) -> Sequence[Suggestion]:
        """Suggest vendors or customers for a connection."""
        sure = [Suggestion(one, "same name", 100) for one in self._exact.get(name_key(name), ())]
        if email:
            sure += [
                Suggestion(one, "same e-mail", 97) for one in self._email.get(email.casefold(), ())
            ]
        return _best(sure + self._similar(name))

    def banks(self, name: str, last_four: str | None) -> Sequence[Suggestion]:
        """Suggest bank accounts for a funding source."""
        sure = [Suggestion(one, "same name", 100) for one in self._exact.get(name_key(name), ())]
        if last_four:
            sure += [
                Suggestion(one, "same last four digits", 98)
                for one in self._remotes
                if carries_digits(one.name, last_four)
            ]
        return _best(sure + self._similar(name))

    def _similar(self, name: str) -> list[Suggestion]:
        plain = normalised(name)
        if not plain:
            return []
        same = [
            Suggestion(one, "same name but for spelling", 96) for one in self._alike.get(plain, ())
        ]
        near = process.extract(
            _in_order(plain),
            self._sorted,
            scorer=fuzz.ratio,
            limit=SUGGESTIONS_MAX + len(same),
            score_cutoff=SIMILAR_FROM,
        )
        return same + [
            Suggestion(self._remotes[at], f"similar name {int(score)} %", min(int(score), 95))
            for _, score, at in near
        ]


def _in_order(plain: str) -> str:
    """The words of a name in the order of the alphabet: “Supply Harbor” is “Harbor Supply”."""
    return " ".join(sorted(plain.split()))


def _best(found: Sequence[Suggestion]) -> Sequence[Suggestion]:
    """Keep the best reason for each, and the best few of all."""
    best: dict[str, Suggestion] = {}
    for one in found:
        if one.remote.id not in best or best[one.remote.id].certainty < one.certainty:
            best[one.remote.id] = one
    ranked = sorted(best.values(), key=lambda one: (-one.certainty, name_key(one.remote.full_name)))
    return ranked[:SUGGESTIONS_MAX]
