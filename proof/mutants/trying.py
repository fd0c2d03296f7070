"""Try a mutant: first the tests that run its line, then the simulation on seeds that do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from proof.mutants.making import Mutant, planted
from proof.mutants.reaching import SOURCE, WORK, Reached

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS_MAX = 30
_TESTS_SECONDS = 240
_SEEDS_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant, and who saw it: None where nobody runs the line."""

    mutant: Mutant
    by_tests: bool | None
    by_simulation: bool | None

    @property
    def seen(self) -> bool:
        """Whether anybody saw it."""
        return bool(self.by_tests or self.by_simulation)


class Trial:
    """A copy of the code in which one mutant after the other is planted."""

    def __init__(self, seeds: Reached, tests: Reached) -> None:
        self._seeds = seeds
        self._tests = tests
        self._tree = WORK / f"tree-{os.getpid()}"

    def close(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self._tree, ignore_errors=True)

    def of(self, mutant: Mutant, *, simulate_always: bool) -> Tried:
        """Say who sees a mutant; the simulation is asked if no test does, or always."""
        tests = _first(self._tests.get(mutant.path, {}).get(mutant.line, ()), mutant)
        seeds = self._seeds.get(mutant.path, {}).get(mutant.line, ())
        with self._planted(mutant):
            by_tests = self._fails(_pytest(tests), _TESTS_SECONDS) if tests else None
            by_simulation = None
            if seeds and (simulate_always or not by_tests):
                play = ("-m", "proof.mutants.seeds", *seeds)
                by_simulation = self._fails(play, _SEEDS_SECONDS)
        return Tried(mutant, by_tests, by_simulation)

    @contextmanager
    def _planted(self, mutant: Mutant) -> Iterator[None]:
        if not self._tree.exists():
            shutil.copytree(SOURCE, self._tree, ignore=shutil.ignore_patterns("__pycache__"))
        place = self._tree / mutant.path
        place.write_text(planted(SOURCE, mutant), encoding="utf-8")
        try:
            yield
        finally:
            shutil.copyfile(SOURCE / mutant.path, place)

    def _fails(self, command: Sequence[str], seconds: float) -> bool:
        """Run it on the copy; what does not end in time has failed, too."""
        given = os.environ.get("PYTHONPATH")
        path = os.pathsep.join([str(self._tree.absolute()), *([given] if given else [])])
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(  # noqa: S603  our own programs
                [sys.executable, *command],
                env=environment,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return True
        return done.returncode != 0


def _first(tests: Sequence[str], mutant: Mutant) -> Sequence[str]:
    """Return some tests of a line, those of the mutated room first."""
    room = Path(mutant.path).parts[1]
    return sorted(tests, key=lambda name: not name.startswith(f"tests/{room}"))[:TESTS_MAX]


def _pytest(tests: Sequence[str]) -> Sequence[str]:
    return ("-m", "pytest", "-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *tests)
