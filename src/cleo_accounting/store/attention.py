"""Conditions on the table of operations: which operations need a person's attention."""

from __future__ import annotations

from sqlalchemy import and_, or_

from cleo_accounting.core.cause import INTERNAL
from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.states import ItemState
from cleo_accounting.store.tables import operations

QUIET = tuple(code for code, cause in CAUSES.items() if cause.quiet)

# Refused, in doubt by an error of ours, or left or written with a cause that is not quiet.
FAILED = or_(
    operations.c.state == ItemState.REFUSED,
    and_(operations.c.state == ItemState.IN_DOUBT, operations.c.code == INTERNAL),
    and_(
        operations.c.state.in_((ItemState.LEFT, ItemState.WRITTEN)),
        operations.c.code.is_not(None),
        operations.c.code.not_in(QUIET),
    ),
)

# Refused operations always have a cause; the redundant condition lets an index be used.
WAITS = and_(operations.c.code.is_not(None), FAILED)
