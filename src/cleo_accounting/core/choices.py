"""What may be chosen in QuickBooks for each invoice field, and why a choice cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core.links import Profile, Remote, RemoteKind
from cleo_accounting.core.records import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

BANK = "Bank"
CLEARING = "Other Current Asset"
_EXPENSE = frozenset(
    {
        "Expense",
        "Other Expense",
        "Cost of Goods Sold",
        "Fixed Asset",
        "Other Asset",
        "Other Current Asset",
        "Other Current Liability",
        "Long Term Liability",
        "Equity",
    }
)
_BOTH = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Choice:
    """One invoice field that refers to an object in QuickBooks.

    `field` is its name in the API, `called` its name for people. `types`: the account types that
    are accepted; empty: any.
    """

    name: str
    field: str
    kind: RemoteKind
    called: str
    roles: frozenset[Role]
    types: frozenset[str] = frozenset()


_BILLS, _INVOICES = frozenset({Role.PAYER}), frozenset({Role.PAYEE})
CHOICES = (
    Choice(
        "expense_account_id",
        "expenseAccountId",
        RemoteKind.ACCOUNT,
        "expense account",
        _BILLS,
        _EXPENSE,
    ),
    Choice(
        "ap_account_id",
        "apAccountId",
        RemoteKind.ACCOUNT,
        "accounts payable account",
        _BILLS,
        frozenset({"Accounts Payable"}),
    ),
    Choice("class_id", "classId", RemoteKind.CLASS, "class", _BOTH),
    Choice("department_id", "departmentId", RemoteKind.DEPARTMENT, "location", _BOTH),
    Choice("terms_id", "termsId", RemoteKind.TERM, "term", _BOTH),
    Choice("item_id", "itemId", RemoteKind.ITEM, "product or service", _INVOICES),
    Choice(
        "income_account_id",
        "incomeAccountId",
        RemoteKind.ACCOUNT,
        "income account",
        _INVOICES,
        frozenset({"Income", "Other Income"}),
    ),
)


def is_bank(account: Remote) -> bool:
    """Return whether an account is a bank account, with which funding sources are matched."""
    return account.details.get("type") == BANK


def is_clearing(account: Remote) -> bool:
    """Return whether an account may be used as a clearing account, if a person chooses it."""
    return account.details.get("type") == CLEARING


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a choice cannot be used: a code of core.causes, and the facts that fill its words."""

    code: str
    facts: Mapping[str, str]


def fits(choice: Choice, remote: Remote) -> bool:
    """Return whether an account is of a type that the field accepts; other objects always fit."""
    return not choice.types or remote.details.get("type", "") in choice.types


def tracked(choice: Choice, profile: Profile) -> bool:
    """Return whether the company tracks the field's object (class or location) on its documents."""
    if choice.kind is RemoteKind.CLASS:
        return profile.line_classes
    return choice.kind is not RemoteKind.DEPARTMENT or profile.departments


def flaw(choice: Choice, remote: Remote | None, profile: Profile) -> str | None:
    """Return a code for why a choice cannot be used, or None."""
    if remote is None or remote.gone:
        return "unknown"
    if not remote.active:
        return "inactive"
    if not fits(choice, remote):
        return "wrong_type"
    return None if tracked(choice, profile) else "not_tracked"


_FLAWS = {
    "unknown": "is no longer in QuickBooks",
    "inactive": "was made inactive in QuickBooks",
    "wrong_type": "is now an account of a type that cannot be used here",
}


def trouble(
    choice: Choice, remote_id: str, remote: Remote | None, profile: Profile
) -> Trouble | None:
    """Return why a choice can no longer be used, in words for people, or None."""
    code = flaw(choice, remote, profile)
    if code is None:
        return None
    name = remote.full_name if remote and remote.full_name else remote_id
    facts = {"called": choice.called, "name": name}
    if code == "not_tracked":
        return Trouble("not_tracked", facts)
    return Trouble("choice_unusable", {**facts, "flaw": _FLAWS[code]})
