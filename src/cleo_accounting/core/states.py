"""The states of operations and runs, what operations do, and what triggers runs."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What an operation does with its record in the provider's books."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"
    LINK = "link"  # it exists already: nothing is written
    LEAVE = "leave"  # nothing is written, and the cause says why
    KEEP = "keep"  # it was tried again and is already correct


class ItemState(StrEnum):
    """The state of an operation, which the API calls an item of its run."""

    PLANNED = "planned"  # in a preview
    WAITING = "waiting"  # not sent yet
    SENT = "sent"
    IN_DOUBT = "in_doubt"  # it was sent, and no response came
    WRITTEN = "written"
    REFUSED = "refused"  # by the provider
    LEFT = "left"  # it was not sent, and the cause says why


class RunState(StrEnum):
    """The state of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    PARTLY_FAILED = "partly_failed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Trigger(StrEnum):
    """What triggered a run."""

    API = "api"
    PAGE = "page"
    COMMAND = "command"  # by an operator, at a terminal
    RETRY = "retry"  # of operations that failed in another run
    REPAIR = "repair"  # of differences that a comparison found
