"""A business's choices: its invoice fields, and its decisions about records that need one."""

from __future__ import annotations

import dataclasses
from string import Formatter
from typing import TYPE_CHECKING, Any

from cleo_accounting.core import kinds
from cleo_accounting.core.choices import CHOICES, fits
from cleo_accounting.core.choices import flaw as flaw_of
from cleo_accounting.core.clock import known_zone
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.fields import MEMO_WORDS, InvoiceFields
from cleo_accounting.core.kinds import DOCUMENTS, PARTIES
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.match import flaw as name_flaw
from cleo_accounting.core.numbers import flaw as number_flaw
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.records import Payable, RecordKind
from cleo_accounting.core.render import own_number, short_number
from cleo_accounting.errors import Conflict, Flaw, Invalid, Missing
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.mapping import find, identify, mend
from cleo_accounting.flows.mapping.becoming import becomes
from cleo_accounting.store import audit, decisions, integrations, links, operations, records

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from cleo_accounting.core.links import Remote
    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration

# Decisions about the current state of a record only.
NEEDS_CONTENT = (Decision.KEEP_THEIRS, Decision.SEND_OURS)
VERDICTS = (
    Decision.CREATE_AS,
    Decision.NUMBER_AS,
    Decision.SAME_AS,
    Decision.LEAVE_OUT,
    Decision.BRING_BACK,
    Decision.CREATE_AGAIN,
    *NEEDS_CONTENT,
    *identify.ABOUT_DOCUMENTS,
)
DECIDABLE = tuple(kind.remote for kind in kinds.KINDS if kind.record is not None)


def fields(house: House, business_id: str, integration_id: str) -> tuple[InvoiceFields, int]:
    """Return the invoice fields and their version."""
    with house.database.reading() as tx:
        integration = integrations.get(tx, business_id, integration_id)
    return integration.fields, integration.fields_version


def named(
    house: House, business_id: str, integration_id: str, given: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return the ids of choices given by id or full name; unknown texts are returned as they are.

    Raises:
        Invalid: several entries have the name; the error lists them.
    """
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        found: dict[str, Any] = {}
        for choice in CHOICES:
            text = given.get(choice.name)
            args = (tx, integration_id, choice.kind)
            remote = find.named(*args, text, choice.field) if text else None
            if choice.name in given:
                found[choice.name] = remote.id if remote else text
    return found


def full_names(
    house: House, business_id: str, integration_id: str, chosen: InvoiceFields
) -> dict[str, str]:
    """Return the full name of each choice, by the name of its field in the API."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        found = {
            one.field: links.remote(tx, integration_id, one.kind, getattr(chosen, one.name) or "")
            for one in CHOICES
        }
    return {field: remote.full_name for field, remote in found.items() if remote}


def ids(chosen: InvoiceFields) -> dict[str, str | None]:
    """Return the id of each choice, by the name of its field in the API."""
    return {one.field: getattr(chosen, one.name) for one in CHOICES}


