"""Decide whether an update or a removal may be sent, or whether a person has to decide first.

The same rule applies to the plan, to a preview, and to a write that QuickBooks refused as out of
date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.amend import Amendment, amend
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import (
    FIRST_VERSION,
    Base,
    Content,
    Document,
    Link,
    Remote,
)
from cleo_accounting.core.merge import SAID
from cleo_accounting.core.records import Money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleo_accounting.core.plan import Verdict

PAID = "paid_there"
BELOW = "below_paid"
_SEND = "send "  # stored instead of a fingerprint, and equal to none
_MARK_LENGTH = 40  # characters of the fingerprint that follow it


@dataclass(frozen=True, slots=True)
class Weighed:
    """The changes that an update would write; if it has a `code`, a person has to decide first."""

    amendment: Amendment
    code: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


def weigh(
    ours: Content, mark: str, base: Base, link: Link, there: Remote, verdict: Verdict | None
) -> Weighed:
    """Compare our record with its remote, and return what to write or why a person is asked."""
    assert there.content is not None
    # A decision about a record does not cover changes that the record got afterwards.
    outdated = is_to_be_sent(link) and link.fingerprint != to_be_sent(mark)
    known = Base() if outdated else known_base(base, link, there)
    word = _send_ours(verdict, mark)
    # “Send ours”, decided in a comparison of both sides, includes the accounts.
    booked = is_to_be_sent(link)
    asked = amend(known, ours, there.content, booked=booked)
    amendment = amend(known, ours, there.content, overrule=True, booked=booked) if word else asked
    if not there.active and not asked.empty:  # made inactive or merged: we must not rename it
        return Weighed(asked, "inactive", {"name": there.full_name})
    if amendment.conflicts:
        said = ", ".join(SAID[name] for name in amendment.conflicts)
        return Weighed(amendment, "changed_there", {"fields": said})
    if amendment.unbooked:
        return Weighed(amendment, kinds.document(link.kind).choice_needed)
    paid = paid_of(there)
    if paid and amendment.money:
        total = getattr(amendment.content, "total", paid)
        code = paid_cause(total, paid)
        if not may_change_paid(verdict, mark, code):
            facts = {"paid": str(paid), "ours": str(total)}
            return Weighed(amendment, code, facts)
    return Weighed(amendment)


def to_be_sent(mark: str) -> str:
    """Return what a link stores instead of a fingerprint once a person decided to send ours."""
    return f"{_SEND}{mark[:_MARK_LENGTH]}"


def is_to_be_sent(link: Link) -> bool:
    """Return whether a person compared both sides and decided to send our record."""
    return (link.fingerprint or "").startswith(_SEND)


def _send_ours(verdict: Verdict | None, mark: str) -> Verdict | None:
    """Return the decision of a person to send our record as it is now, or None."""
    asked = (Decision.SEND_OURS, mark)
    return verdict if verdict and (verdict.verdict, verdict.value) == asked else None


def paid_cause(total: Money, paid: Money) -> str:
    """Return the cause for which a change of the amount owed waits, if some of it is paid."""
    return BELOW if total.minor < paid.minor else PAID


def may_change_paid(verdict: Verdict | None, mark: str, code: str) -> bool:
    """Return whether a person decided to send our record although they saw that it is paid."""
    word = _send_ours(verdict, mark)
    return word is not None and word.about in (code, BELOW)


def owes_otherwise(written: Content | None, ours: Document) -> bool:
    """Return whether a document changed its party, its total or the amount of a line."""
    if not isinstance(written, Document):
        return True
    was, now = (
        (one.party_id, one.total, [line.amount for line in one.lines]) for one in (written, ours)
    )
    return was != now


def known_base(base: Base, link: Link, there: Remote) -> Base:
    """Fill in what is not known of our last write from the remote, if it is unchanged since."""
    ours_alone = there.version == link.version and base.written is not None
    if base.answered is None and ours_alone:
        return Base(base.written, there.content)
    if base.written is None and there.version == FIRST_VERSION:
        return Base(there.content, there.content)
    return base


def paid_of(there: Remote) -> Money | None:
    """Return how much of a remote document is paid; None if nothing is."""
    total, balance = (there.details.get(name, "") for name in ("total", "balance"))
    if not isinstance(there.content, Document) or not (total and balance):
        return None
    currency = there.content.total.currency
    paid = Money.of(Decimal(total) - Decimal(balance), currency)
    return paid if paid.minor > 0 else None
