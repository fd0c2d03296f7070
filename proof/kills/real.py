"""Real kills: processes are killed at random while bills and payments come in; each exists once.

Meanwhile a hostile line cuts, delays, doubles and swaps the requests to QuickBooks. No accepted
record may be lost, none may exist twice or ever have existed twice, and every amount has to be
right to the cent.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from cleo_accounting.store import schema
from cleo_accounting.store.database import Database
from proof.processes.stage import Stage, Stuck, stage, until

_KILLS_A_CHECK = 25
_BILLS_A_COMPANY = 3_000
_PAID = 0.4  # the share of payables whose payment comes with them
_LEASE_SECONDS = 2.0
_KINDS = ("Bill", "BillPayment")
_OVER = ("succeeded", "partly_failed", "failed", "cancelled", "never_run")


@dataclass
class Tally:
    """The number of kills, checks and documents, and the violations found."""

    database: str
    seed: int
    kills: int = 0
    suspensions: int = 0
    starts: int = 0
    companies: int = 0
    checks: int = 0
    documents: int = 0
    line: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def a_minute(self) -> float:
        """The kills per minute."""
        return self.kills / self.seconds * 60 if self.seconds else 0.0

    def _harms(self) -> str:
        return ", ".join(f"{fate} {times}" for fate, times in sorted(self.line.items()))

    def __str__(self) -> str:
        return (
            f"{self.database}, seed {self.seed}: {self.kills} kills and {self.suspensions}"
            f" suspensions, {self.starts} starts, {self.companies} companies,"
            f" {self.line.total()} requests harmed on the line ({self._harms()}),"
            f" {self.documents} documents, {self.checks} checks,"
            f" {len(self.violations)} violations, {self.a_minute:.0f} kills a minute"
        )


def killed(
    new_database: Callable[[Path], str],
    tally: Tally,
    *,
    kills: int,
    seconds: float,
    tell: Callable[[Tally], None],
) -> Tally:
    """Kill processes until `kills` or `seconds` is reached, and check the books regularly."""
    dice = random.Random(f"real kills {tally.seed}")
    began = time.monotonic()

    def goes_on() -> bool:
        tally.seconds = time.monotonic() - began
        return tally.kills < kills and tally.seconds < seconds and not tally.violations

    while goes_on():
        tally.companies += 1
        with tempfile.TemporaryDirectory(prefix="cleo-kills-") as folder:
            url = new_database(Path(folder))
            with stage(url, Path(folder), dice.randrange(10**6)) as on:
                company = _Company(on, dice, tally)
                while goes_on() and len(company.acknowledged) < _BILLS_A_COMPANY:
                    for _ in range(min(_KILLS_A_CHECK, kills - tally.kills)):
                        company.suffer()
                    company.check()
                    goes_on()
                    tell(tally)
    goes_on()
    return tally


class _Company:
    """One company, and the records that were acknowledged for it."""

    def __init__(self, on: Stage, dice: random.Random, tally: Tally) -> None:
        self._on = on
        self._dice = dice
        self._tally = tally
        self._alone = on.environment["CLEO_DATABASE_URL"].startswith("sqlite")
        self._door = next(iter(on.living))
        self._workers: list[int] = []
        self._next = self._counted = self._born = 0
        self.acknowledged: dict[str, int] = {}
        self._doubtful: dict[str, int] = {}

    def suffer(self) -> None:
        """Let the workers work for a while, then kill one, pause one, or leave them at work."""
        wanted = 1 if self._alone else 2
        while len(self._workers) < wanted:
            self._workers.append(self._on.work(ready=self._dice.random() < 0.85))
        self._feed(self._dice.randint(1, 25))
        if self._dice.random() < 0.5:
            self._sync()
        time.sleep(self._dice.uniform(0, 0.5))
        if self._dice.random() < 0.15:  # no kill, so that much passes over the line
            self._feed(60)
            time.sleep(1.5)
            return
        one = self._dice.choice(self._workers)
        if self._dice.random() < 0.05:
            self._suspend(one)
        elif self._dice.random() < 0.1:
            self._kill(self._door)
            self._door = self._on.serve()
        else:
            self._workers.remove(one)
            self._kill(one)

    def check(self) -> None:
        """Let all work end, then compare QuickBooks' books with the acknowledged records."""
        self._tally.checks += 1
        self._on.line.calm = True
        while not self._workers:
            self._workers.append(self._on.work())
        try:
            until(self._sync)
            until(self._settled)
        except Stuck as stuck:
            self._tally.violations.append(f"does not end: {stuck}")
            return
        marks, cents = self._on.ours(*_KINDS)
        self._tally.documents += len(marks) - self._counted
        self._counted = len(marks)
        self._tally.starts += self._on.born - self._born
        self._born = self._on.born
        self._tally.line += self._on.line.met
        self._on.line.met.clear()
        self._on.line.calm = False
        self._tally.violations += [
            *(f"{name} is there {times} times" for name, times in marks.items() if times > 1),
            *(
                f"{name} was created {times} times"
                for name, times in self._on.ever_created(*_KINDS).items()
                if times > 1
            ),
            *(f"{name} is lost" for name in self.acknowledged if name not in marks),
            *(f"{name} is unknown" for name in marks if name not in self._known()),
            *(
                f"{name} is over {cents[name]} and not {wanted} cents"
                for name, wanted in self._known().items()
                if name in cents and cents[name] != wanted
            ),
        ]

    def _kill(self, one: int) -> None:
        self._on.kill(one)
        self._tally.kills += 1

    def _known(self) -> dict[str, int]:
        return self._doubtful | self.acknowledged

    def _settled(self) -> bool:
        time.sleep(0.1)
        return str(self._on.ask("GET", f"{self._on.one}/sync/status").json()["state"]) in _OVER

    def _suspend(self, one: int) -> None:
        """Pause a worker, for longer than a lease if another one may take over."""
        self._tally.suspensions += 1
        os.kill(one, signal.SIGSTOP)
        time.sleep(0.5 if self._alone else _LEASE_SECONDS + 0.5)
        os.kill(one, signal.SIGCONT)

    def _sync(self) -> bool:
        try:
            answer = self._on.ask("POST", f"{self._on.one}/sync", json={})
        except httpx2.HTTPError:
            return False
        return answer.status_code == 202

    def _feed(self, many: int) -> None:
        """Feed new payables and payments of some; without an answer, they may be stored."""
        fresh = {f"pay_{self._next + n}": self._dice.randint(1, 10**6) for n in range(many)}
        self._next += many
        paid = [name for name in fresh if self._dice.random() < _PAID]
        bank = {"name": self._on.bank_name, "accountType": "checking"}
        records = [
            {"type": "connection", "id": "conn_1", "record": {"connectedBusinessName": "Killed"}},
            {"type": "fundingSource", "id": "fs_1", "record": bank},
            *(_payable(name, cents) for name, cents in fresh.items()),
            *(_payment(name, fresh[name]) for name in paid),
        ]
        fresh |= {_payment_of(name): fresh[name] for name in paid}
        self._doubtful |= fresh
        try:
            answer = self._on.ask("POST", f"{self._on.records}/bulk", json={"records": records})
        except httpx2.HTTPError:
            return
        if answer.status_code == 200 and not answer.json()["refused"]:
            self.acknowledged |= fresh


