"""A duplicate in QuickBooks is shown, and one button has it removed."""

from __future__ import annotations

from datetime import timedelta

from tests.page import deeds
from tests.page.forms import Person
from tests.page.house import Place
from tests.world import World, connection, payable


def once_too_often(place: Place) -> World:
    """Duplicate a bill in QuickBooks, then reconcile."""
    deeds.synced(connection(1, "Acme Paper"), payable(1), payable(2))(place)
    deeds.copied(place.world)
    deeds.compared(place)
    return place.world


def test_a_copy_is_shown_wherever_somebody_looks_and_removed_by_one_button(place: Place) -> None:
    world = once_too_often(place)
    person = Person(place.visitor("bookkeeper"), place.page)
    assert "1 document is duplicated in QuickBooks" in person.go("/issues")
    assert "1 document is duplicated in QuickBooks" in person.go("")
    words = person.follow("Review and remove the copies")
    assert "It is in QuickBooks 2 times." in words

    words = person.press("Remove the copy")
    assert "1 copy is being removed, unless it was paid or changed." in words
    assert "1 copy will be removed in the next sync." in words
    deeds.work(place)

    assert len(world.numbered("INV-1")) == 1
    assert "A new comparison is running" in person.go("/compare")
    world.house.clock.sleep(timedelta(minutes=6).total_seconds())
    place.look()
    assert "Equal to the cent" in person.go("/compare")
    assert "duplicated" not in person.go("") + person.go("/issues")


def test_who_may_only_look_sees_the_copy_and_no_button(place: Place) -> None:
    once_too_often(place)
    person = Person(place.visitor("viewer"), place.page)

    assert "1 document is duplicated in QuickBooks" in person.go("/compare")
    assert person.answer is not None
    assert "Remove the copy" not in person.answer.text
    assert "Compare now" not in person.answer.text


def test_what_differs_is_told_with_both_amounts_and_where_to_see_it(place: Place) -> None:
    deeds.then(deeds.dearer_there)(place)
    person = Person(place.visitor("viewer"), place.page)
    assert "Not compared yet" in person.go("/compare")

    deeds.compared(place)

    words = person.go("/compare")
    assert "1 document differs" in words
    assert "$120.00" in words
    assert "No. " in words
