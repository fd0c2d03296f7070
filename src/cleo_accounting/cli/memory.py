"""Keep the memory of large requests and the work of the garbage collector small."""

from __future__ import annotations

import ctypes
import gc
import os

# From glibc's malloc.h; other C libraries have no `mallopt` or ignore what they do not know.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_ARENAS_MAX = 2
_MAPPED_FROM_BYTES = 1 << 20


def keep_small() -> None:
    """Bound what freed memory the process keeps; call it before the first thread starts.

    By default glibc keeps a pool of its own for up to eight threads a processor, and each stays as
    large as the largest request that its thread ever answered. `python -m benchmarks.memory` shows
    the difference. An operator who sets `MALLOC_ARENA_MAX` decides alone.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS_MAX)
        # Without a fixed threshold glibc raises it with each large block that is freed.
        mallopt(_M_MMAP_THRESHOLD, _MAPPED_FROM_BYTES)


def settle() -> None:
    """Have the garbage collector leave alone what lives as long as the process.

    A full collection stops all threads while it looks at every object. Two thirds of them are
    modules, classes and schemas: they are there before the first request, and stay. Call it when
    everything is built, before the threads that work and answer start.
    """
    gc.collect()
    gc.freeze()