def set_fields(
    house: House,
    business_id: str,
    integration_id: str,
    chosen: InvoiceFields,
    *,
    version: int,
    by: str,
) -> int:
    """Save invoice fields over the version that the caller saw; return the new version.

    Raises:
        Invalid: a choice does not fit; the error lists every such choice.
        Conflict: somebody else saved in between (code `stale`).
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        integration = integrations.get(tx, business_id, integration_id)
        found = [*_flaws(tx, integration, chosen), *memo_flaws(chosen.memo_template)]
        if found:
            raise Invalid("The invoice fields cannot be saved.", found)
        if not integrations.set_fields(tx, integration_id, chosen, version=version):
            raise Conflict(
                "The invoice fields were changed meanwhile; read them again.", code="stale"
            )
        before, after = (dataclasses.asdict(one) for one in (integration.fields, chosen))
        audit.note(
            tx,
            business_id,
            by=by,
            what="invoice_fields_set",
            subject=integration_id,
            now=now,
            facts={
                "version": version + 1,
                "changed": {
                    name: [before[name], after[name]]
                    for name in after
                    if before[name] != after[name]
                },
            },
        )
    return version + 1


def options(
    house: House,
    business_id: str,
    integration_id: str,
    field: str,
    *,
    search: str | None = None,
    limit: int,
    offset: int,
) -> tuple[Sequence[Remote], int]:
    """Return the choices for an invoice field (by its name in the API), and how many there are."""
    (choice,) = [one for one in CHOICES if one.field == field]
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        listed = links.remotes_of(tx, integration_id, choice.kind, search=search, active=True)
    fitting = [one for one in listed if fits(choice, one)]
    return fitting[offset : offset + limit], len(fitting)


def decide(
    house: House,
    business_id: str,
    integration_id: str,
    kind: RemoteKind,
    record_id: str,
    verdict: str,
    value: str,
    by: str,
) -> None:
    """Store a person's decision about a record; the next plan applies it.

    Raises:
        Invalid: the decision does not fit, or there is no such record.
        Conflict: the record has changed since the latest comparison (code `stale`).
    """
    decision = _known(verdict)
    if decision in NEEDS_CONTENT:
        connect.integration(house, business_id, integration_id)
        mend.settle(house, business_id, integration_id, kind, record_id, decision, by)
        return
    with house.database.transaction() as tx:
        integrations.get(tx, business_id, integration_id)
        _check(tx, (business_id, integration_id), kind, record_id, decision, value)
        word = Verdict(decision, value, by)
        if decision is Decision.NUMBER_AS:
            payable = records.get(tx, business_id, RecordKind.PAYABLE, [record_id])[record_id]
            assert isinstance(payable, Payable)
            word = _renumbered(word, own_number(payable))
        if decision in identify.ABOUT_DOCUMENTS:
            word = identify.completed(tx, integration_id, kind, record_id, word)
        _write(house, tx, business_id, integration_id, kind, record_id, word)


def decide_item(
    house: House,
    business_id: str,
    integration_id: str,
    item_id: int,
    verdict: str,
    value: str,
    by: str,
) -> tuple[RemoteKind, str]:
    """Store a person's decision about an item of a run; return the kind and id of its record.

    Raises:
        Missing: there is no such item.
        Invalid: the decision does not fit.
    """
    with house.database.transaction() as tx:
        integrations.get(tx, business_id, integration_id)
        item = operations.find(tx, integration_id, item_id)
        if item is None:
            raise Missing("There is no such item.")
        decision, about = _known(verdict), ""
        if decision in NEEDS_CONTENT:
            if not item.fingerprint or identify.offered(item) or identify.beside(item):
                message = "fits only an item that was changed on both sides"
                raise identify.unfit("decision", message)
            value, about = item.fingerprint, item.code or ""
        else:
            place = (business_id, integration_id)
            _check(tx, place, item.kind, item.record_id, decision, value)
        word = Verdict(decision, value, by, about)
        if decision is Decision.NUMBER_AS:
            # It is about the number that the person saw, whatever it is by now.
            word = _renumbered(word, short_number(item.label))
            if others := identify.offered(item):  # with a number of its own, it is none of these
                another = Verdict(Decision.ANOTHER_ONE, " ".join(others), by)
                _write(house, tx, business_id, integration_id, item.kind, item.record_id, another)
        if decision in identify.ABOUT_DOCUMENTS:
            word = identify.completed(tx, integration_id, item.kind, item.record_id, word, item)
        _write(house, tx, business_id, integration_id, item.kind, item.record_id, word)
    return item.kind, item.record_id


def decided(
    house: House, business_id: str, integration_id: str, *, limit: int, offset: int
) -> tuple[Sequence[tuple[RemoteKind, str, Verdict]], int]:
    """Return the decisions in effect, and how many there are."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        words = {kind: decisions.words_of(tx, integration_id, kind) for kind in DECIDABLE}
    every = [
        (kind, record_id, word)
        for kind, found in words.items()
        for record_id, word in sorted(
            [*found.verdicts.items(), *found.numbers.items(), *found.others.items()], key=_first
        )
    ]
    return every[offset : offset + limit], len(every)


def _first(of: tuple[str, Verdict]) -> str:
    return of[0]


def _renumbered(word: Verdict, own: str) -> Verdict:
    """Return the decision to use another number than the document's own.

    Raises:
        Invalid: the number is the document's own.
    """
    number = word.value.strip()
    if number == own:
        message = "is the number that it has already: give it another one"
        raise identify.unfit("value", message)
    return dataclasses.replace(word, value=number, about=own)


def _known(word: str) -> Decision:
    """Return the decision that a word names; raise Invalid if a person cannot make it."""
    if word not in VERDICTS:
        raise identify.unfit("decision", f"must be one of {', '.join(VERDICTS)}")
    return Decision(word)


