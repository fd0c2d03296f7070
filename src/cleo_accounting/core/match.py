"""Names: when two are one to QuickBooks, what people write differently, and what is not allowed."""

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
)  # what names have besides letters and digits, and all software takes
_DELETED = re.compile(r"\s*\(deleted\)\s*$", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def name_key(name: str) -> str:
    """Give the form in which two names are compared: equal keys are one name to QuickBooks.

    Case, blanks at the ends, doubled blanks and the Unicode form do not count. QuickBooks is known
    to ignore case and the blanks at the ends; where it keeps the rest apart, several of its names
    have one key, and a person is asked which of them is meant.
    """
    if name.isascii():  # as most are, and as it is quickest
        return " ".join(name.lower().split())
    plain = unicodedata.normalize("NFD", name).casefold()
    return " ".join(unicodedata.normalize("NFC", plain).split())


def normalised(name: str) -> str:
    """A name without what people write differently: case, accents, punctuation, legal form."""
    plain = unicodedata.normalize("NFKD", _DELETED.sub("", name).replace("&", " and "))
    letters = "".join(char for char in plain if not _unseen(char)).casefold()
    # A straight or curly apostrophe, or the control character that one became, joins its word.
    joined = re.sub(r"['’‘`\u0092.]", "", letters)
    words = re.sub(r"[^\w]+", " ", joined).split()
    kept = [word for word in words if word not in _LEGAL_FORMS] or words
    return " ".join(kept)


def _unseen(char: str) -> bool:
    """Whether a character is an accent, or one that shows nothing (a zero-width space)."""
    return bool(unicodedata.combining(char)) or unicodedata.category(char) == "Cf"


def flaw(name: str) -> str | None:
    """Say why QuickBooks would not take a name, or None (Intuit, Customer: DisplayName)."""
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
    """Propose a name that QuickBooks takes."""
    # Windows-1252 punctuation once read as Latin-1 leaves these invisible characters behind.
    known = name.translate({0x91: "‘", 0x92: "’", 0x93: "“", 0x94: "”", 0x96: "–", 0x97: "—"})
    plain = "".join(" " if _breaks(char) else char for char in known)
    proposed = " ".join(plain.replace(":", "-").split())[:length_max].rstrip()
    return "Unnamed" if flaw(proposed) else proposed


def plainer(name: str) -> str:
    """Propose a name without the characters that QuickBooks may have refused."""
    composed = unicodedata.normalize("NFC", name)
    plain = mended("".join(char if char.isalnum() or char in _PLAIN else " " for char in composed))
    if plain != name.strip():
        return plain
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return mended(re.sub(r"[^A-Za-z0-9]+", " ", ascii_only))


def _breaks(char: str) -> bool:
    """Whether a character breaks a line, controls a device or is half of one: no name has it."""
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def email_flaw(email: str) -> str | None:
    """Say why QuickBooks would not take an e-mail address, or None (Intuit, PrimaryEmailAddr)."""
    if len(email) > EMAIL_LENGTH_MAX:
        return f"is longer than the {EMAIL_LENGTH_MAX} characters that QuickBooks takes"
    if not all(_ADDRESS.fullmatch(one.strip()) for one in email.split(",")):
        return "is not a valid address"
    return None


def carries_digits(name: str, last_four: str) -> bool:
    """Whether an account's name carries these last four digits, as a number of their own."""
    return re.search(rf"(?<!\d){re.escape(last_four)}(?!\d)", name) is not None
