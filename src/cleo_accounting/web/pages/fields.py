"""The page of bill and invoice fields: choose where fields go, with a real payable as example."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from cleo_accounting.core.choices import CHOICES
from cleo_accounting.core.fields import MEMO_WORDS, InvoiceFields, Place, QuickPay, RecordPayments
from cleo_accounting.errors import Conflict, Flaw, Invalid
from cleo_accounting.flows.admin.session import Note
from cleo_accounting.flows.mapping import choose, example
from cleo_accounting.flows.reporting import survey
from cleo_accounting.platform.flaws import flaws as flaws_of
from cleo_accounting.store.access import Rank
from cleo_accounting.web import choice_schemas, field_rows
from cleo_accounting.web.pages.guard import PLACE, Form, Shown, Visit, VisitHere, held, whole
from cleo_accounting.web.pages.render import fragment, go, show
from cleo_accounting.web.teller import short, who

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.store.audit import Entry
    from cleo_accounting.store.integrations import Integration

router = APIRouter(route_class=Shown, include_in_schema=False)

_PATH = f"{PLACE}/mapping/fields"
_SAID = {
    "expense_account_id": "Expense account for bills",
    "ap_account_id": "Accounts payable account",
    "class_id": "Class",
    "department_id": "Location or department",
    "terms_id": "Terms",
    "item_id": "Product or service on invoices",
    "income_account_id": "Income account for invoices",
    "memo_template": "Note",
    "custom_fields": "Custom fields",
    "go_live": "Start date",
    "send_submitted_bills": "Send submitted bills too",
    "record_payments": "Record payments once they are",
    "quick_pay": "Quick Pay",
    "time_zone": "Time zone of the business",
}
# The API's names of the fields, as they occur in flaws.
_FIELD_OF = {
    "expenseAccountId": "expense_account_id",
    "apAccountId": "ap_account_id",
    "classId": "class_id",
    "departmentId": "department_id",
    "termsId": "terms_id",
    "itemId": "item_id",
    "incomeAccountId": "income_account_id",
    "memoTemplate": "memo_template",
    "goLive": "go_live",
    "customFields": "custom_fields",
    "timeZone": "time_zone",
}


@router.get(_PATH)
def fields(visit: VisitHere) -> Response:
    """Show the current choices."""
    one = held(visit)
    return _shown(visit, one, one.fields, one.fields_version)


@router.post(_PATH)
def save(visit: VisitHere) -> Response:
    """Save the choices, or only show their effect on the example."""
    one = held(visit)
    chosen, flaws = _read(visit.form, one.fields)
    flaws = {**_as_in_the_api(chosen), **flaws}
    version = whole(visit.form.one("version"))
    if visit.request.headers.get("x-part") == "results":
        return HTMLResponse(fragment(visit, "example.html", one, **_example(visit, one, chosen)))
    if visit.form.one("act") == "example":
        return _shown(visit, one, chosen, version, flaws=flaws)
    visit.must(Rank.ADMIN)
    if flaws:
        return _shown(visit, one, chosen, version, flaws=flaws, status=422)
    try:
        choose.set_fields(
            visit.house, visit.business_id, one.id, chosen, version=version, by=visit.by
        )
    except Invalid as refusal:
        return _shown(visit, one, chosen, version, flaws=_by_field(refusal.flaws), status=422)
    except Conflict as refusal:
        if refusal.code != "stale":
            raise
        theirs = _last(visit, one)
        return _shown(visit, one, chosen, one.fields_version, theirs=theirs, status=409)
    return go(
        visit,
        "/mapping/fields",
        Note("Saved. The change applies to documents that have not been sent yet."),
    )


@router.post(f"{_PATH}/revert")
def revert(visit: VisitHere) -> Response:
    """Undo the last change of the choices."""
    visit.must(Rank.ADMIN)
    one = held(visit)
    example.revert(visit.house, one, version=whole(visit.form.one("version")), by=visit.by)
    return go(visit, "/mapping/fields", Note("The last change was undone."))


def _shown(
    visit: Visit,
    one: Integration,
    chosen: InvoiceFields,
    version: int,
    *,
    flaws: Mapping[str, str] | None = None,
    theirs: str = "",
    status: int = 200,
) -> Response:
    offers = example.offers(visit.house, one)
    names = {field: offer.names for field, offer in offers.items()}
    return show(
        visit,
        "fields.html",
        tab="mapping",
        status=status,
        integration=one,
        todo=survey.todo(visit.house, one),
        subtab="fields",
        chosen=chosen,
        version=version,
        options={field: offer.options for field, offer in offers.items()},
        called=names,
        custom=dict(chosen.custom_fields),
        custom_names=sorted(
            {*example.custom_names(visit.house, visit.business_id), *dict(chosen.custom_fields)}
        ),
        places=[(place.value, said) for place, said in _PLACES.items()],
        memo_words=MEMO_WORDS,
        flaws=flaws or {},
        theirs=theirs,
        may=visit.may(Rank.ADMIN),
        history=[(entry, _told(entry, names)) for entry in example.history(visit.house, one)],
        **_example(visit, one, chosen),
    )


_PLACES = {Place.NOTE: "In the note", Place.DESCRIPTION: "In each line’s description"}


def _example(visit: Visit, one: Integration, chosen: InvoiceFields) -> dict[str, Any]:
    told, made = field_rows.rows(visit.house, one, chosen)
    if made is None:
        return {"payable": None, "example": []}
    wanted = field_rows.of_example(told, made) if made.document else []
    return {"payable": made.payable, "example": wanted}


def _read(form: Form, before: InvoiceFields) -> tuple[InvoiceFields, dict[str, str]]:
    """Read the choices from a form; return them, and flaws for the fields that are not valid."""
    flaws: dict[str, str] = {}
    go_live = None
    if text := form.one("go_live").strip():
        try:
            go_live = date.fromisoformat(text)
        except ValueError:
            flaws["go_live"] = "Give a date, such as 2026-01-31."
    custom = [
        (name.removeprefix("custom:"), Place(value))
        for name, value in form.pairs
        if name.startswith("custom:") and value in list(Place)
    ]
    ids: dict[str, Any] = {
        name: form.one(name).strip() or None for name in (one.name for one in CHOICES)
    }
    memo = form.one("memo_template", before.memo_template)
    return (
        InvoiceFields(
            **ids,
            memo_template=memo,
            custom_fields=tuple(sorted(custom)),
            go_live=go_live,
            send_submitted_bills=form.one("send_submitted_bills") == "yes",
            record_payments=_record_payments(form, before),
            quick_pay=QuickPay.ON if form.one("quick_pay") == "on" else QuickPay.OFF,
            time_zone=form.one("time_zone", before.time_zone).strip() or "UTC",
        ),
        flaws,
    )


def _record_payments(form: Form, before: InvoiceFields) -> RecordPayments:
    said = form.one("record_payments")
    return RecordPayments(said) if said in list(RecordPayments) else before.record_payments


def _as_in_the_api(chosen: InvoiceFields) -> dict[str, str]:
    """Return the flaws that the API would report for the same choices, by field."""
    body = {to_camel(name): value for name, value in asdict(chosen).items()}
    body["customFields"] = {name: place.value for name, place in chosen.custom_fields}
    try:
        choice_schemas.InvoiceFields.model_validate(body)
    except ValidationError as refusal:
        return _by_field(flaws_of(refusal.errors()))
    return {}


def _by_field(flaws: Sequence[Flaw]) -> dict[str, str]:
    return {
        _FIELD_OF.get(_outer(one.field), one.field): f"This {one.message}"
        if not one.message.startswith("“")
        else one.message
        for one in flaws
    }


def _outer(place: str) -> str:
    """Return the outermost field of a path: `customFields` for `customFields.department`."""
    return place.partition(".")[0]


def _last(visit: Visit, one: Integration) -> str:
    """Return the sentence that names who saved in the meantime, and what they changed."""
    entries = example.history(visit.house, one)
    if not entries:
        return "Someone else saved changes in the meantime."
    offers = example.offers(visit.house, one)
    names = {field: offer.names for field, offer in offers.items()}
    return f"{short(who(entries[0].by))} saved changes in the meantime: {_told(entries[0], names)}"


def _told(entry: Entry, names: Mapping[str, Mapping[str, str]]) -> str:
    changed = json.loads(entry.facts).get("changed", {})
    parts = [
        f"{_SAID.get(name, name)}: {_say(before, names.get(name))} → {_say(after, names.get(name))}"
        for name, (before, after) in changed.items()
    ]
    return "; ".join(parts) or "nothing changed"


def _say(value: object, names: Mapping[str, str] | None) -> str:
    if value is None or value in ([], ""):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(f"{name} {place}" for name, place in value)
    return short((names or {}).get(str(value), str(value)))
