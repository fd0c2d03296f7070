"""The names of a company's vendors, customers and employees, by exact and similar name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.kinds import PARTIES
from cleo_accounting.core.likeness import Likeness, Names
from cleo_accounting.core.links import Remote, RemoteKind
from cleo_accounting.core.match import NAME_LENGTH_MAX, mended, name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SUFFIX_ROOM = 20


class Directory:
    """A company's party names: vendors, customers and employees share them (Intuit, 6240)."""

    def __init__(self, remotes: Iterable[Remote]) -> None:
        self._exact: dict[str, list[Remote]] = {}
        self._below: dict[str, list[Remote]] = {}  # parties below a parent, by full name
        self._names: dict[RemoteKind, Names] = {}
        for remote in remotes:
            self.add(remote)

    def add(self, remote: Remote) -> None:
        """Add a remote's name to the directory."""
        if remote.gone or remote.kind not in PARTIES:
            return
        self._exact.setdefault(name_key(remote.name), []).append(remote)
        self._names.setdefault(remote.kind, Names()).add(remote)
        if is_below(remote):
            self._below.setdefault(_path(remote.full_name), []).append(remote)

    def holders(self, name: str) -> Sequence[Remote]:
        """Return the remotes with this name, the active and the equally spelled first."""
        written = name.strip()
        return sorted(
            self._exact.get(name_key(name), ()),
            key=lambda one: (not one.active, one.name.strip() != written),
        )

    def holder(self, name: str) -> Remote | None:
        """Return the first remote with this name, or None."""
        return next(iter(self.holders(name)), None)

    def free(self, name: str, suffix: str, length_max: int = NAME_LENGTH_MAX) -> str:
        """Propose a name that is not taken: the name with a suffix, and a number if necessary."""
        base = f"{mended(name, max(1, length_max - _SUFFIX_ROOM))} ({suffix})"
        proposed, number = base, 2
        while self.holder(proposed):
            proposed, number = f"{base} {number}", number + 1
        return proposed

    def mended(self, name: str, suffix: str, length_max: int = NAME_LENGTH_MAX) -> str:
        """Propose the most similar name that QuickBooks accepts and that is not taken."""
        proposed = mended(name, length_max)
        return self.free(proposed, suffix, length_max) if self.holder(proposed) else proposed

    def below(self, name: str, kind: RemoteKind) -> Sequence[Likeness]:
        """Return the sub-customers that a name such as “Parent:Child” refers to."""
        found = self._below.get(_path(name), ())
        return [Likeness(one, f"a sub-{kind}", 99) for one in found if one.kind is kind]

    def like(self, name: str, email: str | None, kind: RemoteKind) -> Sequence[Likeness]:
        """Return the remotes that may be the same under another spelling, most certain first."""
        names = self._names.get(kind)
        return names.like(name, email) if names else ()


def is_below(remote: Remote) -> bool:
    """Return whether a remote is below another one, such as a sub-customer."""
    return remote.full_name != remote.name


def _path(full_name: str) -> str:
    return ":".join(name_key(part) for part in full_name.split(":"))
