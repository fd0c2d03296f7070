"""The paths of the API, and the parameters in them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

BUSINESS = "/api/businesses/{businessId}"
BASE = f"{BUSINESS}/integrations/accounting"
ONE = f"{BASE}/{{accountingIntegrationId}}"
RECORDS = f"{BASE}/records"

_ID = r"^[A-Za-z0-9_.:-]{1,64}$"

BusinessId = Annotated[
    str,
    Path(
        alias="businessId", pattern=_ID, description="The id of the business.", examples=["biz_1"]
    ),
]
IntegrationId = Annotated[
    str,
    Path(
        alias="accountingIntegrationId",
        pattern=_ID,
        description="The id of the accounting integration.",
        examples=["acctint_9f86d081884c7d659a2feaa0c55ad015"],
    ),
]
RunId = Annotated[
    str,
    Path(
        alias="runId",
        pattern=_ID,
        description="The id of the run.",
        examples=["run_c4ca4238a0b923820dcc509a6f75849b"],
    ),
]
RecordId = Annotated[
    str,
    Path(alias="recordId", pattern=_ID, description="The id of the record.", examples=["conn_12"]),
]
PayableId = Annotated[
    str,
    Path(
        alias="payableId", pattern=_ID, description="The id of the payable.", examples=["pay_889"]
    ),
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="Only entries whose name contains this text, ignoring case.",
        examples=["harbor"],
    ),
]


def where_run(business_id: str, integration_id: str, run_id: str) -> str:
    """Return the path of a run."""
    base = BASE.replace("{businessId}", business_id)
    return f"{base}/{integration_id}/runs/{run_id}"
