"""Which seeds and which tests run a line: only they can see that it is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from coverage import Coverage, CoverageData

from proof.simulation.bench import bench
from proof.simulation.campaign import judge
from proof.simulation.script import write

SOURCE = Path("src")
WORK = Path("build/mutants")
# Tests on SQLite; those with processes, browsers and PostgreSQL are too slow to be asked often.
_TESTS = ("tests/core", "tests/platform", "tests/providers", "tests/flows", "tests/store")
Reached = Mapping[str, Mapping[int, Sequence[str]]]  # path below `src`, line: names of who runs it


def by_seeds(number: int) -> Reached:
    """Return which of the first seeds run each line; they are played once and remembered.

    Raises:
        RuntimeError: a seed breaks a promise without any mutant.
    """
    kept = WORK / f"seeds-{number}.json"
    if not kept.exists():
        _play(number, WORK / f"seeds-{number}.coverage")
        _keep(_read(WORK / f"seeds-{number}.coverage"), kept)
    return _kept(kept)


def by_tests() -> Reached:
    """Return which fast tests run each line; they are run once and remembered."""
    kept, data = WORK / "tests.json", (WORK / "tests.coverage").absolute()
    if not kept.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        chosen = ["-k", "not postgres", "--cov=cleo_accounting", "--cov-context=test"]
        subprocess.run(  # noqa: S603  our own tests
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:xdist",
                "--cov-report=",
                *chosen,
                *_TESTS,
            ],
            env={**os.environ, "COVERAGE_FILE": str(data)},
            check=True,
        )
        _keep(_read(data), kept)
    return _kept(kept)


def forget() -> None:
    """Forget who runs what: the code has changed."""
    for path in WORK.glob("*.json"):
        path.unlink()


def _play(number: int, data: Path) -> None:
    data.parent.mkdir(parents=True, exist_ok=True)
    watch = Coverage(data_file=str(data), source=[str(SOURCE)])
    watch.start()
    try:
        with bench() as here:
            for seed in range(number):
                watch.switch_context(str(seed))
                if broken := judge(write(seed), here).violations:
                    raise RuntimeError(f"seed {seed} is broken without a mutant: {broken[0]}")
    finally:
        watch.stop()
    watch.save()


def _read(data: Path) -> Reached:
    found = CoverageData(str(data))
    found.read()
    reached: dict[str, dict[int, list[str]]] = defaultdict(dict)
    for name in found.measured_files():
        path = Path(name).relative_to(SOURCE.absolute()).as_posix()
        for line, contexts in found.contexts_by_lineno(name).items():
            reached[path][line] = sorted({one.partition("|")[0] for one in contexts if one})
    return reached


def _keep(reached: Reached, path: Path) -> None:
    path.write_text(json.dumps(reached), encoding="utf-8")


def _kept(path: Path) -> Reached:
    told = json.loads(path.read_text(encoding="utf-8"))
    return {name: {int(line): who for line, who in lines.items()} for name, lines in told.items()}
