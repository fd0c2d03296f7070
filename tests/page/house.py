"""The whole app on a local port, with an emulated Intuit in the same process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import uvicorn
from playwright.sync_api import Page

from cleo_accounting.flows import DOORWAY, House
from cleo_accounting.flows.admin import access, session
from cleo_accounting.flows.work import errands
from cleo_accounting.store.access import Rank
from cleo_accounting.store.database import Database
from tests.service import app_of
from tests.world import BUSINESS, REDIRECT_URI, World, world


@dataclass
class Place:
    """A served house, and ways to sign in to it."""

    world: World
    url: str
    visitors: list[httpx2.Client] = field(default_factory=list)

    @property
    def page(self) -> str:
        return f"{self.url}/businesses/{BUSINESS}/accounting"

    def link(
        self, role: str = "admin", user: str = "jane@harbor.example", zone: str = "America/New_York"
    ) -> str:
        """Create a sign-in link for one person and return its URL."""
        house, business = self.world.house, self.world.business_id
        rank = Rank(role)
        return session.invite(
            house, business, user_id=user, role=rank, zone=zone, by="cli:test"
        ).url

    def visitor(self, role: str = "admin", **more: str) -> httpx2.Client:
        """Return a browser without JavaScript that is signed in."""
        client = self.stranger(follow_redirects=True)
        answer = come_in(client, self.link(role, **more))
        assert answer.status_code == 200, answer.text
        return client

    def stranger(self, *, follow_redirects: bool = False) -> httpx2.Client:
        """Return a browser without JavaScript that is not signed in."""
        client = httpx2.Client(base_url=self.url, follow_redirects=follow_redirects, timeout=60)
        self.visitors.append(client)
        return client

    def enter(self, page: Page) -> None:
        """Sign in with a browser, using a new link."""
        enter(page, self.link())

    def look(self) -> None:
        """Have a worker do its errands, such as reading the company's lists and revoking grants."""
        errands.run_due(self.world.house)


def enter(page: Page, link: str) -> None:
    """Open a sign-in link with a browser and confirm it."""
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/accounting**")


def come_in(client: httpx2.Client, link: str) -> httpx2.Response:
    """Open a sign-in link, confirm it and return the page that follows."""
    asked = client.get(link)
    if asked.status_code != 200:
        return asked
    return client.post(
        "/enter",
        data={"link": parse_qs(urlsplit(link).query)["link"][0]},
        headers={"sec-fetch-site": "same-origin"},
    )


@contextmanager
def served(
    database: Database,
    *,
    decorate: Callable[[House], House] = lambda house: house,
    **options: object,
) -> Iterator[Place]:
    """Serve the app until the block ends."""
    with socket.socket() as listener, world(database, **options) as made:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        url = f"http://localhost:{listener.getsockname()[1]}"
        intuit = made.intuit.emulator
        intuit.add_app(
            made.intuit.app.client_id,
            made.intuit.app.client_secret,
            (REDIRECT_URI, url + DOORWAY),
        )
        made.house = decorate(replace(made.house, public_url=url, redirect_uris=(REDIRECT_URI,)))
        config = uvicorn.Config(
            app_of(made.house), log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        place = Place(made, url)
        try:
            yield place
        finally:
            for visitor in place.visitors:
                visitor.close()
            server.should_exit = True
            thread.join()


def ask(place: Place, path: str) -> Any:
    """Return the JSON that the API has at a path of this integration."""
    world = place.world
    _, secret = access.issue(
        world.house, name="test", rank=Rank.VIEWER, business_id=BUSINESS, by="test"
    )
    one = f"/api/businesses/{BUSINESS}/integrations/accounting/{world.integration_id}"
    answer = httpx2.get(
        place.url + one + path, headers={"authorization": f"Bearer {secret}"}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    return answer.json()
