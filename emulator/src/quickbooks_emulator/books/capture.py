"""Change data capture: the entities changed or deleted since a moment in the last 30 days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quickbooks_emulator.basics import faults
from quickbooks_emulator.basics.moments import read_moment
from quickbooks_emulator.books.books import encode
from quickbooks_emulator.books.entities import BY_PATH, NOT_MODELLED, Entity

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books

WINDOW_SECONDS = 30 * 86_400
OBJECTS_MAX = 1000
_NEVER_CAPTURED = frozenset({"journalcode", "taxagency", "timeactivity", "taxcode", "taxrate"})


def run_capture(books: Books, entities: str | None, changed_since: str | None) -> bytes:
    """Run change data capture and return the JSON value of `CDCResponse`."""
    if not entities:
        raise faults.Refusal(faults.missing("entities"))
    if not changed_since:
        raise faults.Refusal(faults.missing("changedSince"))
    try:
        since = read_moment(changed_since)
    except ValueError:
        raise faults.Refusal(faults.invalid_date("changedSince", changed_since)) from None
    earliest = books.clock.now().timestamp() - WINDOW_SECONDS
    if since < earliest:
        if books.switches.cdc_beyond_window == "refused":
            detail = "changedSince lies more than 30 days in the past"
            raise faults.refused("4001", "Invalid query", f"QueryValidationError: {detail}")
        since = earliest
    wanted = [_entity(each.strip()) for each in entities.split(",") if each.strip()]
    left = OBJECTS_MAX
    parts = []
    for entity in wanted:
        if not books.switches.cdc_limit_shared:
            left = OBJECTS_MAX
        part, count = _changes(books, entity, since, left)
        parts.append(part)
        left -= count
    return b'[{"QueryResponse":[%s]}]' % b",".join(parts)


def _entity(name: str) -> Entity:
    entity = BY_PATH.get(name.lower())
    if name.lower() in _NEVER_CAPTURED or (entity is not None and not entity.capturable):
        raise faults.refused(
            "5030", "Feature Not Supported Error", f"{name} is not supported by CDC."
        )
    if entity is None:
        if name.lower() in NOT_MODELLED:
            raise faults.NotModelled(f"change data capture of {name}")
        raise faults.refused("2000", "Invalid or unsupported object name", f"Object Name: {name}")
    return entity


def _changes(books: Books, entity: Entity, since: float, limit: int) -> tuple[bytes, int]:
    log = books.changes[entity.name].since(since, inclusive=books.switches.cdc_inclusive)
    latest = {record_id: moment for moment, record_id in log}
    ordered = sorted(latest, key=lambda each: (latest[each], int(each)))
    if len(ordered) > limit:
        if books.switches.cdc_beyond_limit == "refused":
            detail = f"More than {OBJECTS_MAX} objects have changed; ask for a shorter time."
            raise faults.refused("10100", "Result set too large", detail)
        ordered = ordered[:limit]
    if not ordered:
        return b"{}", 0
    bodies = [_object(books, entity, each) for each in ordered]
    part = b'{"%s":[%s],"startPosition":1,"maxResults":%d,"totalCount":%d}' % (
        entity.name.encode(),
        b",".join(bodies),
        len(bodies),
        len(bodies),
    )
    return part, len(bodies)


def _object(books: Books, entity: Entity, record_id: str) -> bytes:
    record = books.find(entity.name, record_id)
    if record is not None:
        return books.body(record)
    moment = books.gone[entity.name][record_id]
    return encode(
        {
            "domain": "QBO",
            "status": "Deleted",
            "Id": record_id,
            "MetaData": {"LastUpdatedTime": books.stamp(moment)},
        }
    )
