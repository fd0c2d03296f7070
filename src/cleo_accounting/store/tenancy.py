"""Row-level security of PostgreSQL, the second barrier between businesses, and its exceptions.

Each transaction tells PostgreSQL whose rows it may access (`Database.of`). A policy on each table
with rows of businesses enforces that, even if a query forgets to name the business.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from cleo_accounting.store.database import BUSINESS, EVERY, KNOW_INTEGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cleo_accounting.store.database import Transaction

# Tables without a policy, because none of their rows belongs to a business.
SHARED: Mapping[str, str] = {
    "workers": "who is at work, for every business",
    "rates": "counters of addresses, tokens and businesses, asked before a caller is known",
    "requests": "the budget of a company at Intuit, which may pass from one business to another",
}


@contextmanager
def across(tx: Transaction) -> Iterator[None]:
    """Let a transaction access the rows of every business until the block ends.

    For the few steps within the work of one business that concern another one; each use is listed
    in `tests/house/test_tenancy.py`.
    """
    before = tx.info.get(BUSINESS, "")
    _belong(tx, EVERY)
    over = False
    try:
        yield
    except SQLAlchemyError:
        over = True  # PostgreSQL accepts no more statements in this transaction
        raise
    finally:
        if not over:
            _belong(tx, before)


def know_new_integration(tx: Transaction) -> None:
    """Tell PostgreSQL about an integration that this transaction created for its business."""
    if tx.dialect.name == "postgresql" and tx.info.get(BUSINESS, "") not in ("", EVERY):
        tx.execute(text(KNOW_INTEGRATIONS))


def _belong(tx: Transaction, business: str) -> None:
    tx.info[BUSINESS] = business
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.set_config("cleo.business", business, True)))  # noqa: FBT003  local
