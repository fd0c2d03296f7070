"""Logs: one line of JSON each, on stderr, for the operator; only results go to stdout."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import ExcInfo

from cleo_accounting.errors import traced

QUIET = "WARNING"  # what a person at a terminal must see unasked


def configure(level: str) -> None:
    """Write logs from this level on; levels have the names of the standard library."""
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
        # Created for every line: standard error may be replaced, and a log must not fail.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def adopt(name: str) -> None:
    """Write what a library logs under this name as our own lines; tracebacks have no values."""
    logger = logging.getLogger(name)
    logger.handlers = [_Ours()]
    logger.propagate = False


class _Ours(logging.Handler):
    """Forwards a library's log record as an event of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record without its arguments: those may come from a caller."""
        tell = structlog.get_logger().bind(of=record.name).log
        trouble = record.exc_info[1] if record.exc_info else None
        tell(record.levelno, str(record.msg).strip(), exc_info=trouble)


def _without_values(exc_info: ExcInfo) -> str:
    return traced(exc_info[1])
