"""Nothing is cut off, overlaps or overflows at any zoom, text spacing or colours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.page.conftest import Watched
from tests.page.eyes import breaks
from tests.page.house import Place
from tests.page.test_states import VIEWS

# The text spacing that people may set by WCAG 1.4.12.
SPACING = """
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }
"""
FOCUSED = """() => {
    const style = getComputedStyle(document.activeElement);
    return [style.outlineStyle, parseFloat(style.outlineWidth)];
}"""
PLANTED = {
    "cut off": "<button style='height:3rem'>Send all of them</button>"
    "button{width:3rem;white-space:nowrap}",
    "over one another": "<p>One</p><p>Two</p>p{position:absolute;top:0;left:0}",
    "beyond the edge": "<p>Far away</p>p{position:absolute;left:95vw;width:20vw}",
    "too small for a finger": "<button style='height:3rem;width:3rem'>x</button>"
    "button{width:12px!important;height:12px!important;padding:0}",
}


def adopt(page: Page, css: str) -> None:
    """Apply a person's own style the way an extension does, so that no policy is loosened."""
    page.evaluate(
        """(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);
            document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]; }""",
        css,
    )


@pytest.mark.parametrize("flaw", PLANTED)
def test_the_eye_sees_what_is_planted(opened: Page, flaw: str) -> None:
    html, style = PLANTED[flaw].rsplit(">", 1)
    opened.set_content(f"<body>{html}></body>")
    assert flaw not in " ".join(breaks(opened))

    adopt(opened, style)

    assert flaw in " ".join(breaks(opened))


@pytest.mark.parametrize(("zoom", "width", "height"), [(2, 640, 450), (4, 320, 225)])
def test_nothing_breaks_at_200_and_400_per_cent(
    looked_at: Callable[[str], Place],
    watch: Callable[..., Watched],
    zoom: int,
    width: int,
    height: int,
) -> None:
    """Zooming a window of 1,280 × 900 by a factor divides its width and height in CSS pixels."""
    place = looked_at("partial")
    viewport = {"width": width, "height": height}
    page = watch(place, viewport=viewport, device_scale_factor=zoom).page
    place.enter(page)
    found = {}
    for view in ("", *VIEWS):
        page.goto(place.page + view)
        if complaints := breaks(page):
            found[view] = complaints
        sticky = page.evaluate(
            """() => [...document.querySelectorAll("*")].filter((one) =>
                ["fixed", "sticky"].includes(getComputedStyle(one).position)
                && getComputedStyle(one.parentElement.closest("thead") ?? one).clipPath === "none"
                && one.getBoundingClientRect().height > innerHeight / 3).length"""
        )
        assert sticky == 0, f"something that stays takes the window on {view}"

    assert found == {}


def test_nothing_breaks_with_the_spacing_of_those_who_need_more(
    looked_at: Callable[[str], Place], watch: Callable[..., Watched]
) -> None:
    place = looked_at("partial")
    page = watch(place, viewport={"width": 1280, "height": 900}).page
    place.enter(page)
    found = {}
    for view in ("", *VIEWS):
        page.goto(place.page + view)
        adopt(page, SPACING)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            if complaints := breaks(page):
                found[view, width] = complaints

    assert found == {}


def test_forced_colours_keep_edges_the_chosen_tab_and_the_focus(
    looked_at: Callable[[str], Place], watch: Callable[..., Watched]
) -> None:
    place = looked_at("partial")
    page = watch(place, forced_colors="active").page
    place.enter(page)

    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    for chosen in (".primary", ".hero > .icon", ".badge"):
        one = page.locator(chosen).first
        edge = one.evaluate("(one) => parseFloat(getComputedStyle(one).borderTopWidth)")
        assert edge >= 1, chosen
    tab, other = page.locator(".tabs a[aria-current]"), page.locator(".tabs a").nth(1)
    colour = "(one) => getComputedStyle(one).borderBottomColor"
    assert tab.evaluate(colour) != other.evaluate(colour)
    page.keyboard.press("Tab")
    style, wide = page.evaluate(FOCUSED)
    assert style == "solid"
    assert wide >= 2


def test_nothing_moves_for_those_who_do_not_want_it(
    looked_at: Callable[[str], Place], watch: Callable[..., Watched]
) -> None:
    place = looked_at("syncing")
    turning = "document.getAnimations().length"
    still = watch(place).page
    place.enter(still)
    assert still.evaluate(turning) == 0

    moving = watch(place, reduced_motion="no-preference").page
    place.enter(moving)
    assert moving.evaluate(turning) > 0
