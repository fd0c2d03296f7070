"""The service's HTTP API for tests, with an access token of every role."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute

from cleo_accounting import web
from cleo_accounting.flows import House
from cleo_accounting.flows.admin import access
from cleo_accounting.store.access import Rank
from cleo_accounting.web.access import Guarded
from cleo_accounting.web.app import create_app
from tests.world import BUSINESS, World

OTHER = "biz_two"


@dataclass
class Service:
    """A client of the API; `as_` names the role whose token a request carries."""

    here: World
    client: TestClient
    tokens: dict[str, str]

    @property
    def base(self) -> str:
        return f"/api/businesses/{BUSINESS}/integrations/accounting"

    @property
    def one(self) -> str:
        return f"{self.base}/{self.here.integration_id}"

    def ask(
        self, method: str, path: str, *, as_: str | None = "admin", **more: Any
    ) -> httpx2.Response:
        headers = dict(more.pop("headers", {}))
        if as_ is not None:
            headers.setdefault("Authorization", f"Bearer {self.tokens[as_]}")
        answer: httpx2.Response = self.client.request(
            method, path, headers=headers, follow_redirects=False, **more
        )
        return answer


_ROUTES: list[BaseRoute] = []


def app_of(house: House) -> FastAPI:
    """Return the app of a house, with the routes of the first app that was created.

    FastAPI works out how each route reads its request when an app gets its first request, which
    takes longer than the rest of most tests. Routes can be shared: none refers to its house.
    """
    app = create_app(house)
    _ROUTES[:] = _ROUTES or app.router.routes
    app.router.routes[:] = _ROUTES
    return app


def served(here: World) -> Iterator[Service]:
    """Yield a client of the API of a world, with a token of every role for two businesses."""
    tokens: dict[str, str] = {}
    for business in (BUSINESS, OTHER):
        for rank in (Rank.VIEWER, Rank.BOOKKEEPER, Rank.ADMIN, Rank.FEEDER):
            _, secret = access.issue(
                here.house, business_id=business, rank=rank, name="test", by="cli"
            )
            tokens[f"{rank}" if business == BUSINESS else f"other {rank}"] = secret
    _, tokens["platform"] = access.issue(
        here.house, business_id=None, rank=Rank.PLATFORM, name="test", by="cli"
    )
    with TestClient(app_of(here.house), raise_server_exceptions=False) as client:
        yield Service(here, client, tokens)


def guarded_paths() -> list[Guarded]:
    """Return every guarded route of every web module, including modules added later."""
    found: dict[int, Guarded] = {}
    for room in pkgutil.walk_packages(web.__path__, f"{web.__name__}."):
        for router in vars(importlib.import_module(room.name)).values():
            for route in getattr(router, "routes", ()) if isinstance(router, APIRouter) else ():
                if isinstance(route, Guarded):
                    found[id(route)] = route
    return sorted(found.values(), key=lambda route: route.name)
