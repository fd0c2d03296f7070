"""The words for what an operation does, how far it is, how far a run is, and what asked for it."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What an operation does with its record in the provider's books."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"
    LINK = "link"  # it is there already: nothing is written
    LEAVE = "leave"  # nothing is written, and the cause says why
    KEEP = "keep"  # it was tried again and stands as it should


class ItemState(StrEnum):
    """How far an operation is."""

    PLANNED = "planned"  # in a preview
    WAITING = "waiting"  # to be sent
    SENT = "sent"
    IN_DOUBT = "in_doubt"  # it was sent, and no answer came
    WRITTEN = "written"
    REFUSED = "refused"  # by the provider
    LEFT = "left"  # it was not sent, and the cause says why


class RunState(StrEnum):
    """How far a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    PARTLY_FAILED = "partly_failed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Trigger(StrEnum):
    """What asked for a run."""

    API = "api"
    PAGE = "page"
    COMMAND = "command"  # of an operator, at a terminal
    RETRY = "retry"  # of what failed in another run
    REPAIR = "repair"  # of what a comparison found
