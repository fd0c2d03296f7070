"""Webhooks: which change is sent to which app, in what format, and when it is retried.

This module sends nothing. It gathers events into notices; the caller takes the next notice due,
posts it with a time-out of three seconds and reports the status.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quickbooks_emulator.basics.dice import Dice
    from quickbooks_emulator.basics.switches import Switches
    from quickbooks_emulator.books.books import Effect
    from quickbooks_emulator.sign_in.apps import App

RETRY_SECONDS = (10, 20, 30, 5 * 60, 20 * 60, 2 * 3600, 4 * 3600, 6 * 3600)
"""The waits after failed attempts; the last one, six hours, repeats."""
ANSWER_SECONDS = 3.0
KEPT_MAX = 1000
NAMES = {"CompanyCurrency": "Currency"}
RINGING = frozenset(
    {
        "Account",
        "Bill",
        "BillPayment",
        "Budget",
        "Class",
        "CreditMemo",
        "Currency",
        "Customer",
        "Department",
        "Deposit",
        "Employee",
        "Estimate",
        "Invoice",
        "Item",
        "JournalCode",
        "JournalEntry",
        "Payment",
        "PaymentMethod",
        "Preferences",
        "Purchase",
        "PurchaseOrder",
        "RefundReceipt",
        "SalesReceipt",
        "TaxAgency",
        "Term",
        "TimeActivity",
        "Transfer",
        "Vendor",
        "VendorCredit",
    }
)


@dataclass(frozen=True, slots=True)
class Bell:
    """Probabilities with which webhooks fail, drawn from the seed."""

    lose: float = 0.0
    double: float = 0.0
    reorder: float = 0.0
    delay_seconds: float = 0.0
    """The maximum delay of a notice."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change that an app is notified of."""

    id: str
    realm_id: str
    entity: str
    entity_id: str
    operation: str
    at: datetime
    deleted_id: str | None = None


@dataclass(slots=True)
class Notice:
    """One webhook POST to one app, and its delivery attempts."""

    id: str
    client_id: str
    url: str
    events: list[Event]
    headers: dict[str, str]
    body: bytes
    due: datetime
    state: Literal["waiting", "delivered", "lost"] = "waiting"
    attempts: list[tuple[datetime, int | None]] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the notice as the control API shows it."""
        told = asdict(self)
        told["body"] = self.body.decode()
        return told


class Webhooks:
    """Gathers events into notices and keeps a queue of notices for each app."""

    def __init__(
        self,
        dice: Dice,
        apps: Mapping[str, App],
        connected: Callable[[str, str], bool],
        switches: Callable[[], Switches],
    ) -> None:
        self._dice, self._apps = dice, apps
        self._connected, self._switches = connected, switches
        self.bell = Bell()
        self.gathering: dict[str, list[Event]] = {}
        self.queues: dict[str, list[Notice]] = {}
        self.settled: list[Notice] = []
        """The latest notices that were delivered or lost."""

    def hear(
        self, realm_id: str, effect: Effect, now: datetime, *, by_client: str | None = None
    ) -> None:
        """Add a change to the events of every connected app that subscribes to its entity."""
        entity = NAMES.get(effect.kind, effect.kind)
        if entity not in RINGING:
            return
        switches = self._switches()
        for app in self._apps.values():
            if app.webhook is None or not self._connected(app.client_id, realm_id):
                continue
            if app.webhook.entities and entity not in app.webhook.entities:
                continue
            if by_client == app.client_id and not switches.own_writes_echo:
                continue
            event = Event(
                id=self._dice.uuid("webhook event"),
                realm_id=realm_id,
                entity=entity,
                entity_id=effect.id,
                operation=_operation(effect, switches),
                at=now,
                deleted_id=effect.merged_id,
            )
            self.gathering.setdefault(app.client_id, []).append(event)

    def next_due(
        self, now: datetime, *, at_once: bool = False, tried: frozenset[str] = frozenset()
    ) -> Notice | None:
        """Return the next notice to post; by default, an app's later ones wait for its first."""
        self._gather(now, at_once=at_once)
        for queue in self.queues.values():
            for notice in queue:
                ready = at_once or notice.due <= now
                if ready and notice.id not in tried:
                    return notice
                if self._switches().webhook_blocking:
                    break
        return None

    def settle(self, notice: Notice, status: int | None, now: datetime) -> None:
        """Record an attempt: the notice is delivered, or its retry is scheduled."""
        notice.attempts.append((now, status))
        if status is not None and 200 <= status < 300:  # noqa: PLR2004  success
            notice.state = "delivered"
            self._keep(notice)
            return
        step = min(len(notice.attempts), len(RETRY_SECONDS)) - 1
        notice.due = now + timedelta(seconds=RETRY_SECONDS[step])

    def sent(self) -> list[Notice]:
        """Return every notice kept: settled ones first, then those still waiting."""
        return [*self.settled, *(each for queue in self.queues.values() for each in queue)]

    def _keep(self, notice: Notice) -> None:
        self.queues[notice.client_id].remove(notice)
        self.settled.append(notice)
        del self.settled[:-KEPT_MAX]

    def _gather(self, now: datetime, *, at_once: bool) -> None:
        """Make one notice of an app's events, of all companies, once the gathering time is over."""
        wait = timedelta(seconds=self._switches().webhook_gather_seconds)
        for client_id, events in list(self.gathering.items()):
            app = self._apps.get(client_id)
            if not at_once and events[0].at + wait > now:
                continue
            del self.gathering[client_id]
            if app is not None and app.webhook is not None:
                self._queue(app, events, now)

    def _queue(self, app: App, events: list[Event], now: datetime) -> None:
        """Queue a notice for its app, applying the bell's random losses, doubles and delays."""
        bell = self.bell
        if self._happens("reorder", bell.reorder):
            events = sorted(events, key=lambda event: event.id)
        late = bell.delay_seconds * self._dice.fraction("bell delay") if bell.delay_seconds else 0
        due = now + timedelta(seconds=late)
        notice = _notice(app, events, due, self._switches(), self._dice)
        queue = self.queues.setdefault(app.client_id, [])
        queue.append(notice)
        if self._happens("lose", bell.lose):
            notice.state = "lost"
            self._keep(notice)
            return
        if self._happens("double", bell.double):
            queue.append(replace(notice, id=self._dice.uuid("notice"), attempts=[]))
        if len(queue) > 1 and self._happens("reorder", bell.reorder):
            queue[-1], queue[-2] = queue[-2], queue[-1]

    def _happens(self, what: str, chance: float) -> bool:
        return chance > 0 and self._dice.fraction(f"bell {what}") < chance


