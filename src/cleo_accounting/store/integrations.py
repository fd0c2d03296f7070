"""Integrations: one business connected to one company, with status, sealed grant and settings.

A grant is stored by compare-and-swap on its version: if two processes renew it at once, only one of
them succeeds. No other module touches the sealed text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.core.links import Profile
from cleo_accounting.errors import Conflict, Missing
from cleo_accounting.store.tables import integrations
from cleo_accounting.store.tenancy import know_new_integration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cleo_accounting.store.database import Transaction


class Status(StrEnum):
    """Whether the company's books can be opened."""

    CONNECTED = "connected"
    NEEDS_RECONNECT = "needs_reconnect"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Integration:
    """A business's connection to a company, without its grant."""

    id: str
    business_id: str
    provider: str
    company_id: str
    company_name: str
    status: Status
    status_reason: str | None
    profile: Profile
    fields: InvoiceFields
    fields_version: int
    grant_version: int
    names_cursor: datetime | None
    connected_at: datetime
    connected_by: str
    disconnected_at: datetime | None
    disconnected_by: str | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    paused_at: datetime | None = None
    paused_by: str | None = None
    silent_until: datetime | None = None
    balances_cursor: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether it holds its company; a disconnected one only keeps the history."""
        return self.status is not Status.DISCONNECTED

    @property
    def place(self) -> Sequence[str]:
        """The place for which its grant is sealed."""
        return ("integrations", self.id, self.business_id, self.company_id)


@dataclass(frozen=True, slots=True)
class SealedGrant:
    """A sealed grant and its version."""

    text: str
    version: int


_NAMES = tuple(Integration.__dataclass_fields__)
_COLUMNS = [integrations.c[name] for name in _NAMES]
_BY_ID = select(*_COLUMNS).where(integrations.c.id == bindparam("id"))
_OF_BUSINESS = _BY_ID.where(integrations.c.business_id == bindparam("business_id"))
_WITH_GRANT = _BY_ID.add_columns(integrations.c.grant_sealed)
_GRANT = select(integrations.c.grant_sealed, integrations.c.grant_version).where(
    integrations.c.id == bindparam("id")
)


def get(tx: Transaction, business_id: str, integration_id: str) -> Integration:
    """Return an integration of a business, live or not; never one of another business.

    Raises:
        Missing: the business has none of this id.
    """
    row = tx.execute(_OF_BUSINESS, {"id": integration_id, "business_id": business_id}).first()
    if row is None:
        raise Missing("There is no such accounting integration.")
    return _integration(row)


def by_id(tx: Transaction, integration_id: str) -> Integration:
    """Return an integration of any business: for the worker."""
    return _integration(tx.execute(_BY_ID, {"id": integration_id}).one())


def live(tx: Transaction, business_id: str, provider: str) -> Integration | None:
    """Return the integration that holds the business's company, if any."""
    return _one(
        tx,
        integrations.c.business_id == business_id,
        integrations.c.provider == provider,
        integrations.c.status != Status.DISCONNECTED,
    )


def latest(tx: Transaction, business_id: str, provider: str) -> Integration | None:
    """Return the integration that was connected last, live or not."""
    return _one(tx, integrations.c.business_id == business_id, integrations.c.provider == provider)


def of_business(tx: Transaction, business_id: str) -> Sequence[Integration]:
    """Return all integrations of a business, newest first."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(integrations.c.business_id == business_id)
        .order_by(integrations.c.connected_at.desc(), integrations.c.id)
    )
    return [_integration(row) for row in rows]


def holder(tx: Transaction, provider: str, company_id: str) -> Integration | None:
    """Return the live integration of a company, of any business."""
    return _one(
        tx,
        integrations.c.provider == provider,
        integrations.c.company_id == company_id,
        integrations.c.status != Status.DISCONNECTED,
    )


def of_company(
    tx: Transaction, business_id: str, provider: str, company_id: str
) -> Integration | None:
    """Return a business's integration with a company, live or not."""
    return _one(
        tx,
        integrations.c.business_id == business_id,
        integrations.c.provider == provider,
        integrations.c.company_id == company_id,
    )


