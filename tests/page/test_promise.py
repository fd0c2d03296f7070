"""A sync is compared with the preview that was current when it was requested."""

from __future__ import annotations

from cleo_accounting.flows.reporting import promise
from cleo_accounting.flows.reporting.progress import RunStatus
from cleo_accounting.flows.reporting.promise import Kept
from tests.page import deeds
from tests.page.forms import Person
from tests.page.house import Place, ask
from tests.world import BUSINESS, World, connection, payable


def prepared(place: Place) -> World:
    """Feed two vendors and five bills, and preview them."""
    world = deeds.ready(place)
    world.feed(connection(1, "Acme Paper"), connection(2, "Bright Path"))
    world.feed(*(payable(at, 100_00, to=1 + at % 2) for at in range(1, 6)))
    world.sync(dry_run=True)
    return world


def kept(world: World, told: RunStatus) -> Kept | None:
    assert told.run is not None
    return promise.kept(world.house, BUSINESS, world.integration_id, told.run.id)


def test_what_came_as_promised_more_less_and_other_is_counted_to_the_cent(place: Place) -> None:
    world = prepared(place)
    world.feed(payable(1, 120_00, to=2))  # another amount
    world.feed(payable(2, 100_00, to=1, lines=[("Sum", "1", "99.00")]))  # now it has to wait
    world.feed(payable(6, 7_50, to=1))  # an additional bill
    told = world.sync()
    assert told.run is not None

    found = kept(world, told)

    assert found is not None
    assert {name: found.number(name) for name in promise.OUTCOMES} == {
        "as_promised": 2 + 3,  # vendors and bills
        "other_amount": 1,
        "otherwise": 0,
        "waits": 1,
        "not_sent": 0,
        "more": 1,
    }
    (other,) = found.counts["other_amount"]
    assert (other.promised_minor, other.done_minor) == (100_00, 120_00)
    assert {one.record_id for one in found.differing} == {"pay_1", "pay_2", "pay_6"}

    person = Person(place.visitor("viewer"), place.page)
    words = person.go(f"/activity/runs/{told.run.id}")
    assert "3 records differ from the preview of" in words
    assert "Different amount 1 $100.00 $120.00" in words
    assert "Sent in addition 1 $0.00 $7.50" in words
    told_by_api = ask(place, f"/runs/{told.run.id}/against-preview")
    assert told_by_api["previewId"] == found.preview.id
    assert {
        "outcome": "other_amount",
        "kind": "bill",
        "number": 1,
        "currency": "USD",
        "promised": "100.00",
        "done": "120.00",
    } in told_by_api["counts"]
    assert len(told_by_api["differing"]) == 3
    person.follow("preview of")
    assert found.preview.id in str(person.answer and person.answer.url)
