"""Answer with a list as CSV, requested with `?format=csv` or `Accept: text/csv`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Query
from fastapi.responses import Response, StreamingResponse

from cleo_accounting.flows.admin import acts
from cleo_accounting.web.sheets import Cell, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapi import Request

    from cleo_accounting.flows import House

_KIND = "text/csv"
FormatHere = Annotated[
    Literal["json", "csv"],
    Query(
        alias="format",
        description="`csv` returns the whole list as CSV, ignoring `limit` and `offset`, as does"
        " `Accept: text/csv`.",
    ),
]
CSV: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {_KIND: {"schema": {"type": "string"}}},
        "description": "The list, as JSON or CSV.",
    }
}


def wants_csv(request: Request, asked: str) -> bool:
    """Return whether the request asks for CSV; if so, count it against the business's budget.

    The export is also recorded in the audit log, which thus names everyone who exported records.

    Raises:
        Exceeded: the budget is used up.
    """
    wanted = asked == "csv" or _KIND in request.headers.get("accept", "")
    if wanted:
        house: House = request.app.state.door.house
        business_id = request.path_params["businessId"]
        house.rates.spend("sheets", business_id)
        name = f"{request.url.path.rpartition('/')[2]}.csv"
        by = request.state.caller.user_id
        acts.note(house, business_id, by=by, what="exported", subject=name)
    return wanted


def sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Stream rows as a CSV file; `name` consists of letters, digits and dashes and is not input."""
    return StreamingResponse(
        written(header, rows),
        media_type=f"{_KIND}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
