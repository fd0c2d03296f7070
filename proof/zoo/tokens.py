"""Planted bugs with tokens, tenants, rate limits and the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from cleo_accounting.errors import Reconnect, Unavailable
from cleo_accounting.flows.company import books, hold
from cleo_accounting.flows.reporting import progress
from cleo_accounting.flows.run import settle
from cleo_accounting.providers.quickbooks.client.pacer import Pacer
from cleo_accounting.providers.quickbooks.oauth import OAuth
from cleo_accounting.store import audit, incoming, integrations, records
from cleo_accounting.store.vault import Vault
from proof.zoo import situations
from proof.zoo.planting import Bug, all_of, instead, planted
from proof.zoo.situations import broad


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


def _only_says_so(tx: Any, integration: Any, by: str, now: datetime, _reason: Any = None) -> None:
    integrations.disconnect(tx, integration.id, by=by, now=now)


def _first_come(init: Any) -> Any:
    def wrong(self: Any, house: Any, integration_id: str) -> None:
        with house.database.reading() as tx:
            every = [integration.id for integration, _ in integrations.with_grants(tx)]
        init(self, house, min(every, default=integration_id))

    return wrong


def _deaf(_hold: Any) -> Any:
    def wrong(self: Any, seconds: float) -> datetime:
        if seconds < 0:
            return datetime.now(UTC)
        moment: datetime = self._clock.now() + timedelta(milliseconds=1)
        return moment

    return wrong


def _last_dropped(upsert: Any) -> Any:
    def wrong(tx: Any, business_id: str, given: Sequence[Any], now: datetime) -> Any:
        taken = upsert(tx, business_id, [one for one in given if one.id != "pay_2"], now)
        return taken or ["created"]

    return wrong


def _everybodys(page: Any) -> Any:
    def wrong(tx: Any, _business_id: str, *of: Any, **more: Any) -> Any:
        return [one for name in ("biz_0", "biz_1") for one in page(tx, name, *of, **more)]

    return wrong


def _unchained(note: Any) -> Any:
    def wrong(tx: Any, *of: Any, **more: Any) -> None:
        note(tx, *of, **more)
        tx.execute(text("update audit set previous = '-'"))

    return wrong


def _twice(tally: Any) -> Any:
    def wrong(*of: Any, **more: Any) -> Any:
        made = tally(*of, **more)
        return replace(made, created=made.created * 2)

    return wrong


def _trips_over(keep_refused: Any) -> Any:
    def wrong(desk: Any, tx: Any, refused: Sequence[Any], *of: Any, **more: Any) -> None:
        if refused:
            raise KeyError("an unknown code")
        keep_refused(desk, tx, refused, *of, **more)

    return wrong


BUGS: Sequence[Bug] = (
    Bug(
        "grant not kept",
        "a renewed grant is used and not stored",
        situations.stale_tokens,
        planted(books.Keeper._store, instead(lambda _self, _integration, grant, _version: grant)),
    ),
    Bug(
        "grant in plain text",
        "a grant is stored as it came",
        situations.calm,
        all_of(
            planted(Vault.seal, instead(lambda _self, text, _place: text)),
            planted(Vault.open, instead(lambda _self, sealed, _place: sealed)),
        ),
    ),
    Bug(
        "believed at once",
        "one refusal of a grant ends the connection",
        situations.stale_tokens,
        planted(books.Keeper._second_look, _believed_at_once),
    ),
    Bug(
        "trouble is the end",
        "a token endpoint in trouble ends the connection",
        situations.stale_tokens,
        planted(OAuth.refresh, _unavailable_is_over),
    ),
    Bug(
        "goes on after goodbye",
        "what a run has begun it finishes, though the company was let go of",
        situations.disconnected,
        all_of(
            planted(books.Keeper._stored, _goes_on),
            planted(hold.let_go, instead(_only_says_so)),
        ),
    ),
    Bug(
        "another's grant",
        "whoever came first lends everybody their grant",
        broad("tenants"),
        planted(books.Keeper.__init__, _first_come),
    ),
    Bug(
        "no tenant filter",
        "one query forgets whose records it wants",
        broad("tenants"),
        planted(records.page, _everybodys),
    ),
    Bug(
        "deaf to 429",
        "asks on when told to slow down",
        situations.throttled,
        planted(Pacer.hold, _deaf),
    ),
    Bug(
        "acknowledged, not kept",
        "a record is taken in and dropped",
        situations.calm,
        planted(incoming.upsert, _last_dropped),
    ),
    Bug(
        "broken chain",
        "an act is noted beside the chain",
        situations.calm,
        planted(audit.note, _unchained),
    ),
    Bug(
        "counted twice",
        "what was created is shown twice",
        situations.calm,
        planted(progress._tally, _twice),
    ),
    Bug(
        "poison",
        "one refusal stops a run for ever",
        situations.no_answers,
        planted(settle.keep_refused, _trips_over),
    ),
)
