"""The books of one QuickBooks company: implements `Company` with Intuit's API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cleo_accounting.core.kinds import ENTRIES, NAME_LISTS, PARTIES
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.providers import Changes, Doubtful
from cleo_accounting.providers.quickbooks.client.answers import Answered, Faulted, plain_fault
from cleo_accounting.providers.quickbooks.client.calls import Call, Calls
from cleo_accounting.providers.quickbooks.client.wire import Unclear
from cleo_accounting.providers.quickbooks.translate import query, reading, resemblance, writing
from cleo_accounting.providers.quickbooks.translate.entities import (
    ENTITY,
    KIND,
    inside,
    name_property,
    objects,
    same_name,
    text,
)
from cleo_accounting.providers.quickbooks.translate.faults import refusal, told
from cleo_accounting.providers.quickbooks.translate.outcomes import outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cleo_accounting.core.amend import Amendment
    from cleo_accounting.core.clock import Clock
    from cleo_accounting.core.links import Content, Link, Profile, Remote
    from cleo_accounting.providers import Order, Outcome, Sought, Usage

    Json = Mapping[str, Any]

IDS_PER_QUERY = 200  # about 2,000 characters; Intuit documents no limit
TEXTS_PER_QUERY = 30
KEY_LENGTH_MAX = 36  # a batch's request id: with an item's id it must fit into 50
ITEM_KEY_LENGTH_MAX = 10
CHANGES_DAYS_MAX = 30
CHANGES_MAX = 1000
# Changes are requested from a little earlier than the cursor: queries lag, and it is not documented
# whether the given moment itself is included.
OVERLAP = timedelta(minutes=5)
_ROWS_MIN = 10
_STATEMENT = "application/text; charset=utf-8"
_RESTARTS_MAX = 5


class QuickBooksCompany:
    """The books of one company, open for reading and writing. Thread-safe."""

    def __init__(
        self, company_id: str, calls: Calls, clock: Clock, *, batch_size: int, batches_at_once: int
    ) -> None:
        self.batch_size = batch_size
        self.batches_at_once = batches_at_once
        self._company_id = company_id
        self._calls = calls
        self._clock = clock
        self._home: str | None = None

    def describe(self) -> Profile:
        """Return the company's profile: its name, its currency and what its settings allow."""
        info = self._object(f"companyinfo/{self._company_id}", "CompanyInfo")
        preferences = self._object("preferences", "Preferences")
        try:
            described = reading.profile(self._company_id, info, preferences)
        except ValueError as flaw:
            raise self._calls.unreadable(str(flaw)) from None
        self._home = described.currency
        return described

    def all(self, kind: RemoteKind) -> Iterator[Remote]:
        """Read the whole list of a kind page by page, including inactive entries."""
        for row in self._rows(kind, [query.EVERY] if kind in NAME_LISTS else []):
            yield self._remote(kind, row)

    def changes(self, kinds: Sequence[RemoteKind], since: datetime) -> Changes:
        """Return the remotes that changed since a moment, with some overlap."""
        now = self._clock.now()
        start = since - OVERLAP
        if start < now - timedelta(days=CHANGES_DAYS_MAX):
            return Changes((), now, complete=False)
        params = (
            ("entities", ",".join(ENTITY[kind] for kind in kinds)),
            ("changedSince", start.astimezone(UTC).isoformat(timespec="seconds")),
        )
        answer = self._calls.read(Call("GET", "cdc", params))
        if not isinstance(answer, Answered):  # too many changes, or from too long ago
            return Changes((), now, complete=False)
        if not isinstance(answer.document.get("CDCResponse"), list):
            raise self._calls.unreadable("the answer holds no changes")
        found = [self._remote(kind, row) for kind, row in _changed(answer.document)]
        cursor = _moment(text(answer.document, "time")) or now
        return Changes(found, cursor, complete=len(found) < CHANGES_MAX)

    def read(self, kind: RemoteKind, ids: Sequence[str]) -> Mapping[str, Remote]:
        """Read remotes by id; an id that is missing from the result does not exist."""
        found: dict[str, Remote] = {}
        for some in _parts(sorted(set(ids)), IDS_PER_QUERY):
            conditions = [query.one_of("Id", some)]
            if kind in NAME_LISTS:
                conditions.append(query.EVERY)
            for row in self._rows(kind, conditions):
                found[text(row, "Id")] = self._remote(kind, row)
        return {remote_id: found[remote_id] for remote_id in ids if remote_id in found}

    def find(self, kind: RemoteKind, sought: Sequence[Sought]) -> Mapping[str, Sequence[Remote]]:
        """Find the remotes that we may have written: map each record id to its live matches.

        A party that is not among the active ones may have been made inactive, or merged away.
        """
        if kind in NAME_LISTS:
            return self._find_named(kind, sought)
        found = self._find_numbered(kind, sought)
        # The number may have changed, or QuickBooks assigned its own: search by party and date too.
        missing = [one for one in sought if not found[one.record_id]]
        return {**found, **self._find_dated(kind, missing)}

    def resembling(
        self, kind: RemoteKind, sought: Sequence[Sought], *, days: int
    ) -> Iterator[Remote]:
        """Read entries of the sought parties that have a sought number or a date near a sought one.

        Numbers are queried a hundred at a time, with the parties that they belong to; dates are
        queried by period, thirty parties at a time.
        """
        parties = {one.party_id for one in sought}
        for conditions in resemblance.questions(kind, sought, days=days):
            for row in self._rows(kind, conditions):
                remote = self._remote(kind, row)
                if remote.details.get("party_id") in parties:
                    yield remote

    def render(
        self,
        kind: RemoteKind,
        content: Content,
        *,
        link: Link | None = None,
        allow_duplicate_number: bool = False,
    ) -> str:
        """Render a create to the bytes to send.

        With a link, render a sparse update with all of our content instead: for a remote that we
        wrote and that no list shows yet.
        """
        if link is None:
            return writing.create(kind, content, allow_duplicate_number=allow_duplicate_number)
        return writing.update(kind, content, link)

    def render_update(self, kind: RemoteKind, amendment: Amendment, there: Remote) -> str:
        """Render a sparse update of a remote; fields outside the amendment do not change."""
        return writing.amended(kind, amendment, there)

    def render_removal(self, kind: RemoteKind, link: Link, note: str | None = None) -> str:
        """Render a removal: bills and expenses are deleted, invoices and payments are voided.

        `note` replaces the private note of a voided entry.
        """
        return writing.removal(kind, link, note)

    def next_version(self, version: str) -> str:
        """Return the SyncToken after one write; Intuit increments it with each write."""
        return str(int(version or 0) + 1)

    def write(
        self, orders: Sequence[Order], *, key: str, leaves_by: float | None = None
    ) -> Sequence[Outcome]:
        """Send at most `batch_size` orders as one batch; return one outcome per order, in order.

        For the same `key` with the same orders Intuit promises to return the first response again;
        do not rely on it, but look before resending. Nothing is sent from `leaves_by` on.
        """
        assert 0 < len(orders) <= self.batch_size
        assert 0 < len(key) <= KEY_LENGTH_MAX
        assert all(0 < len(order.item_key) <= ITEM_KEY_LENGTH_MAX for order in orders)
        assert len({order.item_key for order in orders}) == len(orders)
        body = writing.batch([(order.item_key, order.body) for order in orders])
        call = Call("POST", "batch", [("requestid", key)], body, batch=True, leaves_by=leaves_by)
        answer = self._calls.write(call)
        if isinstance(answer, Unclear):
            return [Doubtful(answer.message, answer.tid)] * len(orders)
        if isinstance(answer, Faulted):
            return [refusal(answer.fault, answer.tid)] * len(orders)
        items = _items(answer.document)
        return [_outcome(order, items.get(order.item_key), answer.tid) for order in orders]

    def usage(self) -> Usage:
        """Return the number of requests sent to Intuit so far."""
        return self._calls.usage()

    def _find_named(
        self, kind: RemoteKind, sought: Sequence[Sought]
    ) -> Mapping[str, Sequence[Remote]]:
        names = [one.name for one in sought if one.name]
        if kind in PARTIES:
            names += [f"{name}{reading.INACTIVE_SUFFIX}" for name in names]
        remotes = [self._remote(kind, row) for row in self._look(kind, names)]
        active = [remote for remote in remotes if remote.active]
        inactive = [remote for remote in remotes if not remote.active and kind in PARTIES]
        return {
            one.record_id: _named(active, one.name) or _named(inactive, one.name) for one in sought
        }

    def _find_numbered(
        self, kind: RemoteKind, sought: Sequence[Sought]
    ) -> Mapping[str, Sequence[Remote]]:
        rows = self._look(kind, [one.number for one in sought if one.number])
        return self._marked(kind, sought, rows)

    def _find_dated(
        self, kind: RemoteKind, sought: Sequence[Sought]
    ) -> Mapping[str, Sequence[Remote]]:
        rows = [
            row
            for conditions in resemblance.dated(kind, sought)
            for row in self._rows(kind, conditions)
        ]
        return self._marked(kind, sought, rows)

    def _marked(
        self, kind: RemoteKind, sought: Sequence[Sought], rows: Sequence[Json]
    ) -> Mapping[str, Sequence[Remote]]:
        # Only the last marker of a note is ours: earlier ones come from other people's texts, such
        # as a vendor's memo that quotes the marker of another payable.
        remotes = {text(row, "Id"): self._remote(kind, row) for row in rows}
        live = [remote for remote in remotes.values() if not remote.gone]
        return {
            one.record_id: [each for each in live if each.details.get("marker") == one.marker]
            for one in sought
        }

    def _look(self, kind: RemoteKind, values: Iterable[str]) -> Sequence[Json]:
        """Query for remotes by name or number; the result may contain others as well."""
        name, every = name_property(kind), [query.EVERY] if kind in NAME_LISTS else []
        wanted = sorted(set(values))
        plain = [value for value in wanted if query.is_plain(value)]
        conditions = [query.one_of(name, some) for some in _parts(plain, TEXTS_PER_QUERY)]
        conditions += [query.resembles(name, value) for value in wanted if value not in plain]
        rows = (row for condition in conditions for row in self._rows(kind, [condition, *every]))
        return list({text(row, "Id"): row for row in rows}.values())

    def _rows(self, kind: RemoteKind, conditions: Sequence[str]) -> Iterator[Json]:
        """Query for all rows that fulfil the conditions, page by page; yield each row once.

        Each page begins with the last row of the page before it. If it does not, a row was deleted
        in between and the others moved up: then the query starts again. A page that is too large
        to accept is requested again in smaller pages.
        """
        told_already: set[str] = set()
        rows_max = query.ROWS_MAX
        for _ in range(_RESTARTS_MAX):
            position, last_id = 1, None
            while True:
                page = self._page(kind, conditions, position, rows_max)
                if page is None:
                    rows_max //= 2
                    continue
                ids = [text(row, "Id") for row in page]
                if last_id is not None and ids[:1] != [last_id]:
                    break
                yield from (row for row in page if text(row, "Id") not in told_already)
                told_already.update(ids)
                if len(page) < rows_max:
                    return
                position, last_id = position + len(page) - 1, ids[-1]
        raise self._calls.unreadable("a list changes faster than it can be read")

    def _page(
        self, kind: RemoteKind, conditions: Sequence[str], position: int, rows_max: int
    ) -> Sequence[Json] | None:
        """Request one page of rows; return None if it is too large to accept."""
        statement = query.select(ENTITY[kind], conditions, start=position, rows=rows_max)
        answer = self._calls.read(
            Call("POST", "query", body=statement.encode(), content_type=_STATEMENT)
        )
        if isinstance(answer, Faulted):
            raise self._calls.unreadable(told(answer.fault))
        if isinstance(answer, Unclear):
            if rows_max <= _ROWS_MIN:
                raise self._calls.unreadable(answer.message)
            return None
        response = answer.document.get("QueryResponse")
        if not isinstance(response, dict):
            raise self._calls.unreadable("the answer holds no list")
        return objects(response.get(ENTITY[kind]))

    def _object(self, path: str, entity: str) -> Json:
        answer = self._calls.read(Call("GET", path))
        if not isinstance(answer, Answered):
            why = told(answer.fault) if isinstance(answer, Faulted) else answer.message
            raise self._calls.unreadable(why)
        return inside(answer.document, entity)

    def _remote(self, kind: RemoteKind, row: Json) -> Remote:
        needs_home = kind in ENTRIES and self._home is None
        if needs_home and "CurrencyRef" not in row and text(row, "status") == "":
            self.describe()
        try:
            return reading.remote(kind, row, self._home or "")
        except ValueError as flaw:
            raise self._calls.unreadable(str(flaw)) from None


def _named(remotes: Sequence[Remote], name: str | None) -> Sequence[Remote]:
    return [remote for remote in remotes if same_name(remote.name, name or "")]


def _parts(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _items(document: Json) -> Mapping[str, Json]:
    """Return a batch's item responses by their keys, without keys that occur twice."""
    items: dict[str, Json] = {}
    doubled: set[str] = set()
    for item in objects(document.get("BatchItemResponse")):
        key = text(item, "bId")
        doubled.update({key} & items.keys())
        items[key] = item
    return {key: item for key, item in items.items() if key not in doubled}


def _outcome(order: Order, item: Json | None, tid: str | None) -> Outcome:
    fault = plain_fault(item.get("Fault", item.get("fault"))) if item is not None else None
    return outcome(order, item, fault, tid)


def _changed(document: Json) -> Iterator[tuple[RemoteKind, Json]]:
    """Yield the changed objects of a change data capture response, each with its kind."""
    for response in objects(document.get("CDCResponse")):
        for group in objects(response.get("QueryResponse")):
            for entity, rows in group.items():
                kind = KIND.get(entity.lower())
                if kind is not None:
                    yield from ((kind, row) for row in objects(rows))


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
