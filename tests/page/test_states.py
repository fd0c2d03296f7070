"""Every state of the page is accessible and complete at every width and in both themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from cleo_accounting.flows.reporting.survey import BusinessState
from tests.page.conftest import Watched
from tests.page.eyes import THEMES, WIDTHS, flaws
from tests.page.house import Place
from tests.page.paying import many_wait
from tests.page.states import STATES
from tests.page.test_differences import edited

VIEWS = (
    "/mapping/vendors",
    "/mapping/vendors?search=harbor&show=all",
    "/mapping/vendors/conn_14",
    "/mapping/banks/fs_1",
    "/mapping/fields",
    "/preview",
    "/preview?part=look",
    "/issues",
    "/issues?code=look_alike",
    "/activity",
    "/activity?outcome=waiting&search=INV",
    "/activity/bill/pay_1",
    "/activity/runs",
    "/compare",
    "/settings",
    "/help",
    "/disconnect",
    "/reconnect",
)
ANYBODYS = (
    "/launch",
    "/reconnect",
    "/disconnected",
    "/enter?link=over",
    "/to-confirm",
    "/businesses/x/accounting",
)


def test_every_state_of_a_business_has_a_screen() -> None:
    assert set(STATES) == set(BusinessState)


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible_and_whole_at_every_width_in_both_themes(
    looked_at: Callable[[str], Place], watch: Callable[..., Watched], state: str
) -> None:
    place = looked_at(state)
    page = watch(place).page
    place.enter(page)

    assert seen(page, list(STATES).index(state)) == {}


@pytest.mark.parametrize("view", VIEWS)
def test_every_other_view_is_accessible_and_whole_at_every_width_in_both_themes(
    looked_at: Callable[[str], Place], watch: Callable[..., Watched], view: str
) -> None:
    place = looked_at("partial")
    page = watch(place).page
    place.enter(page)
    answer = page.goto(place.page + view)

    assert answer is not None
    assert answer.status == 200
    assert seen(page, VIEWS.index(view)) == {}


@pytest.mark.parametrize("path", ANYBODYS)
def test_what_anybody_may_open_is_accessible_and_whole(
    looked_at: Callable[[str], Place], browser: Browser, path: str
) -> None:
    """The page is not watched: the browser's console reports an ended session as an error."""
    with browser.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(looked_at("partial").url + path)

        assert seen(page, ANYBODYS.index(path)) == {}


def test_what_both_sides_changed_is_accessible_and_whole(
    place: Place, watch: Callable[..., Watched]
) -> None:
    edited(place)
    page = watch(place).page
    place.enter(page)
    for turn, view in enumerate(("/issues", "/activity/bill/pay_1")):
        page.goto(place.page + view)

        assert seen(page, turn) == {}


def test_payments_that_wait_are_accessible_and_whole(
    place: Place, watch: Callable[..., Watched]
) -> None:
    many_wait(place)
    page = watch(place).page
    place.enter(page)
    page.goto(f"{place.page}/issues")

    sections = page.get_by_role("main").get_by_role("region")
    assert sections.count() == 6
    assert seen(page, 0) == {}


def seen(page: Page, turn: int) -> dict[tuple[int, str], list[str]]:
    """Return the flaws at three widths in alternating themes, which `turn` begins."""
    found = {}
    for at, width in enumerate(WIDTHS, turn):
        theme: Literal["light", "dark"] = THEMES[at % 2]
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        if complaints := flaws(page):
            found[width, theme] = complaints
    return found


@pytest.mark.parametrize("state", STATES)
def test_a_viewer_sees_every_state_and_can_change_nothing(
    looked_at: Callable[[str], Place], state: str
) -> None:
    place = looked_at(state)

    answer = place.visitor("viewer").get(place.page)

    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert answer.text.count('method="post"') == 2  # sign out here, or everywhere
