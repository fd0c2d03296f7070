"""Every state of the page, at every width and in both themes: accessible, inert, within bounds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.page.conftest import Watched
from tests.page.eyes import THEMES, WIDTHS, flaws
from tests.page.house import Place
from tests.page.states import STATES

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
    "/settings",
    "/help",
    "/disconnect",
)


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible_at_every_width_in_both_themes(
    place: Place, watch: Callable[..., Watched], state: str
) -> None:
    STATES[state](place)
    found = {}
    for theme in THEMES:
        watched = watch(place, color_scheme=theme)
        watched.page.goto(place.link())
        for width in WIDTHS:
            watched.page.set_viewport_size({"width": width, "height": 900})
            if complaints := flaws(watched.page):
                found[theme, width] = complaints

    assert found == {}


def test_every_other_view_is_accessible_at_every_width_in_both_themes(
    place: Place, watch: Callable[..., Watched]
) -> None:
    STATES["partial"](place)
    found = {}
    for theme in THEMES:
        watched = watch(place, color_scheme=theme)
        watched.page.goto(place.link())
        for view in VIEWS:
            answer = watched.page.goto(place.page + view)
            assert answer is not None
            assert answer.status == 200, view
            for width in WIDTHS:
                watched.page.set_viewport_size({"width": width, "height": 900})
                if complaints := flaws(watched.page):
                    found[view, theme, width] = complaints

    assert found == {}


@pytest.mark.parametrize("state", STATES)
def test_a_viewer_sees_every_state_and_can_change_nothing(place: Place, state: str) -> None:
    STATES[state](place)

    answer = place.visitor("viewer").get(place.page)

    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert answer.text.count('method="post"') == 1  # to leave
