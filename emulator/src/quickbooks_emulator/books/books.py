"""The current books of one company: records, indexes, balances, links and the change log.

A record keeps its entity as encoded JSON: small, quick to send, decoded when a rule needs it.
Values that depend on other records (a vendor's balance, the names in references) are added on
reading. Nothing is validated here: the rules do that before anything is written.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from quickbooks_emulator.basics.moments import pacific, stamp
from quickbooks_emulator.basics.money import amount
from quickbooks_emulator.books.entities import ENTITIES
from quickbooks_emulator.books.labels import refresh

if TYPE_CHECKING:
    from quickbooks_emulator.basics.clock import Clock
    from quickbooks_emulator.basics.money import Number
    from quickbooks_emulator.basics.switches import Switches
    from quickbooks_emulator.books.settings import CompanySettings

Operation = Literal["Create", "Update", "Delete", "Void", "Merge"]
Postings = tuple[str | int | None, ...]
"""Account id, cents (debits positive) and party id of each posting, flat; the cents sum to zero."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(body: bytes) -> Any:  # noqa: ANN401  a client's document has no type yet
    """Decode JSON with exact decimals."""
    return _decoder.decode(body)


def encode(document: object) -> bytes:
    """Encode a document as the JSON that is stored and sent."""
    return _encoder.encode(document)


@dataclass(frozen=True, slots=True)
class Effect:
    """One change of one record, for the journal and the webhooks."""

    kind: str
    id: str
    operation: Operation
    before: bytes | None
    """The entity as JSON before the change, or None if it was created."""
    after: bytes | None
    by: str
    """The intuit_tid of the request, or `person`."""
    merged_id: str | None = None
    """The id of the record that was merged into this one."""


@dataclass(slots=True)
class Record:
    """One stored entity."""

    kind: str
    id: str
    token: int
    body: bytes
    label: str
    """The name that references show, or the document number."""
    active: bool
    created: float
    updated: float
    names_seen: int
    """The value of `Books.names_age` when the names in its references were last updated."""
    postings: Postings = ()


@dataclass(slots=True)
class ChangeLog:
    """The changes of the records of one kind, in order of time."""

    times: list[float] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def note(self, moment: float, record_id: str) -> None:
        """Add a change in order of time, even if the clock has been set back."""
        if not self.times or moment >= self.times[-1]:
            self.times.append(moment)
            self.ids.append(record_id)
            return
        position = bisect_right(self.times, moment)
        self.times.insert(position, moment)
        self.ids.insert(position, record_id)

    def since(self, moment: float, *, inclusive: bool = True) -> Iterator[tuple[float, str]]:
        """Return the changes from this moment on; a record appears once per change."""
        find = bisect_left if inclusive else bisect_right
        start = find(self.times, moment)
        return zip(self.times[start:], self.ids[start:], strict=True)


