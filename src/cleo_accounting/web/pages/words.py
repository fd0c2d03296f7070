"""The texts of the overview: one headline, one text and at most one primary button per state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import RunState
from cleo_accounting.flows.reporting.survey import BusinessState
from cleo_accounting.store.access import Rank
from cleo_accounting.store.ended import Ended
from cleo_accounting.store.runs import OPEN
from cleo_accounting.web.teller import Teller, counted, short, who

if TYPE_CHECKING:
    from cleo_accounting.flows.reporting.progress import RunStatus
    from cleo_accounting.flows.reporting.survey import Survey, Todo
    from cleo_accounting.store.integrations import Integration

INTUIT_STATUS = "https://status.developer.intuit.com"


@dataclass(frozen=True, slots=True)
class Primary:
    """The primary button: the path that it links to or, with `posts`, posts to."""

    label: str
    path: str
    posts: bool = False
    rank: Rank = Rank.BOOKKEEPER


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a state. `tone` is calm, good, busy or attention."""

    title: str
    sentence: str
    tone: str
    primary: Primary | None = None
    meanwhile: str = ""  # shown instead of a button


def words(found: Survey, tell: Teller) -> Words:
    """Return the texts for the state of a business."""
    if found.integration is None:
        return _not_connected()
    return _WORDS[found.state](found, found.integration, tell)


def done_of(status: RunStatus) -> tuple[int, int]:
    """Return how many documents (or else records) of a run are done, and the total to send."""
    tallies = status.tallies
    chosen = [tallies["invoices"]] if "invoices" in tallies else list(tallies.values())
    if not any(tally.total for tally in chosen):
        chosen = list(tallies.values())
    sent = sum(one.created + one.updated + one.failed for one in chosen)
    left = sum(one.pending + one.in_doubt for one in chosen)
    return sent, sent + left


def to_send(status: RunStatus, tell: Teller) -> str:
    """Describe what a preview would send: 42 bills ($18,000.00) and 3 invoices ($204.11)."""
    named = dict.fromkeys(one.kind for one in status.sums)
    told = [_sum_of(kind, status, tell) for kind in named]
    return " and ".join([*filter(None, [", ".join(told[:-1])]), *told[-1:]]) or "nothing new"


def _sum_of(kind: str, status: RunStatus, tell: Teller) -> str:
    some = [one for one in status.sums if one.kind == kind]
    amounts = tell.amounts([(one.currency, one.amount_minor) for one in some])
    noun = kinds.of(RemoteKind(kind)).noun
    return f"{counted(sum(one.number for one in some), noun)} ({amounts})"


def todo_lines(todo: Todo) -> list[tuple[str, str]]:
    """Return what is left to map or choose, each with the path of its page."""
    lines: list[tuple[str, str]] = []
    if todo.expense_account:
        lines.append(("Choose the expense account for bills", "/mapping/fields"))
    if todo.income:
        lines.append(("Choose the product or service for invoices", "/mapping/fields"))
    for number, one, tab in (
        (todo.vendors, "vendor", "vendors"),
        (todo.customers, "customer", "customers"),
        (todo.bank_accounts, "bank account", "banks"),
    ):
        if number:
            lines.append((f"Match {counted(number, one)}", f"/mapping/{tab}?show=todo"))
    return lines


def _name(one: Integration) -> str:
    return short(one.company_name)


def _not_connected() -> Words:
    return Words(
        "Connect your accounting",
        "We send your vendors, customers, bills and invoices to QuickBooks, and read its lists of"
        " names and accounts. We never touch your bank feeds, payroll or reports. A primary or"
        " company admin of QuickBooks connects in about two minutes. You can disconnect at any"
        " time.",
        "calm",
        Primary("Connect to QuickBooks", "/connect", posts=True, rank=Rank.ADMIN),
    )


