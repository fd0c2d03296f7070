"""Failures that others reported, by number; none of them may happen here.

Failures with payments (4, 21, 22) are in `test_paid.py`. Number 25, a webhook of another shape,
has no test: the service takes no webhooks, it polls.
"""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest

from cleo_accounting.core.records import PayableStatus
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Conflict
from cleo_accounting.flows.reporting.progress import status
from cleo_accounting.flows.reporting.reconcile import reconcile
from cleo_accounting.flows.run import sync
from quickbooks_emulator.testing import Intuit
from tests.world import World, connection, payable

_SLOW = ["vendors", "invoices"]


def _marks(here: World) -> Counter[str]:
    return Counter(one["PrivateNote"].split()[-1] for one in here.ours())


def _tokens_asked(intuit: Intuit) -> int:
    entries = intuit.emulator.journal.requests()
    return sum(b"refresh_token" in one.request.body for one in entries if one.request)


def _batches(here: World) -> list[dict[str, str]]:
    return [
        dict(one.request.query)
        for one in here.intuit.emulator.journal.requests()
        if one.request and one.request.path.endswith("/batch")
    ]


def test_story_1_many_syncs_make_one_copy_of_each_bill(here: World) -> None:
    here.feed(connection(1), *[payable(n) for n in range(5)])
    for _ in range(4):
        here.sync()

    assert set(_marks(here).values()) == {1}


def test_story_2_businesses_that_sync_at_once_write_into_their_own_books_only(here: World) -> None:
    other = replace(here.intuit, company=here.intuit.emulator.add_company(name="The other's"))
    there = World(here.house, other, business_id="biz_two")
    there.open_for_business()
    here.feed(connection(1), *[payable(n) for n in range(5)])
    there.feed(connection(1), *[payable(n) for n in range(5, 9)])
    runs = [
        sync.request(one.house, one.integration, _SLOW, trigger=Trigger.PAGE, by="t").id
        for one in (here, there)
    ]
    with ThreadPoolExecutor() as pool:
        list(pool.map(here.work, runs))

    assert set(_marks(here)) == {f"CleoPay:pay_{n}" for n in range(5)}
    assert set(_marks(there)) == {f"CleoPay:pay_{n}" for n in range(5, 9)}
    companies = {
        entry.request.path.split("/")[3]
        for entry in here.intuit.emulator.journal.requests()
        if entry.request and entry.request.path.startswith("/v3/company/")
    }
    assert companies == {here.intuit.realm_id, other.realm_id}


@pytest.mark.parametrize("kind", ["timeout_after_commit", "drop_after_commit"])
def test_stories_3_and_6_a_lost_answer_is_looked_into_even_if_the_request_id_means_nothing(
    here: World, kind: str
) -> None:
    here.intuit.emulator.turn(requestid="ignored", duplicate_numbers="allowed")
    here.feed(connection(1))
    here.sync("vendors")
    here.feed(*[payable(n) for n in range(3)])
    here.intuit.emulator.add_fault(kind, path="*/batch")

    assert here.sync().state == "succeeded"
    assert set(_marks(here).values()) == {1}


def test_story_5_a_write_whose_token_was_refused_goes_again_under_the_same_id(here: World) -> None:
    here.feed(connection(1))
    here.sync("vendors")
    before = len(_batches(here))
    here.intuit.emulator.add_fault("error_before_commit", status=401, path="*/batch")
    here.feed(payable(1))

    assert here.sync().state == "succeeded"
    asked = [one["requestid"] for one in _batches(here)[before:]]
    assert len(asked) == 2, asked
    assert len(set(asked)) == 1


def test_story_7_a_rotation_whose_answer_was_lost_ends_in_a_word_and_nothing_is_lost(
    here: World,
) -> None:
    here.intuit.emulator.turn(same_day_refresh="new_value")
    here.feed(connection(1), payable(1))
    here.intuit.emulator.advance(3600)
    here.intuit.emulator.add_fault("drop_after_commit", path="*/tokens/bearer")

    told = here.sync()

    assert told.run is not None
    assert told.run.code == "needs_reconnect"
    here.connect()
    assert here.sync().state == "succeeded"
    assert here.numbered("INV-1")


