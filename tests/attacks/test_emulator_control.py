"""No web page that a developer visits can control the emulator or read its secrets."""

from __future__ import annotations

import httpx2
import pytest

from quickbooks_emulator.testing import emulator


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "[::2]", "10.0.0.1"]
)
@pytest.mark.parametrize("path", ["/_emulator/apps", "/_emulator/", "/_emulator/journal"])
def test_a_name_that_was_rebound_to_this_machine_reads_nothing(host: str, path: str) -> None:
    with emulator() as intuit, httpx2.Client(transport=intuit.transport()) as page:
        answer = page.get(f"{intuit.url}{path}", headers={"host": host})

        assert answer.status_code == 403
        assert intuit.app.client_secret not in answer.text


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", "multipart/form-data"])
def test_a_form_of_another_site_cannot_steer_even_where_a_browser_says_nothing(kind: str) -> None:
    with emulator() as intuit, httpx2.Client(transport=intuit.transport()) as page:
        before = intuit.emulator.clock.now()

        answer = page.post(
            f"{intuit.url}/_emulator/clock",
            content=b'{"seconds": 3600}',
            headers={"content-type": kind},
        )

        assert answer.status_code == 415
        assert (intuit.emulator.clock.now() - before).total_seconds() < 60


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:9000", "[::1]:9000"])
def test_the_owner_reaches_it_by_every_name_of_this_machine(host: str) -> None:
    with emulator() as intuit, httpx2.Client(transport=intuit.transport()) as owner:
        answer = owner.get(f"{intuit.url}/_emulator/apps", headers={"host": host})

        assert answer.status_code == 200
