"""Encryption of stored secrets: a sealed secret opens only in the place it was sealed for.

Envelope encryption: every secret has its own AES-256-GCM data key, which is wrapped by one of the
operator's keys. The place (table, row, owner) and the key's id are authenticated with both, so a
sealed text that is moved to another row does not open. The format is `v1.<key
id>.<wrapped>.<sealed>`.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cleo_accounting.errors import Misconfigured, Reconnect
from cleo_accounting.store.keyring import KEY_BYTES, keyring

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_VERSION = "v1"
_NONCE_BYTES = 12
_SETTING = "CLEO_ENCRYPTION_KEYS"


class Vault:
    """The operator's keys, newest first: the newest one seals, and all of them open."""

    def __init__(self, keys: Sequence[str], random: Callable[[int], bytes]) -> None:
        self._keys = keyring(_SETTING, keys)
        self.ids = tuple(self._keys)  # newest first
        self._random = random

    def __repr__(self) -> str:
        return f"Vault({len(self._keys)} keys)"

    def seal(self, text: str, place: Sequence[str]) -> str:
        """Seal a text for one place."""
        bound = _bound(place, self.ids[0])
        data_key = self._random(KEY_BYTES)
        wrapped = self._wrap(data_key, bound)
        sealed = self._encrypt(data_key, text.encode(), bound)
        return self.beginning + ".".join((_text(wrapped), _text(sealed)))

    def open(self, sealed: str, place: Sequence[str]) -> str:
        """Open a text that was sealed for this place.

        Raises:
            Misconfigured: the key that sealed it is not among ours.
            Reconnect: it was changed, or sealed for another place.
        """
        version, key_id, wrapped, inner = (*sealed.split(".", 3), "", "", "")[:4]
        if version != _VERSION or not inner:
            raise _broken()
        if key_id not in self._keys:
            raise Misconfigured(f"{_SETTING} lacks the key {key_id}, which sealed a stored grant")
        bound = _bound(place, key_id)
        try:
            data_key = self._unwrap(key_id, base64.urlsafe_b64decode(wrapped), bound)
            return _decrypt(data_key, base64.urlsafe_b64decode(inner), bound).decode()
        except (InvalidTag, ValueError):
            raise _broken() from None

    def is_newest(self, sealed: str) -> bool:
        """Return whether a text was sealed with the newest key; others have to be sealed again."""
        return sealed.startswith(self.beginning)

    @property
    def beginning(self) -> str:
        """The beginning of every text that is sealed with the newest key."""
        return f"{_VERSION}.{self.ids[0]}."

    @property
    def beginning_length(self) -> int:
        """How many characters of a sealed text identify its key."""
        return len(self.beginning)

    def key_of(self, sealed: str) -> str:
        """Return the id of the key that sealed a text; a question mark if it is no sealed text."""
        version, key_id, *_ = (*sealed.split("."), "", "")
        return key_id if version == _VERSION and key_id else "?"

    # The interface to a key management service, which would hold the keys and do these two steps.
    def _wrap(self, data_key: bytes, bound: bytes) -> bytes:
        return self._encrypt(self._keys[self.ids[0]], data_key, bound)

    def _unwrap(self, key_id: str, wrapped: bytes, bound: bytes) -> bytes:
        return _decrypt(self._keys[key_id], wrapped, bound)

    def _encrypt(self, key: bytes, data: bytes, bound: bytes) -> bytes:
        nonce = self._random(_NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, data, bound)


def _decrypt(key: bytes, data: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], bound)


def _bound(place: Sequence[str], key_id: str) -> bytes:
    """Return an unambiguous encoding of the place and the key's id."""
    return json.dumps([*place, key_id], ensure_ascii=False).encode()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _broken() -> Reconnect:
    return Reconnect(
        "The stored grant cannot be opened; connect QuickBooks again.", code="grant_unreadable"
    )
