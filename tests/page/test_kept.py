"""A form sent after the session has ended is kept on the page, and can be sent after signing in."""

from __future__ import annotations

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.flows.admin.session import LIFE
from cleo_accounting.store import decisions
from tests.page import deeds
from tests.page.forms import Person
from tests.page.house import Place, come_in
from tests.world import connection, payable

REASON = 'Entered by hand, see "cheque 14" <b>\nand the receipt'
BILL = deeds.mark(("bill", "pay_1"))


def typing(place: Place) -> Person:
    """Return a person who has an issue open that they can leave out."""
    world = deeds.ready(place)
    world.feed(connection(1, "Acme Paper"), payable(1, lines=(("Paper", "1", "99.00"),)))
    world.sync()
    person = Person(place.visitor("bookkeeper"), place.page)
    person.go("/issues")
    return person


def word(place: Place) -> str | None:
    world = place.world
    with world.house.database.reading() as tx:
        found = decisions.verdicts_of(tx, world.integration_id, RemoteKind.BILL).get("pay_1")
    return found.value if found else None


def test_what_was_typed_is_kept_and_sent_after_coming_back(place: Place) -> None:
    person = typing(place)
    place.world.house.clock.sleep(LIFE.total_seconds())

    ended = person.press("Leave out", BILL, value=REASON)

    assert person.answer is not None
    assert person.answer.status_code == 401
    assert "Your session has ended" in ended
    assert "and the receipt" in ended
    assert word(place) is None

    come_in(person.client, place.link("bookkeeper"))  # in another tab
    asked = person.press("Send again")

    assert "Send it again?" in asked
    assert word(place) is None  # not before the person has reviewed it

    done = person.press("Send again")

    assert "Left out." in done
    assert word(place) == REASON


def test_who_comes_back_with_less_rights_cannot_send_it(place: Place) -> None:
    person = typing(place)
    place.world.house.clock.sleep(LIFE.total_seconds())
    person.press("Leave out", BILL, value=REASON)

    come_in(person.client, place.link("viewer"))
    person.press("Send again")
    refused = person.press("Send again")

    assert "You can view this page" in refused
    assert word(place) is None


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {}])
def test_what_another_site_sends_is_not_shown_as_if_it_were_typed(
    place: Place, headers: dict[str, str]
) -> None:
    person = typing(place)
    place.world.house.clock.sleep(LIFE.total_seconds())

    answer = person.client.post(
        f"{place.page}/issues/decide", data={"value": "planted"}, headers=headers
    )

    assert answer.status_code == 403
    assert "planted" not in answer.text
