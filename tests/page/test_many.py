"""Many issues are decided at once without JavaScript, and the decision can be undone."""

from __future__ import annotations

import re

from tests.page import deeds
from tests.page.house import Place
from tests.page.test_every_cause import plain, someone
from tests.world import connection


def _two_look_alikes(place: Place) -> None:
    deeds.synced(
        connection(1, "golden gate printing, inc."),
        connection(2, "GARTNER INC"),
        connection(3, "Gartner Inc."),
    )(place)


def _vendors(place: Place) -> list[str]:
    return [one["DisplayName"] for one in place.world.books("Vendor")]


def test_all_of_a_cause_are_created_with_one_press(place: Place) -> None:
    _two_look_alikes(place)
    person = someone(place)
    person.go("/issues")

    said = person.press("Create each as new", which="all")

    assert "2 records decided. Created as new." in said
    deeds.work(place)
    assert {"golden gate printing, inc.", "Gartner Inc."} <= set(_vendors(place))
    assert "No issues" in person.go("/issues")


def test_only_those_ticked_are_decided(place: Place) -> None:
    _two_look_alikes(place)
    person = someone(place)
    assert "Same as GARTNER INC" in plain(person.go("/issues"))
    assert person.answer is not None
    boxes = re.findall(r'name="item" value="(\d+)" aria-label="([^"]*)"', person.answer.text)
    (item,) = [number for number, label in boxes if "Gartner Inc." in label]

    said = person.press("Link each to its first", which="ticked", item=item)

    assert "1 record decided. Linked to the suggestion." in said
    deeds.work(place)
    assert "Gartner Inc." not in _vendors(place)
    assert "golden gate printing" in person.go("/issues")


def test_nothing_ticked_decides_nothing(place: Place) -> None:
    _two_look_alikes(place)
    person = someone(place)
    person.go("/issues")

    assert "No records were selected." in person.press("Create each as new", which="ticked")
    deeds.work(place)
    assert "Gartner Inc." not in _vendors(place)


def test_leaving_many_out_is_taken_back_at_once(place: Place) -> None:
    _two_look_alikes(place)
    person = someone(place)
    person.go("/issues")

    said = person.press("Leave them out", which="all", value="Not ours.")

    assert "2 records decided. Left out." in said
    assert "Undone for 2 records" in person.press("Undo")
    deeds.work(place)
    assert "look" in person.go("/issues")


def test_without_a_reason_nothing_is_left_out_and_the_page_says_why(place: Place) -> None:
    _two_look_alikes(place)
    person = someone(place)
    person.go("/issues")

    said = person.press("Leave them out", which="all")

    assert "Not decided for 2 records" in said
    assert "say why it is left out" in said
