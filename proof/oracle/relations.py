"""Rules for vendors, customers and bank accounts: named, merged and matched correctly."""

from __future__ import annotations

import re
from collections.abc import Sequence

from proof.oracle.entities import PARTIES, PARTY_OF, entity_of, kind_of
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import NOTHING, Plain, called, reference

_ROLES = {"Vendor": "payer", "Customer": "payee"}


def parties_stand_as_said(facts: Facts) -> Found:
    """I5: a vendor or customer that only we changed has the name and e-mail of its record."""
    for key, link in facts.links.items():
        entity, record_id = entity_of(link["kind"]), link["record_id"]
        record = facts.records.get((link["business"], "connection", record_id))
        story = facts.books.get((link["realm"], entity, link["remote_id"]), [])
        excused = link["gone"] or facts.outcome.get(key, NOTHING).get("code") or facts.lost_at
        if entity not in PARTIES or record is None or excused or not story:
            continue
        ours = link["origin"] == "created" and all(one.ours for one in story)
        if not ours or not _is_needed(facts, link["business"], record_id, _ROLES[entity]):
            continue
        name = _name(facts, link, record)
        if called(story[-1].after) != name:
            yield record_id, f"{story[-1]} is called {called(story[-1].after)!r}, not {name!r}"
        email = story[-1].after.get("PrimaryEmailAddr", NOTHING).get("Address")
        if "@" in record["email"] and email != record["email"]:
            yield record_id, f"{story[-1]} has the e-mail {email!r}, not {record['email']!r}"


def _is_needed(facts: Facts, business: str, connection: str, role: str) -> bool:
    """Return whether a payable of a role names a connection: others are not planned."""
    payables = [one for key, one in facts.records.items() if key[:2] == (business, "payable")]
    return any((one["connection"], one["role"]) == (connection, role) for one in payables)


def _name(facts: Facts, link: Plain, record: Plain) -> str:
    """Return the name that a record has in QuickBooks, which a person may have chosen."""
    of = {"business": link["business"], "record": record["id"], "kind": link["kind"]}
    words = facts.events("decided", **of)
    if words and words[-1]["verdict"] == "create_as":
        return str(words[-1]["value"])
    return str(record["name"])


def survivors_are_found(facts: Facts) -> Found:
    """I19: the survivor of a merge is named if all documents that we wrote show who it is."""
    for row in (one for one in facts.operations if one["code"] == "inactive"):
        asked = facts.asked.get(row["run_id"])
        sort = entity_of(PARTY_OF.get(entity_of(row["kind"]), (row["kind"],))[0])
        told = row["facts"] or NOTHING
        gone = told.get("party_id") or row["remote_id"]
        lags = facts.terms.get("switches", NOTHING).get("query_lag_seconds")
        merged = [
            one
            for one in facts.acts(row["realm"], "merge")
            if (one["kind"], one["id"]) == (sort, gone)
        ]
        if not asked or facts.lost_at or lags or len(merged) != 1:
            continue
        winner = merged[0]["winner"]
        known = merged[0]["seq"] <= asked["after"] and not _is_past(facts, row, sort, winner)
        if known and _shows(facts, row, sort, gone, winner):
            yield row["record_id"], f"{sort} {gone} was merged into {winner}, which is not named"


def _is_past(facts: Facts, row: Plain, sort: str, winner: str) -> bool:
    """Return whether the survivor itself was merged, or made inactive, at any time."""
    story = facts.books.get((row["realm"], sort, winner), [])
    inactive = any(one.after.get("Active") is False for one in story)
    return inactive or (sort, winner) in facts.merges(row["realm"])


def _shows(facts: Facts, row: Plain, sort: str, gone: str, winner: str) -> bool:
    """Return whether all our documents of a merged party stand, and name the survivor."""
    which = f"{sort}Ref"
    documents = [name for name, of in PARTY_OF.items() if of[1] == which]
    shows = False
    for (realm, kind, _), story in facts.books.items():
        of_it = [
            one
            for one in story
            if gone in (reference(one.after, which), reference(one.before, which))
        ]
        if realm != row["realm"] or kind not in documents or not of_it:
            continue
        record = facts.record_of(story[0]) if story[0].made else ""
        fed = facts.fed.get((row["business"], record), [])
        same = len({one["record"]["connection"] for one in fed}) == 1
        if not same or any(reference(one.left, which) != winner for one in story[-1:]):
            return False
        # Only documents that were linked so before the run began.
        shows = shows or (kind_of(kind), record) in _linked(facts, row)
    return shows