def test_story_8_one_refusal_out_of_the_blue_does_not_end_a_connection(here: World) -> None:
    here.feed(connection(1), payable(1))
    here.intuit.emulator.advance(3600)
    here.intuit.emulator.add_fault("invalid_grant", path="*/tokens/bearer")

    assert here.sync().state == "succeeded"
    assert _tokens_asked(here.intuit) == 2


@pytest.mark.parametrize("kind", ["truncated_body", "html_page", "empty_body"])
def test_story_9_an_answer_that_is_no_grant_is_not_kept_as_one(here: World, kind: str) -> None:
    here.feed(connection(1), payable(1))
    here.intuit.emulator.advance(3600)
    here.intuit.emulator.add_fault(kind, path="*/tokens/bearer")

    assert here.sync().state == "succeeded"


def test_story_10_another_business_cannot_take_a_company_that_is_connected(here: World) -> None:
    here.business_id = "biz_other"
    with pytest.raises(Conflict):
        here.connect()
    here.business_id = "biz_one"
    here.feed(connection(1))

    assert here.sync().state == "succeeded"


def test_story_11_a_run_that_waits_says_so_and_until_when(here: World) -> None:
    here.feed(connection(1))
    here.intuit.emulator.add_fault("throttled", times=None, path="/v3/*")
    run = sync.request(here.house, here.integration, _SLOW, trigger=Trigger.PAGE, by="t")
    sync.advance(here.house, run.id)

    told = status(here.house, here.business_id, here.integration_id).run
    assert told is not None
    assert told.state == "waiting"
    assert told.waiting_until is not None
    assert told.waiting_until > here.house.clock.now()


def test_story_12_when_intuit_shuts_the_app_out_it_is_said_and_all_of_it_waits(here: World) -> None:
    here.feed(connection(1), payable(1))
    here.sync()
    here.feed(payable(2))
    shut = here.intuit.emulator.add_fault(
        "error_before_commit", status=403, path="/v3/*", times=None
    )

    run = sync.request(here.house, here.integration, _SLOW, trigger=Trigger.PAGE, by="t")
    for _ in range(10):  # it keeps trying
        assert not sync.advance(here.house, run.id).done
        here.house.clock.sleep(timedelta(hours=1).total_seconds())

    told = status(here.house, here.business_id, here.integration_id).run
    assert told is not None
    assert (told.state, told.code) == ("waiting", "upstream_unavailable")
    here.intuit.emulator.faults.remove(shut)
    here.work(run.id)
    assert status(here.house, here.business_id, here.integration_id).state == "succeeded"
    assert set(_marks(here).values()) == {1}
    assert here.numbered("INV-2")


def test_story_13_lists_are_read_to_their_end(here: World) -> None:
    with here.intuit.company.silence():
        for n in range(1100):
            here.intuit.company.create("Vendor", {"DisplayName": f"Theirs {n:04}"})
    here.connect()
    here.feed(connection(1, "Theirs 0003"), connection(2, "Theirs 1099"))

    assert here.sync("vendors").tallies["vendors"].linked == 2


@pytest.mark.parametrize("kind", ["empty_body", "truncated_body"])
def test_story_14_a_batch_that_was_done_and_answered_with_nothing_is_found(
    here: World, kind: str
) -> None:
    here.feed(connection(1))
    here.sync("vendors")
    here.feed(*[payable(n) for n in range(3)])
    here.intuit.emulator.add_fault(kind, path="*/batch")

    assert here.sync().state == "succeeded"
    assert set(_marks(here).values()) == {1}


@pytest.mark.parametrize("name", ["O'Brien", "Back\\", "“Curly” – Co", "50% off_"])
def test_story_15_names_that_break_questions_are_found_again(here: World, name: str) -> None:
    here.feed(connection(1, name))
    here.intuit.emulator.add_fault("drop_after_commit", path="*/batch")

    assert here.sync("vendors").state == "succeeded"
    assert len([one for one in here.books("Vendor") if one["DisplayName"] == name]) == 1


