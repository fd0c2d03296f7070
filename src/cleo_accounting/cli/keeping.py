"""`record`: read, list and delete the stored records of the platform."""

from __future__ import annotations

from typing import Annotated

import typer

from cleo_accounting.cli import paper
from cleo_accounting.cli.desk import (
    AsJson,
    Business,
    DatabaseUrl,
    DryRun,
    Limit,
    Offset,
    Yes,
    opened,
)
from cleo_accounting.core.records import RecordKind
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.admin import erase as erasing
from cleo_accounting.flows.records import keep
from cleo_accounting.web.record_schemas import document

_CALLED = ("connectedBusinessName", "name", "invoiceNumber", "payableId")

app = typer.Typer(no_args_is_help=True, help="Read, list and delete stored records.")

Collection = Annotated[
    str,
    typer.Argument(help=f"The type of record: {', '.join(keep.COLLECTIONS)}.", show_default=False),
]
RecordId = Annotated[
    str, typer.Argument(help="The id of the record, such as pay_1.", show_default=False)
]


@app.command("list")
def list_(
    *,
    collection: Collection,
    business: Business,
    status: Annotated[str | None, typer.Option(help="Only records with this status.")] = None,
    connection: Annotated[
        str | None, typer.Option(help="Only payables of this connection.")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(help="Only payables with this role of the business: payer or payee."),
    ] = None,
    number: Annotated[str | None, typer.Option(help="Only payables with this number.")] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List records in the order they were received."""
    wanted = {
        "status": status,
        "connectionId": connection,
        "role": role,
        "invoiceNumber": number,
    }
    with opened(business, database) as desk:
        found, total = keep.page(
            desk.house, business, _kind(collection), wanted, limit=limit, offset=offset
        )
        unit = desk.house.amounts_in
    told = [document(one, amounts_in=unit).model_dump(mode="json", by_alias=True) for one in found]
    if as_json:
        paper.data({"items": told, "total": total})
        return
    rows = [
        (
            one["id"],
            next((one[name] for name in _CALLED if one.get(name)), ""),
            *(one.get(name, "") for name in ("connectionId", "amount", "currency", "status")),
        )
        for one in told
    ]
    paper.table("", ["id", "called", "connection", "#amount", "", "status"], rows)
    paper.note(f"[dim]{len(found)} of {total}[/]")


@app.command("show")
def show(
    *,
    collection: Collection,
    record_id: RecordId,
    business: Business,
    database: DatabaseUrl = None,
) -> None:
    """Print a record as JSON, in the platform's format."""
    with opened(business, database) as desk:
        found = keep.one(desk.house, business, _kind(collection), record_id)
        told = document(found, amounts_in=desk.house.amounts_in)
    paper.data(told.model_dump(mode="json", by_alias=True))


@app.command("delete")
def delete(
    *,
    collection: Collection,
    record_id: RecordId,
    business: Business,
    yes: Yes = False,
    dry_run: DryRun = False,
    database: DatabaseUrl = None,
) -> None:
    """Delete a record, unless it is in QuickBooks or payables refer to it."""
    with opened(business, database) as desk:
        kind = _kind(collection)
        keep.one(desk.house, business, kind, record_id)
        paper.note(f"{paper.clean(record_id)} will be deleted.")
        if dry_run:
            return
        if not yes:
            typer.confirm(f"Delete {record_id}?", abort=True, err=True)
        keep.delete(desk.house, business, kind, record_id, desk.by)
    paper.say("Deleted.")


def erase(
    *,
    business: Business,
    yes: Yes = False,
    dry_run: DryRun = False,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Erase a disconnected business, except its audit log. Nothing changes in QuickBooks."""
    with opened(business, database) as desk:
        gone = erasing.foresee(desk.house, business)
        if not dry_run:
            if not yes:
                paper.note(f"{sum(gone.values())} rows of {paper.clean(business)} will be erased.")
                typer.confirm("Erase them for good?", abort=True, err=True)
            gone = erasing.erase(desk.house, business, by=desk.by)
    if as_json:
        paper.data(gone)
        return
    paper.table("", ["what", "#rows"], list(gone.items()))
    paper.note("Nothing was erased." if dry_run else "Erased.")


def _kind(collection: str) -> RecordKind:
    if collection not in keep.COLLECTIONS:
        raise Invalid(f"Choose one of: {', '.join(keep.COLLECTIONS)}.")
    return keep.COLLECTIONS[collection]
