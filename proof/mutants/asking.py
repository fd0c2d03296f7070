"""Choose what to run for a mutant: some of the tests that run its line, and seeds that do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from proof.mutants.making import Mutant
from proof.mutants.reaching import Reached, who
from proof.mutants.trying import Asked

SEEDS_MAX = 150
_TESTS_MAX = 60


def seeds_of(reached: Reached, most: int = SEEDS_MAX) -> Asked:
    """Return a function that returns the first seeds that run the line of a mutant."""
    return lambda mutant: who(reached, mutant.path, mutant.line)[:most]


def tests_of(reached: Reached) -> Asked:
    """Return a function that returns tests that run a mutant's line, the narrowest ones first."""
    breadth = Counter(test for lines in reached.values() for ran in lines.values() for test in ran)

    def asked(mutant: Mutant) -> Sequence[str]:
        found = sorted(who(reached, mutant.path, mutant.line), key=lambda test: breadth[test])
        return list(islice(_of_each_file(found), _TESTS_MAX))

    return asked


def _of_each_file(tests: Sequence[str]) -> Iterator[str]:
    """Yield tests from each file in turn: one file may check what another does not."""
    files: dict[str, list[str]] = defaultdict(list)
    for test in tests:
        files[test.partition("::")[0]].append(test)
    for some in zip_longest(*files.values()):
        yield from (one for one in some if one)
