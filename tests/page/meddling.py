"""Events on the way to QuickBooks at moments that no fault rule of the emulator can name."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx2

from cleo_accounting.providers.quickbooks import quickbooks
from tests.world import World

# Roles within a company are not modelled by the emulator; Intuit documents this fault.
PERMISSION_DENIED = {
    "Error": [
        {
            "Message": "Permission Denied Error",
            "Detail": "Permission Denied Error : You do not have permission to do this.",
            "code": "5020",
        }
    ],
    "type": "ValidationFault",
}


@dataclass
class Meddler(httpx2.BaseTransport):
    """Calls a function before each batch of writes, or responds to it in place of QuickBooks."""

    inner: httpx2.BaseTransport
    before: Callable[[], None] | None = None
    fault: dict[str, object] | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("/batch"):
            return self.inner.handle_request(request)
        if self.before:
            self.before()
        if self.fault is None:
            return self.inner.handle_request(request)
        asked = json.loads(request.read())["BatchItemRequest"]
        items = [{"bId": item["bId"], "Fault": self.fault} for item in asked]
        body = {"BatchItemResponse": items, "time": "2026-01-05T09:00:00.000-08:00"}
        headers = {"content-type": "application/json", "intuit_tid": "1-made-up-0"}
        return httpx2.Response(200, headers=headers, content=json.dumps(body), request=request)


@contextmanager
def before_each_batch(world: World, do: Callable[[], None]) -> Iterator[None]:
    """Call a function just before each batch of writes arrives in QuickBooks."""
    with _between(world, Meddler(world.intuit.transport(), before=do)):
        yield


@contextmanager
def instead_of_each_batch(world: World, fault: dict[str, object]) -> Iterator[None]:
    """Refuse every item of each batch with a fault that the emulator does not know."""
    with _between(world, Meddler(world.intuit.transport(), fault=fault)):
        yield


@contextmanager
def _between(world: World, transport: httpx2.BaseTransport) -> Iterator[None]:
    usual, intuit = world.house, world.intuit
    provider = quickbooks(
        client_id=intuit.app.client_id,
        client_secret=intuit.app.client_secret,
        discovery_url=f"{intuit.url}/.well-known/openid_sandbox_configuration",
        api_url=intuit.url,
        clock=usual.clock,
        random=random.Random(7).random,
        transport=transport,
    )
    world.house = replace(usual, provider=provider)
    try:
        yield
    finally:
        world.house = usual
        provider.close()