def _linked(facts: Facts, row: Plain) -> set[tuple[str, str]]:
    """Return all documents that an earlier run reports as written."""
    return {
        (one["kind"], one["record_id"])
        for one in facts.operations
        if one["id"] < row["id"]
        and one["run_id"] != row["run_id"]
        and (one["state"], one["action"], one["realm"]) == ("written", "create", row["realm"])
    }


def accounts_are_matched(facts: Facts) -> Found:
    """I6: a funding source is linked to the one bank account with its name or digits, or none.

    It is linked to another account only if a person chose that.
    """
    lags = facts.terms.get("switches", NOTHING).get("query_lag_seconds")
    for row in facts.operations:
        if row["kind"] != "account" or row["run_id"] not in facts.asked or facts.lost_at:
            continue
        run = facts.asked[row["run_id"]]
        end = facts.ends.get(row["run_id"], len(facts.history))
        said = facts.versions(row["business"], row["record_id"], run["seq"], end)
        until = facts.history[min(end, len(facts.history) - 1)]["after"]
        fitting = [_fitting(facts, row, one, until) for one in said]
        if row["action"] == "link" and not any(row["remote_id"] in some for some in fitting):
            yield row["record_id"], f"is linked to account {row['remote_id']}, not one of {fitting}"
        before = [_fitting(facts, row, one, run["after"]) for one in said]
        if row["action"] == "link" and not lags and all(len(some) > 1 for some in before):
            yield row["record_id"], f"is linked to one of several accounts: {before}"
    for (_, kind, record_id), link in facts.links.items():
        story = facts.books.get((link["realm"], "Account", link["remote_id"]), [])
        if kind != "account" or not story or story[-1].after.get("AccountType") == "Bank":
            continue
        mapped = [one["facts"] for one in facts.events("mapped", business=link["business"])]
        if {"kind": kind, "of": record_id, "to": link["remote_id"]} not in mapped:
            yield record_id, f"is linked to account {link['remote_id']}, which nobody chose"


def _fitting(facts: Facts, row: Plain, source: Plain, until: int) -> Sequence[str]:
    """Return the bank accounts that had a source's name or its last four digits by then."""
    accounts = dict(facts.events("furnished", business=row["business"])[-1]["accounts"])
    for (realm, entity, remote_id), story in facts.books.items():
        past = [one for one in story if one.seq <= until]
        if (realm, entity) == (row["realm"], "Account") and past:
            accounts[remote_id] = [called(past[-1].after), past[-1].after.get("AccountType")]
    return [
        remote_id
        for remote_id, (name, sort) in accounts.items()
        if sort == "Bank" and _fits(source, str(name))
    ]


def _fits(source: Plain, name: str) -> bool:
    digits = source["digits"] and source["digits"] in re.findall(r"\d+", name)
    return bool(digits) or name.casefold() == source["name"].casefold()


def nothing_while_paused(facts: Facts) -> Found:
    """I3: while a business is paused, a worker that starts writes nothing for it."""
    for event in facts.events("paused"):
        later = [
            one["after"]
            for what in ("let_go_on", "connected")
            for one in facts.events(what, business=event["business"])
            if one["seq"] > event["seq"]
        ]
        begins = [one["after"] for one in facts.events("works") if one["seq"] > event["seq"]]
        since, until = min(begins, default=10**9), min(later, default=10**9)
        for request in facts.requests:
            wrote = request.realm == event["realm"] and bool(request.items)
            slept = any(one["since"] <= request.seq for one in facts.events("resumed"))
            if wrote and since < request.seq <= until and not slept:
                yield event["business"], f"{request.key} was written while all was paused"
