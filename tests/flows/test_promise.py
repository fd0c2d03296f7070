"""A sync is compared only with the preview that was current when the sync was requested."""

from __future__ import annotations

import pytest

from cleo_accounting.flows.reporting import promise
from cleo_accounting.flows.reporting.progress import RunStatus
from cleo_accounting.flows.reporting.promise import Kept
from tests.world import World, connection, payable


def prepared(here: World) -> None:
    here.feed(connection(1, "Acme Paper"), connection(2, "Bright Path"))
    here.feed(*(payable(at, 100_00, to=1 + at % 2) for at in range(1, 6)))
    here.sync(dry_run=True)


def kept(here: World, told: RunStatus) -> Kept | None:
    assert told.run is not None
    return promise.kept(here.house, here.business_id, here.integration_id, told.run.id)


@pytest.mark.both
def test_what_was_promised_is_the_previews_own_and_what_came_in_addition_is_apart(
    here: World,
) -> None:
    prepared(here)
    here.feed(payable(6, 7_50, to=1))

    found = kept(here, here.sync())

    assert found is not None
    assert found.number("as_promised") == 7
    assert sum(one.done_minor for one in found.counts["as_promised"]) == 500_00
    assert [(one.outcome, one.done_minor) for one in found.differing] == [("more", 7_50)]


def test_a_sync_is_held_against_no_preview_that_did_not_stand(here: World) -> None:
    prepared(here)
    first = here.sync()
    second = here.sync()  # the first sync used up the preview
    here.sync(dry_run=True)
    here.house.clock.sleep(25 * 3600)
    late = here.sync()

    assert kept(here, first) is not None
    assert kept(here, second) is None
    assert kept(here, late) is None
