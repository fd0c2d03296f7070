"""A number that is taken: by another party, by a document that was voided, by one that stands."""

from __future__ import annotations

from cleo_accounting.core.records import PayableStatus, Role
from cleo_accounting.flows.progress import Tally
from tests.world import World, connection, payable


def _invoices(here: World, number: str) -> list[float]:
    """The totals of the invoices of a number, voided ones among them."""
    return sorted(one["TotalAmt"] for one in here.numbered(number, "Invoice"))


def test_the_number_of_a_voided_invoice_may_be_used_again(here: World) -> None:
    here.feed(connection(1, "One"), payable(1, number="1001", role=Role.PAYEE))
    here.sync()
    here.feed(payable(1, number="1001", role=Role.PAYEE, status=PayableStatus.CANCELLED))
    here.feed(payable(2, 7_500, number="1001", role=Role.PAYEE))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(created=1, updated=1, unchanged=1)
    assert _invoices(here, "1001") == [0, 75]


def test_a_voided_invoice_that_is_wanted_again_is_written_anew(here: World) -> None:
    here.feed(connection(1, "One"), payable(1, role=Role.PAYEE))
    here.sync()
    here.feed(payable(1, role=Role.PAYEE, status=PayableStatus.CANCELLED))
    here.sync()
    here.feed(payable(1, role=Role.PAYEE))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(created=1, unchanged=1)
    assert _invoices(here, "INV-1") == [0, 100]
