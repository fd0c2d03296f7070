"""The plan: for every record the one thing to do about it. Questions in, operations out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cleo_accounting.core.cause import INTERNAL
from cleo_accounting.core.choices import is_bank
from cleo_accounting.core.links import Base, Content, Item, Link, Remote, RemoteKind
from cleo_accounting.core.match import carries_digits, name_key
from cleo_accounting.core.records import FundingSource, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from cleo_accounting.core.amend import Amendment
    from cleo_accounting.core.fields import InvoiceFields

NUMBER_AS = "number_as"  # a verdict beside all others; its value is the number to send it under
LEFT_OUT = "email_left_out"  # the cause that says of what was written what it does not have
MERGED_AWAY = "merged_away"  # the cause that names the survivor of a merge
SAME_AS = "same_as"  # a verdict; its value is the connection whose vendor or customer it shares
REMOVE_DUPLICATE = "remove_duplicate"  # a verdict; its value is the remote that is one too many
LINK_TO = "link_to"  # a verdict; its value is the document in QuickBooks that the record is
UNLINK = "unlink"  # a verdict: the document that a person linked is not the record
REMOVE_THERE = "remove_there"  # a verdict; its value is the linked document that may be removed
ANOTHER_ONE = "another_one"  # a verdict beside all others; its value is documents that it is not
SALES_ITEM = "sales-item"  # the record id of the one item that invoice lines sell


@dataclass(frozen=True, slots=True)
class Create:
    """Write it anew. `mark` is the fingerprint of what of our record the content was made from.

    `notes`: what of the record is left out of the content and why, for the person who reads it.
    `number_again`: whether it is sent although another document has its number.
    """

    kind: RemoteKind
    record_id: str
    label: str
    content: Content
    mark: str
    notes: Mapping[str, str] = field(default_factory=dict)
    number_again: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """Our record changed since we last wrote it.

    `amendment`: what of it to write over what stands `there`; None: no list shows that yet.
    """

    kind: RemoteKind
    record_id: str
    label: str
    content: Content
    mark: str
    link: Link
    notes: Mapping[str, str] = field(default_factory=dict)
    amendment: Amendment | None = None
    there: Remote | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkTo:
    """It is there already: exactly one remote is it. Nothing is written over there.

    `facts`: where a person said that it is the same as another record, which one and who said so.
    Of a document, `content` and `mark` are what our record says now: a later change of the record
    is told from them.
    """

    kind: RemoteKind
    record_id: str
    label: str
    remote: Remote
    why: str
    facts: Mapping[str, str] = field(default_factory=dict)
    content: Content | None = None
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Withdrawn here after it was written: a bill is deleted, an invoice voided."""

    kind: RemoteKind
    record_id: str
    label: str
    link: Link
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leave:
    """Do nothing, and say why: a code of core.causes, the facts that fill its words, and data.

    `stands`: the link to what is over there of it all the same; `base`: what is to be remembered
    of that, where it is as our record says.
    """

    kind: RemoteKind
    record_id: str
    label: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    stands: Link | None = None
    mark: str | None = None  # of the state of the record that a person is to decide about
    base: Base | None = None
    trouble: Exception | None = field(default=None, compare=False)  # of ours, if it is internal


@dataclass(frozen=True, slots=True)
class Keep:
    """It is over there as it is here; `base`: what is to be remembered of that."""

    record_id: str
    link: Link | None = None
    base: Base | None = None


Operation = Create | Update | LinkTo | Remove | Leave | Keep


def alone(kind: RemoteKind, record_id: str, label: str, plan: Callable[[], Operation]) -> Operation:
    """Plan one record; a mistake of ours in that is said of it, and of no other record."""
    try:
        return plan()
    except Exception as trouble:  # noqa: BLE001  one record's must not be the others'
        return broken(kind, record_id, label, trouble)


def broken(kind: RemoteKind, record_id: str, label: str, trouble: Exception) -> Leave:
    """Say of a record that a mistake of ours keeps it from being planned."""
    return Leave(kind, record_id, label, INTERNAL, trouble=trouble)


