"""Find which seeds and which tests run a line, since only these can catch a mutant of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from coverage import Coverage, CoverageData

from proof.mutants.lines import constants, named, statement
from proof.simulation.bench import bench
from proof.simulation.campaign import judge
from proof.simulation.script import write

SOURCE = Path("src")
WORK = Path("build/mutants")
# Tests on SQLite; those with processes, browsers and PostgreSQL are too slow to run often.
_ROOMS = ("core", "platform", "providers", "flows", "store", "web")
_ATTACKS = tuple(  # attacks on what only the web uses
    "company_won_back floods forged_acts mix_up old_keys one_record_alone sign_in visits".split()
)
_SLOW = ("test_answers.py", "test_contract.py")
# Path below `src`, then function and text of a line: the names of the seeds or tests that run it.
# A line is known by its text, so that the result stays valid when other lines change; a known line
# without names is run by none.
Reached = Mapping[str, Mapping[str, Sequence[str]]]


def by_seeds(number: int) -> Reached:
    """Return which of the first seeds run each line; they are played once and cached.

    Raises:
        RuntimeError: a seed has a violation without any mutant.
    """
    kept = WORK / f"seeds-{number}-{_digest(Path('proof/simulation').glob('*.py'))}.json"
    if not kept.exists():
        _keep(_played(number, Coverage(data_file=None, source=[str(SOURCE)])), kept)
    return _kept(kept)


def by_seeds_of(number: int, paths: Iterable[str]) -> Reached:
    """Return which of the first seeds run each line of some modules, tracing only these.

    Raises:
        RuntimeError: a seed has a violation without any mutant.
    """
    watched = [str((SOURCE / path).absolute()) for path in paths]
    return _played(number, Coverage(data_file=None, include=watched))


def files_of_tests() -> Sequence[Path]:
    """Return the files of the fast tests."""
    rooms = [sorted(Path(f"tests/{room}").glob("test_*.py")) for room in _ROOMS]
    attacks = [Path(f"tests/attacks/test_{name}.py") for name in _ATTACKS]
    return [path for some in (*rooms, attacks) for path in some if path.name not in _SLOW]


def by_tests() -> Reached:
    """Return which fast tests run each line; a file of tests is run once and cached."""
    kept = {path: _place_of(path) for path in files_of_tests()}
    if missing := [path for path, place in kept.items() if not place.exists()]:
        _run(missing)
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for place in kept.values():
        for path, lines in _kept(place).items():
            for line, tests in lines.items():
                found[path][line] += tests
    return found


def who(reached: Reached, path: str, line: int) -> Sequence[str]:
    """Return the seeds or tests that run the statement that a line belongs to.

    A constant is run by those that run a line that names it, or else by those of its module; a
    statement that has changed since, by those that ran the last known line before it.
    """
    code = (SOURCE / path).read_text(encoding="utf-8")
    known, keys = reached.get(path, {}), named(code)
    lines = statement(code, line)
    found = {one for at in lines for one in known.get(keys[at], ())}
    if not found and (names := constants(code, line)):
        found = set(_users(reached, names)) or {one for ran in known.values() for one in ran}
    if found or any(keys[at] in known for at in lines):
        return sorted(found, key=_in_order)
    function = keys[line].partition("|")[0]
    before = (keys[at] for at in range(lines[0] - 1, 0, -1))
    return next(
        (known[key] for key in before if key.partition("|")[0] == function and known.get(key)), ()
    )


def _users(reached: Reached, names: Sequence[str]) -> Iterator[str]:
    """Yield the seeds or tests that run a line that names one of some constants."""
    mention = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
    for lines in reached.values():
        for key, ran in lines.items():
            if ran and mention.search(key.partition("|")[2]):
                yield from ran


def forget() -> None:
    """Delete the cached results."""
    for path in WORK.glob("**/*.json"):
        path.unlink()


def _place_of(tests: Path) -> Path:
    return WORK / "tests" / f"{'-'.join(tests.with_suffix('').parts)}-{_digest([tests])}.json"


def _digest(files: Iterable[Path]) -> str:
    text = b"".join(path.read_bytes() for path in sorted(files))
    return hashlib.sha256(text).hexdigest()[:12]


def _run(files: Sequence[Path]) -> None:
    """Run files of tests, and cache which lines the tests of each file run."""
    data = (WORK / "tests.coverage").absolute()
    data.parent.mkdir(parents=True, exist_ok=True)
    data.unlink(missing_ok=True)
    texts = _texts()
    watched = ("-k", "not postgres", "--cov=cleo_accounting", "--cov-context=test", "--cov-report=")
    subprocess.run(  # noqa: S603  our own tests
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", *watched, *map(str, files)],
        env={**os.environ, "COVERAGE_FILE": str(data)},
        check=True,
    )
    found = CoverageData(str(data))
    found.read()
    reached = _told(found, texts)
    for file in files:
        name = f"{file.as_posix()}::"
        of_file = {
            path: {
                line: [one for one in ran if one.startswith(name)] for line, ran in lines.items()
            }
            for path, lines in reached.items()
        }
        ran = {path: lines for path, lines in of_file.items() if any(lines.values())}
        _keep(ran, _place_of(file))


def _played(number: int, watch: Coverage) -> Reached:
    texts = _texts()
    watch.start()
    try:
        with bench() as here:
            for seed in range(number):
                watch.switch_context(str(seed))
                if broken := judge(write(seed), here).violations:
                    raise RuntimeError(f"seed {seed} is broken without a mutant: {broken[0]}")
    finally:
        watch.stop()
    return _told(watch.get_data(), texts)


def _texts() -> Mapping[str, str]:
    """Return all our code as it is now, since it may change while it runs."""
    return {
        path.relative_to(SOURCE).as_posix(): path.read_text(encoding="utf-8")
        for path in SOURCE.rglob("*.py")
    }


def _told(found: CoverageData, texts: Mapping[str, str]) -> Reached:
    """Return which names ran each line; a line of a traced file that nothing ran has no names."""
    reached: dict[str, dict[str, list[str]]] = {}
    for name in found.measured_files():
        path = Path(name).relative_to(SOURCE.absolute()).as_posix()
        keys = named(texts[path])
        known: dict[str, set[str]] = {key: set() for key in keys if key}
        for line, contexts in found.contexts_by_lineno(name).items():
            known[keys[line]] |= {one.partition("|")[0] for one in contexts if one}
        reached[path] = {key: sorted(ran, key=_in_order) for key, ran in known.items()}
    return reached


def _in_order(name: str) -> tuple[int, str]:
    """Return a sort key: seeds by their number, tests by their name."""
    return (int(name) if name.isdecimal() else 0), name


def _keep(reached: Reached, path: Path) -> None:
    """Write the result to a file, with each name written once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = sorted({one for lines in reached.values() for ran in lines.values() for one in ran})
    place = {name: at for at, name in enumerate(names)}
    lines = {
        file: {key: [place[one] for one in ran] for key, ran in of_file.items()}
        for file, of_file in reached.items()
    }
    path.write_text(json.dumps({"names": names, "lines": lines}), encoding="utf-8")


def _kept(path: Path) -> Reached:
    told = json.loads(path.read_text(encoding="utf-8"))
    names: Sequence[str] = told["names"]
    return {
        file: {key: [names[at] for at in ran] for key, ran in lines.items()}
        for file, lines in told["lines"].items()
    }
