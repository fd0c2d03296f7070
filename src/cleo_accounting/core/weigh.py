"""Whether an update or a removal may go, in view of what stands there, or a person has to decide.

One rule for the plan, for a preview, and for a write that QuickBooks refused as out of date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.amend import Amendment, amend
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
_SEND = "send "  # in the place of a mark: equal to none
_MARK_LENGTH = 40  # of a mark that is kept behind it


@dataclass(frozen=True, slots=True)
class Weighed:
    """What an update would write; with a `code`, a person has to decide first."""

    amendment: Amendment
    code: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


def weigh(
    ours: Content, mark: str, base: Base, link: Link, there: Remote, verdict: Verdict | None
) -> Weighed:
    """Compare our record with what stands there, and say what to write or why to ask."""
    assert there.content is not None
    # What a person said of a record that has changed since is no word on what it says now.
    outdated = is_to_be_sent(link) and link.fingerprint != to_be_sent(mark)
    known = Base() if outdated else known_base(base, link, there)
    word = _send_ours(verdict, mark)
    # A person who compared both and said “send ours” means the accounts, too.
    booked = is_to_be_sent(link)
    asked = amend(known, ours, there.content, booked=booked)
    amendment = amend(known, ours, there.content, overrule=True, booked=booked) if word else asked
    if not there.active and not asked.empty:  # made inactive, or merged: not ours to name anew
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
    """What a link has in the place of a mark once a person said to send the record that has it."""
    return f"{_SEND}{mark[:_MARK_LENGTH]}"


def is_to_be_sent(link: Link) -> bool:
    """Whether a person who compared both sides said to send ours."""
    return (link.fingerprint or "").startswith(_SEND)


def _send_ours(verdict: Verdict | None, mark: str) -> Verdict | None:
    """The word of a person that our record counts as it is now, if there is one."""
    return verdict if verdict and (verdict.verdict, verdict.value) == ("send_ours", mark) else None


def paid_cause(total: Money, paid: Money) -> str:
    """The cause for which a change of what is owed waits, where some of it is paid."""
    return BELOW if total.minor < paid.minor else PAID


def may_change_paid(verdict: Verdict | None, mark: str, code: str) -> bool:
    """Whether a person who saw that it is paid said that our record is to be sent all the same."""
    word = _send_ours(verdict, mark)
    return word is not None and word.about in (code, BELOW)


def owes_otherwise(written: Content | None, ours: Document) -> bool:
    """Whether a document is of another party than before, or a line of it has another amount."""
    if not isinstance(written, Document):
        return True
    was, now = (
        (one.party_id, one.total, [line.amount for line in one.lines]) for one in (written, ours)
    )
    return was != now


def known_base(base: Base, link: Link, there: Remote) -> Base:
    """Complete what we know of our last write from what stands there, where nobody touched it."""
    ours_alone = there.version == link.version and base.written is not None
    if base.answered is None and ours_alone:
        return Base(base.written, there.content)
    if base.written is None and there.version == FIRST_VERSION:
        return Base(there.content, there.content)
    return base


def paid_of(there: Remote) -> Money | None:
    """How much of a document is paid over there; None: nothing."""
    total, balance = (there.details.get(name, "") for name in ("total", "balance"))
    if not isinstance(there.content, Document) or not (total and balance):
        return None
    currency = there.content.total.currency
    paid = Money.of(Decimal(total) - Decimal(balance), currency)
    return paid if paid.minor > 0 else None
