"""The journal: every request, effect, act and webhook in order, for checks and replays.

Entries carry a logical clock (`seq`). The journal keeps the latest entries in bounded memory; a
file, if one is given, gets all of them as JSON lines.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, Literal

from quickbooks_emulator.basics.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

EntryKind = Literal["request", "effect", "act", "webhook"]
ENTRIES_MAX = 10_000
BYTES_MAX = 64 * 1024 * 1024
VERSIONS = ("before", "after")
"""The facts of an effect that hold the entity as JSON."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the journal."""

    seq: int
    at: datetime
    kind: EntryKind
    facts: dict[str, Any]
    request: Request | None = None
    response: Response | None = None

    def document(self) -> dict[str, Any]:
        """Return the entry as a JSON document; binary bodies are in base64."""
        told = {"seq": self.seq, "at": self.at.isoformat(), "kind": self.kind, **self.facts}
        for name in VERSIONS:
            if isinstance(told.get(name), bytes):
                told[name] = json.loads(told[name])
        if self.request is not None:
            told["request"] = {
                "method": self.request.method,
                "path": self.request.path,
                "query": [list(pair) for pair in self.request.query],
                "headers": dict(self.request.headers),
                **_body(self.request.body),
            }
        if self.response is not None:
            told["response"] = {
                "status": self.response.status,
                "headers": dict(self.response.headers),
                **_body(self.response.body),
            }
        return told

    @property
    def size(self) -> int:
        """The approximate number of bytes that the entry keeps in memory."""
        bodies = [each.body for each in (self.request, self.response) if each is not None]
        return sum(map(len, bodies)) + sum(len(self.facts.get(name) or b"") for name in VERSIONS)


class Journal:
    """The journal of one emulator."""

    def __init__(
        self,
        *,
        entries_max: int = ENTRIES_MAX,
        bytes_max: int = BYTES_MAX,
        file: IO[str] | None = None,
    ) -> None:
        self._entries: deque[Entry] = deque()
        self._entries_max, self._bytes_max, self._file = entries_max, bytes_max, file
        self._bytes = 0
        self.seq = 0

    def write(
        self,
        kind: EntryKind,
        at: datetime,
        facts: dict[str, Any],
        request: Request | None = None,
        response: Response | None = None,
    ) -> Entry:
        """Append an entry; the oldest entries are dropped once the journal is too large."""
        self.seq += 1
        entry = Entry(self.seq, at, kind, facts, request, response)
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > self._entries_max or self._bytes > self._bytes_max:
            self._bytes -= self._entries.popleft().size
        if self._file is not None:
            self._file.write(json.dumps(entry.document(), default=str) + "\n")
            self._file.flush()
        return entry

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def since(self, seq: int = 0, kind: str | None = None) -> list[Entry]:
        """Return the entries with a later `seq`, of one kind or of all."""
        return [each for each in self._entries if each.seq > seq and kind in {None, each.kind}]

    def requests(self) -> list[Entry]:
        """Return the entries of clients' requests."""
        return self.since(kind="request")

    def effects(self) -> list[Entry]:
        """Return the entries of changes in the books."""
        return self.since(kind="effect")

    def lines(self) -> Iterator[str]:
        """Yield the entries as JSON lines."""
        for entry in self:
            yield json.dumps(entry.document(), default=str) + "\n"


def request_of(document: dict[str, Any]) -> Request:
    """Rebuild a request from its document in the journal."""
    return Request(
        method=document["method"],
        path=document["path"],
        query=tuple((name, value) for name, value in document["query"]),
        headers=document["headers"],
        body=_bytes(document),
    )


def body_of(document: dict[str, Any]) -> bytes:
    """Return a response's body from its document in the journal."""
    return _bytes(document)


def _body(raw: bytes) -> dict[str, str]:
    try:
        return {"body": raw.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(raw).decode()}


def _bytes(document: dict[str, Any]) -> bytes:
    if "base64" in document:
        return b64decode(document["base64"])
    text: str = document["body"]
    return text.encode()