def add(tx: Transaction, integration: Integration) -> None:
    """Store a new integration, still without a grant.

    Raises:
        Conflict: the company is held by another integration, or the business holds another.
    """
    values = {
        column.name: getattr(integration, column.name)
        for column in _COLUMNS
        if column.name not in ("profile", "fields")
    }
    try:
        tx.execute(
            integrations.insert().values(
                **values,
                profile=msgspec.to_builtins(integration.profile),
                fields=msgspec.to_builtins(integration.fields),
            )
        )
    except IntegrityError:
        raise taken() from None
    know_new_integration(tx)


def connect_again(
    tx: Transaction, integration_id: str, profile: Profile, *, by: str, now: datetime
) -> None:
    """Connect a known integration to its company again.

    Raises:
        Conflict: the company is held by another integration by now.
    """
    try:
        _change(
            tx,
            integration_id,
            status=Status.CONNECTED,
            status_reason=None,
            company_name=profile.name,
            profile=msgspec.to_builtins(profile),
            connected_at=now,
            connected_by=by,
            disconnected_at=None,
            disconnected_by=None,
            # Read everything anew: the database may have been restored from an old backup.
            names_cursor=None,
            balances_cursor=None,
        )
    except IntegrityError:
        raise taken() from None


def disconnect(
    tx: Transaction, integration_id: str, *, by: str, now: datetime, reason: str | None = None
) -> None:
    """Release the company; its books can no longer be opened with this grant."""
    _change(
        tx,
        integration_id,
        status=Status.DISCONNECTED,
        status_reason=reason,
        disconnected_at=now,
        disconnected_by=by,
    )


def confirm(tx: Transaction, integration_id: str, *, by: str, now: datetime) -> None:
    """Record that a person confirmed the company."""
    _change(tx, integration_id, confirmed_at=now, confirmed_by=by)


def pause(tx: Transaction, integration_id: str, *, by: str, now: datetime) -> None:
    """Record that nothing may be written until a person resumes."""
    _change(tx, integration_id, paused_at=now, paused_by=by)


def resume(tx: Transaction, integration_id: str) -> None:
    """Record that writing may continue."""
    _change(tx, integration_id, paused_at=None, paused_by=None)


_SILENT_UNTIL = select(func.max(integrations.c.silent_until)).where(
    integrations.c.provider == bindparam("provider"),
    integrations.c.company_id == bindparam("company_id"),
)


def silent_until(tx: Transaction, provider: str, company_id: str) -> datetime | None:
    """Return until when no requests may be sent to a company, by any of its integrations."""
    of = {"provider": provider, "company_id": company_id}
    until: datetime | None = tx.scalar(_SILENT_UNTIL, of)
    return until


def be_silent(tx: Transaction, provider: str, company_id: str, until: datetime) -> None:
    """Store until when no requests may be sent to a company; the latest moment counts."""
    known = integrations.c.silent_until
    its = (integrations.c.provider == provider, integrations.c.company_id == company_id)
    query = update(integrations).where(*its, or_(known.is_(None), known < until))
    tx.execute(query.values(silent_until=until))


def need_reconnect(
    tx: Transaction, integration_id: str, reason: str, *, version: int | None = None
) -> bool:
    """Require a person to connect again, unless the grant was renewed since `version`."""
    query = update(integrations).where(
        integrations.c.id == integration_id, integrations.c.status == Status.CONNECTED
    )
    if version is not None:
        query = query.where(integrations.c.grant_version == version)
    done = tx.execute(query.values(status=Status.NEEDS_RECONNECT, status_reason=reason))
    return done.rowcount == 1


def need_no_reconnect(tx: Transaction, integration_id: str, reason: str) -> None:
    """Undo `need_reconnect` for a reason that turned out to be wrong."""
    tx.execute(
        update(integrations)
        .where(
            integrations.c.id == integration_id,
            integrations.c.status == Status.NEEDS_RECONNECT,
            integrations.c.status_reason == reason,
        )
        .values(status=Status.CONNECTED, status_reason=None)
    )


def set_profile(tx: Transaction, integration_id: str, profile: Profile) -> None:
    """Store the company's current settings."""
    _change(tx, integration_id, company_name=profile.name, profile=msgspec.to_builtins(profile))