def _disconnected(_: Survey, one: Integration, tell: Teller) -> Words:
    if one.status_reason == Ended.CONNECTED_ELSEWHERE:
        return Words(
            "Connected elsewhere",
            f"The connection to {_name(one)} had ended, and someone who signed in at QuickBooks"
            f" connected the company elsewhere {tell.ago(one.disconnected_at)}. Everything that was"
            " sent stays in QuickBooks; nothing more is sent from here. Your mappings are kept. If"
            " that is not right, ask whoever manages the company in QuickBooks.",
            "attention",
            Primary("Connect again", "/connect", posts=True, rank=Rank.ADMIN),
        )
    if one.status_reason == Ended.RELEASED:
        return Words(
            "Disconnected by the operator",
            f"The operator of this service released {_name(one)} {tell.ago(one.disconnected_at)}."
            " Everything that was sent stays in QuickBooks; nothing more is sent. Your mappings are"
            " kept.",
            "attention",
            Primary("Connect again", "/connect", posts=True, rank=Rank.ADMIN),
        )
    return Words(
        "Disconnected",
        f"{short(who(one.disconnected_by))} disconnected {_name(one)}"
        f" {tell.ago(one.disconnected_at)}. Everything that was sent stays in QuickBooks. Nothing"
        " more is sent. Your mappings are kept.",
        "calm",
        Primary("Connect again", "/connect", posts=True, rank=Rank.ADMIN),
    )


def _needs_reconnect(found: Survey, one: Integration, _: Teller) -> Words:
    why = {
        "no_permission": f"The person who connected no longer manages {_name(one)}.",
        "grant_unreadable": f"Our access to {_name(one)} can no longer be used.",
    }.get(
        one.status_reason or "",
        f"Access to {_name(one)} has expired or was withdrawn.",
    )
    return Words(
        "QuickBooks needs you to reconnect",
        f"{why} Sending is paused, and nothing is lost. After you reconnect,"
        f" {_waiting_records(found)} will continue. Mappings and history are kept.",
        "attention",
        Primary("Reconnect", "/connect", posts=True, rank=Rank.ADMIN),
    )


def _waiting_records(found: Survey) -> str:
    waiting = sum(one.pending + one.in_doubt for one in found.sync.tallies.values())
    held = waiting + found.issues.total
    return counted(held, "waiting item") if held else "waiting items"


def _confirm_company(_: Survey, one: Integration, __: Teller) -> Words:
    return Words(
        "Is this the right company?",
        f"You connected {_name(one)}. Nothing is written to QuickBooks until you have reviewed a"
        " preview.",
        "calm",
        Primary("Use this company", "/confirm", posts=True, rank=Rank.ADMIN),
    )


def _connecting(_: Survey, one: Integration, __: Teller) -> Words:
    return Words(
        "Finishing the connection…",
        f"Reading the vendors, customers and accounts of {_name(one)}. This takes a few"
        " seconds and continues if you leave the page.",
        "busy",
        meanwhile="This page updates automatically.",
    )


def _setup_needed(found: Survey, one: Integration, _: Teller) -> Words:
    steps = counted(found.todo.total, "step")
    return Words(
        f"{steps} to finish setup",
        f"{_name(one)} is connected. Complete these steps, then review a preview of everything"
        " that would be sent.",
        "calm",
        Primary("Continue setup", todo_lines(found.todo)[0][1]),
    )


def _preview(found: Survey, _: Integration, tell: Teller) -> Words:
    status = found.preview
    if status.run is None or status.state not in (RunState.SUCCEEDED, *OPEN):
        return Words(
            "Review before the first sync",
            "The preview lists every record that would be created, linked or skipped. It writes"
            " nothing.",
            "calm",
            Primary("Create preview", "/preview", posts=True),
        )
    if status.state != RunState.SUCCEEDED:
        return Words(
            "Preparing your preview…",
            "We are preparing the list of records that would be sent. Nothing is written.",
            "busy",
            meanwhile="This page updates automatically.",
        )
    parties = status.tallies.get("vendors")
    new, linked = (parties.created, parties.linked) if parties else (0, 0)
    parties_new = counted(new, "new vendor or customer", "new vendors or customers")
    return Words(
        "Review before the first sync",
        f"Ready to send: {to_send(status, tell)}. {parties_new}, {linked:,} linked to existing"
        f" ones, {counted(status.errors_total, 'record')} with issues.",
        "calm",
        Primary("Review the preview", "/preview"),
    )


def _connected_ok(found: Survey, one: Integration, tell: Teller) -> Words:
    through = sum(tally.total for tally in found.sync.tallies.values())
    return Words(
        "Up to date",
        f"At the last sync, {tell.ago(found.last_success)}, {_name(one)} was up to date:"
        f" {counted(through, 'record')} checked.",
        "good",
        Primary("Sync now", "/sync", posts=True),
    )


