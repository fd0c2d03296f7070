"""Page sessions: a link that works once, for a minute, opens a session of ten hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from cleo_accounting.core.clock import known_zone
from cleo_accounting.errors import AccountingError, Flaw, Forbidden, Invalid, Unidentified
from cleo_accounting.store import audit, authorizations, sessions
from cleo_accounting.store.access import PEOPLE, Rank
from cleo_accounting.store.database import LET_IN_BY
from cleo_accounting.store.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.flows import House
    from cleo_accounting.store.authorizations import Authorization

LINK_LIFE = timedelta(minutes=1)
LIFE = timedelta(hours=10)  # a working day
_SEEN_EVERY = timedelta(minutes=1)  # how precisely the last use of a session is recorded
PERSON = "user:"  # prefix of the ids of people who use the page
_NOTE_LENGTH_MAX = 3_500
_SECRET_LENGTH = 43  # characters of 32 random bytes in base64 without padding
_COOKIES_MAX = 20  # a browser has one for each business whose page it opened today


@dataclass(frozen=True, slots=True)
class Invitation:
    """The link to give to a person's browser, and until when it works."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A message for the next page about what was just done, and how to undo it."""

    text: str
    tone: str = "good"  # good · bad
    undo: str = ""  # an address to POST to
    undo_facts: tuple[tuple[str, str], ...] = ()


def invite(
    house: House,
    business_id: str,
    *,
    user_id: str,
    role: Rank,
    zone: str = "UTC",
    by: str,
    within: Rank = Rank.PLATFORM,
) -> Invitation:
    """Create a link for one person; `within` is the rank of the caller who asks for it.

    Sessions that the person has with another role end: their role has changed.

    Raises:
        Forbidden: the role is above that of the caller.
        Invalid: the role is not one for people, or the time zone is unknown.
    """
    _check(role, within, zone)
    now = house.clock.now()
    session = Session(
        id=house.new_id("ses"),
        business_id=business_id,
        user_id=PERSON + user_id,
        role=role,
        zone=zone,
        made_by=by,
        created_at=now,
        link_expires_at=now + LINK_LIFE,
        seen_at=now,
        expires_at=now + LIFE,
    )
    link = house.new_secret()
    with house.database.transaction() as tx:
        sessions.end_all(tx, business_id, session.user_id, but_of=role)
        sessions.add(tx, session, link)
        audit.note(
            tx,
            business_id,
            by=by,
            what="session_made",
            subject=session.id,
            now=now,
            facts={"user": session.user_id, "role": role},
        )
    return Invitation(f"{house.public_url}/enter?link={link}", session.link_expires_at)


def look(house: House, link: str) -> Session:
    """Return the session that a link would open, without using the link up.

    Raises:
        Unidentified: the link is unknown, used or older than a minute, or its maker lost access.
    """
    with house.database.across.reading() as tx:
        found = sessions.by_link(tx, link, now=house.clock.now())
    if found is None:
        raise _link_over()
    return found


def enter(house: House, link: str) -> tuple[Session, str]:
    """Use a link; return the session and the cookie that opens it from now on.

    Raises:
        Unidentified: the link is unknown, used or older than a minute, or its maker lost access.
    """
    cookie = house.new_secret()
    now = house.clock.now()
    with house.database.across.transaction() as tx:
        session = sessions.open_by_link(tx, link, cookie, now=now)
        if session is None:
            raise _link_over()
        audit.note(
            tx,
            session.business_id,
            by=session.user_id,
            what="session_opened",
            subject=session.id,
            now=now,
            facts={LET_IN_BY: session.made_by},
        )
    return session, cookie


def find(house: House, business_id: str, cookie: str, *, is_use: bool = True) -> Session | None:
    """Return the session that a cookie opens for a business; None for any other cookie.

    The session counts as used now, so that it does not end as idle. `is_use` is False for requests
    that an open page makes by itself for live updates.
    """
    one = next((each for each in opened(house, [cookie]) if each.business_id == business_id), None)
    now = house.clock.now()
    if is_use and one is not None and now - one.seen_at >= _SEEN_EVERY:
        with house.database.of(business_id).transaction() as tx:
            sessions.see(tx, one, now)
    return one


def opened(house: House, cookies: Sequence[str]) -> list[Session]:
    """Return the sessions that these cookies open; malformed cookies are skipped."""
    ours = [one for one in dict.fromkeys(cookies) if len(one) == _SECRET_LENGTH]
    if not ours:
        return []
    now = house.clock.now()
    with house.database.across.reading() as tx:
        return sessions.find(tx, ours[:_COOKIES_MAX], now=now, seen_since=now - house.page_idle)


def leave(house: House, session: Session) -> None:
    """End a session; the work it started goes on."""
    with house.database.transaction() as tx:
        sessions.end(tx, session)


def sign_out(house: House, business_id: str, user_id: str | None, *, by: str) -> int:
    """End all page sessions of a business, or of one of its users; return how many.

    `user_id` is as in `invite`. Links that were not used yet end too.
    """
    person = None if user_id is None else PERSON + user_id
    with house.database.transaction() as tx:
        number = sessions.end_all(tx, business_id, person)
        audit.note(
            tx,
            business_id,
            by=by,
            what="sessions_ended",
            subject=person or business_id,
            now=house.clock.now(),
            facts={"number": number},
        )
    return number


def sign_in(house: House, state: str) -> Authorization | None:
    """Return the sign-in that a state belongs to, while it can still be used."""
    with house.database.across.reading() as tx:
        return authorizations.find(tx, state, now=house.clock.now())


def seal(house: House, text: str, *place: str) -> str:
    """Encrypt a text that a browser carries from one page to the next."""
    return house.vault.seal(text, ("page", *place))


def unseal(house: House, text: str, *place: str) -> str:
    """Decrypt a text that a browser carried; empty if it is not ours."""
    if not 0 < len(text) <= _NOTE_LENGTH_MAX:
        return ""
    try:
        return house.vault.open(text, ("page", *place))
    except AccountingError:
        return ""


def write_note(house: House, session: Session, note: Note) -> str:
    """Encrypt a note for the next page of this session."""
    return seal(house, msgspec.json.encode(note).decode(), "note", session.id)


def read_note(house: House, session: Session, text: str) -> Note | None:
    """Decrypt a note of this session; None if it is not one."""
    plain = unseal(house, text, "note", session.id)
    return msgspec.json.decode(plain, type=Note) if plain else None


def _check(role: Rank, within: Rank, zone: str) -> None:
    if role not in PEOPLE:
        flaw = Flaw("role", "must be viewer, bookkeeper or admin")
        raise Invalid("A person cannot have this role.", [flaw])
    if not within.covers(role):
        raise Forbidden("You cannot give a role higher than your own.")
    if not known_zone(zone):
        flaw = Flaw("timeZone", "names no time zone; say, for one, America/New_York")
        raise Invalid("The time zone is not known.", [flaw])


def _link_over() -> Unidentified:
    return Unidentified(
        "This link was used already, or is older than a minute. Open the page again from Cleo Pay.",
        code="link_over",
    )
