"""How it ends: each record stands over there as it is here, or says why not, and that is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from proof.oracle.documents import twice_shown
from proof.oracle.facts import Facts, Plain, Violation, alive, marks

_UNSETTLED = ("planned", "waiting", "sent", "in_doubt")
_ROLES = {"payer": "bill", "payee": "invoice"}
_WITHDRAWN = ("CANCELLED", "DECLINED")


@dataclass(frozen=True, slots=True)
class Case:
    """One record of one tenant, and what its newest run says of it."""

    facts: Facts
    integration: Plain
    kind: str
    record: Plain
    row: Plain | None
    link: Plain | None

    @property
    def business(self) -> str:
        """Whose it is."""
        return str(self.integration["business_id"])

    @property
    def entity(self) -> str:
        """What QuickBooks calls its counterpart."""
        return self.kind.capitalize()

    def chosen(self, name: str) -> Any:  # noqa: ANN401  whatever was chosen
        """The newest choice of an invoice field."""
        values = [
            event["fields"][name]
            for event in self.facts.events("chosen")
            if event["business"] == self.business and name in event["fields"]
        ]
        return values[-1] if values else None

    def books(self, entity: str) -> Iterator[Plain]:
        """Everything of an entity that stands in the company in the end."""
        for (realm, kind, _), effects in self.facts.books.items():
            document = alive(effects[-1])
            if realm == self.integration["company_id"] and kind == entity and document:
                yield document

    def by_person(self, *entities: str) -> bool:
        """Whether a person ever touched one of these entities in this company."""
        return any(
            not effect.ours and effect.entity in entities
            for effect in self.facts.effects
            if effect.realm == self.integration["company_id"]
        )

    @property
    def touched(self) -> bool:
        """Whether a person touched its counterpart, or something that carries its mark."""
        return any(
            not effect.ours
            for effect in self.facts.effects
            if effect.realm == self.integration["company_id"]
            if (
                self.link is not None
                and (effect.entity, effect.id) == (self.entity, self.link["remote_id"])
            )
            or self.record["id"] in marks(effect.before)
        )


def everything_ends(facts: Facts) -> Iterator[Violation]:
    """I4: in calm weather nothing stays open, and every record is there or has a true excuse."""
    for integration in facts.dump["integrations"]:
        if integration["status"] == "disconnected":
            continue
        run = facts.last_runs.get(integration["id"])
        if (
            run is None
            or run["state"] not in ("succeeded", "partly_failed", "failed")
            or run["code"]
        ):
            said = f"the last run is {run and run['state']} ({run and run['code']})"
            yield Violation("I4", said, integration["business_id"])
            continue
        for row in facts.dump["operations"]:
            if row["integration_id"] == integration["id"] and row["state"] in _UNSETTLED[1:]:
                yield Violation("I4", f"{row['kind']} is still {row['state']}", row["record_id"])
        for (business, kind, record_id), record in facts.records.items():
            if business == integration["business_id"] and kind in ("connection", "payable"):
                yield from _one(facts, integration, kind, record_id, record)


def _one(
    facts: Facts, integration: Plain, sort: str, record_id: str, record: Plain
) -> Iterator[Violation]:
    kind = "vendor" if sort == "connection" else _ROLES[record["role"]]
    key = (integration["id"], kind, record_id)
    case = Case(facts, integration, kind, record, facts.outcome.get(key), facts.links.get(key))
    row = case.row
    if row is None:
        if case.link is None:
            yield Violation("I4", f"no {kind}, and nobody says why", record_id)
        elif record["status"] in _WITHDRAWN and not case.touched:
            yield Violation("I4", f"was withdrawn, and its {kind} stands", record_id)
        return
    code = row["code"]
    if code is None:
        if row["state"] in ("refused", "left"):
            yield Violation("I4", f"is {row['state']} without a cause", record_id)
        return
    excuse = _EXCUSES.get(code)
    if excuse is None:
        said = (row["facts"] or {}).get("said", "")
        yield Violation("I4", f"ends with {code!r} in calm weather {said}", record_id)
    elif not excuse(case):
        yield Violation("I4", f"{kind} says {code!r}, which is not so", record_id)


def _party_waits(case: Case) -> bool:
    kind = "vendor" if case.kind == "bill" else "customer"
    key = (case.integration["id"], kind, case.record["connection"])
    row = case.facts.outcome.get(key)
    return case.facts.links.get(key) is None and row is not None and bool(row["code"])


def _closed(case: Case) -> bool:
    days = [
        act["with"]["last_day"]
        for act in case.facts.acts
        if act.get("do") == "person" and act["with"].get("deed") == "close_books"
        if act["with"]["realm_id"] == case.integration["company_id"]
    ]
    return bool(days and days[-1] and case.record["day"] <= days[-1])


def _left_out(case: Case) -> bool:
    words = [
        event["verdict"]
        for event in case.facts.events("decided")
        if event["record"] == case.record["id"] and event["business"] == case.business
    ]
    return bool(words) and words[-1] == "leave_out"


def _name_held(case: Case) -> bool:
    """Another party has the name, or had it: names stay with what was made inactive."""
    name = case.record["name"].casefold()
    others = [
        record
        for (business, kind, _), record in case.facts.records.items()
        if business == case.business and kind == "connection" and record is not case.record
    ]
    return any(record["name"].casefold()[:5] == name[:5] for record in others) or any(
        str(document.get("DisplayName", "")).casefold().startswith(name[:5])
        for effect in case.facts.effects
        if effect.entity in ("Vendor", "Customer", "Employee")
        for document in (effect.before or {}, effect.after or {})
        if case.link is None or effect.id != case.link["remote_id"]
    )


def _number_held(case: Case) -> bool:
    return any(
        document.get("DocNumber") == case.record["number"][:21]
        and case.record["id"] not in marks(document)
        for document in case.books(case.entity)
    )


_EXCUSES: Mapping[str, Callable[[Case], bool]] = {
    "draft": lambda case: case.record["status"] == "DRAFT",
    "not_approved": lambda case: case.record["status"] in ("DRAFT", "SUBMITTED"),
    "withdrawn": lambda case: case.record["status"] in _WITHDRAWN,
    "before_go_live": lambda case: case.record["day"] < str(case.chosen("go_live")),
    "left_out": _left_out,
    "connection_pending": lambda case: case.record["status"] == "pending",
    "connection_archived": lambda case: case.record["status"] == "archived",
    "not_a_vendor": lambda case: all(
        record["role"] == "payee"
        for (business, kind, _), record in case.facts.records.items()
        if business == case.business and kind == "payable"
        if record["connection"] == case.record["id"]
    ),
    "vendor_needed": _party_waits,
    "customer_needed": _party_waits,
    "connection_unknown": lambda case: (
        (case.business, "connection", case.record["connection"]) not in case.facts.records
    ),
    "expense_account_needed": lambda case: case.chosen("expense_account_id") is None,
    "item_needed": lambda case: case.chosen("income_account_id") is None,
    "not_positive": lambda case: case.record["cents"] <= 0,
    "lines_differ": lambda case: sum(case.record["lines"]) != case.record["cents"],
    "currency_differs": lambda case: case.record["currency"] != "USD",
    "books_closed": _closed,
    "duplicate_number": _number_held,
    "deleted_there": lambda case: case.touched or case.by_person("Vendor", "Customer"),
    "changed_there": lambda case: case.touched or case.by_person("Vendor", "Customer"),
    "removal_asks": lambda case: case.touched,
    "two_found": lambda case: twice_shown(
        case.facts, case.integration["company_id"], case.record["id"]
    ),
    "inactive": lambda case: case.by_person("Vendor", "Customer"),
    "reference_refused": lambda case: case.by_person("Vendor", "Customer", "Account"),
    "look_alike": _name_held,
    "name_shared": _name_held,
    "name_taken": _name_held,
}
