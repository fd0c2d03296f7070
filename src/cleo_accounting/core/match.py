"""Names and e-mail addresses: comparison, normalisation, and what QuickBooks does not allow."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NAME_LENGTH_MAX = 500  # Intuit, Vendor and Customer: DisplayName
EMAIL_LENGTH_MAX = 100  # Intuit, Vendor and Customer: PrimaryEmailAddr

_LEGAL_FORMS = frozenset(
    "ab ag bv cic co company corp corporation gmbh inc incorporated limited llc llp lp ltd oy plc"
    " pty sa sarl spa srl".split()
)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PLAIN = frozenset(
    " &'’(),-./"
)  # characters besides letters and digits that all software accepts in names
_DELETED = re.compile(r"\s*\(deleted\)\s*$", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def name_key(name: str) -> str:
    """Return the form in which two names are compared: names with equal keys are one to QuickBooks.

    Case, spaces at the ends, repeated spaces and the Unicode form do not count. QuickBooks is known
    to ignore case and spaces at the ends. If it distinguishes names by the rest, several of its
    names have the same key, and a person is asked which of them is meant.
    """
    if name.isascii():  # the fast path: most names are ASCII
        return " ".join(name.lower().split())
    plain = unicodedata.normalize("NFD", name).casefold()
    return " ".join(unicodedata.normalize("NFC", plain).split())


def normalised(name: str) -> str:
    """Return a name without its usual variations: case, accents, punctuation, legal form."""
    plain = unicodedata.normalize("NFKD", _DELETED.sub("", name).replace("&", " and "))
    letters = "".join(char for char in plain if not _unseen(char)).casefold()
    # An apostrophe, straight, curly or broken into a control character, joins its word.
    joined = re.sub(r"['’‘`\u0092.]", "", letters)
    words = re.sub(r"[^\w]+", " ", joined).split()
    kept = [word for word in words if word not in _LEGAL_FORMS] or words
    return " ".join(kept)


def _unseen(char: str) -> bool:
    """Return whether a character is an accent or invisible (such as a zero-width space)."""
    return bool(unicodedata.combining(char)) or unicodedata.category(char) == "Cf"


def flaw(name: str) -> str | None:
    """Return why QuickBooks would reject a name, or None (Intuit, Customer: DisplayName)."""
    if not name.strip() or all(char.isspace() or _unseen(char) for char in name):
        return "is empty"
    if any(_breaks(char) for char in name.strip()):
        return "has an invisible control character"
    if ":" in name:
        return "has a colon"
    if len(name.strip()) > NAME_LENGTH_MAX:
        return f"is longer than {NAME_LENGTH_MAX} characters"
    return None


def mended(name: str, length_max: int = NAME_LENGTH_MAX) -> str:
    """Return a similar name that QuickBooks accepts."""
    # Windows-1252 punctuation that was decoded as Latin-1 leaves these invisible characters.
    known = name.translate({0x91: "‘", 0x92: "’", 0x93: "“", 0x94: "”", 0x96: "–", 0x97: "—"})
    plain = "".join(" " if _breaks(char) else char for char in known)
    proposed = " ".join(plain.replace(":", "-").split())[:length_max].rstrip()
    return "Unnamed" if flaw(proposed) else proposed


def plainer(name: str) -> str:
    """Return a similar name without the characters that QuickBooks may have rejected."""
    composed = unicodedata.normalize("NFC", name)
    plain = mended("".join(char if char.isalnum() or char in _PLAIN else " " for char in composed))
    if plain != name.strip():
        return plain
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return mended(re.sub(r"[^A-Za-z0-9]+", " ", ascii_only))


def _breaks(char: str) -> bool:
    """Return whether a character is a line break, a control character or a lone surrogate."""
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def email_flaw(email: str) -> str | None:
    """Return why QuickBooks would reject an e-mail address, or None (Intuit, PrimaryEmailAddr)."""
    if len(email) > EMAIL_LENGTH_MAX:
        return f"is longer than the {EMAIL_LENGTH_MAX} characters that QuickBooks takes"
    if not all(_ADDRESS.fullmatch(one.strip()) for one in email.split(",")):
        return "is not a valid address"
    return None


def carries_digits(name: str, last_four: str) -> bool:
    """Return whether an account's name contains these last four digits as a number of their own."""
    return re.search(rf"(?<!\d){re.escape(last_four)}(?!\d)", name) is not None
