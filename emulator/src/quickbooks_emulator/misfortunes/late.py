"""A request that is executed later, although its client was answered with a time-out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quickbooks_emulator.basics.wire import Request


@dataclass(frozen=True, slots=True)
class Late:
    """A late request: when it arrived, when it is executed, and its `intuit_tid`."""

    came: datetime
    due: datetime
    request: Request
    tid: str