def _syncing(found: Survey, _: Integration, __: Teller) -> Words:
    done, total = done_of(found.sync)
    title = f"Sending {done:,} of {total:,}" if total else "Getting ready to send"
    return Words(
        title,
        "You can leave this page; the sync continues.",
        "busy",
        Primary("Pause", "/pause", posts=True),
    )


def _waiting(found: Survey, _: Integration, tell: Teller) -> Words:
    run = found.sync.run
    until = run.waiting_until if run else None
    if run and run.code == "in_doubt":
        return Words(
            "Checking what QuickBooks received",
            "QuickBooks did not confirm some records. We check again at about"
            f" {tell.clock(until)} before anything is sent again. Nothing is lost.",
            "busy",
            meanwhile="No action is needed.",
        )
    return Words(
        "QuickBooks asked us to slow down",
        f"Sending resumes at about {tell.clock(until)}. Nothing is lost.",
        "busy",
        meanwhile="No action is needed.",
    )


def _upstream_down(found: Survey, _: Integration, tell: Teller) -> Words:
    since = found.sync.run.waiting_since if found.sync.run else None
    return Words(
        "QuickBooks is not responding",
        f"Since {tell.clock(since)}. We keep trying, and check what QuickBooks has before anything"
        " is sent again.",
        "attention",
        meanwhile="No action is needed.",
    )


def _partial(found: Survey, _: Integration, tell: Teller) -> Words:
    sent = sum(one.created + one.updated for one in found.sync.tallies.values())
    number = found.issues.total
    needs = f"{number:,} need{'s' * (number == 1)} attention"
    issues = found.issues
    held = [
        f"{tell.amounts(sums)} in {counted(many, sort)}"
        for sums, many, sort in (
            (issues.on_hold, issues.documents, "document"),
            (issues.payments_on_hold, issues.payments, "payment"),
        )
        if sums
    ]
    are = "are" if len(held) > 1 else "is"
    hold = f"{' and '.join(held)} {are} on hold. " if held else ""
    return Words(
        f"{sent:,} sent · {needs}" if sent else needs[0].upper() + needs[1:],
        f"{hold}Each issue shows the reason and the fix. Last sync {tell.ago(found.last_success)}.",
        "attention",
        Primary(f"Review {counted(number, 'issue')}", "/issues", rank=Rank.VIEWER),
    )


def _stopped(found: Survey, _: Integration, tell: Teller) -> Words:
    run = found.sync.run
    cancelled = run is not None and run.state == RunState.CANCELLED
    when = tell.ago(run.finished_at if run else None)
    return Words(
        "The last sync was cancelled" if cancelled else "The last sync stopped early",
        f"It ended {when}. Records already sent stay in QuickBooks. The rest will be sent in the"
        " next sync.",
        "attention",
        Primary("Sync again", "/sync", posts=True),
    )


def _paused(_: Survey, one: Integration, tell: Teller) -> Words:
    return Words(
        "Paused",
        f"{short(who(one.paused_by))} paused sending {tell.ago(one.paused_at)}. What was sent stays"
        " in QuickBooks. Nothing else is sent until you resume.",
        "calm",
        Primary("Resume", "/resume", posts=True),
    )


def _plan_limit(_: Survey, one: Integration, __: Teller) -> Words:
    return Words(
        "QuickBooks is read-only",
        f"{_name(one)} is read-only, because its QuickBooks subscription has ended. Renew it"
        " in QuickBooks, then sync again. What was sent is still there.",
        "attention",
        Primary("Sync again", "/sync", posts=True),
    )


_WORDS: Mapping[BusinessState, Callable[[Survey, Integration, Teller], Words]] = {
    BusinessState.DISCONNECTED: _disconnected,
    BusinessState.NEEDS_RECONNECT: _needs_reconnect,
    BusinessState.CONFIRM_COMPANY: _confirm_company,
    BusinessState.CONNECTING: _connecting,
    BusinessState.SETUP_NEEDED: _setup_needed,
    BusinessState.PREVIEW: _preview,
    BusinessState.CONNECTED_OK: _connected_ok,
    BusinessState.SYNCING: _syncing,
    BusinessState.WAITING: _waiting,
    BusinessState.UPSTREAM_DOWN: _upstream_down,
    BusinessState.PARTIAL: _partial,
    BusinessState.STOPPED: _stopped,
    BusinessState.PAUSED_BY_USER: _paused,
    BusinessState.PLAN_LIMIT: _plan_limit,
}
