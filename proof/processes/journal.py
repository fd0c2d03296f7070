"""Count all that was ever written into the books of an emulator, by its journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2

_PAGE = 1000
_MARK = "CleoPay:"


@dataclass
class Effects:
    """The changes in an emulator's journal, which is read continually as it drops the oldest."""

    emulator_url: str
    read_to: int = 0
    _created: Counter[tuple[str, str]] = field(default_factory=Counter)

    def fresh(self) -> list[dict[str, Any]]:
        """Return the changes since the last call."""
        found: list[dict[str, Any]] = []
        while page := self._page():
            self.read_to = page[-1]["seq"]
            found += page
        self._created.update(made for effect in found if (made := _ours_created(effect)))
        return found

    def ever_created(self, *kinds: str) -> Counter[str]:
        """Return how many entries of these kinds were ever created for each of our records."""
        self.fresh()
        created: Counter[str] = Counter()
        for (kind, record_id), times in self._created.items():
            created[record_id] += times if kind in kinds else 0
        return +created

    def _page(self) -> list[dict[str, Any]]:
        asked: dict[str, str | int] = {"since": self.read_to, "kind": "effect", "limit": _PAGE}
        answer = httpx2.get(f"{self.emulator_url}/_emulator/journal", params=asked, timeout=60)
        return list(answer.json()["entries"])


def _ours_created(effect: dict[str, Any]) -> tuple[str, str] | None:
    """Return the kind of an entry that was created for our record, and the record's id."""
    note = str((effect["after"] or {}).get("PrivateNote", ""))
    if effect["before"] or _MARK not in note:
        return None
    return str(effect["entity"]), note.rsplit(_MARK, 1)[-1]
