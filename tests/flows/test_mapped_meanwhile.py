"""If a person maps or unmaps a vendor while a sync is writing it, the person's choice stays."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from cleo_accounting.core.links import Link, Origin, RemoteKind
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.mapping import pair
from cleo_accounting.flows.reporting.progress import RunStatus, status
from cleo_accounting.flows.run import sync
from cleo_accounting.store import links, operations
from tests.world import World, connection, house

pytestmark = pytest.mark.both


Act = Callable[[], object]


class _Followed(httpx2.BaseTransport):
    """An HTTP transport that calls `happens` before it returns the response to a batch."""

    def __init__(self, inner: httpx2.BaseTransport, happens: Act) -> None:
        self._inner, self._happens = inner, happens

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._inner.handle_request(request)
        if request.url.path.endswith("/batch"):
            self._happens()
        return answer


@pytest.fixture(params=["answered", "looked for"])
def meanwhile(request: pytest.FixtureRequest, here: World) -> Callable[[Act], RunStatus]:
    """A function that syncs vendors and acts while their batch is in flight or in doubt."""

    def answered(happens: Act) -> str:
        run = sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")
        way = _Followed(here.intuit.transport(), happens)
        with house(here.house.database, here.intuit, seed=13, transport=way) as other:
            World(other, here.intuit, integration_id=here.integration_id).work(run.id)
        return run.id

    def looked_for(happens: Act) -> str:
        here.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")
        run = sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")
        while not _in_doubt(here, run.id):
            sync.advance(here.house, run.id)
        happens()
        here.work(run.id)
        return run.id

    def synced(happens: Act) -> RunStatus:
        run_id = (answered if request.param == "answered" else looked_for)(happens)
        return status(here.house, here.business_id, here.integration_id, run_id)

    return synced


def _in_doubt(here: World, run_id: str) -> bool:
    with here.house.database.reading() as tx:
        return "in_doubt" in operations.open_states(tx, run_id).get(RemoteKind.VENDOR, ())


def _link(here: World) -> Link | None:
    with here.house.database.reading() as tx:
        return links.links_of(tx, here.integration_id, RemoteKind.VENDOR).get("conn_1")


def _map(here: World, remote_id: str) -> None:
    mapped = (here.business_id, here.integration_id, pair.VENDOR, "conn_1", remote_id, "jane")
    pair.pair(here.house, *mapped)


def test_a_vendor_that_is_being_created_stays_mapped_as_a_person_mapped_it(
    here: World, meanwhile: Callable[[Act], RunStatus]
) -> None:
    other = here.intuit.company.create("Vendor", {"DisplayName": "Another"})
    here.sync("vendors")
    here.feed(connection(1, "Bolt"))

    told = meanwhile(lambda: _map(here, other["Id"]))

    link = _link(here)
    assert link is not None
    assert (link.remote_id, link.origin) == (other["Id"], Origin.MAPPED)
    assert [one.code for one in told.errors if one.code == "internal"] == []
    assert here.sync("vendors").state == "succeeded"
    assert (_link(here) or link).remote_id == other["Id"]


def test_a_vendor_that_is_being_renamed_stays_mapped_as_a_person_mapped_it(
    here: World, meanwhile: Callable[[Act], RunStatus]
) -> None:
    other = here.intuit.company.create("Vendor", {"DisplayName": "Another"})
    here.feed(connection(1, "Bolt"))
    here.sync("vendors")
    here.feed(connection(1, "Bolt Renamed"))

    told = meanwhile(lambda: _map(here, other["Id"]))

    link = _link(here)
    assert link is not None
    assert (link.remote_id, link.origin) == (other["Id"], Origin.MAPPED)
    assert [one.code for one in told.errors if one.code == "internal"] == []
    assert [one["DisplayName"] for one in here.books("Vendor") if one["Id"] == other["Id"]] == [
        "Another"
    ]


def test_a_vendor_that_is_being_renamed_stays_unmapped_as_a_person_unmapped_it(
    here: World, meanwhile: Callable[[Act], RunStatus]
) -> None:
    here.feed(connection(1, "Bolt"))
    here.sync("vendors")
    here.feed(connection(1, "Bolt Renamed"))
    unmap = (here.business_id, here.integration_id, pair.VENDOR, "conn_1", "jane")

    told = meanwhile(lambda: pair.unpair(here.house, *unmap))

    assert _link(here) is None
    assert [one.code for one in told.errors if one.code == "internal"] == []
    assert here.sync("vendors").state == "succeeded"
    named = [one["DisplayName"] for one in here.books("Vendor")]
    assert [name for name in named if "Bolt" in name] == ["Bolt Renamed"]
