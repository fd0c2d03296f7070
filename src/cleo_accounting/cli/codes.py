"""What the exit code tells a script, and which error becomes which."""

from __future__ import annotations

from enum import IntEnum

from cleo_accounting.errors import AccountingError, Reconnect, Wait


class Code(IntEnum):
    """The same for every command."""

    OK = 0
    USAGE = 2  # something given, set or asked for does not fit
    RECONNECT = 3  # a person has to connect the company again
    PARTIAL = 4  # done, but some records need a person
    UPSTREAM = 5  # the accounting product, or the way to it, fails
    INTERRUPTED = 130


def of(error: AccountingError) -> Code:
    """Say which code an error ends with."""
    if isinstance(error, Reconnect):
        return Code.RECONNECT
    return Code.UPSTREAM if isinstance(error, Wait) else Code.USAGE
