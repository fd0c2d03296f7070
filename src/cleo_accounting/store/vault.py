"""Seals what must never lie in the open, and opens it only in the place it was sealed for.

An envelope: every secret has its own AES-256-GCM data key, which is wrapped by one of the
operator's keys. The place (table, row, owner) and the key's id are authenticated with both, so a
sealed text that is moved to another row does not open. Written `v1.<key id>.<wrapped>.<sealed>`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cleo_accounting.errors import Misconfigured, Reconnect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_VERSION = "v1"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_SETTING = "CLEO_ENCRYPTION_KEYS"


class Vault:
    """The operator's keys, newest first: the newest seals, every one of them opens."""

    def __init__(self, keys: Sequence[str], random: Callable[[int], bytes]) -> None:
        if not keys:
            raise Misconfigured(f"{_SETTING} must hold at least one key of 32 bytes, in base64")
        self._keys: Mapping[str, bytes] = {_key_id(key): key for key in map(_decode_key, keys)}
        self._newest = next(iter(self._keys))
        self._random = random

    def __repr__(self) -> str:
        return f"Vault({len(self._keys)} keys)"

    def seal(self, text: str, place: Sequence[str]) -> str:
        """Seal a text for one place."""
        bound = _bound(place, self._newest)
        data_key = self._random(_KEY_BYTES)
        wrapped = self._encrypt(self._keys[self._newest], data_key, bound)
        sealed = self._encrypt(data_key, text.encode(), bound)
        return ".".join((_VERSION, self._newest, _text(wrapped), _text(sealed)))

    def open(self, sealed: str, place: Sequence[str]) -> str:
        """Open what was sealed for this place.

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
            data_key = _decrypt(self._keys[key_id], base64.urlsafe_b64decode(wrapped), bound)
            return _decrypt(data_key, base64.urlsafe_b64decode(inner), bound).decode()
        except (InvalidTag, ValueError):
            raise _broken() from None

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key sealed it; what an older one sealed is to be sealed again."""
        return sealed.startswith(f"{_VERSION}.{self._newest}.")

    def _encrypt(self, key: bytes, data: bytes, bound: bytes) -> bytes:
        nonce = self._random(_NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, data, bound)


def _decrypt(key: bytes, data: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], bound)


def _bound(place: Sequence[str], key_id: str) -> bytes:
    """The place, so that no two places look the same once joined."""
    return json.dumps([*place, key_id], ensure_ascii=False).encode()


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"cleo-accounting key id\0" + key).hexdigest()[:8]


def _decode_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise Misconfigured(f"each key of {_SETTING} must be 32 random bytes, in base64")
    return key


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _broken() -> Reconnect:
    return Reconnect(
        "The stored grant cannot be opened; connect QuickBooks again.", code="grant_unreadable"
    )
