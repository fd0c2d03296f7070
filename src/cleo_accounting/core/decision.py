"""The words for the decisions of people about records."""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    """What a person decided about a record; the values that go with it are in `Verdict`."""

    CREATE_AS = "create_as"
    NUMBER_AS = "number_as"  # holds beside all others
    SAME_AS = "same_as"
    LEAVE_OUT = "leave_out"
    BRING_BACK = "bring_back"  # takes back every earlier decision about the record
    CREATE_AGAIN = "create_again"
    KEEP_THEIRS = "keep_theirs"
    SEND_OURS = "send_ours"
    LINK_TO = "link_to"
    UNLINK = "unlink"
    ANOTHER_ONE = "another_one"  # holds beside all others
    REMOVE_THERE = "remove_there"
    REMOVE_DUPLICATE = "remove_duplicate"  # of what the comparison found to be one too many
    DONE = "done"  # the latest decision was carried out and counts no more; a number stays