def _check(
    tx: Transaction,
    place: tuple[str, str],
    kind: RemoteKind,
    record_id: str,
    decision: Decision,
    value: str,
) -> None:
    found: list[Flaw] = []
    business_id, known = place[0], kinds.of(kind).record
    record = records.get(tx, business_id, known, [record_id]).get(record_id) if known else None
    if record is None:
        found.append(Flaw("recordId", f"names no record that we have been sent: {record_id}"))
    elif (right := becomes(tx, *place, record) or kind) is not kind:
        message = f"does not fit: it is {kinds.of(right).one} by now, not {kinds.of(kind).one}"
        found.append(Flaw("kind", message, "other_kind"))
    found += _value_flaws(kind, decision, value)
    if decision is Decision.SAME_AS:
        known_as = records.get(tx, business_id, RecordKind.CONNECTION, [value])
        if value == record_id or value not in known_as:
            found.append(Flaw("value", f"names no other connection of yours: {value}"))
    if found:
        raise Invalid("This decision is not possible here.", found)


def _value_flaws(kind: RemoteKind, decision: Decision, value: str) -> list[Flaw]:
    found: list[Flaw] = []
    if decision is Decision.CREATE_AS:
        if kind not in PARTIES:
            found.append(Flaw("decision", "fits only vendors and customers"))
        if problem := name_flaw(value):
            found.append(Flaw("value", f"is the name to create it under, and {problem}"))
    if decision is Decision.SAME_AS and kind not in PARTIES:
        found.append(Flaw("decision", "fits only vendors and customers"))
    if decision is Decision.NUMBER_AS:
        if kind not in DOCUMENTS:
            found.append(Flaw("decision", "fits only bills and invoices"))
        if problem := number_flaw(value):
            found.append(Flaw("value", problem))
    if decision is Decision.SEND_OURS and kinds.of(kind).record is RecordKind.PAYMENT:
        found.append(Flaw("decision", "does not fit payments: correct it in QuickBooks"))
    if decision is Decision.LEAVE_OUT and not value.strip():
        found.append(Flaw("value", "is required: say why it is left out"))
    return found


def _write(
    house: House,
    tx: Transaction,
    business_id: str,
    integration_id: str,
    kind: RemoteKind,
    record_id: str,
    word: Verdict,
) -> None:
    now = house.clock.now()
    if word.verdict is Decision.CREATE_AGAIN:  # only the document deleted so far, not a later one
        link = links.links_of(tx, integration_id, kind, [record_id]).get(record_id)
        word = dataclasses.replace(word, value=link.remote_id if link else "")
    decisions.decide(tx, integration_id, kind, record_id, word, now)
    audit.note(
        tx,
        business_id,
        by=word.by,
        what="decided",
        subject=record_id,
        now=now,
        facts={
            "integration_id": integration_id,
            "kind": kind,
            "decision": word.verdict,
            "value": word.value,
            **_about(word),
        },
    )


def _about(word: Verdict) -> dict[str, str]:
    """Return, for the audit chain, which number a decision replaces or which cause it settles."""
    if not word.about:
        return {}
    return {"instead_of" if word.verdict == Decision.NUMBER_AS else "cause": word.about}


def _flaws(tx: Transaction, integration: Integration, chosen: InvoiceFields) -> list[Flaw]:
    found: list[Flaw] = []
    for choice in CHOICES:
        remote_id = getattr(chosen, choice.name)
        remote = remote_id and links.remote(tx, integration.id, choice.kind, remote_id)
        if remote_id and (code := flaw_of(choice, remote, integration.profile)):
            name = remote.full_name if remote else remote_id
            message = _SAYS[code].format(name=name, called=choice.called)
            found.append(Flaw(choice.field, message, code))
    if not known_zone(chosen.time_zone):
        message = "names no time zone; say, for one, America/New_York"
        found.append(Flaw("timeZone", message, "unknown"))
    return found


_SAYS = {
    "unknown": "names no {called} of the connected company: {name}",
    "inactive": "“{name}” is inactive: choose another {called}",
    "wrong_type": "“{name}” cannot be used as {called}: choose an account of another type",
    "not_tracked": "“{name}” cannot be chosen, because the company does not track it on its"
    " documents; switch {called} tracking on in QuickBooks first, then have the lists refreshed",
}


def memo_flaws(template: str, words: Collection[str] = MEMO_WORDS) -> list[Flaw]:
    """Return what is wrong with a memo template, such as a word that we cannot fill in."""
    known = ", ".join(f"{{{word}}}" for word in words)
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return [Flaw("memoTemplate", f"has a brace without its partner; the words are {known}")]
    return [
        Flaw("memoTemplate", f"may only name {known}")
        for _, word, form, conversion in parts
        if word is not None and (word not in words or form or conversion)
    ][:1]
