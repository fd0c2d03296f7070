"""A company that nobody has confirmed is written to by no door, however the sync is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cleo_accounting.store.database import Database
from tests.service import Service, served
from tests.world import connection, payable, world


@pytest.fixture
def service(new_sqlite: Any) -> Iterator[Service]:
    """A business whose company was connected over the API, as a stranger may have had it done."""
    database = Database(new_sqlite())
    with world(database) as here:
        for made in served(here):
            here.open_for_business()
            here.feed(connection(1), payable(1))
            yield made
    database.close()


def _sync(service: Service, as_: str = "admin", **body: Any) -> tuple[int, str]:
    answer = service.ask("POST", f"{service.one}/sync", as_=as_, json=body)
    return answer.status_code, answer.json().get("code") or answer.json()["state"]


def _confirmed_at(service: Service) -> Any:
    return service.ask("GET", service.base).json()["items"][0]["confirmedAt"]


@pytest.mark.parametrize("path", ["/sync", "/sync/invoices", "/reconciliation/remove-duplicates"])
def test_no_first_sync_writes_before_the_company_is_confirmed(service: Service, path: str) -> None:
    answer = service.ask("POST", service.one + path)

    assert (answer.status_code, answer.json()["code"]) == (409, "confirm_first")
    assert service.here.intuit.company.name in answer.json()["message"]
    assert service.ask("GET", f"{service.one}/runs").json()["total"] == 0


def test_a_preview_needs_no_word_and_cannot_be_tried_again_as_a_sync(service: Service) -> None:
    preview = service.ask("POST", f"{service.one}/sync", json={"dryRun": True})
    service.here.work(preview.json()["id"])

    again = service.ask("POST", f"{service.one}/runs/{preview.json()['id']}/retry")

    assert preview.status_code == 202
    assert (again.status_code, again.json()["code"]) == (409, "confirm_first")
    assert service.here.ours() == []


def test_a_word_by_the_confirm_path_lets_syncs_go_on(service: Service) -> None:
    service.ask("POST", f"{service.one}/confirm")

    assert _sync(service) == (202, "queued")


def test_the_id_of_the_company_in_the_first_sync_is_a_word_too(service: Service) -> None:
    realm = service.here.intuit.realm_id

    assert _sync(service, companyId="1") == (409, "another_company")
    assert _sync(service, "bookkeeper", companyId=realm)[0] == 403
    assert _confirmed_at(service) is None
    assert _sync(service, companyId=realm) == (202, "queued")
    assert _confirmed_at(service) is not None
    assert _sync(service, "bookkeeper")[0] == 202
    assert _sync(service, "bookkeeper", companyId=realm)[0] == 202
