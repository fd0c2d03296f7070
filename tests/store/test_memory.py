"""What the store promises about sign-ins, tokens, the chain of acts and stored responses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update

from cleo_accounting.errors import Invalid
from cleo_accounting.store import access, audit, authorizations, idempotency
from cleo_accounting.store.access import Rank, Token
from cleo_accounting.store.authorizations import Authorization
from cleo_accounting.store.database import Database
from cleo_accounting.store.idempotency import Answer, Asked
from cleo_accounting.store.tables import audit as audit_table
from cleo_accounting.store.tables import authorizations as authorization_table
from cleo_accounting.store.tables import tokens as token_table

pytestmark = pytest.mark.both


NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=90)


def _begun(database: Database, state: str) -> None:
    started = Authorization(
        business_id="biz_1",
        user_id="user_1",
        provider="quickbooks",
        redirect_uri="https://x/callback",
        switch_company=False,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
    )
    with database.transaction() as tx:
        authorizations.add(tx, state, started)


def test_of_fifty_who_take_a_state_at_once_one_gets_it(database: Database) -> None:
    _begun(database, "state")

    def take(_: int) -> bool:
        with database.transaction() as tx:
            return authorizations.take(tx, "state", now=NOW) is not None

    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(take, range(50)))

    assert taken.count(True) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"now": NOW + timedelta(minutes=10)},
        {"now": NOW, "business_id": "biz_2"},
        {"now": NOW, "user_id": "user_2"},
    ],
    ids=["too late", "another business", "another user"],
)
def test_a_state_is_not_taken_too_late_or_by_another(
    database: Database, asked: dict[str, object]
) -> None:
    _begun(database, "state")

    with database.transaction() as tx:
        assert authorizations.take(tx, "state", **asked) is None  # type: ignore[arg-type]

    with database.transaction() as tx:
        assert authorizations.take(tx, "state", now=NOW) is not None  # the state was not used up


def test_neither_states_nor_tokens_lie_in_the_database(database: Database) -> None:
    _begun(database, "the-state")
    secret = access.new_secret(lambda count: b"\x07" * count)
    token = Token("tok_1", "biz_1", Rank.VIEWER, "test", NOW, "cli", LATER)
    with database.transaction() as tx:
        access.add(tx, token, secret)

    with database.reading() as tx:
        rows = [
            str(row)
            for table in (authorization_table, token_table)
            for row in tx.execute(select(table))
        ]

    assert len(rows) == 2
    assert not [row for row in rows if "the-state" in row or secret in row]


def test_a_token_is_known_until_it_is_revoked(database: Database) -> None:
    secret = access.new_secret(lambda count: b"\x07" * count)
    token = Token("tok_1", "biz_1", Rank.VIEWER, "test", NOW, "cli", LATER)
    with database.transaction() as tx:
        access.add(tx, token, secret)
        assert access.find(tx, secret, now=NOW) == token
        assert access.find(tx, secret + "x", now=NOW) is None
        assert access.find(tx, secret, now=LATER) is None
        assert access.revoke(tx, "tok_1", now=NOW)
        assert access.find(tx, secret, now=NOW) is None
        assert not access.revoke(tx, "tok_1", now=NOW)


def test_a_persons_role_may_do_what_those_below_it_may_and_a_feeder_only_feeds() -> None:
    assert [[one.covers(other) for other in Rank] for one in Rank] == [
        [True, False, False, False, False],
        [True, True, False, False, False],
        [True, True, True, False, False],
        [False, False, False, True, False],
        [True, True, True, True, True],
    ]


def _acts(database: Database, count: int = 5) -> None:
    for number in range(count):
        with database.transaction() as tx:
            audit.note(
                tx,
                "biz_1",
                by="user_1",
                what="mapped",
                subject=f"conn_{number}",
                now=NOW + timedelta(seconds=number),
                facts={"name": "O'Brien"},
            )


def test_a_chain_as_it_was_written_is_sound(database: Database) -> None:
    _acts(database)

    with database.reading() as tx:
        assert audit.verify(tx, "biz_1").sound
        assert audit.verify(tx, "biz_1").entries == 5
        assert audit.verify(tx, "biz_2").entries == 0
        assert [one.number for one in audit.heads(tx)] == [5]


@pytest.mark.parametrize(
    ("spoil", "broken_at"),
    [
        (update(audit_table).where(audit_table.c.number == 3).values(by="nobody"), 3),
        (update(audit_table).where(audit_table.c.number == 2).values(facts="{}"), 2),
        (delete(audit_table).where(audit_table.c.number == 4), 4),
        (delete(audit_table).where(audit_table.c.number == 1), 1),
        (text("update audit set number = number + 10 where number >= 3"), 3),
    ],
    ids=["another name", "other facts", "one gone", "the first gone", "moved"],
)
def test_whatever_is_done_to_a_chain_is_found_where_it_was_done(
    database: Database, owner: Database, spoil: object, broken_at: int
) -> None:
    _acts(database)
    with owner.transaction() as tx:
        tx.execute(spoil)  # type: ignore[call-overload]

    with database.reading() as tx:
        assert audit.verify(tx, "biz_1").broken_at == broken_at


def test_acts_noted_at_once_stand_in_one_unbroken_chain(database: Database) -> None:
    def act(number: int) -> None:
        with database.transaction() as tx:
            audit.note(tx, "biz_1", by="u", what="mapped", subject=str(number), now=NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(40)))

    with database.reading() as tx:
        verdict = audit.verify(tx, "biz_1")
    assert verdict.sound
    assert verdict.entries == 40


ASKED = Asked("biz_1", "user_1", "POST /sync", "key-1", "fingerprint")


def test_of_fifty_who_ask_under_one_key_one_acts_and_all_get_its_answer(
    database: Database,
) -> None:
    def ask(number: int) -> tuple[bool, str]:
        with database.transaction() as tx:
            before = idempotency.claim(tx, ASKED, now=NOW)
            if before:
                return False, before.body
            idempotency.answer(tx, ASKED, Answer(202, str(number)))
            return True, str(number)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(ask, range(50)))

    assert [acted for acted, _ in answers].count(True) == 1
    assert len({body for _, body in answers}) == 1


def test_a_key_used_for_something_else_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        idempotency.claim(tx, ASKED, now=NOW)
        idempotency.answer(tx, ASKED, Answer(202, "{}"))

    other = Asked("biz_1", "user_1", "POST /sync", "key-1", "another")
    with database.transaction() as tx, pytest.raises(Invalid, match="another request"):
        idempotency.claim(tx, other, now=NOW)


def test_an_act_that_fails_leaves_its_key_free(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as tx:
            idempotency.claim(tx, ASKED, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with database.transaction() as tx:
        assert idempotency.claim(tx, ASKED, now=NOW) is None


def test_old_answers_are_forgotten(database: Database) -> None:
    with database.transaction() as tx:
        idempotency.claim(tx, ASKED, now=NOW)
        idempotency.answer(tx, ASKED, Answer(202, "{}"))
        assert idempotency.forget(tx, NOW) == 0
        assert idempotency.forget(tx, NOW + timedelta(seconds=1)) == 1
        assert idempotency.claim(tx, ASKED, now=NOW) is None
