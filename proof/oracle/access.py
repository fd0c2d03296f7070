"""Who asks, with which right, how fast: what QuickBooks saw of our tokens and our manners."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

from proof.oracle.facts import Facts, Plain, Request, Violation, moment

_TOKEN_PATH = "/tokens/bearer"  # noqa: S105  a path
_UNDONE = "drop_before_commit error_before_commit timeout_before_commit throttled".split()
_IDLE = timedelta(seconds=8_640_000)
_OK, _TOO_MANY = 200, 429


@dataclass(frozen=True, slots=True)
class Handed:
    """Tokens that QuickBooks handed out, and what was shown for them."""

    request: Request
    realm: str
    access: str
    refresh: str
    shown: str  # the refresh token presented; empty for a first exchange


def handed_out(facts: Facts) -> list[Handed]:
    """All tokens ever handed out, in order, and whose books they open."""
    realm_of_code: dict[str, str] = {}
    realm_of_token: dict[str, str] = {}
    found: list[Handed] = []
    for entry in facts.journal:
        if entry["kind"] != "request":
            continue
        location = entry["response"]["headers"].get("location", "")
        asked = dict(parse_qsl(urlsplit(location).query))
        if "code" in asked and "realmId" in asked:
            realm_of_code[asked["code"]] = asked["realmId"]
    for request in facts.requests:
        if not request.path.endswith(_TOKEN_PATH):
            continue
        form = {name: values[0] for name, values in parse_qs(request.body).items()}
        shown = form.get("refresh_token", "")
        realm = realm_of_code.get(form.get("code", "")) or realm_of_token.get(shown, "")
        answer = _whole_answer(request)
        if "access_token" not in answer:
            continue
        realm_of_token[answer["refresh_token"]] = realm
        found.append(Handed(request, realm, answer["access_token"], answer["refresh_token"], shown))
    return found


def _whole_answer(request: Request) -> Mapping[str, str]:
    try:
        answer = json.loads(request.answer)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def nothing_after_goodbye(facts: Facts) -> Iterator[Violation]:
    """I8: once we said "disconnected", no request with that connection sets out."""
    for event in facts.events("disconnected"):
        again = [
            later["after"]
            for later in facts.events("connecting")
            if later["business"] == event["business"] and later["seq"] > event["seq"]
        ]
        until = min(again, default=float("inf"))
        asked = [
            request
            for request in facts.requests
            if request.realm == event["realm"] and event["after"] < request.seq <= until
        ]
        if len(asked) > event["in_air"]:
            said = f"{len(asked)} requests after it, {event['in_air']} were in the air"
            yield Violation("I8", said, event["business"])
    yield from _closed(facts)


def _closed(facts: Facts) -> Iterator[Violation]:
    """No write of ours lands in a closed period."""
    closed: dict[str, str | None] = {}
    for entry in facts.journal:
        if entry["kind"] == "act" and entry.get("do") == "person" and "refused" not in entry:
            if entry["with"].get("deed") == "close_books":
                closed[entry["with"]["realm_id"]] = entry["with"]["last_day"]
        elif entry["kind"] == "effect" and entry["by"] != "person":
            last, after = closed.get(entry["realm_id"]), entry["after"] or {}
            if last and str(after.get("TxnDate", "9999")) <= last:
                said = f"{entry['entity']} {entry['id']} was written into the closed period"
                yield Violation("I8", said, entry["realm_id"])


def nobody_elses(facts: Facts) -> Iterator[Violation]:
    """I9: a token opens only its own company's books, and no tenant's words stand in another's."""
    opens = {handed.access: handed.realm for handed in handed_out(facts)}
    for request in facts.requests:
        if request.realm is not None and opens.get(request.bearer) not in (None, request.realm):
            yield Violation("I9", f"{request.path} with another company's token", request.realm)
    words = _own_words(facts)
    for effect in facts.effects:
        own = facts.business_of.get(effect.realm)
        text = json.dumps(effect.after, default=str)
        for business, word in words.items():
            if effect.ours and business != own and word in text:
                yield Violation("I9", f"{effect.entity} {effect.id} carries {word!r}", str(own))