def set_names_cursor(tx: Transaction, integration_id: str, moment: datetime | None) -> None:
    """Store up to when the name lists are known; None: read them anew."""
    _change(tx, integration_id, names_cursor=moment)


def set_fields(
    tx: Transaction, integration_id: str, fields: InvoiceFields, *, version: int
) -> bool:
    """Save invoice fields as the version after `version`; False if that is not the newest."""
    done = tx.execute(
        update(integrations)
        .where(integrations.c.id == integration_id, integrations.c.fields_version == version)
        .values(fields=msgspec.to_builtins(fields), fields_version=version + 1)
    )
    return done.rowcount == 1


def grant_of(tx: Transaction, integration_id: str) -> SealedGrant | None:
    """Return the sealed grant in any status: a disconnected one still has to be revoked."""
    return _sealed(tx.execute(_GRANT, {"id": integration_id}).one())


def with_grant(tx: Transaction, integration_id: str) -> tuple[Integration, SealedGrant | None]:
    """Return an integration and its sealed grant: for the worker."""
    row = tx.execute(_WITH_GRANT, {"id": integration_id}).one()
    return _integration(row), _sealed(row)


def put_grant(
    tx: Transaction,
    integration_id: str,
    sealed: str | None,
    *,
    version: int,
    expires_at: datetime | None,
) -> bool:
    """Store a grant as the version after `version`; False if another process was faster."""
    done = tx.execute(
        update(integrations)
        .where(integrations.c.id == integration_id, integrations.c.grant_version == version)
        .values(grant_sealed=sealed, grant_version=version + 1, grant_expires_at=expires_at)
    )
    return done.rowcount == 1


def replace_grant(
    tx: Transaction, integration_id: str, sealed: str | None, *, expires_at: datetime | None
) -> None:
    """Store a grant that a person gave or took away, whatever the stored version."""
    _change(
        tx,
        integration_id,
        grant_sealed=sealed,
        grant_version=integrations.c.grant_version + 1,
        grant_expires_at=expires_at,
    )


def with_grants(tx: Transaction) -> Sequence[tuple[Integration, SealedGrant]]:
    """Return every integration that has a grant, to seal it again with a newer key."""
    rows = tx.execute(
        select(*_COLUMNS, integrations.c.grant_sealed)
        .where(integrations.c.grant_sealed.is_not(None))
        .order_by(integrations.c.id)
    )
    return [(_integration(row), SealedGrant(row.grant_sealed, row.grant_version)) for row in rows]


def count_by_status(tx: Transaction) -> Mapping[str, int]:
    """Count the integrations of all businesses by status, including statuses with none."""
    rows = tx.execute(
        select(integrations.c.status, func.count().label("number")).group_by(integrations.c.status)
    )
    return {status.value: 0 for status in Status} | {row.status: row.number for row in rows}


def taken() -> Conflict:
    """Return the error for a company that is connected already, without naming the business."""
    return Conflict(
        "This company is already connected to an integration. Disconnect it there first. If that"
        " connection was ended in QuickBooks just now, try again in a few minutes.",
        code="company_taken",
    )


def _one(tx: Transaction, *conditions: Any) -> Integration | None:  # noqa: ANN401  SQLAlchemy's
    row = tx.execute(
        select(*_COLUMNS).where(*conditions).order_by(integrations.c.connected_at.desc()).limit(1)
    ).first()
    return None if row is None else _integration(row)


def _integration(row: Any) -> Integration:  # noqa: ANN401  a row of some columns
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=False))
    values["status"] = Status(values["status"])
    values["profile"] = msgspec.convert(values["profile"], Profile)
    values["fields"] = msgspec.convert(values["fields"], InvoiceFields)
    return Integration(**values)


def _sealed(row: Any) -> SealedGrant | None:  # noqa: ANN401  a row of some columns
    return SealedGrant(row.grant_sealed, row.grant_version) if row.grant_sealed else None


_OF_ID = update(integrations).where(integrations.c.id == bindparam("integration"))


def _change(tx: Transaction, integration_id: str, **values: Any) -> None:  # noqa: ANN401  columns
    done = tx.execute(_OF_ID.values(**values), {"integration": integration_id})
    assert done.rowcount == 1, "an integration is never deleted"