def test_story_16_a_name_that_somebody_else_has_is_proposed_never_taken(here: World) -> None:
    here.intuit.company.create("Customer", {"DisplayName": "Bridge"})
    here.feed(connection(1, "Bridge"))

    (error,) = here.sync("vendors").errors
    assert error.code == "name_taken"
    assert "Bridge (Vendor)" in str(error.fix)


def test_story_17_an_update_erases_nothing_that_it_does_not_name(here: World) -> None:
    here.feed(connection(1), payable(1))
    here.sync()
    (bill,) = here.numbered("INV-1")
    term = here.intuit.company.create("Term", {"Name": "Net 99", "DueDays": 99})
    here.intuit.company.update("Bill", bill["Id"], {"SalesTermRef": {"value": term["Id"]}})
    here.feed(payable(1, 12_00))
    here.sync()

    (after,) = here.numbered("INV-1")
    assert (after["TotalAmt"], after["SalesTermRef"]["value"]) == (12, term["Id"])


def test_story_18_a_stale_version_is_read_again_and_both_changes_stand(here: World) -> None:
    here.feed(connection(1), payable(1, due_on=date(2026, 2, 1)))
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.intuit.company.update("Bill", bill["Id"], {"DueDate": "2026-03-01"})
    here.feed(payable(1, 12_00, due_on=date(2026, 2, 1)))

    assert here.sync().state == "succeeded"
    (after,) = here.numbered("INV-1")
    assert (after["TotalAmt"], after["DueDate"]) == (12, "2026-03-01")


def test_story_19_what_somebody_deleted_there_is_missing_in_the_reconciliation(
    here: World,
) -> None:
    here.feed(connection(1), payable(1))
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.intuit.company.delete("Bill", bill["Id"])

    bills = reconcile(here.house, here.business_id, here.integration_id)[0]
    assert [(one.finding, one.record_id) for one in bills.discrepancies] == [("missing", "pay_1")]


def test_story_20_a_void_is_seen_as_one(here: World) -> None:
    from cleo_accounting.core.records import Role  # noqa: PLC0415  only here

    here.feed(connection(1), payable(1, role=Role.PAYEE))
    here.sync()
    (invoice,) = here.numbered("INV-1", "Invoice")
    here.intuit.company.void("Invoice", invoice["Id"])
    here.feed(payable(1, 20_00, role=Role.PAYEE))

    (error,) = here.sync().errors
    assert error.code == "deleted_there"


def test_story_22_a_closed_period_is_said_and_nothing_is_written_into_it(here: World) -> None:
    here.feed(connection(1))
    here.sync()
    here.intuit.company.close_books("2026-01-31")
    here.feed(payable(1))

    (error,) = here.sync().errors
    assert error.code == "books_closed"
    assert not here.numbered("INV-1")


def test_story_23_another_currency_waits_and_approving_again_writes_nothing_twice(
    here: World,
) -> None:
    here.feed(connection(1), payable(1, currency="EUR"), payable(2))
    (error,) = here.sync().errors
    here.feed(payable(2, status=PayableStatus.SUBMITTED))
    here.sync()
    here.feed(payable(2))
    here.sync()

    assert error.code == "currency_differs"
    assert len(here.numbered("INV-2")) == 1


def test_story_24_no_batch_is_larger_than_thirty_and_no_id_longer_than_fifty(here: World) -> None:
    here.feed(connection(1), *[payable(n) for n in range(65)])
    here.sync()
    here.house.clock.sleep(timedelta(minutes=1).total_seconds())

    sizes = []
    for entry in here.intuit.emulator.journal.requests():
        if entry.request and entry.request.path.endswith("/batch"):
            items = json.loads(entry.request.body)["BatchItemRequest"]
            key = dict(entry.request.query)["requestid"]
            sizes.append(len(items))
            assert all(len(key) + len(item["bId"]) <= 50 for item in items)
    assert len(here.ours()) == 65
    assert max(sizes) == 30
