"""Measure whether response times reveal to a stranger that another business's object exists.

    python -m benchmarks.alike [--rounds 400] [--database postgresql]

A stranger, who has a business of their own, requests objects of another business and objects that
do not exist, in random order. The last column is how often the first took longer: 50 % reveals
nothing, and values within the bounds beside it are due to chance (99 % confidence).
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.page import fresh
from cleo_accounting.flows.company import connect
from proof.quiet import keep_quiet
from tests.attacks.browser import Browser
from tests.service import OTHER, Service, served
from tests.world import BUSINESS, World, connection, payable, world

Ask = Callable[[], object]


def pairs(service: Service) -> dict[str, tuple[Ask, Ask]]:
    """Return pairs of requests: for another business's object, and for one that does not exist."""
    (own,) = connect.connected(service.here.house, OTHER)
    stranger = Browser(service, OTHER).in_as("mallory@evil.example")
    begun = service.ask("POST", f"{service.one}/sync", json={"dryRun": True}).json()["id"]
    ours = service.here.integration_id
    api = "/api/businesses/{}/integrations/accounting"
    home = api.format(OTHER)

    def of_api(path: str, there: str, nowhere: str) -> tuple[Ask, Ask]:
        return (
            lambda: service.ask("GET", path.format(there), as_="other admin"),
            lambda: service.ask("GET", path.format(nowhere), as_="other admin"),
        )

    def of_page(path: str, there: str, nowhere: str) -> tuple[Ask, Ask]:
        return (
            lambda: stranger.get(path.format(there)),
            lambda: stranger.get(path.format(nowhere)),
        )

    return {
        "API: a business": of_api(f"{api}/status", BUSINESS, "biz_none"),
        "API: its records": of_api(f"{api}/records/payables/pay_1", BUSINESS, "biz_none"),
        "API: an integration": of_api(f"{home}/{{}}/sync/status", ours, "acctint_" + "0" * 32),
        "API: a run": of_api(f"{home}/{own.id}/runs/{{}}", begun, "run_" + "0" * 32),
        "API: a record": of_api(f"{home}/records/payables/{{}}", "pay_1", "pay_0"),
        "API: a timeline": of_api(f"{home}/{own.id}/activity/bill/{{}}", "pay_1", "pay_0"),
        "page: a business": of_page("/businesses/{}/accounting", BUSINESS, "biz_none"),
        "page: a run": of_page(f"{stranger.page}/activity/runs/{{}}", begun, "run_" + "0" * 32),
        "page: a record": of_page(f"{stranger.page}/activity/bill/{{}}", "pay_1", "pay_0"),
    }


def measured(there: Ask, nowhere: Ask, rounds: int) -> tuple[Sequence[float], Sequence[float]]:
    """Send both requests repeatedly in random order, and return how long each took."""
    times: dict[Ask, list[float]] = {there: [], nowhere: []}
    dice = random.Random(1)
    for _ in range(rounds):
        for one in dice.sample([there, nowhere], 2):
            began = time.perf_counter()
            one()
            times[one].append(time.perf_counter() - began)
    return times[there], times[nowhere]


def main() -> None:
    """Measure every pair and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alike", description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    table = Table(
        title=f"Another business's, or nobody's: {asked.rounds} of each, {asked.database}"
    )
    for name in ("asked for", "another's, p50", "nobody's, p50", "another's took longer"):
        table.add_column(name, justify="left" if name == "asked for" else "right")
    keep_quiet()
    bound = 2.576 * math.sqrt(0.25 / asked.rounds)
    with fresh(asked.database) as database, world(database) as here:
        here.open_for_business()
        here.feed(connection(1), payable(1))
        here.sync()
        company = here.intuit.emulator.add_company("Another Company")
        World(here.house, replace(here.intuit, company=company), OTHER).connect()
        for service in served(here):
            for name, (there, nowhere) in pairs(service).items():
                first, second = measured(there, nowhere, asked.rounds)
                longer = sum(a > b for a, b in zip(first, second, strict=True)) / asked.rounds
                table.add_row(
                    name,
                    *(f"{median(one) * 1000:.2f} ms" for one in (first, second)),
                    f"{longer:.0%} (50 ± {bound:.0%})",
                )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
