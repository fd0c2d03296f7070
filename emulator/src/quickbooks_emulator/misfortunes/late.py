"""A request whose client was told of a time-out, and that will be worked all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quickbooks_emulator.basics.wire import Request


@dataclass(frozen=True, slots=True)
class Late:
    """When it came, when it is due, and under which tid."""

    came: datetime
    due: datetime
    request: Request
    tid: str
