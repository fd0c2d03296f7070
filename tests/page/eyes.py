"""Checks for every page: accessibility, layout and structure."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

WIDTHS = (320, 768, 1280)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def flaws(page: Page) -> list[str]:
    """Return everything that is wrong with the page as shown."""
    found = [*violations(page), *breaks(page)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways")
    if (headlines := page.locator("h1").count()) != 1:
        found.append(f"has {headlines} headlines")
    if (primary := page.locator("main .primary:visible").count()) > 1:
        found.append(f"has {primary} primary buttons")
    if page.evaluate("document.querySelectorAll('[style], style').length"):
        found.append("has styles inside")
    return found


def violations(page: Page) -> list[str]:
    """Return what axe finds; it is injected like an extension, so no policy is loosened."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_axe())
    found: list[str] = page.evaluate(
        """(rules) => axe.run(document, {runOnly: rules, resultTypes: ["violations"]}).then(
            ({violations}) => violations.flatMap(
                (one) => one.nodes.map((at) => `${one.id}: ${at.target} ${at.failureSummary}`)))""",
        RULES,
    )
    return found


def breaks(page: Page) -> list[str]:
    """Return the elements that are cut off, overlap, overflow, or are too small to click."""
    found: list[str] = page.evaluate(_layout())
    return found


@cache
def _axe() -> str:
    return Path(AXE_FILE_PATH).read_text(encoding="utf-8")


@cache
def _layout() -> str:
    return (Path(__file__).parent / "layout.js").read_text(encoding="utf-8")
