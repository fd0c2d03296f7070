"""Try a mutant against the tests that run its line, and the seeds that do."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proof.mutants.apart import End, run_apart
from proof.mutants.making import Mutant, planted
from proof.mutants.reaching import SOURCE, WORK

if TYPE_CHECKING:
    from collections.abc import Iterator

_TESTS_CPU_SECONDS = 60
_SEEDS_CPU_SECONDS = 200
# Libraries that pytest would rewrite were imported before it started.
_READ = "ignore::pytest.PytestAssertRewriteWarning"
_PYTEST = ("-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-W", _READ)
Asked = Callable[[Mutant], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant and what caught it; None if nothing runs the line, or it was not tried."""

    mutant: Mutant
    by_tests: bool | None
    by_simulation: bool | None

    @property
    def seen(self) -> bool:
        """Whether a test or the simulation caught it."""
        return bool(self.by_tests or self.by_simulation)

    @property
    def run(self) -> bool:
        """Whether a test or the simulation runs its line."""
        return self.by_tests is not None or self.by_simulation is not None


class Trial:
    """A copy of the code into which one mutant after another is planted."""

    def __init__(self, seeds_of: Asked, tests_of: Asked) -> None:
        self._seeds_of = seeds_of
        self._tests_of = tests_of
        self._tree = WORK / f"tree-{os.getpid()}"

    def close(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self._tree, ignore_errors=True)

    def of(self, mutant: Mutant, *, simulate_always: bool) -> Tried:
        """Try a mutant; the simulation is run if no test catches it, or always."""
        with self._planted(mutant):
            by_tests = self._by_tests(mutant)
            asked = simulate_always or not by_tests
            return Tried(mutant, by_tests, self._by_simulation(mutant) if asked else None)

    def simulated_first(self, mutant: Mutant) -> Tried:
        """Try a mutant; tests are run only if the simulation does not catch it."""
        with self._planted(mutant):
            by_simulation = self._by_simulation(mutant)
            by_tests = None if by_simulation else self._by_tests(mutant)
            return Tried(mutant, by_tests, by_simulation)

    def _by_tests(self, mutant: Mutant) -> bool | None:
        tests = self._tests_of(mutant)
        return self._fails("pytest", [*_PYTEST, *tests], _TESTS_CPU_SECONDS) if tests else None

    def _by_simulation(self, mutant: Mutant) -> bool | None:
        seeds = self._seeds_of(mutant)
        return self._fails("proof.mutants.seeds", seeds, _SEEDS_CPU_SECONDS) if seeds else None

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

    def _fails(self, program: str, given: Sequence[str], cpu_seconds: int) -> bool:
        """Return whether a program fails on the copy; one that never ends has failed, too."""

        def run() -> int:
            return int(importlib.import_module(program).main(given))

        return run_apart(run, self._tree, cpu_seconds) is not End.GOOD