def _payment_of(payable: str) -> str:
    return payable.replace("pay_", "pmt_")


def _payment(payable: str, cents: int) -> dict[str, object]:
    """Return a completed payment of the whole payable."""
    return {
        "type": "payment",
        "id": _payment_of(payable),
        "record": {
            "payableId": payable,
            "fundingSourceId": "fs_1",
            "amount": f"{cents // 100}.{cents % 100:02}",
            "status": "completed",
            "paymentDate": "2026-01-20",
        },
    }


def _payable(name: str, cents: int) -> dict[str, object]:
    return {
        "type": "payable",
        "id": name,
        "record": {
            "connectionId": "conn_1",
            "amount": f"{cents // 100}.{cents % 100:02}",
            "invoiceNumber": name.upper(),
            "invoiceDate": "2026-01-05",
            "status": "APPROVED",
        },
    }


@contextmanager
def databases(kind: str) -> Iterator[Callable[[Path], str]]:
    """Return what creates new databases of a kind."""
    if kind == "sqlite":
        yield lambda folder: f"sqlite:///{folder}/cleo.sqlite"
        return
    from proof.kills.postgres import server  # noqa: PLC0415  only where it is needed

    with server() as made:

        def new(_folder: Path) -> str:
            url = made.new_database()
            fresh = Database(url)
            schema.upgrade(fresh)
            fresh.close()
            return url

        yield new
