"""The desk: what one run is processed with, such as its records, its company and its fence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import Operation
from cleo_accounting.core.records import Record
from cleo_accounting.flows import House
from cleo_accounting.providers import Company
from cleo_accounting.store import runs
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.integrations import Integration
from cleo_accounting.store.runs import Run


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything needed to process one run."""

    house: House
    run: Run
    integration: Integration
    company: Company
    fence: int

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction that holds only while no other worker has taken the run over.

        Raises:
            Superseded: another worker has taken it over.
        """
        with self.house.database.transaction() as tx:
            runs.hold(tx, self.run.id, self.fence)
            yield tx


@dataclass(frozen=True, slots=True)
class Task:
    """Everything needed to plan one kind of a run."""

    run: Run
    integration: Integration
    company: Company
    kind: RemoteKind


Plan = Callable[[Transaction, Sequence[Record]], Iterable[Operation]]
