"""Signatures of audit entries with the operator's keys (HMAC, RFC 2104, with SHA-256)."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from cleo_accounting.store.keyring import keyring

if TYPE_CHECKING:
    from collections.abc import Sequence


class Signer:
    """The operator's keys for audit chains: the newest one signs, and all of them verify."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keyring("CLEO_AUDIT_KEYS", keys)
        self.newest = next(iter(self._keys))

    def __repr__(self) -> str:
        return f"Signer({len(self._keys)} keys)"

    def sign(self, text: str, key_id: str | None = None) -> str:
        """Sign a text with the newest key or the named one; empty if that key is not set."""
        key = self._keys.get(key_id or self.newest)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest() if key else ""

    def holds(self, text: str, key_id: str, signature: str) -> bool:
        """Return whether a signature of a text is valid."""
        return hmac.compare_digest(self.sign(text, key_id).encode(), signature.encode())

    def knows(self, key_id: str) -> bool:
        """Return whether a key with this id is set."""
        return key_id in self._keys
