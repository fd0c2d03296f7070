"""The service's own API as Cleo Pay's app would call it: a token, JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from cleo_accounting.demo.records import Given
from cleo_accounting.errors import Conflict

BUSINESS = "biz_demo"
_BULK = 1000
_TIMEOUT_SECONDS = 60

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Api:
    """The API of one business."""

    client: httpx2.Client
    path: str

    @classmethod
    def of(cls, url: str, token: str) -> Api:
        """Return a client that calls a service with a token."""
        client = httpx2.Client(
            base_url=url,
            headers={"authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_SECONDS,
        )
        return cls(client, f"/api/businesses/{BUSINESS}")

    def feed(self, given: Sequence[Given]) -> Json:
        """Send records, a thousand at once; return the counts of their outcomes."""
        counted: dict[str, int] = {}
        for at in range(0, len(given), _BULK):
            some = given[at : at + _BULK]
            body = {
                "records": [{"type": one.type, "id": one.id, "record": one.record} for one in some]
            }
            answer = self.post("/integrations/accounting/records/bulk", body)
            for name in ("created", "updated", "unchanged", "refused"):
                counted[name] = counted.get(name, 0) + answer[name]
        return counted

    def get(self, path: str, **query: str | int) -> Json:
        """Send a GET request."""
        return self._answer(self.client.get(self.path + path, params=query))

    def post(self, path: str, body: Json | None = None) -> Json:
        """Send a POST request."""
        return self._answer(self.client.post(self.path + path, json=dict(body or {})))

    def put(self, path: str, body: Json, *, version: int) -> Json:
        """Save over the version that the caller has seen."""
        headers = {"if-match": f'"{version}"'}
        return self._answer(self.client.put(self.path + path, json=dict(body), headers=headers))

    def _answer(self, response: httpx2.Response) -> Json:
        if response.is_success:
            answer: Json = response.json()
            return answer
        told = response.json()
        flaws = "; ".join(f"{one['field']} {one['message']}" for one in told.get("errors", ()))
        raise Conflict(f"{response.request.method} {response.url.path}: {told['message']} {flaws}")
