"""The end of some worlds: a business disconnects, and an operator erases it."""

from __future__ import annotations

from cleo_accounting.errors import AccountingError
from cleo_accounting.flows.admin import erase
from proof.simulation.deeds import Stage
from proof.simulation.world import Tenant

_TURNS_MAX = 40


def leave(stage: Stage, tenant: Tenant) -> None:
    """Disconnect, let a worker revoke the grant, erase the business, and note all that is left."""
    here, business = stage.world, tenant.business_id
    stage.play([{"do": "disconnect", "tenant": tenant.number}])
    stage.crew.work(0, _TURNS_MAX)
    try:
        erase.erase(here.web.house, business, by="operator")
    except AccountingError as refusal:
        here.history.note("not_erased", business=business, code=refusal.code)
        return
    here.history.note("erased", business=business, left=here.bench.dump())