class Books:
    """All stored data of one company."""

    def __init__(
        self,
        realm_id: str,
        clock: Clock,
        switches: Switches,
        settings: CompanySettings,
        on_effect: Callable[[Effect], None],
    ) -> None:
        self.realm_id = realm_id
        self.clock = clock
        self.switches = switches
        self.settings = settings
        self.on_effect = on_effect
        self.records: dict[str, dict[str, Record]] = {kind: {} for kind in ENTITIES}
        self.gone: dict[str, dict[str, float]] = {kind: {} for kind in ENTITIES}
        """Kind → id of a deleted record → time of its deletion, for change data capture."""
        self.changes: dict[str, ChangeLog] = {kind: ChangeLog() for kind in ENTITIES}
        self.names: dict[str, dict[str, tuple[str, str]]] = {}
        """Name space → name in lower case → kind and id."""
        self.numbers: dict[str, dict[str, list[str]]] = {kind: {} for kind in ENTITIES}
        self.of_party: dict[str, dict[str, dict[str, None]]] = {kind: {} for kind in ENTITIES}
        """Kind → id of a vendor or customer → ids of its documents."""
        self.balances: dict[str, int] = {}
        self.party_balances: dict[str, int] = {}
        self.applied: dict[str, dict[str, tuple[int, str]]] = {}
        """Id of a document → id of a payment → cents applied and type of link."""
        self.paying: dict[str, dict[str, str]] = {}
        """Id of a payment → ids of the documents it pays → their kinds."""
        self.children: dict[tuple[str, str], list[str]] = {}
        """Kind and id → ids of the records directly below it in a hierarchical list."""
        self.sequences: dict[str, int] = {}
        self.rates: dict[str, dict[str, Number]] = {}
        """Currency → day → home units per unit, for the rates that were set explicitly."""
        self.names_age = 0
        self.address = ""
        """The URL at which clients reach the emulator, taken from the latest request."""
        self.files: dict[str, bytes] = {}
        """Id of an attachable → its uploaded file."""
        self._special: dict[str, str] = {}
        self._stamped: tuple[float, str] = (-1.0, "")

    # Time

    def moment(self) -> float:
        """Return the current time in whole seconds since 1970, as Intuit's timestamps show it."""
        return float(int(self.clock.now().timestamp()))

    def stamp(self, moment: float) -> str:
        """Format a moment as MetaData shows it; the last result is cached."""
        if self._stamped[0] != moment:
            self._stamped = (moment, stamp(datetime.fromtimestamp(moment, UTC)))
        return self._stamped[1]

    def today(self) -> str:
        """Return today's date in Pacific time."""
        return pacific(self.clock.now()).date().isoformat()

    # Lookups

    def find(self, kind: str, record_id: str) -> Record | None:
        """Return the record with this id, or None."""
        return self.records[kind].get(record_id)

    def document(self, record: Record) -> dict[str, Any]:
        """Return the decoded entity, including values that depend on other records."""
        result: dict[str, Any] = decode(self.body(record))
        return result

    def stored(self, record: Record) -> dict[str, Any]:
        """Return the decoded entity as it was written."""
        result: dict[str, Any] = decode(record.body)
        return result

    def body(self, record: Record) -> bytes:
        """Return the entity as JSON, including values that depend on other records."""
        if record.names_seen != self.names_age:
            document = decode(record.body)
            refresh(self.records, document)
            record.body = encode(document)
            record.names_seen = self.names_age
        extra = self._consequences(record)
        return record.body if extra is None else record.body[:-1] + b"," + encode(extra)[1:]

    def _consequences(self, record: Record) -> dict[str, Any] | None:
        kind = record.kind
        if kind == "Vendor":
            return {"Balance": amount(-self.party_balances.get(record.id, 0))}
        if kind == "Customer":
            family = (record.id, *self.descendants("Customer", record.id))
            total = sum(self.party_balances.get(each, 0) for each in family)
            own = amount(self.party_balances.get(record.id, 0))
            return {"Balance": own, "BalanceWithJobs": amount(total)}
        if kind == "Account":
            family = (record.id, *self.descendants("Account", record.id))
            own = amount(self.shown_balance(record))
            total = sum(self.shown_balance(self.records["Account"][each]) for each in family)
            return {"CurrentBalance": own, "CurrentBalanceWithSubAccounts": amount(total)}
        if kind == "Attachable" and record.id in self.files:
            return {"TempDownloadUri": f"{self.address}{self.file_path(record.id)}"}
        return None

    def file_path(self, record_id: str) -> str:
        """Return the path at which an uploaded file can be downloaded without a token."""
        key = blake2b(f"{self.realm_id}/{record_id}".encode(), digest_size=12).hexdigest()
        return f"/files/{self.realm_id}/{record_id}/{key}"

    def shown_balance(self, account: Record) -> int:
        """Return CurrentBalance in cents; 0 for revenue, expense and inactive accounts."""
        if not account.active:
            return 0
        document = decode(account.body)
        if document.get("Classification") in {"Revenue", "Expense"}:
            return 0
        balance = self.balances.get(account.id, 0)
        return -balance if document.get("AccountType") == "Credit Card" else balance

    def descendants(self, kind: str, record_id: str) -> list[str]:
        """Return the ids of all records below a record of a hierarchical list."""
        found: list[str] = []
        for child in self.children.get((kind, record_id), ()):
            found.append(child)
            found.extend(self.descendants(kind, child))
        return found

    def forget_special(self) -> None:
        """Clear the cache of `special`, because an account was changed."""
        self._special.clear()

    def trial_balance(self) -> dict[str, int]:
        """Return each account's balance in cents by id, debits positive; they sum to zero."""
        return {each: cents for each, cents in self.balances.items() if cents}

    def special(self, account_type: str, subtype: str | None = None) -> Record | None:
        """Return the first active account of a type (and subtype), or None."""
        key = f"{account_type}/{subtype}"
        known = self._special.get(key)
        if known is None:
            for record in self.records["Account"].values():
                document = decode(record.body)
                if (
                    record.active
                    and document.get("AccountType") == account_type
                    and subtype in {None, document.get("AccountSubType")}
                ):
                    self._special[key] = known = record.id
                    break
            else:
                return None
        return self.records["Account"][known]
