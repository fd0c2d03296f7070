"""Names and evidence: which of their names is ours, which only looks like it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core.links import PARTIES, Remote, RemoteKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAME_LENGTH_MAX = 500  # Intuit, Vendor and Customer: DisplayName

_LEGAL_FORMS = """
    ab ag bv cic co company corp corporation gmbh inc incorporated limited llc llp lp ltd oy plc
    pty sa sarl spa srl
"""
_DELETED = re.compile(r"\s*\(deleted\)\s*$", re.IGNORECASE)


def name_key(name: str) -> str:
    """Give the form in which two names are compared: equal keys are one name to QuickBooks.

    Case, blanks at the ends, doubled blanks and the Unicode form do not count. QuickBooks is known
    to ignore case and the blanks at the ends; where it keeps the rest apart, several of its names
    have one key, and a person is asked which of them is meant.
    """
    plain = unicodedata.normalize("NFD", name).casefold()
    return " ".join(unicodedata.normalize("NFC", plain).split())


def normalised(name: str) -> str:
    """A name without what people write differently: case, accents, punctuation, legal form."""
    plain = unicodedata.normalize("NFKD", _DELETED.sub("", name).replace("&", " and "))
    letters = "".join(char for char in plain if not _unseen(char)).casefold()
    # A straight or curly apostrophe, or the control character that one became, joins its word.
    joined = re.sub(r"['’‘`\u0092.]", "", letters)
    words = re.sub(r"[^\w]+", " ", joined).split()
    kept = [word for word in words if word not in _LEGAL_FORMS.split()] or words
    return " ".join(kept)


def _unseen(char: str) -> bool:
    """Whether a character is an accent, or one that shows nothing (a zero-width space)."""
    return bool(unicodedata.combining(char)) or unicodedata.category(char) == "Cf"


def flaw(name: str) -> str | None:
    """Say why QuickBooks would not take a name, or None (Intuit, Customer: DisplayName)."""
    if not name.strip():
        return "is empty"
    if any(unicodedata.category(char) == "Cc" for char in name):
        return "has an invisible control character"
    if ":" in name:
        return "has a colon"
    if len(name.strip()) > NAME_LENGTH_MAX:
        return f"is longer than {NAME_LENGTH_MAX} characters"
    return None


def mended(name: str) -> str:
    """Propose a name that QuickBooks takes."""
    # Windows-1252 punctuation once read as Latin-1 leaves these invisible characters behind.
    known = name.translate({0x91: "‘", 0x92: "’", 0x93: "“", 0x94: "”", 0x96: "–", 0x97: "—"})
    plain = "".join(" " if unicodedata.category(char) == "Cc" else char for char in known)
    return " ".join(plain.replace(":", "-").split())[:NAME_LENGTH_MAX].rstrip() or "Unnamed"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A remote that may be ours, and why in words."""

    remote: Remote
    why: str


class Directory:
    """A company's party names: vendors, customers and employees share one space (Intuit, 6240)."""

    def __init__(self, remotes: Iterable[Remote]) -> None:
        self._exact: dict[str, Remote] = {}
        self._normal: dict[str, list[Remote]] = {}
        self._email: dict[str, list[Remote]] = {}
        for remote in remotes:
            self.add(remote)

    def add(self, remote: Remote) -> None:
        """Take a name into account."""
        if remote.gone or remote.kind not in PARTIES:
            return
        key = name_key(remote.name)
        held = self._exact.get(key)
        if held is None or (remote.active and not held.active):
            self._exact[key] = remote
        self._normal.setdefault(normalised(remote.name), []).append(remote)
        if email := remote.details.get("email"):
            self._email.setdefault(email.casefold(), []).append(remote)

    def holder(self, name: str) -> Remote | None:
        """Who has exactly this name."""
        return self._exact.get(name_key(name))

    def free(self, name: str, suffix: str) -> str:
        """Propose a name that nobody has: the name with a suffix, and a number if need be."""
        base = f"{mended(name)[: NAME_LENGTH_MAX - 20]} ({suffix})"
        proposed, number = base, 2
        while self.holder(proposed):
            proposed, number = f"{base} {number}", number + 1
        return proposed

    def look_alikes(self, name: str, email: str | None, kind: RemoteKind) -> Sequence[Candidate]:
        """Who may be the same party under another spelling, best evidence first."""
        found: dict[str, Candidate] = {}
        for remote in self._email.get((email or "").casefold(), ()):
            if remote.kind is kind:
                found.setdefault(remote.id, Candidate(remote, "same e-mail"))
        for remote in self._normal.get(normalised(name), ()):
            if remote.kind is kind:
                why = "similar name" if remote.active else "similar name, made inactive"
                found.setdefault(remote.id, Candidate(remote, why))
        return tuple(found.values())


def carries_digits(name: str, last_four: str) -> bool:
    """Whether an account's name carries these last four digits, as a number of their own."""
    return re.search(rf"(?<!\d){re.escape(last_four)}(?!\d)", name) is not None
