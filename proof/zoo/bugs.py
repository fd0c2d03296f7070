"""The zoo: thirty and more mistakes that an accounting sync can make, each in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
from sqlalchemy import text

from cleo_accounting.core import documents, parties
from cleo_accounting.core.links import Document
from cleo_accounting.core.merge import Merged
from cleo_accounting.core.plan import Create, Keep
from cleo_accounting.core.records import fingerprint
from cleo_accounting.errors import Reconnect, Unavailable
from cleo_accounting.flows import books, prepare, progress, send, settle, sync
from cleo_accounting.providers import Doubtful, Refused, Written
from cleo_accounting.providers.quickbooks.client.pacer import Pacer
from cleo_accounting.providers.quickbooks.company import QuickBooksCompany
from cleo_accounting.providers.quickbooks.oauth import OAuth
from cleo_accounting.providers.quickbooks.translate import query, writing
from cleo_accounting.store import audit, integrations, operations, records, runs
from proof.simulation.script import Focus
from proof.zoo.planting import Bug, Make, planted

_BUGS: list[Bug] = []


def _bug(
    name: str, said: str, focus: Focus, owner: object, place: str, make: Make, seeds_max: int = 60
) -> None:
    def plant() -> AbstractContextManager[None]:
        return planted(owner, place, make)

    _BUGS.append(Bug(name, said, focus, plant, seeds_max))


def _instead(replacement: Callable[..., Any]) -> Make:
    return lambda _: replacement


# The send protocol


def _new_key_each_time(write: Any) -> Any:
    number = count()

    def wrong(self: Any, orders: Any, *, key: str) -> Any:
        return write(self, orders, key=f"{next(number):04}{key[4:]}")

    return wrong


def _claim_without_intent(claim: Any) -> Any:
    def wrong(tx: Any, *of: Any, **more: Any) -> Any:
        point = tx.begin_nested()
        claimed = claim(tx, *of, **more)
        point.rollback()
        return claimed

    return wrong


def _no_quiet(settle_doubts: Any) -> Any:
    def wrong(desk: Any, *of: Any) -> None:
        settle_doubts(replace(desk, house=replace(desk.house, quiescence=timedelta())), *of)

    return wrong


def _doubt_as(outcome: Callable[[], Any]) -> Make:
    def make(write: Any) -> Any:
        def wrong(*of: Any) -> Any:
            answer = write(*of)
            if isinstance(answer, Exception):
                return answer
            return [outcome() if isinstance(one, Doubtful) else one for one in answer]

        return wrong

    return make


def _same_generation(again: Any) -> Any:
    def wrong(tx: Any, row: Any, **more: Any) -> None:
        again(tx, replace(row, generation=row.generation - 1), **more)

    return wrong


def _by_number_alone(_marked: Any) -> Any:
    def wrong(self: Any, kind: Any, sought: Any, rows: Any) -> Any:
        found = [self._remote(kind, row) for row in rows]
        return {one.record_id: [each for each in found if not each.gone][:1] for one in sought}

    return wrong


_bug(
    "new key each time",
    "a new request id for every attempt",
    "doubts",
    QuickBooksCompany,
    "write",
    _new_key_each_time,
)
_bug(
    "no intent",
    "sent before it is written down that it will be",
    "doubts",
    operations,
    "claim",
    _claim_without_intent,
)
_bug(
    "no probe",
    "what is in doubt is sent again without a look",
    "doubts",
    send,
    "_look",
    _instead(lambda _desk, batch: list(batch)),
)
_bug(
    "no quiescence",
    "looked for at once, and sent again",
    "doubts",
    sync,
    "settle_doubts",
    _no_quiet,
)
_bug(
    "time-out is failure",
    "no answer counts as a refusal",
    "doubts",
    send,
    "_write_batch",
    _doubt_as(lambda: Refused("rejected", "no answer")),
)
_bug(
    "half an answer is success",
    "a truncated answer counts as done",
    "doubts",
    send,
    "_write_batch",
    _doubt_as(lambda: Written("999999", "0")),
)
_bug(
    "sent is forgotten",
    "what was sent when the process died is never looked into",
    "zombies",
    operations,
    "UNSETTLED",
    lambda _: ("in_doubt",),
)
_bug(
    "no fence",
    "a worker that was taken for dead goes on writing",
    "zombies",
    runs,
    "hold",
    _instead(lambda *_: None),
)
_bug(
    "same key, other body",
    "sent anew, changed, under the same request id",
    "people",
    operations,
    "again",
    _same_generation,
)
_bug("no cap", "tried again without end", "doubts", send, "ATTEMPTS_MAX", lambda _: 10**6)
_bug(
    "adopts by number",
    "whatever carries the number is taken for ours",
    "doubts",
    QuickBooksCompany,
    "_marked",
    _by_number_alone,
)
_bug(
    "no link",
    "written, and where it stands forgotten",
    "everything",
    settle,
    "_link",
    lambda link: lambda *of: replace(link(*of), record_id="pay_lost"),
)


# Tokens and disconnecting


def _never_stored(_store: Any) -> Any:
    return lambda _self, _integration, grant, _version: grant


def _believed_at_once(_second_look: Any) -> Any:
    def wrong(self: Any, _integration: Any, _grant: Any, version: int, refusal: Reconnect) -> Any:
        with self._house.database.transaction() as tx:
            integrations.need_reconnect(tx, self._id, refusal.code, version=version)
        raise refusal

    return wrong


def _unavailable_is_over(refresh: Any) -> Any:
    def wrong(self: Any, grant: Any) -> Any:
        try:
            return refresh(self, grant)
        except Unavailable as trouble:
            raise Reconnect(trouble.message) from trouble

    return wrong


def _goes_on(_stored: Any) -> Any:
    def wrong(self: Any) -> Any:
        with self._house.database.reading() as tx:
            integration = integrations.by_id(tx, self._id)
            sealed = integrations.grant_of(tx, self._id)
        if sealed is None:
            raise Reconnect("There is no grant.")
        return integration, books.unseal(self._house, integration, sealed), sealed.version

    return wrong


_bug(
    "grant not kept",
    "a renewed grant is used and not stored",
    "tokens",
    books.Keeper,
    "_store",
    _never_stored,
)
_bug(
    "believed at once",
    "one refusal of a grant ends the connection",
    "tokens",
    books.Keeper,
    "_second_look",
    _believed_at_once,
)
_bug(
    "trouble is the end",
    "a token endpoint in trouble ends the connection",
    "tokens",
    OAuth,
    "refresh",
    _unavailable_is_over,
)
_bug(
    "goes on after goodbye",
    "a disconnected company is still asked",
    "zombies",
    books.Keeper,
    "_stored",
    _goes_on,
    150,
)
_bug(
    "deaf to 429",
    "asks on when told to slow down",
    "everything",
    Pacer,
    "hold",
    lambda _: (
        lambda self, seconds: (
            datetime.now(UTC) if seconds < 0 else self._clock.now() + timedelta(milliseconds=1)
        )
    ),
)


# Money and documents


def _float_number(_number: Any) -> Any:
    return lambda value: msgspec.Raw(str(int(float(value) * 100) / 100).encode())


def _full_update(update: Any) -> Any:
    def wrong(*of: Any, **more: Any) -> str:
        return str(update(*of, **more)).replace('"sparse":true', '"sparse":false')

    return wrong


def _one_line(document: Any) -> Any:
    def wrong(*of: Any, **more: Any) -> Document:
        made: Document = document(*of, **more)
        return replace(
            made, lines=(replace(made.lines[0], amount=made.total, quantity=None, unit_price=None),)
        )

    return wrong


def _with(**changes: Any) -> Make:
    return lambda document: lambda *of, **more: replace(document(*of, **more), **changes)


def _others_party(parties_of: Any) -> Any:
    def wrong(*of: Any) -> Mapping[str, Any]:
        found = parties_of(*of)
        return dict(zip(found, [*list(found.values())[1:], *list(found.values())[:1]], strict=True))

    return wrong


_bug(
    "float money",
    "amounts go through binary fractions and are cut",
    "everything",
    writing,
    "number",
    _float_number,
)
_bug(
    "lines in one",
    "all lines become one of the whole amount",
    "everything",
    documents,
    "document",
    _one_line,
)
_bug(
    "dated today",
    "a document is dated when it is sent",
    "everything",
    documents,
    "document",
    _with(dated=date(2026, 1, 6)),
)
_bug(
    "no mark",
    "a document is written without our mark",
    "everything",
    documents,
    "document",
    lambda document: lambda *of, **more: _unmarked(document(*of, **more)),
)
_bug(
    "another's vendor",
    "a document names the vendor of another connection",
    "everything",
    prepare,
    "_parties",
    _others_party,
)
_bug(
    "another's account",
    "bills book to an account that nobody chose",
    "everything",
    documents,
    "document",
    lambda document: (
        lambda payable, chosen, **more: document(
            payable, replace(chosen, expense_account_id="2"), **more
        )
    ),
)


def _unmarked(document: Document) -> Document:
    return replace(document, note="paid by us")


# Other people's edits


def _ours_wins(_merge: Any) -> Any:
    return lambda _base, ours, _theirs: Merged(ours)


def _create_again(against: Any) -> Any:
    def wrong(
        kind: Any, record: Any, label: Any, content: Any, mark: Any, link: Any, word: Any
    ) -> Any:
        if link is not None and link.gone:
            return Create(kind, record, label, content, mark)
        return against(kind, record, label, content, mark, link, word)

    return wrong


def _suffixed(_taken: Any) -> Any:
    def wrong(self: Any, connection: Any, content: Any, _holder: Any) -> Create:
        name = self.directory.free(content.name, "Vendor")
        made = replace(content, name=name)
        return Create(self.kind, connection.id, connection.name, made, fingerprint(made))

    return wrong


_bug(
    "ours wins",
    "what a person changed there is written over",
    "people",
    settle,
    "merge",
    _ours_wins,
)
_bug(
    "full update",
    "an update replaces what it does not name",
    "people",
    writing,
    "update",
    _full_update,
)
_bug(
    "removed though changed",
    "a document is removed although somebody changed or paid it",
    "people",
    settle,
    "as_we_left_it",
    _instead(lambda *_: True),
)
_bug(
    "written again",
    "what a person deleted there is written once more",
    "people",
    documents,
    "against_link",
    _create_again,
)
_bug(
    "made-up names",
    "a vendor whose name is taken is created under another",
    "people",
    parties.PartyPlanner,
    "_taken",
    _suffixed,
)
_bug(
    "never withdrawn",
    "what was cancelled here stays there",
    "everything",
    documents.DocumentPlanner,
    "_withdrawn",
    _instead(lambda _self, payable, _link: Keep(payable.id)),
)


# What is kept and told


def _last_dropped(upsert: Any) -> Any:
    def wrong(tx: Any, business: str, given: Sequence[Any], now: datetime) -> Any:
        taken = upsert(tx, business, [one for one in given if one.id != "pay_2"], now)
        return taken or ["created"]

    return wrong


def _everybodys(page: Any) -> Any:
    def wrong(tx: Any, _business: str, *of: Any, **more: Any) -> Any:
        return [one for name in ("biz_0", "biz_1") for one in page(tx, name, *of, **more)]

    return wrong


def _unchained(note: Any) -> Any:
    def wrong(tx: Any, *of: Any, **more: Any) -> None:
        note(tx, *of, **more)
        tx.execute(text("update audit set previous = '-'"))

    return wrong


def _twice(tally: Any) -> Any:
    def wrong(*of: Any) -> Any:
        made = tally(*of)
        return replace(made, created=made.created * 2)

    return wrong


def _trips_over(refused: Any) -> Any:
    def wrong(desk: Any, tx: Any, some: Sequence[Any], *of: Any) -> None:
        if some:
            raise KeyError("an unknown code")
        refused(desk, tx, some, *of)

    return wrong


def _unescaped(_literal: Any) -> Any:
    return lambda value: f"'{value}'"


_bug(
    "acknowledged, not kept",
    "a record is taken in and dropped",
    "everything",
    records,
    "upsert",
    _last_dropped,
)
_bug(
    "no tenant filter",
    "one query forgets whose records it wants",
    "tenants",
    records,
    "page",
    _everybodys,
)
_bug("broken chain", "an act is noted beside the chain", "everything", audit, "note", _unchained)
_bug("counted twice", "what was created is shown twice", "everything", progress, "_tally", _twice)
_bug("poison", "one refusal stops a run for ever", "people", send, "keep_refused", _trips_over)
_bug(
    "unescaped names",
    "a quote in a name breaks the question",
    "doubts",
    query,
    "literal",
    _unescaped,
)
_bug(
    "left waiting",
    "a cancelled run leaves its rest open",
    "everything",
    operations,
    "end_waiting",
    _instead(lambda *_: None),
    150,
)
_bug(
    "sleeps too long",
    "a run that waits is never gone on with",
    "everything",
    runs,
    "wait",
    lambda wait: (
        lambda tx, run, until, **more: wait(tx, run, until and until + timedelta(days=400), **more)
    ),
)


def bugs() -> Sequence[Bug]:
    """All of them."""
    return tuple(_BUGS)