def _own_words(facts: Facts) -> Mapping[str, str]:
    """Words that only one tenant's records carry."""
    businesses = sorted({event["business"] for event in facts.events("fed")})
    return {name: f" T{name.rpartition('_')[2]}" for name in businesses[1:]}


def no_faster_than_allowed(facts: Facts) -> Iterator[Violation]:
    """I10: QuickBooks never had to slow us down by itself, and who was told to wait waited."""
    held: dict[tuple[str, str], datetime] = {}
    for entry in facts.journal:
        if entry["kind"] != "request" or not entry["request"]["path"].startswith("/v3/"):
            continue
        realm, at = entry["request"]["path"].split("/")[3], moment(entry["at"])
        who = facts.in_charge(entry["seq"])
        until = held.get((realm, who))
        if until is not None and at < until:
            yield Violation("I10", f"asked at {at}, told to wait until {until}", realm)
        if entry["response"]["status"] != _TOO_MANY:
            continue
        if entry["misfortune"] is None:
            yield Violation("I10", f"asked too often at {at}", realm)
        seconds = entry["response"]["headers"].get("retry-after")
        if seconds is not None:
            held[realm, who] = at + timedelta(seconds=int(seconds))


def tokens_kept(facts: Facts) -> Iterator[Violation]:
    """I11: no grant is given up while it is good, and no token lies about in plain text."""
    handed = handed_out(facts)
    for event in facts.events("needs_reconnect"):
        if not _is_over(facts, handed, event):
            said = f"was given up ({event['reason']}) though nothing had ended it"
            yield Violation("I11", said, event["business"])
    text = json.dumps(facts.dump, default=str)
    for one in handed:
        if one.access in text or one.refresh in text:
            yield Violation("I11", "a token stands in our tables in plain text", one.realm)
    yield from _forgotten(facts, handed)


def _is_over(facts: Facts, handed: list[Handed], event: Plain) -> bool:
    """Whether the world gave a reason to believe that a grant had ended."""
    connected = [
        one
        for one in facts.events("connected")
        if one["business"] == event["business"] and one["seq"] < event["seq"]
    ]
    since, realm = connected[-1]["after"], connected[-1]["realm"]
    if any(
        one["realm"] == realm and since <= one["after"] <= event["after"]
        for one in facts.events("disconnected_there")
    ):
        return True
    mine = [one for one in handed if one.realm == realm and one.request.seq <= event["after"]]
    if mine and moment(event["at"]) - mine[-1].request.at > _IDLE:
        return True
    spoiled = [
        request.misfortune
        for request in facts.requests
        if request.path.endswith(_TOKEN_PATH) and since <= request.seq <= event["after"]
        if request.misfortune not in (None, *_UNDONE)
    ]
    # One refusal out of the blue is to be doubted; a rotation whose answer was lost is the end.
    if spoiled.count("invalid_grant") > 1 or set(spoiled) - {"invalid_grant"}:
        return True
    return any(_was_lost(facts, one) for one in mine if one.shown)


def _was_lost(facts: Facts, one: Handed) -> bool:
    """Whether a rotated token never came to be used: its answer, or who read it, was lost."""
    if one.refresh == one.shown:
        return False
    used = any(
        request.bearer == one.access or f"refresh_token={one.refresh}" in request.body
        for request in facts.requests
        if request.seq > one.request.seq
    )
    return not used


def _forgotten(facts: Facts, handed: list[Handed]) -> Iterator[Violation]:
    """Who used an access token had kept its refresh token: no older one is shown from then on."""
    if facts.events("resumed") or facts.lost_at:
        return  # who was paused with an older one in hand may still show it
    replaced = {one.shown: one for one in handed if one.shown and one.shown != one.refresh}
    for request in facts.requests:
        if not request.path.endswith(_TOKEN_PATH):
            continue
        shown = parse_qs(request.body).get("refresh_token", [""])[0]
        newer = replaced.get(shown)
        if newer is None or newer.request.seq >= request.seq:
            continue
        used = any(
            later.bearer == newer.access and newer.request.seq < later.seq < request.seq
            for later in facts.requests
        )
        if used:
            yield Violation("I11", "an access token was used before its refresh token was kept")
