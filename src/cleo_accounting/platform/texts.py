"""Detect the encoding of a text file, only where its bytes leave no doubt."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK_BYTES = 1 << 20
_BOMS = (  # UTF-32 first: its mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNUSED_IN_WINDOWS = b"\x81\x8d\x8f\x90\x9d"
_ZEROS_SURE = 0.4  # of bytes at even or odd offsets: half the share in Latin text


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a file, and a note about it unless it is UTF-8."""

    name: str
    said: str = ""


def encoding(path: Path, asked: str | None = None) -> Encoding:
    """Detect a file's encoding: UTF-8, UTF-16 or -32 by their marks, or else Windows-1252.

    Raises:
        Invalid: it is none of them, or mixes two; says the first line that does not fit.
    """
    if asked is not None:
        try:
            return Encoding(codecs.lookup(asked).name)
        except LookupError:
            raise Invalid(
                f"There is no encoding “{asked}”. Use utf-8 or cp1252, for example."
            ) from None
    with path.open("rb") as file:
        head = file.read(_CHUNK_BYTES)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name, "" if name == "utf-8-sig" else f"Read as {name.upper()}.")
    if unmarked := _without_mark(head):
        return Encoding(unmarked, f"Read as {unmarked.upper()}.")
    if b"\0" in head:
        raise Invalid(
            f"{path} is not a text file: it contains zero bytes. Save it as CSV or .xlsx."
        )
    return _checked(path)


def _without_mark(head: bytes) -> str | None:
    """Detect UTF-16 without a byte-order mark by the zero byte of every Latin letter."""
    half = max(len(head) // 2, 1)
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if odd > _ZEROS_SURE and not even:
        return "utf-16-le"
    if even > _ZEROS_SURE and not odd:
        return "utf-16-be"
    return None


def _checked(path: Path) -> Encoding:
    """Read a whole file to decide whether it is UTF-8 throughout, or else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    broken = whole = unused = False
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            text = decoder.decode(chunk)
            if text.isascii():
                continue
            broken = broken or "\ufffd" in text
            unused = unused or any(byte in chunk for byte in _UNUSED_IN_WINDOWS)
            whole = whole or any(ord(char) > 0x7F for char in text if char != "\ufffd")  # noqa: PLR2004  the last of ASCII
        broken = broken or bool(decoder.decode(b"", final=True))
    if not broken:
        return Encoding("utf-8")
    if not whole and not unused:
        return Encoding(
            "cp1252",
            "Read as Windows-1252, because it is not UTF-8; --encoding names another.",
        )
    line, byte = _first_broken(path)
    raise Invalid(
        f"Line {line} of {path} is not UTF-8 (byte 0x{byte:02X}), and the file is not"
        " Windows-1252 either: save it as UTF-8, or name its --encoding."
    )


def _first_broken(path: Path) -> tuple[int, int]:
    with path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(_CHUNK_BYTES), b""), 1):
            try:
                raw.decode()
            except UnicodeDecodeError as refusal:
                return number, raw[refusal.start]
    raise LookupError(path)
