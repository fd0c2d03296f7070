"""Build the wheels twice, from two copies of the sources, and check that they are identical."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from supply.bill import DISTRIBUTIONS
from supply.locked import epoch, uv


def twice(root: Path, build: Path) -> int:
    """Build twice; return 0 if all wheels are identical, and keep them in `dist`, else 1."""
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch(root))  # noqa: TID251  the builder reads it there
    with tempfile.TemporaryDirectory(dir=build) as folder:
        first, second = (_built(root, Path(folder) / name) for name in ("one", "another"))
        differing = sorted(
            name
            for name in first.keys() | second.keys()
            if first.get(name, b"1") != second.get(name, b"2")
        )
        for name in differing:
            print(f"{name} differs from one build to the next")
        if differing:
            return 1
    dist = root / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(first.items())}
    for name, data in first.items():
        (dist / name).write_bytes(data)
    told = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    (dist / "SHA256SUMS").write_text(told, encoding="utf-8")
    print(told, end="")
    return 0


def _built(root: Path, folder: Path) -> dict[str, bytes]:
    """Build from a fresh copy of the committed files, so that no other file gets into a wheel."""
    sources, out = folder / "sources", folder / "out"
    sources.mkdir(parents=True)
    kept = subprocess.run(["git", "archive", "HEAD"], cwd=root, stdout=subprocess.PIPE, check=True)  # noqa: S607  git
    subprocess.run(["tar", "-x", "-C", str(sources)], input=kept.stdout, check=True)  # noqa: S603, S607  our own arguments
    for name in DISTRIBUTIONS:
        uv(
            sources,
            *("build", "--quiet", "--wheel", "--package", name, "--out-dir", str(out)),
            *("--build-constraints", str(root / "supply" / "build.txt"), "--require-hashes"),
        )
    return {one.name: one.read_bytes() for one in out.glob("*.whl")}
