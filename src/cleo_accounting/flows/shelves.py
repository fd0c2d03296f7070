"""Keep prepared name lists at hand: preparing ten thousand names takes longer than asking them."""

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
    """The shelves used last; each is good for one version of its list and no longer."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[Hashable, Shelf]] = OrderedDict()

    def get(self, name: Hashable, version: Hashable, read: Callable[[], Sequence[Remote]]) -> Shelf:
        """Give the shelf of this version; `read` gives its remotes if it is not at hand."""
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
