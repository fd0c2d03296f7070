"""Live streams are limited, end with the right to see them, and share one query a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPResponse

import pytest

from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.admin import access, session
from cleo_accounting.flows.rates import StreamBounds
from cleo_accounting.flows.reporting import survey
from cleo_accounting.flows.run import sync
from cleo_accounting.store.access import Rank
from cleo_accounting.web import streams
from cleo_accounting.web.pages.guard import cookie_name, place
from tests.attacks.listening import listening
from tests.world import BUSINESS, World


@dataclass
class Caller:
    """A client that keeps its connections open and closes all of them in the end."""

    address: tuple[str, int]
    lines: list[HTTPConnection] = field(default_factory=list)
    answers: list[HTTPResponse] = field(default_factory=list)

    def ask(self, path: str, headers: dict[str, str]) -> HTTPResponse:
        line = HTTPConnection(*self.address, timeout=10)
        self.lines.append(line)
        line.request("GET", path, headers=headers)
        self.answers.append(line.getresponse())
        return self.answers[-1]

    def hang_up(self) -> None:
        for one in (*self.answers, *self.lines):
            one.close()


@pytest.fixture
def caller(here: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    """A client of a service that allows three streams per caller and four per business."""
    monkeypatch.setattr(streams, "EVERY_SECONDS", 0.1)
    bounds = StreamBounds(per_caller=3, per_business=4, most=5)
    with listening(replace(here.house, stream_bounds=bounds), 100) as address:
        made = Caller(address)
        yield made
        made.hang_up()


def _token(here: World, business: str = BUSINESS) -> tuple[str, dict[str, str]]:
    token, secret = access.issue(
        here.house, business_id=business, rank=Rank.VIEWER, name="x", by="cli"
    )
    return token.id, {"Authorization": f"Bearer {secret}"}


def _cookie(here: World, business: str = BUSINESS) -> tuple[str, dict[str, str]]:
    made = session.invite(here.house, business, user_id="u", role=Rank.VIEWER, by="cli")
    found, cookie = session.enter(here.house, made.url.rpartition("=")[2])
    return found.id, {"Cookie": f"{cookie_name(here.house, business)}={cookie}"}


def _run(here: World) -> str:
    """Request a run that no worker will take; return the path of its events."""
    run = sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="tester")
    return (
        f"/api/businesses/{BUSINESS}/integrations/accounting/{here.integration_id}"
        f"/runs/{run.id}/events"
    )


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_streams_are_capped_and_a_place_is_free_again_when_one_ends(
    here: World, caller: Caller
) -> None:
    path, (_, first), (_, second), page = _run(here), _token(here), _token(here), place(BUSINESS)
    assert [caller.ask(path, first).status for _ in range(3)] == [200] * 3

    refused = caller.ask(path, first)
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "30"
    assert b"rate_limited" in refused.read()
    assert caller.ask(path, second).status == 200
    refused = caller.ask(f"{page}/events", _cookie(here)[1])  # the business has four
    assert refused.status == 429
    assert b"<h1>" in refused.read()

    caller.hang_up()
    _until(lambda: caller.ask(path, first).status == 200)


def test_a_stream_ends_when_its_token_is_taken_back(here: World, caller: Caller) -> None:
    token, headers = _token(here)
    stream = caller.ask(_run(here), headers)
    assert stream.readline().startswith(b"event: ")
    access.revoke(here.house, token, by="cli")

    assert b"event: done" not in stream.read()  # read until the server closes the stream


def test_a_stream_ends_with_its_visit(here: World, caller: Caller) -> None:
    _, headers = _cookie(here)
    stream = caller.ask(f"{place(BUSINESS)}/events", headers)
    assert stream.readline().startswith(b"event: state")
    session.sign_out(here.house, BUSINESS, None, by="cli")

    stream.read()
    assert caller.ask(f"{place(BUSINESS)}/events", headers).status == 401


def test_streams_that_show_the_same_share_one_look_a_second(
    here: World, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    lock, looked = threading.Lock(), survey.survey

    def watched(*facts: object, **more: object) -> object:
        with lock:
            looks.append(time.monotonic())
        return looked(*facts, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(survey, "survey", watched)
    _, headers = _cookie(here)
    open_ = [caller.ask(f"{place(BUSINESS)}/events", headers) for _ in range(3)]
    for stream in open_:
        assert stream.readline().startswith(b"event: state")
    began = time.monotonic()
    _until(lambda: len(looks) >= 10)
    took = time.monotonic() - began

    assert took >= 0.5  # three streams that query on their own would take 0.3 s for ten
