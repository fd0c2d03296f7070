"""A service returns memory to the system after large requests: it keeps few malloc arenas."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

_POOLS = """
import ctypes, threading
from cleo_accounting.cli import memory

memory.keep_small()
barrier = threading.Barrier(8)

def fill():
    kept = [bytes(5000) for _ in range(10)]
    barrier.wait()

threads = [threading.Thread(target=fill) for _ in range(8)]
for one in threads:
    one.start()
for one in threads:
    one.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
out = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fclose(ctypes.c_void_p(out))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps such pools")
@pytest.mark.parametrize(("chosen", "few"), [({}, True), ({"MALLOC_ARENA_MAX": "16"}, False)])
def test_eight_threads_share_two_pools_unless_the_operator_says_otherwise(
    chosen: dict[str, str], few: bool
) -> None:
    plain = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}

    told = subprocess.run(
        [sys.executable, "-c", _POOLS],
        env={**plain, **chosen},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout

    pools = told.count("<heap nr=")
    assert pools <= 2 if few else pools > 2, told
