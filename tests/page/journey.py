"""A finance person at the page: by mouse, by keyboard alone, or without JavaScript."""

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

# Where the focus is, and whether a person who sees can tell.
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
    """One person, one business, one company, one window."""

    page: Page
    stage: Stage
    company: str
    hand: Hand
    base: str = ""
    flaws: dict[str, list[str]] = field(default_factory=dict)

    @property
    def scripted(self) -> bool:
        """Whether our JavaScript runs."""
        return self.hand != "no script"

    @property
    def one(self) -> str:
        """Where the API has the integration."""
        (one,) = self.stage.ask("GET", "/integrations/accounting").json()["items"]
        return f"/integrations/accounting/{one['id']}"

    def enter(self) -> None:
        """Come in by a link that the platform asks for."""
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
        """Look at what is shown, and remember all that is wrong with it."""
        assert not LEAKED.search(self.page.url), self.page.url
        # Without JavaScript axe cannot run either; what is shown is the same, and seen elsewhere.
        if not self.scripted:
            return
        found: list[str] = []
        for _ in range(GOES_ON_MAX):
            try:
                # What is found while the page goes on is of two pages: only what stays counts.
                found = flaws(self.page) and flaws(self.page)
                break
            except Error:  # the page went on by itself meanwhile: look at what it is now
                self.page.wait_for_load_state()
        else:
            raise AssertionError(f"the page never rests at {step}")
        if found:
            self.flaws[step] = found

    def press(self, name: str, *, within: Locator | None = None) -> None:
        """Press a button, or follow a link."""
        place = within or self.page.locator("body")
        one = place.get_by_role("button", name=name).or_(place.get_by_role("link", name=name)).first
        if self.hand == "keyboard":
            self.reach(one)
            self.page.keyboard.press("Enter")
        else:
            one.click()

    def reach(self, one: Locator) -> None:
        """Come to it by the tab key alone; wherever the focus is, one must see that it is there."""
        expect(one).to_be_visible()
        for _ in range(STOPS_MAX):
            try:
                if one.evaluate("(one) => one === document.activeElement"):
                    return
                self.page.keyboard.press("Tab")
                self.sees_the_focus()
            except Error:  # the page went on by itself: the focus begins anew
                self.page.wait_for_load_state()
        raise AssertionError(f"the tab key does not come to {one}")

    def sees_the_focus(self) -> None:
        """Whatever has the focus is marked, in the window, and nothing lies over it."""
        found: dict[str, object] = {}
        for _ in range(GOES_ON_MAX):
            self.page.wait_for_load_state()
            found = self.page.evaluate(FOCUS) or {}
            if all(found.values()):
                return
            self.page.wait_for_timeout(100)  # styles may be on their way
        raise AssertionError(f"the focus cannot be seen: {found}")

    def write(self, label: str, text: str, *, within: Locator | None = None) -> None:
        """Write into a field."""
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
        """Unfold what is folded away."""
        one = within.locator("summary", has_text=summary).first
        if self.hand == "keyboard":
            self.reach(one)
            self.page.keyboard.press("Enter")
        else:
            one.click()

    def headline(self, text: str) -> str:
        """Wait for a headline, as a person does, and give it; without JavaScript one reloads."""
        heading = self.page.get_by_role("heading", level=1)
        if self.scripted:
            expect(heading).to_contain_text(re.compile(text), timeout=PATIENCE_SECONDS * 1000)
            return heading.inner_text()
        self.until(lambda: re.search(text, heading.inner_text()))
        return heading.inner_text()

    def rest(self) -> None:
        """Wait until the page goes on no more by itself."""
        if self.scripted:
            live = self.page.locator("[data-live]")
            expect(live).to_have_count(0, timeout=PATIENCE_SECONDS * 1000)

    def said(self, text: str) -> None:
        """Wait for the note of what was just done."""
        expect(self.page.locator(".note")).to_contain_text(text)

    def until(self, holds: Callable[[], object]) -> None:
        """Reload until something holds."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < end, self.page.locator("main").inner_text()
            time.sleep(0.2)
            self.page.reload()

    def allow(self) -> None:
        """Say yes at QuickBooks."""
        expect(self.page.get_by_role("radio")).to_be_checked()
        self.press("Connect")

    def revoke(self) -> None:
        """Take our permission back, as a person does within QuickBooks."""
        self.stage.do("disconnect", realm_id=self.stage.realm_id, client_id=CLIENT_ID)

    def slow_down(self, seconds: float) -> None:
        """Let QuickBooks take its time for every batch of this company."""
        path = f"/v3/company/{self.stage.realm_id}/batch"
        fault = {"kind": "delay", "seconds": seconds, "path": path, "times": None}
        self.stage.do("acts", do="add_fault", **{"with": fault})

    def hurry(self) -> None:
        """Take all misfortune away."""
        self.stage.do("acts", do="clear_faults")
