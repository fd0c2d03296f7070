"""The operator's secret keys of one setting: 32 random bytes each, in base64, newest first."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from cleo_accounting.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

KEY_BYTES = 32


def keyring(setting: str, texts: Sequence[str]) -> Mapping[str, bytes]:
    """Return the keys of a setting by id, newest first.

    Raises:
        Misconfigured: there is none, or one is not 32 bytes in base64; names the setting.
    """
    if not texts:
        raise Misconfigured(f"{setting} must hold at least one key of 32 bytes, in base64")
    return {key_id(key): key for key in (_decoded(setting, text) for text in texts)}


def key_id(key: bytes) -> str:
    """Return the id of a key: eight hexadecimal digits that reveal nothing about the key."""
    return hashlib.sha256(b"cleo-accounting key id\0" + key).hexdigest()[:8]


def new_key(random: Callable[[int], bytes]) -> tuple[str, str]:
    """Generate a key; returns its id, and its text for the setting."""
    key = random(KEY_BYTES)
    return key_id(key), base64.b64encode(key).decode()


def _decoded(setting: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise Misconfigured(f"each key of {setting} must be 32 random bytes, in base64")
    return key
