"""The page during a run: few announcements, slow lines, two windows, back and reload."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

from playwright.sync_api import expect

from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.run import sync
from tests.page import states
from tests.page.conftest import Watched
from tests.page.forms import Person
from tests.page.house import Place
from tests.world import payable

# What browsers call “Slow 3G”: 50,000 bytes a second and 0.4 s for every round trip.
BYTES_A_SECOND, SECONDS_A_WAY, SECONDS_MAX = 50_000, 0.4, 3.0
PATIENCE = 30_000
ENOUGH, ANNOUNCED_MAX = 6, 4
BUTTON = """() => {
    const button = document.querySelector("main .primary");
    button.click(); button.click(); button.click();
    return button.getAttribute("aria-busy");
}"""
LISTEN = """() => {
    window.heard = []; window.shown = [];
    const note = (selector, into) => {
        const one = document.querySelector(selector);
        new MutationObserver(() => into.push(one.textContent)).observe(one, {childList: true});
    };
    note("[data-announce]", window.heard);
    note("h1", window.shown);
}"""


def test_a_run_of_hundreds_is_announced_at_most_four_times(
    place: Place, watch: Callable[..., Watched]
) -> None:
    """A screen reader hears the progress, not every document; the figures update in place."""
    states.preview(place)
    place.world.feed(*(payable(at, 4_200 + at, to=1 + at % 12) for at in range(100, 300)))
    page = watch(place).page
    place.enter(page)
    run = sync.request(
        place.world.house,
        place.world.integration,
        states.ALL,
        trigger=Trigger.PAGE,
        by="user:jane@harbor.example",
    ).id
    page.goto(place.page)
    page.evaluate(LISTEN)
    for _ in range(200):
        if sync.advance(place.world.house, run).done or page.evaluate("shown.length") >= ENOUGH:
            break
        page.wait_for_timeout(300)

    assert len(set(page.evaluate("shown"))) > 1
    assert len(page.evaluate("heard")) <= ANNOUNCED_MAX


def test_two_windows_show_the_same_progress_and_move_together(
    place: Place, watch: Callable[..., Watched]
) -> None:
    states.syncing(place)
    first, second = watch(place).page, watch(place).page
    for page in (first, second):
        place.enter(page)
    title = first.locator("h1").inner_text()
    assert second.locator("h1").inner_text() == title

    first.get_by_role("button", name="Pause").click()
    expect(first.locator("h1")).to_have_text("Paused", timeout=PATIENCE)
    expect(second.locator("h1")).to_have_text(
        "Paused", timeout=PATIENCE
    )  # by itself, without any action in this window


def test_a_button_tells_at_once_and_sends_once_however_often_it_is_clicked(
    place: Place, watch: Callable[..., Watched]
) -> None:
    states.confirm_company(place)
    page = watch(place).page
    place.enter(page)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)

    assert page.evaluate(BUTTON) == "true"
    expect(page.locator("h1")).to_contain_text("to finish setup", timeout=PATIENCE)

    assert len(sent) == 1


def test_the_same_question_answered_in_two_windows_is_answered_once(
    place: Place, watch: Callable[..., Watched]
) -> None:
    states.confirm_company(place)
    first, second = watch(place).page, watch(place).page
    for page in (first, second):
        place.enter(page)
    for page in (first, second):
        page.get_by_role("button", name="Use this company").click()
        expect(page.locator("h1")).to_contain_text("to finish setup", timeout=PATIENCE)
    first.go_back()
    first.reload()
    expect(first.locator("h1")).to_contain_text("to finish setup", timeout=PATIENCE)


def test_coming_back_to_a_sign_in_that_is_used_up_shows_a_page_and_a_way_on(place: Place) -> None:
    """Back and reload after consent open the address of the doorway once more."""
    states.records(place)
    visitor = place.visitor()
    page = visitor.get(place.page).text
    token = re.search(r'name="token" value="([0-9a-f]{40})"', page)
    assert token
    answer = visitor.post(
        f"{place.page}/connect", data={"token": token[1]}, headers={"sec-fetch-site": "same-origin"}
    )
    onward = re.search(r'content="0;url=([^"]+)"', answer.text)
    assert onward
    back = place.world.consent(onward[1].replace("&amp;", "&"))
    doorway = f"{place.url}/api/integrations/accounting/callback"
    asked = Person(visitor, place.page)
    asked.open(f"{doorway}?{urlencode(back)}")
    asked.press("Connect this company")

    again = visitor.get(doorway, params=back)

    assert "This sign-in has expired" in again.text
    assert "Back to the overview" in again.text
    assert "Traceback" not in again.text
    assert "Finishing the connection" in visitor.get(place.page).text


def test_a_slow_line_shows_the_page_within_three_seconds(
    looked_at: Callable[[str], Place], watch: Callable[..., Watched]
) -> None:
    """Calculated, not timed: three round trips, and the bytes that block the first paint."""
    place = looked_at("partial")
    page = watch(place).page
    place.enter(page)
    for view in ("", "/issues", "/activity"):
        page.goto(place.page + view)
        blocking = page.evaluate(
            """() => [...performance.getEntriesByType("navigation"),
                      ...performance.getEntriesByType("resource")]
                .filter((one) => one.entryType === "navigation"
                    || one.renderBlockingStatus === "blocking")
                .map((one) => one.encodedBodySize + 300)"""
        )
        seconds = SECONDS_A_WAY * 3 + sum(blocking) / BYTES_A_SECOND
        assert len(blocking) == 2, blocking  # the page, and its one style sheet
        assert seconds < SECONDS_MAX, (view, blocking)
