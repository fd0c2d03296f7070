"""Idempotency by request id: a response is stored, compressed, and replayed for a retry."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from quickbooks_emulator.basics import faults

if TYPE_CHECKING:
    from quickbooks_emulator.basics.switches import Switches

ID_LENGTH_MAX = 50
BATCH_ID_LENGTH_MAX = 36
ITEM_ID_LENGTH_MAX = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored response of one request."""

    moment: float
    status: int
    packed: bytes
    digest: bytes


@dataclass(slots=True)
class Replays:
    """The stored responses of one company, by request id."""

    answers: dict[str, Answer] = field(default_factory=dict)

    def recall(
        self, switches: Switches, key: str, request_body: bytes, now: float
    ) -> tuple[int, bytes] | None:
        """Return the stored response for a request id, or None if the request is to be executed."""
        answer = self.answers.get(key)
        if answer is None or switches.requestid == "ignored":
            return None
        if now - answer.moment >= switches.requestid_seconds:
            del self.answers[key]
            return None
        if switches.requestid_other_body == "refused" and answer.digest != digest(request_body):
            message = "Duplicate Request ID"
            detail = f"{message} : this id was used for another request."
            raise faults.refused("600", message, detail)
        return answer.status, zlib.decompress(answer.packed)

    def remember(self, key: str, request_body: bytes, now: float, status: int, body: bytes) -> None:
        """Store a response."""
        packed = zlib.compress(body, 1)
        self.answers[key] = Answer(now, status, packed, digest(request_body))


def digest(body: bytes) -> bytes:
    """Return a digest that identifies a request body."""
    return blake2b(body, digest_size=8).digest()


def invalid_request_id(supplied: str) -> faults.Refusal:
    """Return error 2130: the request id is malformed."""
    message = "Invalid Request Id Format"
    return faults.refused("2130", message, f"{message} : {supplied}")


def is_too_long(switches: Switches, request_id: str, item_ids: list[str]) -> bool:
    """Return whether to refuse every item because its id and the request's are too long jointly."""
    if switches.batch_ids_beyond_limit != "6000":
        return False
    return any(len(request_id) + len(each) > ID_LENGTH_MAX for each in item_ids)


def key_of(request_id: str, item_ids: list[str] | None = None) -> str:
    """Return the key of a stored response: the request id, for a batch with its items' ids."""
    if item_ids is None:
        if len(request_id) > ID_LENGTH_MAX:
            raise invalid_request_id(request_id)
        return request_id
    if len(request_id) > BATCH_ID_LENGTH_MAX:
        raise invalid_request_id(request_id)
    for each in item_ids:
        if len(each) > ITEM_ID_LENGTH_MAX:
            raise invalid_request_id(each)
    return "\n".join([request_id, *item_ids])
