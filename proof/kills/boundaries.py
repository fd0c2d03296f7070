"""`python -m proof.kills.boundaries`: a crash at every boundary of every flow, in every mode."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import takewhile
from pathlib import Path

from proof.kills.points import MODES, Point, how_many, singles, some_pairs, tried
from proof.kills.postgres import server
from proof.record import keep, of_here
from proof.simulation.bench import Bench, bench
from proof.simulation.hands import shared_out


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all singles, then pairs while time is left; return 1 if there was a violation, else 0."""
    parser = argparse.ArgumentParser(prog="python -m proof.kills.boundaries", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=0, help="which pairs are drawn")
    parser.add_argument("--pairs", type=int, default=0, help="how many ordered pairs, too")
    parser.add_argument("--minutes", type=float, default=60.0, help="at most")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes at once")
    parser.add_argument("--record", type=Path, help="where to keep the figures, for the page")
    asked = parser.parse_args(arguments)
    with bench() as here:
        every = singles(here)
    points = [*every, *some_pairs(every, asked.seed, asked.pairs)]
    started = time.perf_counter()
    in_time = takewhile(lambda _: time.perf_counter() - started < asked.minutes * 60, points)
    done: list[Point] = []
    broken: list[str] = []
    opened = partial(_bench, asked.database)
    for point, violations in shared_out(tried, in_time, asked.jobs, opened=opened):
        done.append(point)
        broken += [f"{point}: {one}" for one in violations[:1]]
        if violations or len(done) % 500 == 0:
            print(f"{len(done):,} of {len(points):,} tried, {len(broken)} broken", *broken[-1:])
    figures = {
        "kill points tried": how_many(done, every),
        "modes (request ids, refresh tokens)": str(len(MODES)),
        "points that broke a promise": f"**{len(broken)}**",
        "rate": f"{len(done) / (time.perf_counter() - started) * 60:,.0f} a minute",
    }
    for name, told in figures.items():
        print(f"{name}: {told}")
    if asked.record:
        command = f"python -m proof.kills.boundaries --database {asked.database}"
        title = f"Kills at every boundary, {asked.database}"
        keep(of_here(title, command, figures=figures, broken=broken), asked.record)
    return 1 if broken else 0


@contextmanager
def _bench(database: str) -> Iterator[Bench]:
    """Open a bench on a database of that kind."""
    if database == "sqlite":
        with bench() as here:
            yield here
        return
    with server() as made:
        made.wait_for_no_disk()
        on_postgres = Bench(made.new_database())
        try:
            yield on_postgres
        finally:
            on_postgres.close()


if __name__ == "__main__":
    sys.exit(main())
