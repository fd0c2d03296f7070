"""A person who uses the page by mouse, by keyboard alone, or without JavaScript."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Error, Locator, Page, expect

from tests.page.eyes import flaws
from tests.processes import CLIENT_ID, Stage

Hand = Literal["mouse", "keyboard", "no script"]

PATIENCE_SECONDS = 60.0
STOPS_MAX = 150
GOES_ON_MAX = 10
LEAKED = re.compile(r"code=|state=|realmId=|error=|link=")

# Which element has the focus, and whether it is visibly marked, in view and uncovered.
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const across = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const top = document.elementFromPoint(across, box.top + Math.min(box.height / 2, 20));
  return {
    name: `${one.tagName} ${(one.innerText || one.name || "").trim().slice(0, 40)}`,
    marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.top >= 0 && box.top + Math.min(box.height, 20) <= innerHeight,
    bare: !!top && (one.contains(top) || top.contains(one)),
  };
}"""


@dataclass
class Walk:
    """One person's way through the page, with a business and company of their own."""

    page: Page
    stage: Stage
    company: str
    hand: Hand
    base: str = ""
    flaws: dict[str, list[str]] = field(default_factory=dict)

    @property
    def scripted(self) -> bool:
        """Whether the page's JavaScript runs."""
        return self.hand != "no script"

    @property
    def one(self) -> str:
        """The path of the integration in the API."""
        (one,) = self.stage.ask("GET", "/integrations/accounting").json()["items"]
        return f"/integrations/accounting/{one['id']}"

    def enter(self) -> None:
        """Sign in with a link that the platform requests."""
        made = self.stage.ask(
            "POST",
            "/integrations/accounting/session",
            json={
                "userId": "jane@harbor.example",
                "role": "admin",
                "timeZone": "America/New_York",
            },
        )
        self.page.goto(made.json()["url"])
        self.press("Sign in")
        self.page.wait_for_url("**/accounting")
        self.base = self.page.url
        self.look("arrived")

    def look(self, step: str) -> None:
        """Check the page as shown, and record all its flaws under the name of the step."""
        assert not LEAKED.search(self.page.url), self.page.url
        # Without JavaScript axe cannot run either; other walks check the same pages.
        if not self.scripted:
            return
        found: list[str] = []
        for _ in range(GOES_ON_MAX):
            try:
                # A flaw found while the page changes may not last: only a second finding counts.
                found = flaws(self.page) and flaws(self.page)
                break
            except Error:  # the page navigated meanwhile: check the new one
                self.page.wait_for_load_state()
        else:
            raise AssertionError(f"the page never rests at {step}")
        if found:
            self.flaws[step] = found

    def press(self, name: str, *, within: Locator | None = None) -> None:
        """Press a button or follow a link."""
        place = within or self.page.locator("body")
        one = place.get_by_role("button", name=name).or_(place.get_by_role("link", name=name)).first
        if self.hand == "keyboard":
            self.reach(one)
            self.page.keyboard.press("Enter")
        else:
            one.click()

    def reach(self, one: Locator) -> None:
        """Move the focus to an element with the tab key; it must be visible at every stop."""
        expect(one).to_be_visible()
        for _ in range(STOPS_MAX):
            try:
                if one.evaluate("(one) => one === document.activeElement"):
                    return
                self.page.keyboard.press("Tab")
                self.sees_the_focus()
            except Error:  # the page navigated: the focus starts at the top again
                self.page.wait_for_load_state()
        raise AssertionError(f"the tab key does not come to {one}")

    def sees_the_focus(self) -> None:
        """Check that the focused element is marked, in view and not covered."""
        found: dict[str, object] = {}
        for _ in range(GOES_ON_MAX):
            self.page.wait_for_load_state()
            found = self.page.evaluate(FOCUS) or {}
            if all(found.values()):
                return
            self.page.wait_for_timeout(100)  # styles may still be loading
        raise AssertionError(f"the focus cannot be seen: {found}")

    def write(self, label: str, text: str, *, within: Locator | None = None) -> None:
        """Type text into a field."""
        one = (within or self.page.locator("main")).get_by_label(label).first
        if self.hand == "keyboard":
            self.reach(one)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)
        else:
            one.fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        one = self.page.get_by_label(label)
        if self.hand == "keyboard":
            self.reach(one)
            self.page.keyboard.type(option)
        else:
            one.select_option(label=option)
        expect(one.locator("option:checked")).to_have_text(option)

    def open(self, summary: str, *, within: Locator) -> None:
        """Open a collapsed section."""
        one = within.locator("summary", has_text=summary).first
        if self.hand == "keyboard":
            self.reach(one)
            self.page.keyboard.press("Enter")
        else:
            one.click()

    def headline(self, text: str) -> str:
        """Wait for a headline and return it; without JavaScript, reload until it is there."""
        heading = self.page.get_by_role("heading", level=1)
        if self.scripted:
            expect(heading).to_contain_text(re.compile(text), timeout=PATIENCE_SECONDS * 1000)
            return heading.inner_text()
        self.until(lambda: re.search(text, heading.inner_text()))
        return heading.inner_text()

    def rest(self) -> None:
        """Wait until the page no longer updates by itself."""
        if self.scripted:
            live = self.page.locator("[data-live]")
            expect(live).to_have_count(0, timeout=PATIENCE_SECONDS * 1000)

    def said(self, text: str) -> None:
        """Wait for the note about the last action."""
        expect(self.page.locator(".note")).to_contain_text(text)

    def until(self, holds: Callable[[], object]) -> None:
        """Reload the page until a condition holds."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < end, self.page.locator("main").inner_text()
            time.sleep(0.2)
            self.page.reload()

    def allow(self) -> None:
        """Consent in QuickBooks."""
        expect(self.page.get_by_role("radio")).to_be_checked()
        self.press("Connect")

    def revoke(self) -> None:
        """Disconnect the app, as a person does in QuickBooks."""
        self.stage.do("disconnect", realm_id=self.stage.realm_id, client_id=CLIENT_ID)

    def slow_down(self, seconds: float) -> None:
        """Delay every batch of this company in QuickBooks."""
        path = f"/v3/company/{self.stage.realm_id}/batch"
        fault = {"kind": "delay", "seconds": seconds, "path": path, "times": None}
        self.stage.do("acts", do="add_fault", **{"with": fault})

    def hurry(self) -> None:
        """Remove all faults."""
        self.stage.do("acts", do="clear_faults")
