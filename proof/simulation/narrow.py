"""Shrink the page sizes of the service and the emulator, so that a few records fill them."""

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
    """How much fits into one response or page: by default Intuit's limits and our page size."""

    page: int = 1000  # the records that are planned together
    rows: int = 1000  # the rows of one query
    changes: int = 1000  # the objects of one answer of the change log


WIDE = Sizes()


@contextmanager
def narrowed(sizes: Sizes) -> Iterator[None]:
    """Patch the sizes in the service and the emulator, so that both agree on Intuit's limits."""
    with (
        mock.patch.object(prepare, "_PAGE", sizes.page),
        mock.patch.object(ours, "ROWS_MAX", sizes.rows),
        mock.patch.object(theirs, "ROWS_MAX", sizes.rows),
        mock.patch.object(company, "CHANGES_MAX", sizes.changes),
        mock.patch.object(capture, "OBJECTS_MAX", sizes.changes),
    ):
        yield
