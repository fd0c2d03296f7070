"""Take screenshots of every state at three widths in two themes.

.venv/bin/python -m tests.page.pictures FOLDER [STATE …]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from cleo_accounting.store import schema
from cleo_accounting.store.database import Database
from tests.page.eyes import THEMES, WIDTHS
from tests.page.house import served
from tests.page.states import STATES

VIEWS = (
    "mapping/vendors",
    "mapping/vendors/conn_14",
    "mapping/fields",
    "issues",
    "activity",
    "activity/runs",
    "compare",
    "activity/bill/pay_1",
    "settings",
    "help",
    "disconnect",
)


def take(folder: Path, wanted: Sequence[str]) -> None:
    """Take screenshots of the wanted states, or of all."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as tools:
        path = shutil.which("chromium")
        browser = tools.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name in wanted or STATES:
            with tempfile.TemporaryDirectory() as place:
                database = Database(f"sqlite:///{place}/page.sqlite")
                schema.upgrade(database)
                _take_one(browser, database, name, folder)
                database.close()
        browser.close()


def _take_one(browser: Browser, database: Database, name: str, folder: Path) -> None:
    with served(database) as place:
        STATES[name](place)
        views = {"partial": VIEWS, "preview": ("preview",)}.get(name, ())
        for theme in THEMES:
            context = browser.new_context(color_scheme=theme, reduced_motion="reduce")
            page = context.new_page()
            place.enter(page)
            for view in ("", *views):
                page.goto(f"{place.page}/{view}".rstrip("/"))
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": 900})
                    called = "-".join(part for part in (name, view.replace("/", "-")) if part)
                    page.screenshot(path=folder / f"{called}-{width}-{theme}.png", full_page=True)
            context.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]), sys.argv[2:])
