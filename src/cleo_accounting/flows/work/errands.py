"""Run a worker's errands: refresh name lists (look), reconcile, revoke or re-encrypt a grant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from cleo_accounting.core.cause import INTERNAL
from cleo_accounting.errors import AccountingError, Misconfigured, Reconnect, Wait
from cleo_accounting.flows.admin import keys
from cleo_accounting.flows.apart import tried
from cleo_accounting.flows.company import follow
from cleo_accounting.flows.company.books import heed, open_books, spent, unseal
from cleo_accounting.flows.company.open_balances import follow_balances
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.store import audit, errands, integrations, reconciliations
from cleo_accounting.store.ended import Ended
from cleo_accounting.store.errands import Errand, Fate, Verb
from cleo_accounting.store.tenancy import across

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cleo_accounting.flows import House
    from cleo_accounting.providers import Company

log = structlog.get_logger(__name__)

_ATTEMPTS_MAX = 20
_WAIT_MAX = timedelta(hours=6)
_DAY = timedelta(days=1)
_BUDGETS = {Verb.LOOK: "looks", Verb.RECONCILE: "reconciliations"}
_CLAIM = timedelta(minutes=30)  # longer than reading any list takes


def run_due(house: House) -> int:
    """Run the errands that are due; return how many there were."""
    with house.database.across.reading() as tx:
        due = errands.due(tx, now=house.clock.now())
    for errand in due:
        run(house, errand)
    return len(due)


def run(house: House, errand: Errand) -> None:
    """Run one errand and record how it ended; one that has to wait is postponed."""
    house = house.of(errand.business_id)
    now = house.clock.now()
    with house.database.transaction() as tx:
        if not errands.claim(tx, errand, now=now, until=now + _CLAIM):
            return  # another worker has it
        silent_until = integrations.by_id(tx, errand.integration_id).silent_until
        if silent_until and silent_until > now and errand.verb in _READ:
            errands.postpone(tx, errand, silent_until)
            return
    try:
        tried(lambda: _do(house, errand), lambda trouble: _unforeseen(errand, now, trouble))
    except Wait as wait:
        _wait(house, errand, wait)
    except (Reconnect, Misconfigured) as refusal:
        _end(house, errand, Fate.GIVEN_UP, refusal)
    else:
        _end(house, errand, Fate.DONE)


def _do(house: House, errand: Errand) -> None:
    if errand.verb in _READ:
        _read(house, errand)
    else:
        _DO[errand.verb](house, errand.integration_id)


def _read(house: House, errand: Errand) -> None:
    """Run an errand that reads the books, and count its requests, however it ends."""
    with house.database.reading() as tx:
        company = open_books(house, integrations.by_id(tx, errand.integration_id))
    try:
        _READ[errand.verb](house, errand.integration_id, company)
    finally:
        with house.database.transaction() as tx:
            errands.spend(tx, errand, spent(company))


def _unforeseen(errand: Errand, now: datetime, trouble: Exception) -> None:
    """Postpone an errand that met an internal error; the errands of others go on."""
    told = {"verb": errand.verb, "integration_id": errand.integration_id}
    log.error("errand_failed", exc_info=trouble, **told)
    raise Wait("Something went wrong on our side.", now, code=INTERNAL) from trouble


def ask_daily(house: House) -> None:
    """Queue a reconciliation of every company not reconciled for a day, to find duplicates soon."""
    now = house.clock.now()
    with house.database.across.transaction() as tx:
        for integration_id in reconciliations.due(tx, now - _DAY):
            errands.add(tx, integration_id, Verb.RECONCILE, now=now)


def ask_to(house: House, business_id: str, integration_id: str, verb: Verb) -> None:
    """Queue a refresh of the name lists, or a reconciliation.

    Raises:
        Reconnect: the company is not connected.
        Exceeded: the hourly budget of the business is used up; QuickBooks meters what is read.
    """
    with house.database.transaction() as tx:
        integration = integrations.get(tx, business_id, integration_id)
        if integration.status is not integrations.Status.CONNECTED:
            raise Reconnect("QuickBooks is not connected; connect it again.")
    house.rates.spend(_BUDGETS[verb], business_id)
    with house.database.transaction() as tx:
        errands.add(tx, integration_id, verb, now=house.clock.now())


def looking(house: House, integration_id: str) -> bool:
    """Whether a refresh of the name lists is still due."""
    with house.database.reading() as tx:
        return errands.waiting(tx, integration_id, Verb.LOOK)


def look(house: House, integration_id: str, company: Company) -> None:
    """Read how the company describes itself, its name lists, and our documents' open balances."""
    with house.database.reading() as tx:
        integration = integrations.by_id(tx, integration_id)
    if integration.names_cursor is not None:  # the first full read includes it
        follow.describe(house, integration, company)
    follow_balances(house, follow.look(house, integration, company), company)


def revoke(house: House, integration_id: str) -> None:
    """Revoke the grant of a disconnected integration, then delete it.

    If another business has connected the company since, the grant is only deleted: QuickBooks
    treats all grants of a company as one, and would end the other one, too.
    """
    with house.database.reading() as tx:
        integration = integrations.by_id(tx, integration_id)
        sealed = integrations.grant_of(tx, integration_id)
        with across(tx):
            holder = integrations.holder(tx, integration.provider, integration.company_id)
    if sealed is None or integration.live:
        return
    kept = holder is not None and holder.status is integrations.Status.CONNECTED
    if not kept:
        house.provider.revoke(unseal(house, integration, sealed))
    with house.database.transaction() as tx:
        forgotten = integrations.put_grant(
            tx, integration_id, None, version=sealed.version, expires_at=None
        )
        if forgotten:
            audit.note(
                tx,
                integration.business_id,
                by="worker",
                what="grant_not_revoked" if kept else "grant_revoked",
                subject=integration_id,
                now=house.clock.now(),
                facts={"code": Ended.CONNECTED_ELSEWHERE} if kept else None,
            )


_READ: Mapping[Verb, Callable[[House, str, Company], object]] = {
    Verb.LOOK: look,
    Verb.RECONCILE: reconcile.keep,
}
_DO: Mapping[Verb, Callable[[House, str], object]] = {
    Verb.REVOKE: revoke,
    Verb.RESEAL: keys.reseal_one,
}


def _wait(house: House, errand: Errand, wait: Wait) -> None:
    with house.database.reading() as tx:
        integration = integrations.by_id(tx, errand.integration_id)
    heed(house, integration.company_id, wait)
    if errand.attempts + 1 >= _ATTEMPTS_MAX:
        _end(house, errand, Fate.GIVEN_UP, wait)
        return
    step = min(timedelta(seconds=2**errand.attempts), _WAIT_MAX)
    with house.database.transaction() as tx:
        errands.postpone(tx, errand, max(wait.until, house.clock.now() + step))


def _end(house: House, errand: Errand, fate: Fate, cause: AccountingError | None = None) -> None:
    now = house.clock.now()
    with house.database.transaction() as tx:
        errands.settle(tx, errand, fate, now=now)
        if errand.verb is Verb.REVOKE and fate is Fate.GIVEN_UP and cause is not None:
            integration = integrations.by_id(tx, errand.integration_id)
            if not integration.live:
                integrations.replace_grant(tx, integration.id, None, expires_at=None)
            audit.note(
                tx,
                integration.business_id,
                by="worker",
                what="grant_not_revoked",
                subject=integration.id,
                now=now,
                facts={"code": cause.code},
            )
