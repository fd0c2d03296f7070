"""Bank accounts: accounts of the chart that funding sources are linked to; never created."""

from __future__ import annotations

from cleo_accounting.core.kinds.kind import BankAccountKind
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import RecordKind

BANK_ACCOUNT = BankAccountKind(
    remote=RemoteKind.ACCOUNT,
    noun="bank account",
    plural="bank accounts",
    entity_type="bankAccounts",
    record=RecordKind.FUNDING_SOURCE,
    is_listed=True,
    is_matched=True,
    is_only_linked=True,
)
