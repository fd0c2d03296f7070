"""`map`: map our records to those in QuickBooks, and choose the fields of bills and invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

import typer

from cleo_accounting.cli import paper
from cleo_accounting.cli.desk import AsJson, Business, DatabaseUrl, Desk, Limit, Offset, opened
from cleo_accounting.core.fields import InvoiceFields, Place, QuickPay, RecordPayments
from cleo_accounting.core.likeness import Likeness
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import choose, example, find, matching, pair
from cleo_accounting.flows.mapping.pair import BANK_ACCOUNT, CUSTOMER, VENDOR, Target
from cleo_accounting.web import field_rows

_SHOWN = 50
TARGETS = {"vendor": VENDOR, "customer": CUSTOMER, "bank": BANK_ACCOUNT}

app = typer.Typer(no_args_is_help=True, help="Map records, and choose the bill and invoice fields.")

What = Annotated[
    str, typer.Argument(help="The type of mapping: vendor, customer or bank.", show_default=False)
]
Ours = Annotated[
    str,
    typer.Argument(
        help="The id of the connection (conn_…) or funding source (fs_…).", show_default=False
    ),
]
Theirs = Annotated[
    str, typer.Argument(help="The id in QuickBooks, or its full name.", show_default=False)
]


@app.command("list")
def list_(
    *,
    what: What,
    business: Business,
    unmapped: Annotated[
        bool, typer.Option("--unmapped", help="Only records without a mapping.")
    ] = False,
    limit: Limit = _SHOWN,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List mappings, or, with --unmapped, unmapped records and their suggestions."""
    target = _target(what)
    with opened(business, database) as desk:
        show = _unmapped if unmapped else _mapped
        found, total, columns, rows = show(desk, target, limit)
    if as_json:
        paper.data({"items": found, "total": total})
        return
    paper.table("", columns, rows)
    paper.note(f"[dim]{len(rows)} of {total}[/]")


_Listing = tuple[Sequence[object], int, Sequence[str], Sequence[Sequence[object]]]


def _mapped(desk: Desk, target: Target, limit: int) -> _Listing:
    found, total = pair.mappings(
        desk.house, desk.business_id, desk.integration().id, target, limit=limit, offset=0
    )
    rows = [
        (one.label, one.link.record_id, one.link.remote_name, one.link.remote_id, one.link.origin)
        for one in found
    ]
    return found, total, ["ours", "=id", "theirs", "their id", "how"], rows


def _unmapped(desk: Desk, target: Target, limit: int) -> _Listing:
    found, total = pair.unmapped(
        desk.house, desk.business_id, desk.integration().id, target, limit=limit, offset=0
    )
    rows = [(one.label, one.record_id, _might_be(one.suggestions)) for one in found]
    return found, total, ["ours", "=id", "might be"], rows


def _might_be(suggestions: Sequence[Likeness]) -> str:
    return "; ".join(
        f"{each.remote.full_name} ({each.remote.id}): {each.why}" for each in suggestions
    )


@app.command("set")
def set_(
    *, what: What, ours: Ours, theirs: Theirs, business: Business, database: DatabaseUrl = None
) -> None:
    """Map a record to a vendor, customer or bank account in QuickBooks."""
    target = _target(what)
    with opened(business, database) as desk:
        integration = desk.integration()
        mapped, new = pair.pair(desk.house, business, integration.id, target, ours, theirs, desk.by)
        clearing = (
            target is BANK_ACCOUNT
            and matching.case(desk.house, business, integration.id, target, ours).clearing
        )
    word = "Mapped" if new else "Already mapped"
    paper.say(
        f"{word}: {paper.clean(ours)} → {paper.clean(mapped.link.remote_name)}"
        f" ({mapped.link.remote_id})."
    )
    if clearing:
        paper.note(
            "It is not a bank account (Other Current Asset): use it only to clear payments, and"
            " enter a transfer to or from the bank account when the money moves."
        )


@app.command("remove")
def remove(*, what: What, ours: Ours, business: Business, database: DatabaseUrl = None) -> None:
    """Remove a mapping. Nothing changes in QuickBooks."""
    with opened(business, database) as desk:
        pair.unpair(desk.house, business, desk.integration().id, _target(what), ours, desk.by)
    paper.say("Mapping removed.")


