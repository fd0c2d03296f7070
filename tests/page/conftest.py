"""A browser for all tests of the page, with checks for what a page must never do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from cleo_accounting.store.database import Database
from tests.page.house import Place, served
from tests.page.states import STATES


@dataclass
class Watched:
    """A page whose console errors and requests to other hosts are recorded."""

    page: Page
    own: set[str]
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Record console errors and warnings, page errors, and requests to other hosts."""
        self.page.on(
            "console",
            lambda said: (
                self.complaints.append(said.text) if said.type in ("error", "warning") else None
            ),
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: self._asked(asked.url))

    def _asked(self, url: str) -> None:
        host = urlsplit(url).netloc
        if host and host not in self.own:
            self.complaints.append(f"asked {host}")


# The browser and the houses are closed after the tests of the page: the browser's event loop would
# count as running in later tests of this process, and every house has threads that keep working.


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The installed Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "install chromium: apt-get install chromium"
    with sync_playwright() as tools:
        opened = tools.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def place(sqlite: Database) -> Iterator[Place]:
    """A served house without data."""
    with served(sqlite) as made:
        yield made


@pytest.fixture(scope="package")
def looked_at(new_sqlite: Callable[[], str]) -> Iterator[Callable[[str], Place]]:
    """A function that returns a house in a named state, shared by tests that change nothing."""
    with ExitStack() as kept:

        @cache
        def state(name: str) -> Place:
            database = Database(new_sqlite())
            kept.callback(database.close)
            made = kept.enter_context(served(database))
            STATES[name](made)
            return made

        yield state


@pytest.fixture
def opened(browser: Browser) -> Iterator[Page]:
    """An empty browser page."""
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def watch(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Return a function that opens watched pages; the test fails if one recorded a complaint."""
    opened: list[Watched] = []

    def open_page(place: Place, **options: object) -> Watched:
        context = browser.new_context(**{"reduced_motion": "reduce", **options})  # type: ignore[arg-type]
        one = Watched(context.new_page(), {urlsplit(place.url).netloc})
        one.listen()
        opened.append(one)
        return one

    yield open_page
    for one in opened:
        one.page.context.close()
    assert [complaint for one in opened for complaint in one.complaints] == []
