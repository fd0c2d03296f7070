"""Numbers that are taken: by another party, by a voided document, or by an existing one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import PayableStatus, Role
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting.progress import Item, Tally
from cleo_accounting.store import audit
from tests.world import BUSINESS, World, connection, payable


def _invoices(here: World, number: str) -> list[float]:
    """Return the totals of the invoices with a number, including voided ones."""
    return sorted(one["TotalAmt"] for one in here.numbered(number, "Invoice"))


def test_the_number_of_a_voided_invoice_may_be_used_again(here: World) -> None:
    here.feed(connection(1, "One"), payable(1, number="1001", role=Role.PAYEE))
    here.sync()
    here.feed(payable(1, number="1001", role=Role.PAYEE, status=PayableStatus.CANCELLED))
    here.feed(payable(2, 7_500, number="1001", role=Role.PAYEE))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(created=1, updated=1, unchanged=1)
    assert _invoices(here, "1001") == [0, 75]


def test_a_voided_invoice_that_is_wanted_again_is_written_anew(here: World) -> None:
    here.feed(connection(1, "One"), payable(1, role=Role.PAYEE))
    here.sync()
    here.feed(payable(1, role=Role.PAYEE, status=PayableStatus.CANCELLED))
    here.sync()
    here.feed(payable(1, role=Role.PAYEE))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(created=1, unchanged=1)
    assert _invoices(here, "INV-1") == [0, 100]


@pytest.mark.parametrize("number", ["HAND-1", "INV-1"])
def test_a_number_that_people_gave_to_two_is_no_reason_not_to_update_either(
    here: World, number: str
) -> None:
    """Found by the simulation, seeds 43346 and 54429: QuickBooks lets people repeat a number."""
    here.feed(connection(1, "One"), payable(1), payable(2))
    here.sync()
    for bill in here.ours():
        here.intuit.company.update("Bill", bill["Id"], {"DocNumber": number})
    here.feed(payable(1, 1_100), payable(2, 2_200))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(updated=2)
    bills = [(one["DocNumber"], one["TotalAmt"]) for one in here.ours()]
    assert sorted(bills) == [(number, 11), (number, 22)]


def _typed_by_hand(here: World, number: str = "INV-1") -> None:
    """Enter a bill of the vendor in QuickBooks, as a person, before ours is sent."""
    here.feed(connection(1, "One"))
    here.sync()
    _type(here, number)


def _type(here: World, number: str = "INV-1") -> None:
    typed = {"VendorRef": {"value": here.vendor()}, "DocNumber": number, "Line": [here.booked(80)]}
    here.intuit.company.create("Bill", typed)


def _waiting(here: World) -> Item:
    """Sync, and return the bill that waits because another one has its number."""
    (item,) = here.sync().errors
    assert item.code in ("possible_duplicate", "duplicate_number")
    return item


def _decide(here: World, item: Item, verdict: str, value: str = "") -> None:
    house, one = here.house, here.integration_id
    choose.decide_item(house, BUSINESS, one, item.id, verdict, value, "user:jane")


def _ours(here: World) -> tuple[str, float, str]:
    (bill,) = here.ours()
    return bill["DocNumber"], bill["TotalAmt"], bill["PrivateNote"].splitlines()[-1]


def test_a_document_whose_number_is_taken_is_sent_once_with_another(here: World) -> None:
    here.feed(connection(1, "One"), payable(1))
    here.sync("vendors")
    (item,) = here.sync_meanwhile(lambda: _type(here)).errors
    assert item.code == "duplicate_number"
    assert item.facts["number"] == "INV-1"
    assert item.facts["proposed"] == "INV-1-2"
    assert "“INV-1-2”" in (item.fix or "")

    _decide(here, item, "number_as", " INV-1-2 ")

    assert here.sync().tallies["invoices"].created == 1
    assert _ours(here) == ("INV-1-2", 100, "CleoPay:pay_1")
    assert here.sync().tallies["invoices"] == Tally(unchanged=1)
    here.feed(payable(1, memo="changed here"))
    assert here.sync().tallies["invoices"].updated == 1
    assert _ours(here) == ("INV-1-2", 100, "CleoPay:pay_1")


def test_the_number_outlives_a_dispute_about_something_else(here: World) -> None:
    _typed_by_hand(here)
    here.feed(payable(1))
    _decide(here, _waiting(here), "number_as", "INV-1-2")
    here.sync()
    (bill,) = here.ours()
    note = {"PrivateNote": f"theirs\n{bill['PrivateNote']}"}
    here.intuit.company.update("Bill", bill["Id"], note)
    here.feed(payable(1, memo="ours"))
    (disputed,) = here.sync().errors
    _decide(here, disputed, "send_ours")

    assert here.sync().state == "succeeded"

    assert _ours(here) == ("INV-1-2", 100, "CleoPay:pay_1")
    assert here.ours()[0]["PrivateNote"].startswith("ours")


def test_what_is_proposed_is_no_number_that_somebody_else_is_known_to_have(here: World) -> None:
    _typed_by_hand(here)
    here.feed(connection(2, "Two"), payable(2, to=2, number="INV-1-2"))
    here.sync()
    here.feed(payable(1), payable(3, number="INV-1"), payable(4, 0, number="INV-1-3"))

    told = here.sync()

    taken = [one for one in told.errors if one.code == "possible_duplicate"]
    assert [one.facts["proposed"] for one in taken] == ["INV-1-4", "INV-1-5"]


def test_a_number_that_is_taken_too_is_asked_about_again(here: World) -> None:
    _typed_by_hand(here)
    _typed_by_hand(here, "INV-1-2")
    here.feed(payable(1))
    _decide(here, _waiting(here), "number_as", "INV-1-2")

    item = _waiting(here)

    assert item.label == "INV-1"
    assert ([one.number for one in item.twins], item.facts["proposed"]) == (["INV-1-2"], "INV-1-3")
    _decide(here, item, "number_as", "INV-1-3")
    here.sync()
    assert _ours(here) == ("INV-1-3", 100, "CleoPay:pay_1")


def test_a_number_corrected_in_cleo_pay_is_sent_instead(here: World) -> None:
    _typed_by_hand(here)
    here.feed(payable(1))
    _decide(here, _waiting(here), "number_as", "INV-1-2")
    here.sync()
    here.feed(payable(1, number="INV-7"))

    here.sync()

    assert _ours(here) == ("INV-7", 100, "CleoPay:pay_1")


def test_a_word_said_of_a_number_that_was_corrected_meanwhile_does_not_count(here: World) -> None:
    _typed_by_hand(here)
    here.feed(payable(1))
    item = _waiting(here)
    here.feed(payable(1, number="INV-7"))
    _decide(here, item, "number_as", "INV-1-2")

    here.sync()

    assert _ours(here) == ("INV-7", 100, "CleoPay:pay_1")


def test_a_number_is_taken_back_with_every_other_word(here: World) -> None:
    _typed_by_hand(here)
    here.feed(payable(1))
    item = _waiting(here)
    _decide(here, item, "leave_out", "Entered by hand.")
    _decide(here, item, "number_as", "INV-1-2")
    words, _ = choose.decided(here.house, BUSINESS, here.integration_id, limit=9, offset=0)
    assert [word.verdict for _, _, word in words] == ["number_as", "another_one"]

    _decide(here, item, "bring_back")

    assert choose.decided(here.house, BUSINESS, here.integration_id, limit=9, offset=0)[1] == 0
    assert _waiting(here).facts["number"] == "INV-1"
    assert not here.ours()


@pytest.mark.both
def test_who_gave_it_which_number_instead_of_which_is_in_the_audit(here: World) -> None:
    _typed_by_hand(here)
    here.feed(payable(1))
    _decide(here, _waiting(here), "number_as", "INV-1-2")

    with here.house.database.reading() as tx:
        entry = audit.about(tx, BUSINESS, "pay_1", limit=9)[0]

    assert (entry.what, entry.by, entry.subject) == ("decided", "user:jane", "pay_1")
    assert (
        json.loads(entry.facts).items()
        >= {"decision": "number_as", "value": "INV-1-2", "instead_of": "INV-1"}.items()
    )


@pytest.mark.parametrize("value", ["", "INV\u202e-2", "INV-1", " INV-1 ", "9" * 22])
def test_a_number_that_does_not_do_is_refused(here: World, value: str) -> None:
    here.feed(connection(1, "One"), payable(1))
    house, one, bill = here.house, here.integration_id, RemoteKind.BILL

    with pytest.raises(Invalid) as told:
        choose.decide(house, BUSINESS, one, bill, "pay_1", "number_as", value, "user:jane")

    assert [flaw.field for flaw in told.value.flaws] == ["value"]


def test_only_documents_have_numbers(here: World) -> None:
    here.feed(connection(1, "One"))
    house, one, vendor = here.house, here.integration_id, RemoteKind.VENDOR

    with pytest.raises(Invalid, match="not possible"):
        choose.decide(house, BUSINESS, one, vendor, "conn_1", "number_as", "7", "user:jane")


def test_a_number_of_markup_and_quotes_is_written_as_it_is(here: World) -> None:
    _typed_by_hand(here)
    here.feed(payable(1))
    _decide(here, _waiting(here), "number_as", "<b>'\\\"&=1</b>é")

    here.sync()

    assert _ours(here) == ("<b>'\\\"&=1</b>é", 100, "CleoPay:pay_1")


@pytest.mark.both
def test_a_number_that_our_own_late_bill_has_is_ours_also_before_a_list_shows_it(
    here: World,
) -> None:
    """Found by the simulation, seed 38691: a person was told to use another number."""
    here.feed(connection(1, "One"))
    here.sync()
    here.feed(payable(1))
    here.intuit.emulator.turn(requestid="ignored", query_lag_seconds=120)
    here.intuit.emulator.add_fault("late_commit", seconds=299, times=1, path="*/batch")

    told = here.sync("invoices")

    assert told.tallies["invoices"] == Tally(created=1)
    assert _ours(here) == ("INV-1", 100, "CleoPay:pay_1")


@pytest.mark.parametrize("lag", [60, 100_000])
def test_a_number_that_is_said_to_be_taken_once_more_is_taken_whoever_has_it(
    here: World, lag: float
) -> None:
    _typed_by_hand(here)
    here.intuit.emulator.turn(query_lag_seconds=lag)
    here.feed(payable(1))

    assert _waiting(here).facts["number"] == "INV-1"
    assert not here.ours()


def test_a_number_of_two_vendors_is_not_sent_more_often_than_anything_else(here: World) -> None:
    """Found by the simulation: four batches were lost, and the fifth met the other's number."""
    here.intuit.emulator.turn(duplicate_numbers="refused")
    here.feed(connection(1, "One"), connection(2, "Two"), payable(1, number="1001"))
    here.sync()
    here.feed(replace(payable(2, number="1001"), connection_id="conn_2"))
    here.sync("vendors")
    here.intuit.emulator.add_fault("drop_before_commit", times=4, path="*/batch")

    (item,) = here.sync().errors

    assert (item.code, item.attempts) == ("unanswered", 5)
    assert [item.code for item in here.sync().errors] == []
    assert len(here.numbered("1001")) == 2
