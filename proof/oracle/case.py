"""One record of one integration, and the document or party that it becomes in QuickBooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from proof.oracle.effects import Effect
from proof.oracle.entities import entity_of
from proof.oracle.facts import Facts
from proof.oracle.plain import NOTHING, Plain, mark


@dataclass(frozen=True, slots=True)
class Case:
    """One record of one integration, and what it becomes in QuickBooks."""

    facts: Facts
    integration_id: str
    realm: str
    business: str
    kind: str
    record: Plain

    def of(self, kind: str, record_id: str) -> tuple[Plain, Plain]:
        """Return a record's row in the newest run, and its link."""
        key = (self.integration_id, kind, record_id)
        return self.facts.outcome.get(key, NOTHING), self.facts.links.get(key, NOTHING)

    def others(self, kind: str) -> list[Plain]:
        """Return all other records of a kind of this business."""
        known = self.facts.records.items()
        mine = [one for key, one in known if key[:2] == (self.business, kind)]
        return [one for one in mine if one is not self.record]

    def chosen(self, which: str) -> Any:  # noqa: ANN401  any value of a choice
        """Return the newest value of an invoice field; None if it was never chosen."""
        choices = self.facts.events("chosen", business=self.business)
        values = [event["fields"][which] for event in choices if which in event["fields"]]
        return values[-1] if values else None

    def effects(self, *entities: str) -> list[Effect]:
        """Return the effects on some entities in this company."""
        found = [one for one in self.facts.effects if one.realm == self.realm]
        return [one for one in found if one.entity in entities]

    def by_person(self, *entities: str) -> bool:
        """Return whether a person ever changed one of these entities."""
        return any(not effect.ours for effect in self.effects(*entities))

    @property
    def touched(self) -> bool:
        """Whether a person changed the record's counterpart, or an entity that carries its mark."""
        record_id = self.record["id"]
        remote_id = self.of(self.kind, record_id)[1].get("remote_id")
        effects = [one for one in self.effects(entity_of(self.kind)) if not one.ours]
        marks = [{mark(one.before), mark(one.after)} for one in effects]
        return any(
            one.id == remote_id or record_id in it for one, it in zip(effects, marks, strict=True)
        )

    def was_removed(self, *, by_us: bool | None = None) -> bool:
        """Return whether an entity with its mark was removed; `by_us`: by us or by a person."""
        marked = [one for one in self.effects(entity_of(self.kind)) if not one.left]
        gone = [one.ours for one in marked if mark(one.before) == self.record["id"]]
        return bool(gone) if by_us is None else by_us in gone
