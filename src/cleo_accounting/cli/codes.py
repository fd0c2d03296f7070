"""The exit codes for scripts, and which error maps to which."""

from __future__ import annotations

from enum import IntEnum

from cleo_accounting.errors import AccountingError, Reconnect, Wait


class Code(IntEnum):
    """The exit codes, the same for every command."""

    OK = 0
    USAGE = 2  # an argument, a setting or a request is invalid
    RECONNECT = 3  # a person has to connect the company again
    PARTIAL = 4  # done, but some records need a person
    UPSTREAM = 5  # the accounting product, or the connection to it, fails
    INTERRUPTED = 130


def of(error: AccountingError) -> Code:
    """Return the exit code of an error."""
    if isinstance(error, Reconnect):
        return Code.RECONNECT
    return Code.UPSTREAM if isinstance(error, Wait) else Code.USAGE
