"""Take a picture of every state: three widths, two themes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from cleo_accounting.store import schema
from cleo_accounting.store.database import Database
from tests.page.house import served
from tests.page.states import STATES

WIDTHS = (320, 768, 1280)
THEMES = ("light", "dark")


def take(folder: Path, wanted: list[str], widths=WIDTHS, themes=THEMES) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name in wanted or STATES:
            with tempfile.TemporaryDirectory() as place_folder:
                database = Database(f"sqlite:///{place_folder}/page.sqlite")
                schema.upgrade(database)
                with served(database) as place:
                    STATES[name](place)
                    for theme in themes:
                        context = browser.new_context(color_scheme=theme, reduced_motion="reduce")
                        page = context.new_page()
                        page.on("console", lambda m: print(name, m.type, m.text))
                        page.goto(place.link())
                        for width in widths:
                            page.set_viewport_size({"width": width, "height": 900})
                            page.screenshot(
                                path=folder / f"{name}-{width}-{theme}.png", full_page=True
                            )
                        context.close()
                database.close()
        browser.close()


if __name__ == "__main__":
    w = [int(x) for x in sys.argv[2].split(",")]
    take(Path(sys.argv[1]), sys.argv[4:], w, sys.argv[3].split(","))
