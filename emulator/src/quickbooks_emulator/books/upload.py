"""Uploads: one or more files with their metadata in a multipart request."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books import recording, writing
from quickbooks_emulator.books.books import decode
from quickbooks_emulator.books.entities import ENTITIES

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books
    from quickbooks_emulator.books.draft import Options

SIZE_MAX = 100 * 1024 * 1024

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_NAME = re.compile(r'(?<![a-z])name="?([^";]+)"?', re.IGNORECASE)
_FILE_NAME = re.compile(r'filename="?([^";]+)"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body."""

    name: str
    file_name: str | None
    content_type: str | None
    content: bytes


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """Split a multipart body; accepts bare line feeds, which well-known clients send."""
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise faults.refused("1050", "Invalid Content Type", "multipart/form-data is needed.")
    pieces = body.split(b"--" + match.group(1).encode())
    return [part for piece in pieces[1:-1] if (part := _read_part(piece)) is not None]


def _read_part(piece: bytes) -> Part | None:
    cleaned = piece.lstrip(b"\r\n")
    divided = re.split(rb"\r?\n[ \t]*\r?\n", cleaned, maxsplit=1)
    if len(divided) != len(("head", "content")):
        return None
    head, content = divided
    fields = {}
    for line in head.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    disposition = fields.get("content-disposition", "")
    named = _NAME.search(disposition)
    if named is None:
        return None
    file_name = _FILE_NAME.search(disposition)
    content = re.sub(rb"\r?\n$", b"", content)
    if fields.get("content-transfer-encoding", "").lower() == "base64":
        try:
            content = base64.b64decode(content)
        except binascii.Error:
            raise _invalid_file() from None
    return Part(
        named.group(1),
        file_name.group(1) if file_name else None,
        fields.get("content-type"),
        content,
    )


def _invalid_file() -> faults.Refusal:
    return faults.refused("6041", "Invalid Uploaded File", "The uploaded file cannot be read.")


def run_upload(
    books: Books, content_type: str, body: bytes, options: Options
) -> list[tuple[str, Any]]:
    """Store the files; returns (`Attachable`, record) or (`Fault`, document) for each."""
    if len(body) > SIZE_MAX:
        message = "Upload request size exceeds allowed limit"
        raise faults.refused("6030", message, f"{message} ({SIZE_MAX} bytes)")
    parts = {part.name: part for part in read_parts(content_type, body)}
    numbers = sorted(name.rpartition("_")[2] for name in parts if name.startswith("file_"))
    results: list[tuple[str, Any]] = []
    for number in dict.fromkeys(numbers):
        metadata = parts.get(f"file_metadata_{number}")
        file = parts.get(f"file_content_{number}")
        try:
            results.append(("Attachable", _take(books, metadata, file, options)))
        except faults.Refusal as refusal:
            results.append(("Fault", refusal.document()))
    if not results:
        raise faults.Refusal(faults.missing("file_content_01"))
    return results


def _take(books: Books, metadata: Part | None, file: Part | None, options: Options) -> Any:  # noqa: ANN401  a record
    document = _metadata(metadata)
    if file is None:
        if "Note" not in document:
            raise faults.business("You must have at least a note string or file attachment")
        return writing.create(books, ENTITIES["Attachable"], document, options)
    if file.file_name is not None:
        document.setdefault("FileName", file.file_name)
    if file.content_type is not None:
        document.setdefault("ContentType", file.content_type)
    document.setdefault("FileName", "attachment")
    identity = recording.next_id(books, ENTITIES["Attachable"])
    books.files[identity] = file.content
    try:
        return writing.create(books, ENTITIES["Attachable"], document, options)
    except faults.Refusal:
        del books.files[identity]
        raise


def _metadata(part: Part | None) -> dict[str, Any]:
    if part is None:
        return {}
    try:
        document = decode(part.content)
    except msgspec.DecodeError:
        raise faults.unreadable_document() from None
    if type(document) is not dict:
        raise faults.unreadable_document()
    return {name: value for name, value in document.items() if name != "Id" and value is not None}
