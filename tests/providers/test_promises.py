"""Tests that every provider must pass: nothing is written twice, and nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cleo_accounting.core.links import Document, Link, Origin, Party, RemoteKind
from cleo_accounting.core.records import Money
from cleo_accounting.errors import Reconnect
from cleo_accounting.providers import Doubtful, Order, Outcome, Refused, Sought, Written
from tests.providers import world
from tests.providers.world import key, orders, party

if TYPE_CHECKING:
    from tests.providers.sides import QuickBooksSide as Side

BILL, INVOICE, VENDOR, CUSTOMER = (
    RemoteKind.BILL,
    RemoteKind.INVOICE,
    RemoteKind.VENDOR,
    RemoteKind.CUSTOMER,
)


def bill(side: Side, number: str = "1001", **more: Any) -> Document:
    given = {"party_id": side.vendor_id, "account_id": side.account_id, **more}
    return world.bill(number, **given)


def invoice(side: Side, number: str = "1001", **more: Any) -> Document:
    return world.invoice(number, party_id=side.customer_id, item_id=side.item_id, **more)


def sought(document: Document) -> Sought:
    return Sought(
        document.marker,
        marker=document.marker,
        number=document.number,
        party_id=document.party_id,
        dated=document.dated,
    )


def written(outcome: Outcome) -> Written:
    assert isinstance(outcome, Written), outcome
    return outcome


def link(kind: RemoteKind, done: Written) -> Link:
    return Link("record", kind, done.remote_id, done.version, Origin.CREATED)


def create(side: Side, kind: RemoteKind, content: Any) -> Written:
    (outcome,) = side.company.write(orders(side.company, kind, [content]), key=key())
    return written(outcome)


def write(side: Side, kind: RemoteKind, body: str) -> Outcome:
    (outcome,) = side.company.write([Order("1", kind, body, "USD")], key=key())
    return outcome


def test_a_company_says_who_it_is(side: Side) -> None:
    profile = side.company.describe()

    assert profile.name == side.intuit.company.name
    assert (profile.company_id, profile.currency, profile.read_only) == (
        side.intuit.realm_id,
        "USD",
        False,
    )


def test_a_list_is_read_whole_with_its_inactive_entries(side: Side) -> None:
    side.inactivates(VENDOR, side.vendor_id)

    vendors = list(side.company.all(VENDOR))

    assert len({vendor.id for vendor in vendors}) == len(vendors) == side.count(VENDOR)
    assert [vendor.id for vendor in vendors if not vendor.active] == [side.vendor_id]
    assert not any(vendor.name.endswith("(deleted)") for vendor in vendors)


@pytest.mark.parametrize("kind", [BILL, INVOICE])
def test_a_document_is_read_back_as_it_was_written(side: Side, kind: RemoteKind) -> None:
    content = (bill if kind is BILL else invoice)(side, due=date(2026, 2, 4))

    done = create(side, kind, content)

    (remote,) = side.company.read(kind, [done.remote_id]).values()
    read = remote.content
    assert done.total == content.total
    assert (read.party_id, read.number, read.dated, read.due) == (  # type: ignore[union-attr]
        content.party_id,
        content.number,
        content.dated,
        content.due,
    )
    assert isinstance(read, Document)
    lines = tuple(replace(line, id=None, seal=None) for line in read.lines)
    assert (lines, read.total) == (content.lines, content.total)
    assert all(line.id and line.seal for line in read.lines)
    assert (read.note, read.marker) == (content.note, content.marker)  # type: ignore[union-attr]
    assert remote.details["total"] == remote.details["balance"] == str(content.total.decimal)
    assert remote.details["marker"] == content.marker


@pytest.mark.parametrize("kind", [VENDOR, CUSTOMER])
def test_a_party_is_read_back_as_it_was_written(side: Side, kind: RemoteKind) -> None:
    done = create(side, kind, party("Zoë's “Café” & Söhne \\ 100%"))

    (remote,) = side.company.read(kind, [done.remote_id]).values()
    assert remote.content == party("Zoë's “Café” & Söhne \\ 100%")
    assert remote.version == done.version


def test_the_same_batch_under_the_same_key_has_one_effect(side: Side) -> None:
    same = orders(side.company, BILL, [bill(side, str(number)) for number in range(30)])
    under = key()

    first = side.company.write(same, key=under)
    second = side.company.write(same, key=under)

    assert [written(one).remote_id for one in first] == [written(one).remote_id for one in second]
    assert side.count(BILL) == 30


def test_a_refused_neighbour_hurts_nobody_and_outcomes_keep_their_order(side: Side) -> None:
    contents = [bill(side, "1"), bill(side, "2", party_id="99999"), bill(side, "3")]

    first, second, third = side.company.write(orders(side.company, BILL, contents), key=key())

    assert (written(first).name, written(third).name) == ("1", "3")
    assert isinstance(second, Refused)
    assert second.code == "reference_refused"
    assert side.count(BILL) == 2


def test_a_name_that_is_taken_is_refused(side: Side) -> None:
    (vendor,) = side.company.read(VENDOR, [side.vendor_id]).values()

    (outcome,) = side.company.write(
        orders(side.company, CUSTOMER, [Party(vendor.name.upper())]), key=key()
    )

    assert isinstance(outcome, Refused)
    assert outcome.code == "name_taken"


def test_a_number_that_is_taken_is_refused_and_its_owner_named(side: Side) -> None:
    done = create(side, BILL, bill(side, "17"))
    again = bill(side, "17", record_id="pay_other")

    (refused,) = side.company.write(orders(side.company, BILL, [again]), key=key())
    body = side.company.render(BILL, again, allow_duplicate_number=True)
    allowed = write(side, BILL, body)

    assert isinstance(refused, Refused)
    assert (refused.code, refused.existing_id) == ("duplicate_number", done.remote_id)
    assert written(allowed).remote_id != done.remote_id


def test_a_change_touches_our_fields_and_leaves_theirs(side: Side) -> None:
    done = create(side, VENDOR, party("Acme"))
    side.edits(VENDOR, done.remote_id, PrintOnCheckName="Acme Holding", Vendor1099=True)
    (now,) = side.company.read(VENDOR, [done.remote_id]).values()

    body = side.company.render(
        VENDOR,
        Party("Acme Two", email="new@example.com"),
        link=Link("record", VENDOR, now.id, now.version, Origin.CREATED),
    )
    changed = written(write(side, VENDOR, body))

    after = side.intuit.company.get("Vendor", done.remote_id)
    assert after is not None
    assert (after["DisplayName"], after["PrintOnCheckName"]) == ("Acme Two", "Acme Holding")
    assert after["Vendor1099"] is True
    assert changed.version != now.version


def test_a_version_tells_whether_anybody_wrote_since_one_write_of_ours(side: Side) -> None:
    done = create(side, BILL, bill(side))
    body = side.company.render(BILL, bill(side, amount="12.34"), link=link(BILL, done))

    changed = written(write(side, BILL, body))

    assert changed.version == side.company.next_version(done.version)
    side.edits(BILL, done.remote_id, PrivateNote="Mine now")
    (now,) = side.company.read(BILL, [done.remote_id]).values()
    assert now.version != changed.version


def test_a_changed_document_has_the_new_lines_alone(side: Side) -> None:
    done = create(side, BILL, bill(side, amount="100.00"))

    body = side.company.render(BILL, bill(side, amount="12.34"), link=link(BILL, done))
    changed = written(write(side, BILL, body))

    (remote,) = side.company.read(BILL, [done.remote_id]).values()
    assert changed.total == Money(1234, "USD")
    assert remote.content is not None
    assert [str(line.amount) for line in remote.content.lines] == ["12.34 USD"]  # type: ignore[union-attr]


def test_a_change_of_what_a_person_changed_meanwhile_is_refused(side: Side) -> None:
    done = create(side, BILL, bill(side))
    side.edits(BILL, done.remote_id, PrivateNote="Mine now")

    body = side.company.render(BILL, bill(side, amount="1.00"), link=link(BILL, done))
    outcome = write(side, BILL, body)

    assert isinstance(outcome, Refused)
    assert outcome.code == "stale"


@pytest.mark.parametrize("kind", [BILL, INVOICE])
def test_what_is_removed_is_gone(side: Side, kind: RemoteKind) -> None:
    content = (bill if kind is BILL else invoice)(side)
    done = create(side, kind, content)

    outcome = write(side, kind, side.company.render_removal(kind, link(kind, done)))

    assert written(outcome).gone
    assert all(remote.gone for remote in side.company.read(kind, [done.remote_id]).values())
    assert side.company.find(kind, [sought(content)]) == {content.marker: []}


def test_removing_what_somebody_deleted_before_is_done(side: Side) -> None:
    done = create(side, BILL, bill(side))
    side.deletes(BILL, done.remote_id)

    outcome = write(side, BILL, side.company.render_removal(BILL, link(BILL, done)))

    assert written(outcome).gone


def test_what_is_not_there_is_absent_from_the_answer(side: Side) -> None:
    done = create(side, BILL, bill(side))

    assert list(side.company.read(BILL, [done.remote_id, "99999"])) == [done.remote_id]
    assert side.company.read(VENDOR, []) == {}


def test_what_was_made_inactive_is_still_read(side: Side) -> None:
    side.inactivates(VENDOR, side.vendor_id)

    (vendor,) = side.company.read(VENDOR, [side.vendor_id]).values()

    assert not vendor.active


def test_many_are_read_by_id_at_once(side: Side) -> None:
    vendors = [vendor.id for vendor in side.company.all(VENDOR)]
    before = side.company.usage().reads

    assert list(side.company.read(VENDOR, vendors)) == vendors
    assert side.company.usage().reads == before + 1


@pytest.mark.parametrize("kind", [BILL, INVOICE])
def test_a_document_is_found_by_its_mark_even_under_another_number(
    side: Side, kind: RemoteKind
) -> None:
    make = bill if kind is BILL else invoice
    contents = [make(side, "10"), make(side, "1"), make(side, "2")]
    side.company.write(orders(side.company, kind, contents), key=key())
    (first, *_) = side.company.find(kind, [sought(contents[0])])[contents[0].marker]
    side.edits(kind, first.id, DocNumber="by hand")

    found = side.company.find(kind, [sought(one) for one in [*contents, make(side, "404")]])

    assert {marker: [one.id for one in ones] for marker, ones in found.items()} == {
        "CleoPay:pay_10": [first.id],
        "CleoPay:pay_1": [found["CleoPay:pay_1"][0].id],
        "CleoPay:pay_2": [found["CleoPay:pay_2"][0].id],
        "CleoPay:pay_404": [],
    }


def test_looking_for_a_batch_costs_few_reads_whatever_it_holds(side: Side) -> None:
    vendors = [vendor.id for vendor in side.company.all(VENDOR)]
    contents = [
        bill(side, str(at), party_id=vendors[at % 20], dated=date(2026, 1, 1 + at))
        for at in range(30)
    ]
    side.company.write(orders(side.company, BILL, contents[::2]), key=key())
    before = side.company.usage().reads

    found = side.company.find(BILL, [sought(content) for content in contents])

    assert [len(ones) for ones in found.values()] == [1, 0] * 15
    assert side.company.usage().reads == before + 2


def test_two_documents_with_one_mark_are_both_seen(side: Side) -> None:
    content = bill(side, "77")
    done = create(side, BILL, content)
    side.copies(BILL, done.remote_id)
    side.edits(BILL, done.remote_id, DocNumber="78")

    found = side.company.find(BILL, [sought(content)])

    assert len(found[content.marker]) == 2


def test_parties_are_found_by_name_whatever_its_case(side: Side) -> None:
    done = create(side, VENDOR, party("O'Brien \\ Söhne"))

    found = side.company.find(
        VENDOR, [Sought("a", name="o'brien \\ söhne"), Sought("b", name="No")]
    )

    assert [one.id for one in found["a"]] == [done.remote_id]
    assert found["b"] == []


def test_a_name_that_was_made_inactive_is_found_where_nobody_else_has_it(side: Side) -> None:
    names = ["Acme’s", "Bolt"]
    gone = [create(side, VENDOR, party(name)) for name in names]
    for one in gone:
        side.inactivates(VENDOR, one.remote_id)
    again = create(side, VENDOR, party("Bolt"))

    found = side.company.find(VENDOR, [Sought(name, name=name) for name in names])

    assert {name: [(one.id, one.active) for one in ones] for name, ones in found.items()} == {
        "Acme’s": [(gone[0].remote_id, False)],
        "Bolt": [(again.remote_id, True)],
    }


def test_changes_tell_what_was_made_edited_and_deleted_since(side: Side) -> None:
    kept, lost = (create(side, BILL, bill(side, number)) for number in ("1", "2"))
    side.clock.sleep(3600)
    cursor = side.company.changes([BILL], side.clock.now()).cursor
    side.clock.sleep(3600)
    side.edits(BILL, kept.remote_id, PrivateNote="by hand")
    side.deletes(BILL, lost.remote_id)

    changes = side.company.changes([BILL, VENDOR], cursor)

    told = {remote.id: remote for remote in changes.remotes}
    assert changes.complete
    assert set(told) == {kept.remote_id, lost.remote_id}
    assert told[kept.remote_id].details["note"] == "by hand"
    assert told[lost.remote_id].gone
    assert changes.cursor > cursor


def test_a_change_at_the_moment_of_the_last_look_is_not_missed(side: Side) -> None:
    cursor = side.company.changes([BILL], side.clock.now()).cursor
    done = create(side, BILL, bill(side))
    again = side.company.changes([BILL], side.clock.now())

    assert done.remote_id in {remote.id for remote in again.remotes}
    assert done.remote_id in {one.id for one in side.company.changes([BILL], cursor).remotes}


def test_a_change_that_was_told_late_is_not_missed(side: Side) -> None:
    done = create(side, BILL, bill(side))
    side.clock.sleep(120)

    changes = side.company.changes([BILL], side.clock.now())

    assert [remote.id for remote in changes.remotes] == [done.remote_id]


def test_changes_from_too_long_ago_are_not_taken_for_complete(side: Side) -> None:
    changes = side.company.changes([BILL], side.clock.now() - timedelta(days=31))

    assert not changes.complete
    assert changes.cursor <= side.clock.now()


@pytest.mark.parametrize(
    "kind",
    [
        "drop_after_commit",
        "reset_mid_body",
        "truncated_body",
        "empty_body",
        "html_page",
        "error_after_commit",
        "timeout_after_commit",
    ],
)
def test_a_write_whose_answer_was_lost_is_doubtful_and_found_once(side: Side, kind: str) -> None:
    contents = [bill(side, str(number)) for number in range(5)]
    same, under = orders(side.company, BILL, contents), key()
    side.misfortune(kind)

    outcomes = side.company.write(same, key=under)

    assert {type(outcome) for outcome in outcomes} == {Doubtful}
    found = side.company.find(BILL, [sought(content) for content in contents])
    assert [len(ones) for ones in found.values()] == [1] * 5
    assert {type(one) for one in side.company.write(same, key=under)} == {Written}
    assert side.count(BILL) == 5


@pytest.mark.parametrize(
    "kind", ["drop_before_commit", "error_before_commit", "timeout_before_commit"]
)
def test_a_write_that_did_not_arrive_is_doubtful_and_written_once_when_sent_again(
    side: Side, kind: str
) -> None:
    contents = [bill(side, str(number)) for number in range(5)]
    same, under = orders(side.company, BILL, contents), key()
    side.misfortune(kind)

    outcomes = side.company.write(same, key=under)

    assert {type(outcome) for outcome in outcomes} == {Doubtful}
    assert not any(side.company.find(BILL, [sought(one) for one in contents]).values())
    assert {type(one) for one in side.company.write(same, key=under)} == {Written}
    assert side.count(BILL) == 5


def test_a_token_that_expired_is_renewed_on_the_way(side: Side) -> None:
    side.clock.sleep(3700)

    create(side, BILL, bill(side))

    assert side.keeper.renewals == 1


def test_a_grant_opens_no_other_company(side: Side) -> None:
    other = side.intuit.emulator.add_company("Another company")
    books = side.provider.open(other.realm_id, side.keeper)

    with pytest.raises(Reconnect):
        books.describe()
    with pytest.raises(Reconnect):
        books.write(orders(books, BILL, [bill(side)]), key=key())

    assert other.count("Bill") == 0


def test_a_grant_given_back_opens_nothing(side: Side) -> None:
    side.provider.revoke(side.keeper.grant)

    with pytest.raises(Reconnect):
        side.company.describe()
    side.provider.revoke(side.keeper.grant)


def test_a_thousand_bills_by_several_threads_are_never_slowed_down(side: Side) -> None:
    batches = [
        orders(side.company, BILL, [bill(side, str(number)) for number in range(at, at + 30)])
        for at in range(0, 1020, 30)
    ]

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda one: side.company.write(one, key=key()), batches))

    assert {type(one) for batch in outcomes for one in batch} == {Written}
    assert side.count(BILL) == 1020
    usage = side.company.usage()
    assert (usage.batches, usage.throttled) == (34, 0)


def test_secrets_show_in_no_repr(side: Side) -> None:
    shown = f"{side.provider!r} {side.company!r} {side.keeper.grant!r} {vars(side.provider)}"

    assert side.keeper.grant.access_token.get_secret_value() not in shown
    assert side.keeper.grant.refresh_token.get_secret_value() not in shown
