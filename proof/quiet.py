"""Keep the service's log out of a campaign's output."""

from __future__ import annotations

import structlog


def keep_quiet() -> None:
    """Drop every line that the service logs: planted bugs and faults would fill the screen."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
