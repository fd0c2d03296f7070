"""Rule for vendors and customers: none is created beside one of ours with a similar name."""

from __future__ import annotations

import re

from proof.oracle.effects import Effect
from proof.oracle.entities import PARTIES
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import called

_FORMS = ("inc", "ltd", "llc", "co")


def none_beside_one_of_ours(facts: Facts) -> Found:
    """I7: a party that we create resembles no other of ours, unless a person asked for it."""
    for (realm, entity, _), story in facts.books.items():
        made = story[0]
        if entity not in PARTIES or not made.made or made.seq <= facts.lost_at:
            continue
        record = facts.record_of(made)
        if facts.decided(realm, record, "create_as", made.seq):
            continue
        for other in _standing_then(facts, made):
            if _plainly(called(other.after)) == _plainly(called(made.after)):
                yield record, f"{made} looks like {other}, and nobody was asked"


def _standing_then(facts: Facts, made: Effect) -> list[Effect]:
    """Return the state just before of all other parties of this entity that we had made."""
    stories = [
        [effect for effect in story if facts.lost_at < effect.seq < made.seq]
        for (realm, entity, remote_id), story in facts.books.items()
        if (realm, entity) == (made.realm, made.entity) and remote_id != made.id
    ]
    return [story[-1] for story in stories if story and story[0].made and story[-1].left]


def _plainly(name: str) -> str:
    """Return a name without case, punctuation and the legal form of the company."""
    words = re.findall(r"\w+", name.casefold())
    return " ".join(word for word in words if word not in _FORMS)
