"""Maintain the audit chains: verify them, and publish their heads outside the database."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from cleo_accounting.core.records import canonical, fingerprint
from cleo_accounting.errors import Invalid, Misconfigured
from cleo_accounting.store import audit
from cleo_accounting.store.audit import Head, Verdict
from cleo_accounting.store.database import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cleo_accounting.core.records import Record
    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction

_DAY = timedelta(days=1)
_SUBJECT = "heads"
_FED = ("created", "updated")
_ONLY_OWNER = 0o600


@dataclass(frozen=True, slots=True)
class Told:
    """A published head of a chain: timestamped and signed, so that it cannot be forged."""

    business_id: str
    number: int
    hash: str
    at: datetime
    key_id: str
    signature: str

    @property
    def head(self) -> Head:
        """The head without its signature."""
        return Head(self.business_id, self.number, self.hash)


def heads(house: House) -> Sequence[Told]:
    """Return the signed head of every chain, as of now."""
    with house.database.across.reading() as tx:
        return _signed(tx, house.clock.now())


def tell_daily(house: House) -> Sequence[Told]:
    """Return the heads to publish today, once for all workers; empty if they were published."""
    now = house.clock.now()
    with house.database.across.reading() as tx:
        if not _due(tx, now):
            return ()
    with house.database.across.transaction() as tx:
        one_at_a_time(tx, "heads")
        if not _due(tx, now):
            return ()
        audit.note(tx, audit.PLATFORM, by="worker", what="heads_told", subject=_SUBJECT, now=now)
        return _signed(tx, now)


def keep(path: Path, told: Sequence[Told]) -> None:
    """Append heads to a file, as lines of JSON.

    Raises:
        Misconfigured: the file cannot be written.
    """
    text = "".join(line(one) + "\n" for one in told)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _ONLY_OWNER)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        raise Misconfigured("CLEO_AUDIT_HEADS_PATH names a file that cannot be written") from None


def read_heads(house: House, path: Path) -> Sequence[Head]:
    """Read published heads, and check that each was signed by us.

    Raises:
        Misconfigured: the file cannot be read.
        Invalid: a line is not a head, or was not signed by our keys.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        raise Misconfigured(
            "The file of heads cannot be read; see CLEO_AUDIT_HEADS_PATH."
        ) from None
    found: list[Head] = []
    with house.database.reading() as tx:
        signer = audit.signer_of(tx)
    for number, line in enumerate(lines, 1):
        try:
            one = msgspec.json.decode(line, type=Told)
        except msgspec.DecodeError:
            raise Invalid(f"Line {number} of the file is not the head of an audit log.") from None
        if not signer.holds(_text(one.head, one.at, one.key_id), one.key_id, one.signature):
            raise Invalid(f"Line {number} of the file was not signed by these CLEO_AUDIT_KEYS.")
        found.append(one.head)
    return found


def verify(
    house: House, business_id: str | None = None, path: Path | None = None
) -> Mapping[str, Verdict]:
    """Verify the chains of one business or of all, and return a verdict for each.

    `path` names a file of heads to compare with; by default `house.heads_path`, if it exists.
    """
    path = path or (house.heads_path if house.heads_path and house.heads_path.exists() else None)
    kept: dict[str, list[Head]] = {}
    for one in read_heads(house, path) if path else ():
        kept.setdefault(one.business_id, []).append(one)
    with house.database.across.reading() as tx:
        every = {*audit.businesses(tx), *kept}
        chosen = [business_id] if business_id else sorted(every)
        return {one: audit.verify(tx, one, kept.get(one, ())) for one in chosen}


def note(house: House, business_id: str, *, by: str, what: str, subject: str, **facts: str) -> None:
    """Record an act that changes nothing else, such as a download, in its own transaction."""
    with house.database.of(business_id).transaction() as tx:
        audit.note(
            tx, business_id, by=by, what=what, subject=subject, now=house.clock.now(), facts=facts
        )


def note_fed(
    tx: Transaction,
    business_id: str,
    given: Sequence[Record],
    became: Sequence[str],
    *,
    by: str,
    now: datetime,
) -> None:
    """Record that records were sent to us, if any is new or changed; once per request.

    The fingerprint covers all changed records, so that a dispute about them can be settled.
    """
    changed = [one for one, word in zip(given, became, strict=True) if word in _FED]
    if not changed:
        return
    facts = {word: str(became.count(word)) for word in _FED if word in became}
    audit.note(
        tx,
        business_id,
        by=by,
        what="records_fed",
        subject=changed[0].id if len(changed) == 1 else "records",
        now=now,
        facts={**facts, "fingerprint": fingerprint(changed)},
    )


def sign_old(house: House, *, by: str) -> None:
    """Append a signed entry to every chain from before chains were signed; it protects the rest."""
    now = house.clock.now()
    with house.database.across.transaction() as tx:
        for business_id in audit.unsigned(tx):
            audit.note(tx, business_id, by=by, what="chain_signed", subject="chain", now=now)


def line(told: Told) -> str:
    """Return a head as a line of JSON, as `read_heads` reads it."""
    return msgspec.json.encode(asdict(told)).decode()


def _due(tx: Transaction, now: datetime) -> bool:
    last = audit.about(tx, audit.PLATFORM, _SUBJECT, limit=1)
    return not last or now - last[0].at >= _DAY


def _signed(tx: Transaction, now: datetime) -> Sequence[Told]:
    signer = audit.signer_of(tx)
    key = signer.newest
    return [
        Told(one.business_id, one.number, one.hash, now, key, signer.sign(_text(one, now, key)))
        for one in audit.heads(tx)
    ]


def _text(head: Head, at: datetime, key_id: str) -> str:
    """Return the text that is signed for a head; its prefix keeps it distinct from an entry."""
    return canonical(["head", head, at, key_id])