def with_link(operation: Operation, link: Link | None) -> Operation:
    """Give an operation that does nothing the link to what stands over there, if it does."""
    if isinstance(operation, Leave) and link is not None and not link.gone:
        return replace(operation, stands=link)
    return operation


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decided about a record.

    `create_as` (value: the name), `leave_out` (value: the reason), `same_as` (value: the id of the
    connection whose vendor or customer it is, too), and, for the record whose mark is the value:
    `send_ours`, `keep_theirs` (`about` the cause that the person saw); for the remote whose id is
    the value, after it was
    deleted there: `create_again`. `number_as` (value: the number) is `about` the number that the
    document would have by itself: it counts only as long as that is its number, so that a number
    corrected in Cleo Pay later is the one that is sent.

    `link_to` (value: a document's id) says which document in QuickBooks the record is, `unlink`
    that it is not; `remove_there` (value: its id) allows the removal of a linked document that a
    person entered; `another_one` (value: ids) says which documents the record is not:
    documents in QuickBooks, or other records (core.repeats).
    """

    verdict: str
    value: str
    by: str
    about: str = ""


def against_link(
    kind: RemoteKind,
    record_id: str,
    label: str,
    content: Content,
    mark: str,
    link: Link | None,
    verdict: Verdict | None,
) -> Operation:
    """Compare what our record says now with what it said when we last wrote it.

    Only the record counts: another default account or vendor is for documents still to come.
    """
    if link is None:
        return Create(kind, record_id, label, content, mark)
    if link.gone:
        if verdict and (verdict.verdict, verdict.value) == ("create_again", link.remote_id):
            return Create(kind, record_id, label, content, mark)
        if verdict and verdict.verdict == LINK_TO and verdict.value != link.remote_id:
            return Create(kind, record_id, label, content, mark)  # it is linked instead
        return Leave(kind, record_id, label, "deleted_there")
    if is_settled(mark, link, verdict):
        return Keep(record_id)
    return Update(kind, record_id, label, content, mark, link)


def is_settled(mark: str, link: Link | None, verdict: Verdict | None) -> bool:
    """Whether it is over there as our record says it now, or as a person wants it to stay."""
    if link is None or link.gone:
        return False
    kept = verdict is not None and (verdict.verdict, verdict.value) == ("keep_theirs", mark)
    return kept or link.fingerprint in (None, mark)  # None: not ours to write


def plan_bank_accounts(
    sources: Sequence[FundingSource],
    links: Mapping[str, Link],
    accounts: Iterable[Remote],
    verdicts: Mapping[str, Verdict],
) -> Iterator[Operation]:
    """Link each funding source to the one bank account that it is; never make one.

    A clearing account is only ever chosen by a person.
    """
    kind = RemoteKind.ACCOUNT
    by_id = {one.id: one for one in accounts if not one.gone}
    banks = [one for one in by_id.values() if one.active and is_bank(one)]
    taken = {link.remote_id for link in links.values()}
    for source in sources:
        verdict = verdicts.get(source.id)
        link = links.get(source.id)
        if verdict and verdict.verdict == "leave_out":
            facts = {"by": verdict.by, "reason": verdict.value}
            yield Leave(kind, source.id, source.name, "left_out", facts)
        elif link:
            remote = by_id.get(link.remote_id)
            if remote and not remote.active:
                facts = {"name": remote.full_name}
                yield Leave(kind, source.id, source.name, "inactive", facts, stands=link)
            else:
                yield Keep(source.id)
        else:
            operation = _bank_account(source, banks, taken)
            if isinstance(operation, LinkTo):
                taken.add(operation.remote.id)
            yield operation


def _bank_account(
    source: FundingSource, banks: Sequence[Remote], taken: set[str]
) -> LinkTo | Leave:
    kind = RemoteKind.ACCOUNT
    wanted = name_key(source.name)
    same_name = [one for one in banks if wanted in (name_key(one.name), name_key(one.full_name))]
    digits = source.last_four
    same_digits = [one for one in banks if digits and carries_digits(one.name, digits)]
    fitting = {one.id: one for one in (*same_name, *same_digits)}
    if len(fitting) == 1:
        (remote,) = fitting.values()
        if remote.id not in taken:
            why = "same name" if same_name else f"same last four digits ({digits})"
            return LinkTo(kind, source.id, source.name, remote, why)
        why = f"“{remote.full_name}” is mapped to another funding source"
    elif fitting:
        why = "several do: " + ", ".join(f"“{one.full_name}”" for one in fitting.values())
    else:
        why = "none has the same name or the same last four digits"
    return Leave(
        kind, source.id, source.name, "account_mapping_needed", {"name": source.name, "why": why}
    )


def plan_item(
    fields: InvoiceFields, link: Link | None, items: Iterable[Remote], name: str
) -> Operation | None:
    """See to the item that invoice lines sell, where the business chose only an income account."""
    if fields.item_id or not fields.income_account_id:
        return None
    if link and not link.gone:
        return Keep(SALES_ITEM)
    for remote in items:
        if remote.active and name_key(remote.name) == name_key(name):
            return LinkTo(RemoteKind.ITEM, SALES_ITEM, name, remote, "same name")
    item = Item(name, fields.income_account_id)
    return Create(RemoteKind.ITEM, SALES_ITEM, name, item, fingerprint(item))
