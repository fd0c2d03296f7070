"""Seeded randomness: the n-th draw for a purpose is a hash of the seed, the purpose and n.

Draws for one purpose do not affect those for another, and the only state is a counter per purpose.
"""

from __future__ import annotations

import string
from hashlib import sha256

ALPHABET = string.ascii_letters + string.digits
DIGITS = string.digits


class Dice:
    """A random source whose draws are equal for equal seeds."""

    def __init__(self, seed: int, counts: dict[str, int] | None = None) -> None:
        self.seed = seed
        self.counts = dict(counts or {})

    def _draw(self, purpose: str) -> bytes:
        count = self.counts.get(purpose, 0)
        self.counts[purpose] = count + 1
        return sha256(f"{self.seed}/{purpose}/{count}".encode()).digest()

    def _bytes(self, purpose: str, count: int) -> bytes:
        drawn = b""
        while len(drawn) < count:
            drawn += self._draw(purpose)
        return drawn[:count]

    def fraction(self, purpose: str) -> float:
        """Draw a number in [0, 1)."""
        return int.from_bytes(self._draw(purpose)[:7], "big") / (1 << 56)

    def hexadecimal(self, purpose: str, length: int) -> str:
        """Draw a string of hexadecimal digits of this length."""
        return self._bytes(purpose, (length + 1) // 2).hex()[:length]

    def letters(self, purpose: str, length: int, alphabet: str = ALPHABET) -> str:
        """Draw a string of characters from the alphabet, of this length."""
        return "".join(alphabet[byte % len(alphabet)] for byte in self._bytes(purpose, length))

    def uuid(self, purpose: str) -> str:
        """Draw a random (version 4) UUID."""
        drawn = self.hexadecimal(purpose, 30)
        variant = "89ab"[int(drawn[15], 16) % 4]
        return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[12:15]}-{variant}{drawn[16:19]}-{drawn[18:30]}"
