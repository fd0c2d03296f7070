"""What the page promises a finance person in each state, checked without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import httpx2
import pytest

from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.run import sync
from tests.page import states
from tests.page.forms import Person
from tests.page.house import Place
from tests.page.test_states import VIEWS
from tests.world import BUSINESS, connection, payable

Looked = Callable[[str], Place]


def person(place: Place, role: str = "admin", **more: str) -> Person:
    """Return a signed-in person who has the overview open."""
    one = Person(place.visitor(role, **more), f"/businesses/{BUSINESS}/accounting")
    one.open()
    return one


def html(one: Person) -> str:
    """Return the HTML of the current page."""
    assert one.answer is not None
    return one.answer.text


def saved(one: Person, note: str, **more: str) -> httpx2.Response:
    """Save the open fields with another note and return the response, whatever its status."""
    kept = dict(re.findall(r'type="hidden" name="(token|version)" value="([^"]*)"', html(one)))
    return one.client.post(
        f"{one.page}/mapping/fields",
        data={**kept, "act": "save", "memo_template": note, **more},
        headers={"sec-fetch-site": "same-origin"},
    )


def test_who_cannot_connect_sees_who_can_and_a_message_to_copy(looked_at: Looked) -> None:
    one = person(looked_at("not_connected"), "bookkeeper")

    assert "Only an administrator can do this." in one.words()
    assert "Please connect QuickBooks for us" in one.words()
    assert "/connect" not in html(one)


def test_a_company_is_told_apart_before_anything_is_written(looked_at: Looked) -> None:
    place = looked_at("confirm_company")
    words = person(place).words()

    for fact in ("Company", "Country US", "Currency USD", "Books closed through not closed"):
        assert fact in words
    assert f"ends in {place.world.integration.company_id[-4:]}" in words
    assert "Nothing is written to QuickBooks until you have reviewed a preview" in words


def test_whoever_reconnects_is_told_how_many_wait_and_that_they_go_on(looked_at: Looked) -> None:
    words = person(looked_at("needs_reconnect")).words()

    assert "6 waiting items will continue" in words
    assert "Mappings and history are kept" in words


def test_after_disconnecting_it_says_when_who_and_what_stays(looked_at: Looked) -> None:
    words = person(looked_at("disconnected")).words()

    assert "jane@harbor.example disconnected" in words.replace("\u2068", "").replace("\u2069", "")
    assert "3 h ago (12:05 PM EST)" in words
    assert "Everything that was sent stays in QuickBooks" in words


def test_nothing_is_sent_before_a_preview_or_a_word(place: Place) -> None:
    states.setup_needed(place)
    place.world.house.clock.sleep(25 * 3600)  # the existing preview is too old by then
    one = person(place)
    sent = {"token": re.findall(r'name="token" value="([0-9a-f]{40})"', html(one))[0]}
    here = {"sec-fetch-site": "same-origin"}

    refused = one.client.post(f"{one.page}/sync", data=sent, headers=here)
    assert refused.status_code == 409
    assert "Review the preview before the first sync" in refused.text
    taken = one.client.post(f"{one.page}/sync", data={**sent, "skip_preview": "yes"}, headers=here)

    assert taken.status_code == 200
    assert "Getting ready to send" in taken.text


def test_look_alikes_are_listed_before_anything_is_sent(place: Place) -> None:
    states.confirm_company(place)
    world = place.world
    world.feed(connection(14, world.books("Vendor")[0]["DisplayName"].upper() + ", Inc."))
    world.sync(dry_run=True)

    words = person(place).open(f"/businesses/{BUSINESS}/accounting/preview?part=look")

    assert "ALAMEDA OFFICE SUPPLY, Inc." in words
    assert "is similar to" in words
    assert len(world.books("Bill")) == 0


def test_whoever_leaves_the_page_is_told_that_sending_goes_on(looked_at: Looked) -> None:
    words = person(looked_at("syncing")).words()

    assert "Sending 480 of 582" in words
    assert "You can leave this page; the sync continues." in words


def test_a_partial_failure_is_never_green_and_says_how_many_and_how_much(looked_at: Looked) -> None:
    one = person(looked_at("partial"))

    assert 'class="hero attention"' in html(one)
    assert "54 sent · 6 need attention" in one.words()
    assert "$1,784.75 in 4 documents is on hold" in one.words()


def test_each_issue_says_why_what_follows_what_mends_it_and_whom_to_ask(looked_at: Looked) -> None:
    one = person(looked_at("partial"))
    one.go("/issues")
    articles = re.findall(r"(?s)<article.*?</article>", html(one))

    assert len(articles) == 6
    for article in articles:
        assert re.search(r"QuickBooks yet\.|wait until this is resolved\.", article), article
        assert "<button" in article
        assert "Support id" in article
        assert re.search(r"<code data-copy>[^<]+/\d+</code>", article), article
        assert "First seen" in article


def test_one_is_tried_again_left_out_with_a_reason_and_brought_back(place: Place) -> None:
    states.partial(place)
    one = person(place)
    one.go("/issues")

    words = one.press("Try again", "INV-2052")
    assert "Retrying" in words
    place.world.sync()
    one.go("/issues")
    words = one.press("Leave out", "INV-2052", value="Entered by hand.")
    assert "Left out" in words
    words = one.press("Undo")
    place.world.sync()

    assert "INV-2052" in one.go("/issues")
    assert "Entered by hand." not in one.words()


def test_all_of_one_cause_are_tried_again_at_once(place: Place) -> None:
    states.partial(place)
    one = person(place)
    one.go("/issues")

    words = one.press("Try all 2 again")

    assert "Retrying" in words


def test_what_was_tried_twice_shows_both_times(place: Place) -> None:
    states.partial(place)
    place.world.house.clock.sleep(600)
    place.world.sync()

    one = person(place)
    one.go("/activity/bill/pay_52")

    moments = re.findall(r'<time datetime="([^"]+)"', html(one))
    assert len(set(moments)) >= 2, moments
    assert html(one).count('/issues#lines_differ">See it under Issues</a>') == 1
    assert 'id="lines_differ"' in place.visitor().get(f"{place.page}/issues").text


def test_what_is_in_doubt_is_being_checked_and_nobody_is_asked_to_send_it_again(
    place: Place,
) -> None:
    states.preview(place)
    world = place.world
    run = sync.request(
        world.house, world.integration, states.ALL, trigger=Trigger.PAGE, by="user:x"
    ).id
    world.intuit.emulator.add_fault("drop_after_commit", path="/v3/*/batch", times=1)
    for _ in range(50):
        sync.advance(world.house, run)
        one = person(place)
        if "Being checked" in one.go("/activity"):
            break

    assert "Being checked" in one.words()
    assert "Try again" not in one.go("/issues")


def test_the_number_to_settle_is_the_same_everywhere(looked_at: Looked) -> None:
    one = person(looked_at("setup_needed"))
    title = re.search(r"<h1[^>]*>(\d+) steps to finish setup", html(one))
    badge = re.search(r'data-badge="mapping">(\d+)', html(one))
    one.go("/mapping/vendors")
    window = re.search(r"<title>\((\d+)\) Mapping", html(one))

    assert title
    assert badge
    assert window
    assert title[1] == badge[1] == window[1] == "3"


def test_of_two_who_save_the_second_is_told_who_changed_what(place: Place) -> None:
    states.preview(place)
    first, second = person(place, user="kim@harbor.example"), person(place)
    for one in (first, second):
        one.go("/mapping/fields")

    assert saved(first, "Kim: {memo}").status_code == 200
    refused = saved(second, "Jane: {memo}")

    assert refused.status_code == 409
    told = unescape(refused.text)
    assert "kim@harbor.example" in told
    assert "Your choices below are not saved yet" in told
    assert "Jane: {memo}" in told


def test_when_payments_are_recorded_is_chosen_and_taken_back(place: Place) -> None:
    states.preview(place)
    one = person(place)
    one.go("/mapping/fields")
    assert "voided in QuickBooks if it then fails" in one.words()

    saved(one, "{memo}", record_payments="processing", quick_pay="on")
    one.go("/mapping/fields")
    assert '<option value="processing" selected>' in html(one)
    assert "Record payments once they are:" in one.words()
    assert re.search(r'name="quick_pay" value="on" checked', html(one))
    one.press("Undo last change")

    one.go("/mapping/fields")
    assert '<option value="completed" selected>' in html(one)
    assert not re.search(r'name="quick_pay" value="on" checked', html(one))


def test_a_form_with_a_mistake_says_which_and_keeps_what_was_typed(place: Place) -> None:
    states.preview(place)
    one = person(place)
    one.go("/mapping/fields")

    refused = saved(one, "For {nobody}")

    assert refused.status_code == 422
    told = re.search(r'<textarea id="memo_template"[^>]*>', refused.text)
    assert told
    assert 'aria-invalid="true" aria-describedby="memo_template-wrong" data-focus' in told[0]
    assert 'id="memo_template-wrong">This may only name' in refused.text
    assert ">For {nobody}</textarea>" in refused.text


@pytest.mark.parametrize(
    ("filters", "shown", "hidden"),
    [
        ("search=INV-2051", "INV-2051", "INV-2052"),
        ("outcome=waiting", "INV-2052", "INV-1001"),
        ("kind=vendor", "Northwind Traders", "INV-1001"),
        ("least=1000", "INV-2051", "INV-1001"),
        ("search=Harborview", "CR-17", "INV-2051"),
        ("since=2030-01-01", "No records match these filters", "INV-1001"),
    ],
)
def test_the_activity_is_filtered_by_its_address(
    looked_at: Looked, filters: str, shown: str, hidden: str
) -> None:
    words = person(looked_at("partial")).open(
        f"/businesses/{BUSINESS}/accounting/activity?{filters}"
    )

    assert shown in words
    assert hidden not in words


def test_every_row_has_its_state_in_words_with_a_sign_and_a_time(looked_at: Looked) -> None:
    one = person(looked_at("partial"))
    one.go("/activity")
    body = html(one).rpartition("<tbody>")[2].partition("</tbody>")[0]
    rows = body.split("</tr>")[:-1]

    assert len(rows) > 20
    for row in rows:
        assert re.search(r'(?s)class="state \w+">\s*<svg.*?</svg>\s*\w+', row), row
        assert "<time datetime=" in row


def test_times_are_in_the_persons_zone_and_named(looked_at: Looked) -> None:
    place = looked_at("connected_ok")

    assert "4 min ago (12:01 PM EST)" in person(place).words()
    assert "4 min ago (2:01 AM JST)" in person(place, zone="Asia/Tokyo").words()


def test_money_is_grouped_aligned_and_names_what_is_not_the_home_currency(place: Place) -> None:
    states.preview(place)
    place.world.feed(
        payable(90, 1_234_567_89, to=1, number="BIG"),
        payable(91, -4_500, to=1, number="LESS"),
        payable(92, 5_000, to=1, number="EURO", currency="EUR"),
    )
    place.world.sync()
    one = person(place)
    one.go("/activity")

    cells = re.findall(r'class="money">([^<]+)</td>', html(one))
    assert "$1,234,567.89" in cells
    assert "\u2212$45.00" in cells
    assert "50.00 EUR" in cells


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("/mapping/vendors", "appear here once Cleo Pay sends them"),
        ("/activity", "After the first sync"),
        ("/activity/runs", "Each sync and preview is listed here"),
        ("/issues", "If a record cannot be sent, it appears here"),
        ("/preview", "A preview lists every record that would be created"),
    ],
)
def test_what_is_empty_says_what_will_be_there(place: Place, view: str, said: str) -> None:
    place.world.connect()
    place.look()

    assert said in person(place).go(view)


def test_a_wait_says_until_when_and_asks_nothing(looked_at: Looked) -> None:
    one = person(looked_at("waiting"))

    assert re.search(r"Sending resumes at about \d+:\d\d [AP]M EST", one.words())
    assert "No action is needed" in one.words()
    assert "primary" not in html(one).partition("<main")[2]


def test_a_lost_answer_is_not_told_as_a_wish_of_quickbooks(place: Place) -> None:
    states.in_doubt(place)
    words = person(place).words()

    assert "Checking what QuickBooks received" in words
    assert "before anything is sent again" in words
    assert "slow down" not in words


def test_an_outage_is_told_while_it_lasts_and_no_longer(place: Place) -> None:
    states.upstream_down(place)
    assert "QuickBooks is not responding" in person(place).words()
    place.world.intuit.emulator.act("clear_faults", {})
    run = states.latest(place)

    for _ in range(200):
        progress = sync.advance(place.world.house, run)
        if progress.done:
            break
        place.world.house.clock.sleep(30)

    assert "Up to date" in person(place).words()


def test_every_page_names_whom_to_write_to_and_what_to_name(looked_at: Looked) -> None:
    one = person(looked_at("partial"))
    wrong = ("/mapping/vendors/conn_99999", "/connect/failed")
    for view in ("", *VIEWS, *wrong):
        answer = one.client.get(one.page + view)
        found = re.search(r"subject=Accounting%20([0-9a-f]{32})", answer.text)
        assert found, view
        assert f"<code>{found[1]}</code>" in answer.text, view


def test_our_name_stands_on_every_page_and_no_mark_of_intuit(looked_at: Looked) -> None:
    one = person(looked_at("partial"))
    for view in ("", *VIEWS):
        one.go(view)
        assert "Cleo Pay" in one.words()
        assert set(re.findall(r'<img src="([^"]+)"', html(one))) <= {"/static/mark.svg"}
