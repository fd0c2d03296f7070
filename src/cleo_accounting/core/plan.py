"""The plan: one operation for every record, made from records, links and decisions of people."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cleo_accounting.core.cause import INTERNAL
from cleo_accounting.core.choices import is_bank
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import Base, Content, Item, Link, Remote, RemoteKind
from cleo_accounting.core.match import carries_digits, name_key
from cleo_accounting.core.records import FundingSource, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from cleo_accounting.core.amend import Amendment
    from cleo_accounting.core.fields import InvoiceFields

LEFT_OUT = "email_left_out"  # the cause of an entry that was written without an email address
MERGED_AWAY = "merged_away"  # the cause that names the survivor of a merge
SALES_ITEM = "sales-item"  # the record id of the item that invoice lines sell


@dataclass(frozen=True, slots=True)
class Create:
    """Create the record's counterpart in the provider's books.

    `mark` is the fingerprint of the data from which the content was made. `notes`: which part of
    the record is left out of the content and why, for people. `number_again`: whether it is sent
    although another document has its number.
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
    """Update a remote, because our record changed since we last wrote it.

    `amendment`: the changes to write to the remote as read in `there`; None: no list shows the
    remote yet, and the whole content is written.
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
    """Link the record to the one remote that matches it, and write nothing to the provider.

    `facts`: if a person decided that the record is the same as another one, which one and who
    decided. For a document, `content` and `mark` hold the record as it is now, so that a later
    change of the record is noticed.
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
    """Remove the entry of a record that was withdrawn: delete a bill, or void an invoice."""

    kind: RemoteKind
    record_id: str
    label: str
    link: Link
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leave:
    """Do nothing, and state why: a code of core.causes, with the facts that fill its words.

    `stands`: the link to the remote that exists nevertheless; `base`: the base to store for it, if
    the remote is as our record says.
    """

    kind: RemoteKind
    record_id: str
    label: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    stands: Link | None = None
    mark: str | None = None  # the state of the record that a person is to decide about
    base: Base | None = None
    trouble: Exception | None = field(default=None, compare=False)  # our error, if internal


@dataclass(frozen=True, slots=True)
class Keep:
    """Do nothing, because the remote is as our record says; `base`: the base to store for it."""

    record_id: str
    link: Link | None = None
    base: Base | None = None


Operation = Create | Update | LinkTo | Remove | Leave | Keep


def alone(kind: RemoteKind, record_id: str, label: str, plan: Callable[[], Operation]) -> Operation:
    """Plan one record; an error in our code affects this record and no other."""
    try:
        return plan()
    except Exception as trouble:  # noqa: BLE001  an error with one record must not affect others
        return broken(kind, record_id, label, trouble)


def broken(kind: RemoteKind, record_id: str, label: str, trouble: Exception) -> Leave:
    """Return the operation of a record that cannot be planned because of an error in our code."""
    return Leave(kind, record_id, label, INTERNAL, trouble=trouble)


def with_link(operation: Operation, link: Link | None) -> Operation:
    """Add the link of an existing remote to an operation that does nothing."""
    if isinstance(operation, Leave) and link is not None and not link.gone:
        return replace(operation, stands=link)
    return operation


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision of a person about a record.

    `create_as` (value: the name), `leave_out` (value: the reason) and `same_as` (value: the id of
    the connection whose vendor or customer it shares) hold for the record in any state.

    `send_ours` and `keep_theirs` hold only for the record whose mark is the value; `about` is the
    cause that the person saw. `create_again` holds for the remote whose id is the value, after it
    was deleted. `number_as` (value: the number) is `about` the number that the document would have
    by itself. It counts only as long as that is its number, so that a number that is corrected in
    Cleo Pay later is sent.

    `link_to` (value: a document's id) names the document in QuickBooks that the record is, and
    `unlink` takes that back. `remove_there` (value: its id) allows the removal of a linked document
    that a person entered. `another_one` (value: ids) names documents that the record is not:
    documents in QuickBooks, or other records (core.repeats).
    """

    verdict: Decision
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
    """Compare our record as it is now with its state when we last wrote it.

    Only the record counts: a different default account or vendor applies to new documents only.
    """
    if link is None:
        return Create(kind, record_id, label, content, mark)
    if link.gone:
        if verdict and (verdict.verdict, verdict.value) == (Decision.CREATE_AGAIN, link.remote_id):
            return Create(kind, record_id, label, content, mark)
        if verdict and verdict.verdict == Decision.LINK_TO and verdict.value != link.remote_id:
            return Create(kind, record_id, label, content, mark)  # it will be linked instead
        return Leave(kind, record_id, label, "deleted_there")
    if is_settled(mark, link, verdict):
        return Keep(record_id)
    return Update(kind, record_id, label, content, mark, link)


def is_settled(mark: str, link: Link | None, verdict: Verdict | None) -> bool:
    """Return whether the remote is as our record says now, or as a person decided to keep it."""
    if link is None or link.gone:
        return False
    kept = verdict is not None and (verdict.verdict, verdict.value) == (Decision.KEEP_THEIRS, mark)
    return kept or link.fingerprint in (None, mark)  # None: we do not write it


def plan_bank_accounts(
    sources: Sequence[FundingSource],
    links: Mapping[str, Link],
    accounts: Iterable[Remote],
    verdicts: Mapping[str, Verdict],
) -> Iterator[Operation]:
    """Link each funding source to its one matching bank account; an account is never created.

    Only a person can choose a clearing account.
    """
    kind = RemoteKind.ACCOUNT
    by_id = {one.id: one for one in accounts if not one.gone}
    banks = [one for one in by_id.values() if one.active and is_bank(one)]
    taken = {link.remote_id for link in links.values()}
    for source in sources:
        verdict = verdicts.get(source.id)
        link = links.get(source.id)
        if verdict and verdict.verdict == Decision.LEAVE_OUT:
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
    """Plan the item that invoice lines sell, if the business chose only an income account."""
    if fields.item_id or not fields.income_account_id:
        return None
    if link and not link.gone:
        return Keep(SALES_ITEM)
    for remote in items:
        if remote.active and name_key(remote.name) == name_key(name):
            return LinkTo(RemoteKind.ITEM, SALES_ITEM, name, remote, "same name")
    item = Item(name, fields.income_account_id)
    return Create(RemoteKind.ITEM, SALES_ITEM, name, item, fingerprint(item))
