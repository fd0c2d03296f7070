"""Cache prepared name lists: preparing ten thousand names takes longer than matching one."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from cleo_accounting.flows.mapping.suggest import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from cleo_accounting.core.links import Remote

_SHELVES_MAX = 16


class Shelves:
    """The most recently used shelves; each is valid for one version of its list."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[Hashable, Shelf]] = OrderedDict()

    def get(self, name: Hashable, version: Hashable, read: Callable[[], Sequence[Remote]]) -> Shelf:
        """Return the shelf of this version; call `read` for its remotes if it is not cached."""
        with self._lock:
            kept = self._kept.get(name)
            if kept and kept[0] == version:
                self._kept.move_to_end(name)
                return kept[1]
        shelf = Shelf(read())
        with self._lock:
            self._kept[name] = (version, shelf)
            self._kept.move_to_end(name)
            while len(self._kept) > _SHELVES_MAX:
                self._kept.popitem(last=False)
        return shelf
