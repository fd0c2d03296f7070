"""docs/errors.md lists every cause, what it means, how to fix it, and who can."""

from __future__ import annotations

from pathlib import Path

from cleo_accounting.core.cause import Cause
from cleo_accounting.core.causes import CAUSES
from cleo_accounting.web.pages.reasons import MENDED_BY
from tests.page import states
from tests.page.house import Place

TEXT = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")


def row(cause: Cause) -> str:
    """Return the row of a cause in docs/errors.md."""
    who = "No action needed" if cause.quiet else MENDED_BY[cause.mended_by]
    return f"| `{cause.code}` | {cause.title} | {cause.text} | {cause.fix} | {who} |"


def test_every_cause_is_listed_as_it_is() -> None:
    missing = [row(cause) for cause in CAUSES.values() if row(cause) not in TEXT]

    assert missing == []


def test_the_causes_stand_in_one_table() -> None:
    assert "\n".join(map(row, CAUSES.values())) in TEXT


def test_nothing_else_is_listed() -> None:
    listed = [line for line in TEXT.splitlines() if line.startswith("| `")]

    assert len(listed) == len(CAUSES)


def test_the_help_page_tells_every_cause_at_an_address_of_its_own(place: Place) -> None:
    states.connected_ok(place)

    told = place.visitor().get(f"{place.page}/help").text

    assert [code for code in CAUSES if f'id="{code}"' not in told] == []
