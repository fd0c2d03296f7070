"""The decisions that people can make about records."""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    """A decision about a record; `Verdict` explains the value that each one needs."""

    CREATE_AS = "create_as"
    NUMBER_AS = "number_as"  # applies in addition to other decisions about the record
    SAME_AS = "same_as"
    LEAVE_OUT = "leave_out"
    BRING_BACK = "bring_back"  # takes back every earlier decision about the record
    CREATE_AGAIN = "create_again"
    KEEP_THEIRS = "keep_theirs"
    SEND_OURS = "send_ours"
    LINK_TO = "link_to"
    UNLINK = "unlink"
    ANOTHER_ONE = "another_one"  # applies in addition to other decisions about the record
    REMOVE_THERE = "remove_there"
    REMOVE_DUPLICATE = "remove_duplicate"  # a copy that the comparison found
    DONE = "done"  # the latest decision was carried out and no longer applies, unless a number
