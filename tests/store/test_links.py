"""Links and remote entries are read as they were stored, and the newest reading counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import Base, Document, Item, Origin, Party, Remote, RemoteKind
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.records import Money, canonical
from cleo_accounting.store import decisions, integrations, links
from cleo_accounting.store.database import Database, Transaction
from cleo_accounting.store.tables import workers
from tests.core.given import DAY, line, payable
from tests.store.memory import HERE, LATER, NOW, at_once, connected, link

pytestmark = pytest.mark.both


BILL = Document("9", "1042", DAY, (), Money(1000, "USD"), "n", "CleoPay:pay_1", due=DAY)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (RemoteKind.VENDOR, Party("Acme", None, "a@acme.test")),
        (RemoteKind.CUSTOMER, Party("Acme “é”", "Acme Inc")),
        (RemoteKind.ITEM, Item("Sales", "80")),
        (RemoteKind.BILL, BILL),
        (RemoteKind.INVOICE, replace(BILL, due=None)),
    ],
)
def test_a_link_and_what_was_written_come_back(
    database: Database, kind: RemoteKind, content: Party | Item | Document
) -> None:
    connected(database)
    given = link("pay_1", "7", kind, fingerprint="f" * 64, remote_name="Acme", gone=True)
    with database.transaction() as tx:
        bases = {"pay_1": Base(content, content)}
        links.put_links(tx, HERE, [given], by="t", now=NOW, bases=bases)

    with database.reading() as tx:
        assert links.links_of(tx, HERE, kind) == {"pay_1": given}
        assert links.links_of(tx, HERE, kind, ["pay_1", "pay_2"]) == {"pay_1": given}
        assert links.base_of(tx, HERE, kind, "pay_1") == Base(content, content)
        assert links.base_of(tx, HERE, kind, "pay_2") == Base()


def test_lines_of_a_document_come_back_to_the_last_digit() -> None:
    quantity = line("0.3333333333", "3.0000000003")
    lines = payable(lines=(quantity,)).lines

    assert (
        canonical(lines)
        == '[{"description":"Rope","quantity":"0.3333333333","unit_price":"3.0000000003"}]'
    )


def test_a_link_that_is_put_again_keeps_what_was_written(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        bases = {"pay_1": Base(BILL, BILL)}
        links.put_links(tx, HERE, [link("pay_1", "7")], by="t", now=NOW, bases=bases)
        links.put_links(tx, HERE, [link("pay_1", "7", gone=True)], by="t", now=LATER)

        assert links.base_of(tx, HERE, RemoteKind.BILL, "pay_1") == Base(BILL, BILL)
        assert links.links_of(tx, HERE, RemoteKind.BILL)["pay_1"].gone
        assert links.remove_link(tx, HERE, RemoteKind.BILL, "pay_1")
        assert not links.remove_link(tx, HERE, RemoteKind.BILL, "pay_1")


def test_a_thousand_links_are_found_by_their_ids(database: Database) -> None:
    connected(database)
    many = {f"pay_{n}": link(f"pay_{n}", str(n)) for n in range(1000)}
    with database.transaction() as tx:
        links.put_links(tx, HERE, many.values(), by="t", now=NOW)

        assert links.links_of(tx, HERE, RemoteKind.BILL, [*many, "pay_none"]) == many


def vendor(remote_id: str, name: str, **more: object) -> Remote:
    return replace(Remote(RemoteKind.VENDOR, remote_id, "0", name), **more)  # type: ignore[arg-type]


def test_a_remote_comes_back_and_the_newest_sight_counts(database: Database) -> None:
    connected(database)
    old, new = (
        vendor("1", "Acme", details={"email": "a@b.test"}),
        vendor("1", "Acme 2", version="1"),
    )
    with database.transaction() as tx:
        links.see(tx, HERE, [old], NOW)
        assert links.remote(tx, HERE, RemoteKind.VENDOR, "1") == old
        links.see(tx, HERE, [new, vendor("2", "Bolt", active=False), vendor("1", "Acme 3")], LATER)

        assert links.remotes_of(tx, HERE, RemoteKind.VENDOR) == [
            vendor("1", "Acme 3"),
            vendor("2", "Bolt", active=False),
        ]
        assert links.inactive_ids(tx, HERE, RemoteKind.VENDOR) == {"2"}
        assert links.remotes_of(tx, HERE, RemoteKind.VENDOR, active=True, limit=5) == [
            vendor("1", "Acme 3")
        ]


def test_what_was_not_in_the_whole_list_is_gone(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        links.see(tx, HERE, [vendor("1", "Acme"), vendor("2", "Bolt")], NOW)
        links.see(tx, HERE, [vendor("2", "Bolt")], LATER)
        links.forget_unseen(tx, HERE, RemoteKind.VENDOR, LATER)

        assert [one.id for one in links.remotes_of(tx, HERE, RemoteKind.VENDOR)] == ["2"]
        assert links.count_remotes(tx, HERE, RemoteKind.VENDOR) == 1
        assert links.inactive_ids(tx, HERE, RemoteKind.VENDOR) == {"1"}


@pytest.mark.parametrize(
    ("search", "found"),
    [("ac", 2), (" ACME ", 2), ("100%", 1), ("%", 1), ("_", 1), ("É", 1), ("é", 1), ("none", 0)],
)
def test_a_search_looks_anywhere_in_the_name_and_reads_nothing_into_it(
    database: Database, search: str, found: int
) -> None:
    connected(database)
    names = ["Acme", "My ACME Inc", "100% Rope", "a_b", "Café"]
    with database.transaction() as tx:
        links.see(tx, HERE, [vendor(str(n), name) for n, name in enumerate(names)], NOW)

        assert links.count_remotes(tx, HERE, RemoteKind.VENDOR, search=search) == found
        assert len(links.remotes_of(tx, HERE, RemoteKind.VENDOR, search=search)) == found


def test_the_last_word_about_a_record_counts_until_it_is_taken_back(database: Database) -> None:
    connected(database)
    said = [Verdict("leave_out", "twice", "a"), Verdict("create_as", "Acme 2", "b")]
    with database.transaction() as tx:
        for word in said:
            decisions.decide(tx, HERE, RemoteKind.VENDOR, "conn_1", word, NOW)
        assert decisions.verdicts_of(tx, HERE, RemoteKind.VENDOR) == {"conn_1": said[-1]}
        assert decisions.verdicts_of(tx, HERE, RemoteKind.CUSTOMER) == {}
        back = Verdict(Decision.BRING_BACK, "", "a")
        decisions.decide(tx, HERE, RemoteKind.VENDOR, "conn_1", back, LATER)
        assert decisions.verdicts_of(tx, HERE, RemoteKind.VENDOR) == {}


def test_of_many_who_renew_a_grant_at_once_each_is_told_whether_it_was_believed(
    database: Database,
) -> None:
    connected(database)

    def renew(tx: Transaction) -> bool:
        now = integrations.by_id(tx, HERE).grant_version
        return integrations.put_grant(tx, HERE, "sealed", version=now, expires_at=LATER)

    believed = at_once(database, [renew] * 150)

    with database.reading() as tx:
        assert integrations.by_id(tx, HERE).grant_version == believed.count(True)
    if database.is_file:  # each writer locks the file before it reads
        assert all(believed)


def test_a_thousand_who_count_one_further_lose_none(database: Database) -> None:
    """Where a transaction cannot lock before it reads, the read locks the row."""
    with database.transaction() as tx:
        tx.execute(workers.insert().values(id="w", started_at=NOW, seen_at=NOW))

    def count(tx: Transaction) -> None:
        seen = tx.execute(select(workers.c.seen_at).with_for_update()).scalar_one()
        tx.execute(update(workers).values(seen_at=seen + timedelta(seconds=1)))

    at_once(database, [count] * 1000)

    with database.reading() as tx:
        assert tx.execute(select(workers.c.seen_at)).scalar_one() == NOW + timedelta(seconds=1000)


def test_a_link_says_how_it_came_to_be(database: Database) -> None:
    connected(database)
    given = [link(f"pay_{n}", str(n), origin=origin) for n, origin in enumerate(Origin)]
    with database.transaction() as tx:
        links.put_links(tx, HERE, given, by="t", now=NOW)

        kept = links.links_of(tx, HERE, RemoteKind.BILL).values()
        assert [one.origin for one in kept] == list(Origin)
