"""Logs: a line of JSON each, on stderr, for the operator; results alone go to stdout."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import ExcInfo

from cleo_accounting.errors import traced

QUIET = "WARNING"  # what a person at a terminal has to be told unasked


def configure(level: str) -> None:
    """Write logs from this level on, one of the standard library's names."""
    least = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_without_values),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        # Asked for at every line: where standard error is may change, and a log must not fail.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _without_values(exc_info: ExcInfo) -> str:
    return traced(exc_info[1])
