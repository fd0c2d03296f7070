"""A browser without JavaScript for tests of the service: it keeps cookies and posts forms."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from fastapi.testclient import TestClient

from cleo_accounting.flows.admin import session
from cleo_accounting.store.access import Rank
from tests.service import Service
from tests.world import BUSINESS

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


@dataclass
class Browser:
    """A browser with its own cookies that opens the pages of one business."""

    service: Service
    business: str = BUSINESS
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = TestClient(
            self.service.client.app,
            base_url=self.service.here.house.public_url,
            raise_server_exceptions=False,
            follow_redirects=False,
        )

    @property
    def page(self) -> str:
        """The path of the business's page."""
        return f"/businesses/{self.business}/accounting"

    def link(self, user: str, role: Rank = Rank.ADMIN, by: str = "platform") -> str:
        """Create a sign-in link for one person and return its URL."""
        house = self.service.here.house.of(self.business)
        return session.invite(house, self.business, user_id=user, role=role, by=by).url

    def enter(self, user: str, role: Rank = Rank.ADMIN, by: str = "platform") -> httpx2.Response:
        """Create a sign-in link, confirm it and return the response."""
        return self.come_in(self.link(user, role, by))

    def come_in(self, link: str, **headers: str) -> httpx2.Response:
        """Confirm a sign-in link, as the button on its page does, and return the response."""
        answer: httpx2.Response = self.client.post(
            "/enter",
            data={"link": parse_qs(urlsplit(link).query)["link"][0]},
            headers=headers or SAME_ORIGIN,
        )
        return answer

    def in_as(self, user: str, role: Rank = Rank.ADMIN, by: str = "platform") -> Browser:
        """Sign this person in to the business and return this browser."""
        assert self.enter(user, role, by).status_code == 303
        return self

    def get(self, url: str, **query: str) -> httpx2.Response:
        """Open a path, or an absolute URL of this service."""
        path = url.removeprefix(self.service.here.house.public_url)
        answer: httpx2.Response = self.client.get(path, **({"params": query} if query else {}))
        return answer

    def token(self) -> str:
        """Return the CSRF token in the forms of this session, or zeros if there is none."""
        found = re.search(r'name="token" value="([0-9a-f]{40})"', self.get(self.page).text)
        return found[1] if found else "0" * 40

    def post(
        self, path: str, headers: dict[str, str] | None = None, **typed: Any
    ) -> httpx2.Response:
        """Post a form of this business's page, with its token."""
        answer: httpx2.Response = self.client.post(
            self.page + path,
            data={"token": self.token(), **typed},
            headers=SAME_ORIGIN if headers is None else headers,
        )
        return answer


def hung_up(
    service: Service, method: str, path: str, headers: Mapping[str, str], *parts: bytes
) -> list[Any]:
    """Send the parts of a body and disconnect; return the messages the app sent meanwhile."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("localhost", 8000),
        "client": ("127.0.0.1", 1),
    }
    coming = iter([{"type": "http.request", "body": one, "more_body": True} for one in parts])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(coming, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(asyncio.wait_for(service.client.app(scope, receive, send), 10))  # type: ignore[arg-type]
    return sent
