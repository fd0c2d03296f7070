"""Rules for tokens and request rates: which token opens which books, and how fast we ask."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from proof.oracle.effects import Request
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import NOTHING, Plain, moment

_UNDONE = "drop_before_commit error_before_commit timeout_before_commit throttled".split()
_IDLE = timedelta(days=100)
_TOO_MANY = 429
_AT_ONCE = 10
_UNKEPT = ("answered", "begin", "commit")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for tokens: the token or code presented, and the tokens issued, if any."""

    request: Request
    realm: str
    shown: str  # the refresh token presented; empty for a first exchange
    access: str
    refresh: str
    renewed: bool  # the refresh token was replaced by another one


def _tokens(facts: Facts) -> Sequence[Asked]:
    """Return every request for tokens in order, with the company that the tokens open."""
    realm_of: dict[str, str] = {}  # the company, by code and by refresh token
    found: list[Asked] = []
    for request in facts.requests:
        back = dict(parse_qsl(urlsplit(request.answer["headers"].get("location", "")).query))
        if "code" in back and "realmId" in back:
            realm_of[back["code"]] = back["realmId"]
        if not request.path.endswith("/tokens/bearer"):
            continue
        form, answer = dict(parse_qsl(request.body)), NOTHING
        with suppress(ValueError):  # a corrupted answer issues no tokens
            answer = json.loads(request.answer["body"])
        shown = form.get("refresh_token", "")
        access, refresh = answer.get("access_token", ""), answer.get("refresh_token", "")
        realm = realm_of.get(form.get("code", shown), "")
        if access:
            realm_of[refresh] = realm
        renewed = bool(access and shown) and refresh != shown
        found.append(Asked(request, realm, shown, access, refresh, renewed))
    return found


def nothing_after_goodbye(facts: Facts) -> Found:
    """I8: after a disconnect was confirmed, no request of that connection is started."""
    for event in facts.events("disconnected"):
        connecting = facts.events("connecting", business=event["business"])
        again = [later["after"] for later in connecting if later["seq"] > event["seq"]]
        until = min(again, default=float("inf"))
        mine = [one.seq for one in facts.requests if one.realm == event["realm"]]
        asked = sum(event["after"] < seq <= until for seq in mine)
        if asked > event["in_air"]:
            yield event["business"], f"{asked} requests after it, {event['in_air']} were in the air"


def nothing_in_closed_books(facts: Facts) -> Found:
    """I8: no write of ours lands in a closed period."""
    for effect in facts.effects:
        closings = [day for seq, day in facts.closings(effect.realm) if seq < effect.seq]
        if effect.ours and closings and str(effect.after.get("TxnDate", "9999")) <= closings[-1]:
            yield effect.realm, f"{effect} was written into the closed period"


def nobody_elses(facts: Facts) -> Found:
    """I9: a token opens only its own company's books."""
    opens = {one.access: one.realm for one in _tokens(facts) if one.access}
    for request in facts.requests:
        if request.realm and opens.get(request.bearer, request.realm) != request.realm:
            yield request.realm, f"{request.path} with another company's token"


def no_faster_than_allowed(facts: Facts) -> Found:
    """I10: we never exceed QuickBooks' rate limits, and we wait as long as we are told to."""
    held: dict[str, tuple[datetime, str, float]] = {}
    # A process that is paused or crashes with a 429 in hand does not tell the others, and one that
    # is paused before it sends a request has not learned of the 429.
    woken = [one for one in facts.events("resumed") if one["edge"] in _UNKEPT]
    heard = {(one["since"], one["process"]): one["after"] for one in woken}
    died = [one["after"] for one in facts.events("crashed") if one["edge"] in _UNKEPT]
    wakes = [one["after"] for one in facts.events("resumed", edge="send")]
    left = [next((one.seq for one in facts.requests if one.seq > after), 0) for after in wakes]
    for request in (one for one in facts.requests if one.realm):
        who, status, by = request.realm, request.answer["status"], facts.at_work(request.seq)
        until, told, since = held.get(who, (request.at, by, 0))
        if since < request.seq not in left and request.at < until - facts.clocks_apart * (
            told != by
        ):
            yield who, f"asked at {request.at}, told to wait until {until}"
        if status == _TOO_MANY and request.misfortune is None and not _crowded(facts, request):
            yield who, f"asked too often at {request.at}"
        wait = timedelta(seconds=int(request.answer["headers"].get("retry-after", 0)))
        if status == _TOO_MANY and wait and request.seq not in died:
            held[who] = (request.at + wait, by, heard.get((request.seq, by), 0))


def _crowded(facts: Facts, request: Request) -> bool:
    """Return whether requests that were given up still filled the limit of concurrent requests."""
    at_once = facts.terms.get("switches", {}).get("burst_limit") == "concurrent"
    before = [one for one in facts.requests if one.seq < request.seq]
    held = [one for one in before if one.realm == request.realm and one.until > request.at]
    return at_once and len(held) >= _AT_ONCE


def good_grants_are_kept(facts: Facts) -> Found:
    """I11: no grant is given up while it is good."""
    tokens = _tokens(facts)
    for event in facts.events("needs_reconnect"):
        if not _is_over(facts, tokens, event):
            yield event["business"], f"was given up ({event['reason']}), and nothing had ended it"


def _is_over(facts: Facts, tokens: Sequence[Asked], event: Plain) -> bool:
    """Return whether there was a reason to believe that a grant had ended."""
    before = facts.events("connected", business=event["business"])
    connected = [one for one in before if one["seq"] < event["seq"]][-1]
    since, until, realm = connected["after"], event["after"], connected["realm"]
    ended = facts.events("disconnected_there", realm=realm)
    good = [one for one in tokens if one.access and one.realm == realm and one.request.seq <= until]
    met = [one.request.misfortune for one in tokens if since <= one.request.seq <= until]
    spoiled = [misfortune for misfortune in met if misfortune not in (None, *_UNDONE)]
    reasons = (
        any(since <= one["after"] <= until for one in ended),
        good and moment(event["at"]) - good[-1].request.at > _IDLE,
        # A single refusal may be wrong; a rotation whose answer was lost ends the grant.
        spoiled.count("invalid_grant") > 1 or set(spoiled) - {"invalid_grant"},
        any(one.renewed and all(at > until for at in _uses(facts, one)) for one in good),
    )
    return any(reasons)


def _uses(facts: Facts, one: Asked) -> list[int]:
    """Return when new tokens were used; empty if their answer, or its reader, was lost."""
    later = [request for request in facts.requests if request.seq > one.request.seq]
    form = f"refresh_token={one.refresh}"
    return [each.seq for each in later if each.bearer == one.access or form in each.body]


def tokens_are_kept(facts: Facts) -> Found:
    """I11: no token is stored in plain text, and none is used before it is stored."""
    tokens, text = _tokens(facts), json.dumps(facts.dump, default=str)
    for one in tokens:
        if one.access and (one.access in text or one.refresh in text):
            yield one.realm, "a token stands in our tables in plain text"
    newer_of = {one.shown: one for one in tokens if one.renewed}
    excused = facts.events("resumed") or facts.lost_at  # with an older one in hand, or restored
    for one in tokens:
        newer = newer_of.get(one.shown)
        if newer and not excused and any(seq < one.request.seq for seq in _uses(facts, newer)):
            yield one.realm, "new tokens were used before they were kept"
