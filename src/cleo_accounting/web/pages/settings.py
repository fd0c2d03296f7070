"""The settings page: the connected company, since when and by whom, and the audit log."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query, Response

from cleo_accounting.flows.admin import access
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting import history
from cleo_accounting.web.pages.guard import PLACE, Shown, VisitHere
from cleo_accounting.web.pages.render import show

router = APIRouter(route_class=Shown, include_in_schema=False)

ROWS = 30
_SAID = {
    "session_made": "made a link to this page",
    "session_opened": "signed in to this page",
    "sessions_ended": "signed people out of this page",
    "connect_begun": "started connecting QuickBooks",
    "connect_denied": "declined the connection",
    "connected": "connected {company_name}",
    "company_confirmed": "confirmed {company_name}",
    "disconnected": "disconnected {company_name}",
    "connected_elsewhere": "noted that {company_name} was connected elsewhere by someone who signed"
    " in at QuickBooks",
    "paused": "paused sending",
    "resumed": "resumed sending",
    "mapped": "mapped {name} to {remote_name}",
    "unmapped": "removed a match",
    "decided": "made a decision on a record",
    "identified": "identified imported document {number}",
    "record_deleted": "deleted a Cleo Pay record",
    "duplicates_to_remove": "asked to remove duplicates from QuickBooks",
    "invoice_fields_set": "changed bill and invoice fields",
    "sync_requested": "started a sync",
    "sync_cancelled": "cancelled a sync",
    "grant_revoked": "revoked our access to QuickBooks",
    "grant_not_revoked": "could not revoke our access to QuickBooks",
    "chain_signed": "signed the acts from before acts were signed",
    "denied": "was denied an action",
    "erased": "erased all records of this business",
    "exported": "downloaded a CSV file",
    "records_fed": "sent Cleo Pay records",
    "grant_resealed": "sealed our permission under a newer key",
    "token_issued": "made an API token",
    "token_revoked": "revoked an API token",
}


@router.get(f"{PLACE}/settings")
def settings(visit: VisitHere, page: Annotated[int, Query(ge=1, le=100_000)] = 1) -> Response:
    """Show the connection and the audit log."""
    entries, total = history.audited(
        visit.house, visit.business_id, limit=ROWS, offset=(page - 1) * ROWS
    )
    told = [
        (entry, _SAID.get(entry.what, "did something"), _facts(entry.facts)) for entry in entries
    ]
    return show(
        visit,
        "settings.html",
        tab="settings",
        integration=connect.latest(visit.house, visit.business_id),
        entries=told,
        ending=access.ending(visit.house, visit.business_id),
        page=page,
        pages=-(-total // ROWS),
    )


def _facts(text: str) -> dict[str, str]:
    return {name: str(value) for name, value in json.loads(text).items()}
