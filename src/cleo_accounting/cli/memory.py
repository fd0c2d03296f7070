"""Keep the memory of large requests and the work of the garbage collector small."""

from __future__ import annotations

import ctypes
import gc
import os

# From glibc's malloc.h; other C libraries have no `mallopt` or ignore unknown parameters.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_ARENAS_MAX = 2
_MAPPED_FROM_BYTES = 1 << 20


def keep_small() -> None:
    """Bound the freed memory that the process keeps; call it before the first thread starts.

    By default glibc keeps a memory pool for each of up to eight threads per processor, and a pool
    stays as large as the largest request that its thread ever answered. `python -m
    benchmarks.memory` shows the difference. If an operator sets `MALLOC_ARENA_MAX`, that counts.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS_MAX)
        # Without a fixed threshold glibc raises it with each large block that is freed.
        mallopt(_M_MMAP_THRESHOLD, _MAPPED_FROM_BYTES)


def settle() -> None:
    """Exclude objects that live as long as the process from garbage collection.

    A full collection stops all threads while it visits every object. Two thirds of the objects are
    modules, classes and schemas, which exist before the first request and stay. Call it when
    everything is built, before the threads that work and answer start.
    """
    gc.collect()
    gc.freeze()
