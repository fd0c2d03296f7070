"""Vendor credits: payables below zero of a business that pays, booked as its bills are."""

from __future__ import annotations

from dataclasses import replace

from cleo_accounting.core.kinds.bill import BILL
from cleo_accounting.core.links import Profile, RemoteKind


def _numbers_itself(profile: Profile) -> bool:
    return not profile.own_credit_numbers


VENDOR_CREDIT = replace(
    BILL,
    remote=RemoteKind.VENDOR_CREDIT,
    noun="vendor credit",
    plural="vendor credits",
    is_credit=True,
    needs=(RemoteKind.VENDOR, RemoteKind.BILL),
    numbers_itself=_numbers_itself,
)
