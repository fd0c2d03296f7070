"""A document is sent under another number, and that decision is undone, on the page."""

from __future__ import annotations

import pytest

from tests.page import deeds
from tests.page.forms import Person, Read
from tests.page.house import Place


def _someone(place: Place) -> Person:
    deeds.number_refused(place)
    return Person(place.visitor("bookkeeper"), place.page)


def _type(person: Person, number: str) -> str:
    person.go("/issues")
    return person.press("Send with this number", deeds.mark(deeds.BILL), value=number)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (" ", "say which number it gets instead"),
        ("INV-1", "give it another one"),
        ("1" * 22, "longer than the 21 characters"),
        ("INV\u202e-2", "type the number anew"),
    ],
)
def test_a_number_that_does_not_do_is_told_and_nothing_is_sent(
    place: Place, typed: str, said: str
) -> None:
    person = _someone(place)

    person.go("/issues")
    assert person.answer is not None
    page = Read()
    page.feed(person.answer.text)
    (form,) = [one for one in page.forms if one.values.get("decision") == "number_as"]
    assert form.values["value"] == "INV-1-2"
    answer = person.client.post(
        form.action,
        data={**form.values, "value": typed},
        headers={"sec-fetch-site": "same-origin"},
    )

    assert answer.status_code == 422
    assert said in answer.text
    deeds.work(place)
    assert not place.world.ours()


def test_a_number_of_markup_is_text_where_the_decision_is_told(place: Place) -> None:
    person = _someone(place)

    _type(person, "<b>'\"=1</b>")
    deeds.work(place)
    person.go("/issues")

    assert person.answer is not None
    assert "Sent with the number: \u2068<b>'\"=1</b>\u2069" in person.words()
    assert "<b>'" not in person.answer.text
    assert [bill["DocNumber"] for bill in place.world.ours()] == ["<b>'\"=1</b>"]


@pytest.mark.parametrize(
    ("button", "then"),
    [
        ("Undo", "QuickBooks holds a bill that may be the same"),  # undoes `another_one`, too
        ("Use its own number", "The number INV-1 is already used"),
    ],
)
def test_the_number_is_taken_back_by_a_button(place: Place, button: str, then: str) -> None:
    person = _someone(place)
    words = _type(person, "INV-1-2")
    assert "It will be sent with this number." in words
    if button == "Undo":
        person.press(button)
        deeds.work(place)
    else:
        deeds.work(place)
        person.go("/issues")
        person.press(button)
        deeds.sync_now(person)
        deeds.work(place)

    assert then in person.go("/issues")
