"""Every cause is brought about, is explained in its row, and is fixed by the row's buttons."""

from __future__ import annotations

import pytest

from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.flows.reporting import history
from cleo_accounting.flows.reporting.history import Entry
from cleo_accounting.store import decisions, links
from cleo_accounting.web.pages.issues import consequence
from tests.page import deeds
from tests.page.causes import LOUD, QUIET, Case
from tests.page.forms import Person
from tests.page.house import Place
from tests.world import BUSINESS

CASES = {**QUIET, **LOUD}
MENDS = [(code, name) for code, case in CASES.items() for name in case.mends]


def someone(place: Place) -> Person:
    return Person(place.visitor("admin"), place.page)


def newest(place: Place, case: Case) -> Entry:
    world = place.world
    told = history.timeline(world.house, BUSINESS, world.integration_id, *case.record)
    return told[0].entry


def waits(person: Person, case: Case) -> bool:
    person.go("/issues")
    assert person.answer is not None
    return deeds.mark(case.record) in person.answer.text


def plain(text: str) -> str:
    return " ".join("".join(" " if char in "\u2068\u2069" else char for char in text).split())


def test_every_cause_of_the_catalogue_can_be_brought_about() -> None:
    assert {code for code, cause in CAUSES.items() if cause.quiet} | {"in_doubt"} == set(QUIET)
    assert set(CASES) == set(CAUSES)


@pytest.mark.parametrize(("code", "mend"), MENDS)
def test_every_cause_is_told_in_its_row_and_mended_by_what_the_row_offers(
    place: Place, code: str, mend: str
) -> None:
    case = CASES[code]
    case.happens(place)
    person = someone(place)
    tell(place, person, case, code)

    case.mends[mend](place, person)
    deeds.work(place)

    assert not waits(person, case)
    assert ended(place, case) == ENDS.get(mend, "written")


@pytest.mark.parametrize("code", [code for code in CASES if not CASES[code].mends])
def test_what_needs_no_mending_is_told_where_somebody_asks(place: Place, code: str) -> None:
    CASES[code].happens(place)
    tell(place, someone(place), CASES[code], code)


def tell(place: Place, person: Person, case: Case, code: str) -> None:
    """Check that the page states the cause, its consequence, its fix, and a reference."""
    item = newest(place, case).item
    assert item.code == code
    assert item.cause
    assert "…" not in item.cause
    if code in QUIET:
        assert not waits(person, case)
        for view in (f"{case.record[0]}/{case.record[1]}", f"runs/{item.run_id}"):
            words = plain(person.go(f"/activity/{view}"))
            assert CAUSES[code].title in words
            assert plain(item.cause) in words
        return
    assert CAUSES[code].title in plain(person.go("/issues"))
    row = plain(person.words(deeds.mark(case.record)))
    for expected in (item.cause, item.fix or "no fix", consequence(item)):
        assert plain(expected) in row
    assert f"{item.run_id}/{item.id}" in row
    assert row.replace(plain(item.fix or ""), "").count("Try again") <= 1


def ended(place: Place, case: Case) -> str:
    """Return the final outcome of the record."""
    world, (kind, record_id) = place.world, case.record
    item = newest(place, case).item
    if item.state == "written" or item.code in ("left_out", "withdrawn"):
        return item.code or item.state
    with world.house.database.reading() as tx:
        linked = links.links_of(tx, world.integration_id, RemoteKind(kind), [record_id])
        word = decisions.verdicts_of(tx, world.integration_id, RemoteKind(kind)).get(record_id)
    if word:
        return word.verdict
    return "linked" if linked else item.state


ENDS = {
    "Leave it out": "left_out",
    "The same": "left_out",
    "Keep QuickBooks version": "keep_theirs",
    "Map": "linked",
    "Removed there": "gone",
    "Remove the copy": "copy_removed",
    "Unlink it": "withdrawn",
    "Remove it": "removed",
    "Accept": "total_differs",  # no longer among the issues, as the test above asserts
}
