"""One company: its books, what apps may do with them, and what people do in QuickBooks itself."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics.switches import Switches
from quickbooks_emulator.books import person, writing
from quickbooks_emulator.books.about import About, company_info, preferences
from quickbooks_emulator.books.books import Books, Effect, encode
from quickbooks_emulator.books.draft import Options
from quickbooks_emulator.books.entities import ENTITIES
from quickbooks_emulator.books.query import run_query
from quickbooks_emulator.books.replay import Replays
from quickbooks_emulator.books.settings import CompanySettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from quickbooks_emulator.basics.clock import Clock

PERSON = Options(by="person", duplicate_number_allowed=True, person=True)


def _ignore(_effect: Effect) -> None:
    pass


class Company:
    """A company of QuickBooks Online, at first without a single account; see `seed.found`.

    `create`, `update`, `delete`, `void`, `merge`, `pay_bill` and `close_books` act as a person in
    QuickBooks would; apps go through `api.answer`.
    """

    def __init__(
        self,
        realm_id: str,
        name: str,
        clock: Clock,
        switches: Switches | None = None,
        settings: CompanySettings | None = None,
        on_effect: Callable[[Effect], None] = _ignore,
    ) -> None:
        self.realm_id = realm_id
        self.books = Books(
            realm_id, clock, switches or Switches(), settings or CompanySettings(), on_effect
        )
        self.about = About(
            name=name,
            legal_name=name,
            founded="2020-01-01",
            email="accounts@example.com",
            phone="(555) 010-0100",
            started=self.books.moment(),
        )
        self.replays = Replays()

    @contextmanager
    def silence(self) -> Iterator[None]:
        """What is written meanwhile is told to nobody: it was always there."""
        heard, self.books.on_effect = self.books.on_effect, _ignore
        try:
            yield
        finally:
            self.books.on_effect = heard

    @property
    def name(self) -> str:
        """The company's name."""
        return self.about.name

    @property
    def settings(self) -> CompanySettings:
        """What the administrator decided."""
        return self.books.settings

    def configure(self, **choices: Any) -> None:  # noqa: ANN401  each setting has its own type
        """Change settings by name, as the administrator would."""
        self.books.settings = replace(self.books.settings, **choices)

    @property
    def switches(self) -> Switches:
        """Which side of each doubt the emulator takes here."""
        return self.books.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.books.switches = switches

    # Looking

    def get(self, kind: str, record_id: str) -> dict[str, Any] | None:
        """An entity as JSON shows it, amounts as Decimal."""
        record = self.books.find(kind, record_id)
        return None if record is None else self.books.document(record)

    def all(self, kind: str) -> list[dict[str, Any]]:
        """All entities of a kind, inactive ones too, by id."""
        return [self.books.document(each) for each in self.books.records[kind].values()]

    def count(self, kind: str) -> int:
        """How many entities of a kind there are."""
        return len(self.books.records[kind])

    def query(self, statement: str) -> bytes:
        """The JSON value of `QueryResponse` for a statement."""
        words = statement.lower().split()
        for singleton, show in (("companyinfo", company_info), ("preferences", preferences)):
            if words[2:4] == ["from", singleton] or words[:4] == ["select", "*", "from", singleton]:
                name = {"companyinfo": "CompanyInfo", "preferences": "Preferences"}[singleton]
                body = encode(show(self.books, self.about))
                if words[1] == "count(*)":
                    return b'{"totalCount":1}'
                return b'{"%s":[%s],"maxResults":1}' % (name.encode(), body)
        return run_query(self.books, statement)

    def trial_balance(self) -> dict[str, int]:
        """Account id → cents, debits positive."""
        return self.books.trial_balance()

    # As a person in QuickBooks would

    def create(self, kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Enter something new."""
        record = writing.create(self.books, ENTITIES[kind], dict(document), PERSON)
        return self.books.document(record)

    def create_as(self, kind: str, record_id: str, document: Mapping[str, Any]) -> None:
        """Enter something under an id that is no number; QuickBooks has two such tax codes."""
        writing.create(self.books, ENTITIES[kind], dict(document), PERSON, record_id)

    def update(self, kind: str, record_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Edit something; what is not named stays."""
        record = person.edit(self.books, ENTITIES[kind], record_id, changes, PERSON)
        return self.books.document(record)

    def delete(self, kind: str, record_id: str) -> None:
        """Delete a transaction."""
        person.delete(self.books, ENTITIES[kind], record_id, PERSON)

    def void(self, kind: str, record_id: str) -> dict[str, Any]:
        """Void a document."""
        record = person.void(self.books, ENTITIES[kind], record_id, PERSON)
        return self.books.document(record)

    def merge(self, kind: str, loser: str, winner: str) -> None:
        """Merge one name, account or item into another."""
        person.merge(self.books, ENTITIES[kind], loser, winner, PERSON)

    def pay_bill(
        self, bill_id: str, account_id: str | None = None, amount: float | None = None
    ) -> dict[str, Any]:
        """Pay a bill by hand, in full if no amount is named, from the first bank account."""
        record = person.pay_bill(self.books, bill_id, account_id, amount, PERSON)
        return self.books.document(record)

    def receive_payment(
        self, invoice_id: str, account_id: str | None = None, amount: float | None = None
    ) -> dict[str, Any]:
        """Enter a customer's payment by hand, in full if no amount is named."""
        record = person.receive_payment(self.books, invoice_id, account_id, amount, PERSON)
        return self.books.document(record)

    def close_books(self, last_day: str | None) -> None:
        """Close the period up to and with this day; None opens it again."""
        self.configure(closing_date=last_day)
