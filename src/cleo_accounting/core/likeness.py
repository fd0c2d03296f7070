"""The similarity of names, as defined for both the plan and the suggestions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from cleo_accounting.core.match import name_key, normalised

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleo_accounting.core.links import Remote

SIMILAR_FROM = 80  # per cent; below it, most similar names mean different parties
ALIKE_FROM = 95  # per cent; from here on a person is asked before anything is created

_SAME_EMAIL = 97
_SPELLING = 96
_NUMBERS_DIFFER = 90  # “Branch 12” and “Branch 13” differ in one character, but are two parties


@dataclass(frozen=True, slots=True)
class Likeness:
    """A remote that a name may refer to, the reason in words, and the certainty in per cent."""

    remote: Remote
    why: str
    certainty: int


@dataclass(slots=True)
class _Bucket:
    """Remotes whose names have the same length, and those names with their words sorted."""

    remotes: list[Remote]
    names: list[str]


class Names:
    """The names of one kind, indexed to find the ones that another name resembles.

    Names whose lengths are too far apart are never compared; nor, for the plan, are names whose
    numbers differ. Most pairs are skipped without any cost.
    """

    def __init__(self) -> None:
        self.compared = 0  # the number of pairs of names compared letter by letter
        self._spelling: dict[str, list[Remote]] = {}
        self._email: dict[str, list[Remote]] = {}
        self._by_length: dict[int, _Bucket] = {}
        self._by_numbers: dict[tuple[str, ...], dict[int, _Bucket]] = {}

    def add(self, remote: Remote) -> None:
        """Add a remote's name to the index."""
        plain = normalised(remote.name)
        for spelling in _spellings(plain):
            self._spelling.setdefault(spelling, []).append(remote)
        if email := remote.details.get("email"):
            self._email.setdefault(email.casefold(), []).append(remote)
        ordered = _in_order(plain)
        by_numbers = self._by_numbers.setdefault(_numbers(plain), {})
        for buckets in (self._by_length, by_numbers):
            bucket = buckets.setdefault(len(ordered), _Bucket([], []))
            bucket.remotes.append(remote)
            bucket.names.append(ordered)

    def like(
        self, name: str, email: str | None = None, *, sure_from: int = ALIKE_FROM, limit: int = 5
    ) -> Sequence[Likeness]:
        """Return the remotes with a similar name or the same e-mail, most certain first."""
        plain = normalised(name)
        found = [Likeness(one, "same e-mail", _SAME_EMAIL) for one in self._of_email(email)]
        found += [
            Likeness(one, "same name, spelled differently", _SPELLING)
            for spelling in _spellings(plain)
            for one in self._spelling.get(spelling, ())
        ]
        found += self._similar(plain, sure_from, limit + len(found))
        return surest(found)[:limit]

    def _of_email(self, email: str | None) -> Sequence[Remote]:
        return self._email.get(email.casefold(), ()) if email else ()

    def _similar(self, plain: str, sure_from: int, limit: int) -> Iterator[Likeness]:
        numbers = _numbers(plain)
        wanted = _in_order(plain)
        apart = sure_from > _NUMBERS_DIFFER
        buckets = self._by_numbers.get(numbers, {}) if apart else self._by_length
        for length in _lengths(len(wanted), sure_from):
            if bucket := buckets.get(length):
                self.compared += len(bucket.names)
                near = process.extract(
                    wanted,
                    bucket.names,
                    scorer=fuzz.ratio,
                    limit=limit,
                    score_cutoff=sure_from,
                )
                for name, score, at in near:
                    if _numbers(name) == numbers:
                        why, most = f"similar name {int(score)} %", ALIKE_FROM
                    else:
                        why, most = "similar name, another number", _NUMBERS_DIFFER
                    yield Likeness(bucket.remotes[at], why, min(int(score), most))


def surest(found: Sequence[Likeness]) -> list[Likeness]:
    """Keep the best reason for each remote, sorted by certainty, with active remotes first."""
    best: dict[str, Likeness] = {}
    for one in found:
        if one.remote.id not in best or best[one.remote.id].certainty < one.certainty:
            best[one.remote.id] = one
    return sorted(
        best.values(),
        key=lambda one: (-one.certainty, not one.remote.active, name_key(one.remote.full_name)),
    )


def _spellings(plain: str) -> set[str]:
    """Return a normalised name with and without spaces: “Tiddly Winks” equals “Tiddlywinks”."""
    return {plain, plain.replace(" ", "")} - {""}


def _in_order(plain: str) -> str:
    """Return the words of a name sorted: “Supply Harbor” equals “Harbor Supply”."""
    return " ".join(sorted(plain.split()))


def _numbers(plain: str) -> tuple[str, ...]:
    return tuple(sorted(re.findall(r"\d+", plain)))


def _lengths(length: int, sure_from: int) -> range:
    """Return the lengths of names that can reach this similarity; the ratio excludes all others."""
    if not length:
        return range(0)
    share = sure_from / (200 - sure_from)
    return range(int(length * share), int(length / share) + 2)
