"""Narrow the limits of pages and lists on both sides, so that a few records are many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

from cleo_accounting.flows.run import prepare
from cleo_accounting.providers.quickbooks import company
from cleo_accounting.providers.quickbooks.translate import query as ours
from quickbooks_emulator.books import capture
from quickbooks_emulator.books import query as theirs


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much fits into one answer: Intuit's limits and our own page, unless a world is narrow."""

    page: int = 1000  # the records that are planned together
    rows: int = 1000  # of a query
    changes: int = 1000  # of the change log


WIDE = Sizes()


@contextmanager
def narrowed(sizes: Sizes) -> Iterator[None]:
    """Let answers end where these sizes say; both sides agree on Intuit's limits."""
    with (
        mock.patch.object(prepare, "_PAGE", sizes.page),
        mock.patch.object(ours, "ROWS_MAX", sizes.rows),
        mock.patch.object(theirs, "ROWS_MAX", sizes.rows),
        mock.patch.object(company, "CHANGES_MAX", sizes.changes),
        mock.patch.object(capture, "OBJECTS_MAX", sizes.changes),
    ):
        yield