def sign(body: bytes, verifier_token: str) -> str:
    """Return the `intuit-signature` header for a body."""
    digest = hmac.new(verifier_token.encode(), body, sha256).digest()
    return base64.b64encode(digest).decode()


def _notice(app: App, events: list[Event], due: datetime, switches: Switches, dice: Dice) -> Notice:
    subscription = app.webhook
    assert subscription is not None
    shape = subscription.shape or switches.webhook_shape
    if shape == "legacy":
        document: Any = _legacy(events)
    else:
        source = f"intuit.{sha256(app.client_id.encode()).hexdigest()[:32]}"
        document = [_cloud_event(event, source, switches) for event in events]
    body = json.dumps(document, separators=(",", ":")).encode()
    identity = dice.uuid("notice")
    headers = {
        "content-type": "application/json",
        "user-agent": "intuit_notification_server/0.1",
        "intuit-signature": sign(body, subscription.verifier_token),
        "intuit-created-time": _universal(events[0].at, 0),
        "intuit-t-id": identity,
        "intuit-notification-schema-version": "0.1" if shape == "legacy" else "1.0",
    }
    return Notice(identity, app.client_id, subscription.url, events, headers, body, due)


def _legacy(events: list[Event]) -> dict[str, Any]:
    """Return the legacy payload: `eventNotifications`, with one element for each company."""
    by_realm: dict[str, list[dict[str, str]]] = {}
    for event in events:
        told = {
            "name": event.entity,
            "id": event.entity_id,
            "operation": event.operation,
            "lastUpdated": _universal(event.at, 3),
        }
        if event.deleted_id:
            told["deletedId"] = event.deleted_id
        by_realm.setdefault(event.realm_id, []).append(told)
    return {
        "eventNotifications": [
            {"realmId": realm_id, "dataChangeEvent": {"entities": entities}}
            for realm_id, entities in by_realm.items()
        ]
    }


def _cloud_event(event: Event, source: str, switches: Switches) -> dict[str, Any]:
    past = {"Create": "created", "Update": "updated", "Delete": "deleted", "Merge": "merged"}
    happened = past.get(event.operation, switches.void_event)
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": f"qbo.{event.entity.lower()}.{happened}.v1",
        "datacontenttype": "application/json",
        "time": _universal(event.at, 9),
        "intuitentityid": event.entity_id,
        "intuitaccountid": event.realm_id,
        "data": {"deletedId": event.deleted_id} if event.deleted_id else {},
    }


def _operation(effect: Effect, switches: Switches) -> str:
    """Return the operation's name; a deactivation may be reported as a deletion."""
    if switches.deactivation_event == "deleted" and effect.before and effect.after:
        was_active = b'"Active":false' not in effect.before
        if was_active and b'"Active":false' in effect.after:
            return "Delete"
    return effect.operation


def _universal(moment: datetime, digits: int) -> str:
    """Format a moment as RFC 3339 in UTC, with this many fractional digits of a second."""
    text = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    fraction = f"{moment.microsecond:06d}000"[:digits]
    return f"{text}.{fraction}Z" if digits else f"{text}Z"