@app.command("theirs")
def theirs_(
    kind: Annotated[
        RemoteKind, typer.Argument(help="The kind of entries to list.", show_default=False)
    ],
    *,
    business: Business,
    search: Annotated[
        str | None, typer.Option(help="Only entries with this text in the name.")
    ] = None,
    limit: Limit = _SHOWN,
    offset: Offset = 0,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List entries in QuickBooks, as of the last refresh."""
    with opened(business, database) as desk:
        found, total = find.theirs(
            desk.house,
            business,
            desk.integration().id,
            kind,
            search=search,
            limit=limit,
            offset=offset,
        )
    if as_json:
        paper.data({"items": found, "total": total})
        return
    rows = [
        (one.id, one.full_name, one.details.get("type", ""), "" if one.active else "inactive")
        for one in found
    ]
    paper.table("", ["#id", "name", "type", ""], rows)
    paper.note(f"[dim]{len(found)} of {total}[/]")


def _choice(flag: str, words: str) -> Any:  # noqa: ANN401  Typer's option
    return typer.Option(flag, help=f"{words}, by id or full name (Parent:Child); - for none.")


@app.command("fields")
def fields(
    *,
    business: Business,
    expense_account: Annotated[
        str | None, _choice("--expense-account", "The expense account for bill lines")
    ] = None,
    ap_account: Annotated[
        str | None, _choice("--ap-account", "The Accounts Payable account for bills")
    ] = None,
    income_account: Annotated[
        str | None,
        _choice("--income-account", "The income account of the item created for invoices"),
    ] = None,
    item: Annotated[
        str | None, _choice("--item", "The product or service for invoice lines")
    ] = None,
    class_: Annotated[str | None, _choice("--class", "The class for every line")] = None,
    department: Annotated[str | None, _choice("--department", "The location")] = None,
    terms: Annotated[str | None, _choice("--terms", "The terms")] = None,
    memo: Annotated[
        str | None,
        typer.Option("--memo", help="The template of the memo, such as “{memo} ({number})”."),
    ] = None,
    custom: Annotated[
        list[str] | None,
        typer.Option(
            "--custom", metavar="NAME=description|note", help="Where to write a custom field."
        ),
    ] = None,
    go_live: Annotated[
        str | None,
        typer.Option(
            "--go-live", help="Do not send documents dated before this day, such as 2026-01-31."
        ),
    ] = None,
    revert: Annotated[
        bool,
        typer.Option("--revert", help="Undo the last change. Do not combine with other options."),
    ] = False,
    submitted: Annotated[
        bool | None,
        typer.Option(
            "--submitted/--approved-only",
            help="Send bills once they are submitted, or only once they are approved.",
        ),
    ] = None,
    record_payments: Annotated[
        RecordPayments | None,
        typer.Option("--record-payments", help="Record payments once they have this status."),
    ] = None,
    quick_pay: Annotated[
        QuickPay | None,
        typer.Option("--quick-pay", help="Record payments without a payable as expenses."),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            "--time-zone", help="The time zone of the business, such as America/New_York."
        ),
    ] = None,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show or change the bill and invoice fields."""
    given = {
        "expense_account_id": expense_account,
        "ap_account_id": ap_account,
        "income_account_id": income_account,
        "item_id": item,
        "class_id": class_,
        "department_id": department,
        "terms_id": terms,
    }
    plain = _plain_choices(
        memo,
        custom,
        go_live,
        time_zone,
        submitted=submitted,
        record_payments=record_payments,
        quick_pay=quick_pay,
    )
    if revert and (plain or any(given.values())):
        raise Invalid("--revert undoes the last change, and takes no other option beside it.")
    with opened(business, database) as desk:
        integration = desk.integration()
        if revert:
            seen = integration.fields_version
            example.revert(desk.house, integration, version=seen, by=desk.by)
        before, version = choose.fields(desk.house, business, integration.id)
        chosen = replace(
            before,
            **choose.named(desk.house, business, integration.id, _wanted(given)),
            **plain,
        )
        if chosen != before:
            version = choose.set_fields(
                desk.house, business, integration.id, chosen, version=version, by=desk.by
            )
        names = choose.full_names(desk.house, business, integration.id, chosen)
        mappings, _ = field_rows.rows(desk.house, integration, chosen)
    told = [one.model_dump(mode="json", by_alias=True) for one in mappings]
    _show(chosen, version, names, told, as_json=as_json)


def _target(what: str) -> Target:
    if what not in TARGETS:
        raise Invalid(f"Choose one of: {', '.join(TARGETS)}.")
    return TARGETS[what]


def _wanted(given: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: None if text == "-" else text for name, text in given.items() if text}


def _plain_choices(
    memo: str | None,
    custom: Sequence[str] | None,
    go_live: str | None,
    time_zone: str | None,
    *,
    submitted: bool | None,
    record_payments: RecordPayments | None,
    quick_pay: QuickPay | None,
) -> dict[str, Any]:
    chosen: dict[str, Any] = {} if time_zone is None else {"time_zone": time_zone}
    if memo is not None:
        chosen["memo_template"] = memo
    if submitted is not None:
        chosen["send_submitted_bills"] = submitted
    if record_payments is not None:
        chosen["record_payments"] = record_payments
    if quick_pay is not None:
        chosen["quick_pay"] = quick_pay
    if go_live is not None:
        chosen["go_live"] = None if go_live == "-" else _day(go_live)
    if custom:
        chosen["custom_fields"] = tuple(_place(text) for text in custom)
    return chosen


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"“{text}” is not a date such as 2026-01-31.") from None


def _place(text: str) -> tuple[str, Place]:
    name, _, place = text.partition("=")
    if place not in list(Place):
        raise Invalid(f"--custom takes NAME=description or NAME=note, not “{text}”.")
    return name, Place(place)


def _show(
    chosen: InvoiceFields,
    version: int,
    names: Mapping[str, str],
    mappings: Sequence[Mapping[str, Any]],
    *,
    as_json: bool,
) -> None:
    """Print the invoice fields, each choice as its full name and id, and every mapping."""
    told = paper.plain(chosen)
    if as_json:
        paper.data({**told, "version": version, "mappings": mappings})
        return
    rows = [
        (name, f"{names[name]} ({value})" if name in names else "" if value is None else value)
        for name, value in told.items()
    ]
    paper.table(f"Invoice fields, version {version}", ["field", "value"], rows)
    lands = [
        (one["payableField"], one["quickbooksField"], one["chosenName"], one["sample"])
        for one in mappings
    ]
    paper.table("What lands where", ["payable", "QuickBooks", "chosen", "sample"], lands)
