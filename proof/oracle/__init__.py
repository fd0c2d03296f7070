"""The oracle: reads three independent records and returns violations; it imports no service code.

`history` is what the driver observed, `journal` what QuickBooks noted, `dump` the database.
All three are lists and dicts of plain values; money is whole cents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from proof.oracle import (
    access,
    account,
    balances,
    content,
    documents,
    ending,
    expenses,
    heeded,
    imports,
    keeping,
    parties,
    payments,
    previews,
    relations,
    rules,
    seen,
    sentences,
    tenants,
    told,
    twins,
    views,
    words,
    work,
)
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import Plain

__all__ = ["CHECKED", "Violation", "check"]

CHECKED: Mapping[str, Sequence[Callable[[Facts], Found]]] = {
    "I1": (documents.at_most_one, expenses.one_kind_only),
    "I2": (rules.nothing_else_is_written, payments.never_overpaid),
    "I3": (
        keeping.nothing_lost,
        account.all_that_was_asked,
        account.cancelled_is_over,
        relations.nothing_while_paused,
        imports.rows_are_told_apart,
        imports.payments_name_what_they_pay,
        rules.choices_are_taken,
        rules.doors_hold,
        told.retries_are_whole,
    ),
    "I4": (
        ending.runs_end,
        ending.every_record_ends,
        content.right_at_every_end,
        heeded.words_are_heeded,
        payments.returned_is_voided,
    ),
    "I5": (
        content.written_as_said,
        rules.quantities_are_kept,
        documents.linked_is_equal,
        documents.nothing_is_orphaned,
        documents.sums_are_true,
        balances.open_is_true,
        relations.parties_stand_as_said,
        payments.recorded_as_said,
        expenses.spent_as_said,
        payments.completed_stands,
    ),
    "I6": (
        documents.right_references,
        twins.linked_is_of_its_party,
        rules.nothing_forbidden,
        rules.invoices_are_voided,
        relations.accounts_are_matched,
        seen.inactive_is_not_named,
    ),
    "I7": (
        work.nobody_overwritten,
        work.paid_stays,
        rules.inactive_is_left,
        documents.nothing_written_again,
        twins.none_beside_anothers,
        twins.none_entered_twice,
        parties.none_beside_one_of_ours,
        twins.theirs_is_left_to_them,
        seen.names_are_known,
        payments.voids_are_of_returns,
        payments.left_out_stays_out,
    ),
    "I8": (
        access.nothing_after_goodbye,
        access.nothing_in_closed_books,
        seen.closed_books_are_known,
    ),
    "I9": (access.nobody_elses, tenants.nothing_crosses, tenants.marks_are_ones_own),
    "I10": (
        access.no_faster_than_allowed,
        account.requests_are_in_bounds,
        seen.versions_are_known,
        seen.nothing_is_read_in_vain,
    ),
    "I11": (access.good_grants_are_kept, access.tokens_are_kept),
    "I12": (
        keeping.every_send_is_known,
        keeping.one_body_a_key,
        keeping.the_chain_holds,
        account.attempts_are_counted,
        told.acts_are_noted,
    ),
    "I13": (
        keeping.states_only_move_forward,
        keeping.done_was_done,
        account.written_was_written,
        account.a_run_says_how_it_went,
        account.answers_are_believed,
        account.two_are_told,
        told.parts_are_true,
        told.totals_are_told,
        told.costs_are_true,
        views.what_waits_is_told,
        views.open_is_quickbooks_own,
        views.previews_write_nothing,
    ),
    "I16": (keeping.bounded,),
    "I18": (tenants.nothing_stays,),
    "I19": (
        sentences.history_is_true,
        words.asked_only_of_conflicts,
        rules.survivors_are_named,
        relations.survivors_are_found,
        previews.previews_come_true,
        views.timelines_are_whole,
        views.what_stands_is_named,
        told.labels_are_true,
        told.links_are_named,
        told.differences_are_true,
    ),
    "I20": (
        sentences.equal_is_equal,
        balances.equal_payments_are_equal,
        balances.equal_is_not_paid_by_others,
    ),
}
# Elsewhere: I14 (the HTTP door: tests/web), I15 (a seed is played twice: proof/__main__.py).
# Nothing to check: I17 (there are no webhooks).


@dataclass(frozen=True, slots=True)
class Violation:
    """A violated invariant, with the evidence."""

    invariant: str
    said: str
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.invariant} {self.subject}: {self.said}"


def check(
    history: Sequence[Plain], journal: Sequence[Plain], dump: Mapping[str, Sequence[Plain]]
) -> list[Violation]:
    """Return every violation of an invariant; the list is empty if all of them hold."""
    facts = Facts(history, journal, dump)
    return [
        Violation(invariant, said, subject)
        for invariant, looks in CHECKED.items()
        for look in looks
        for subject, said in look(facts)
    ]
