"""One company: its books, and what people do with them in QuickBooks itself."""

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
    """A company of QuickBooks Online, created without any accounts; see `seed.found`.

    `create`, `update`, `delete`, `void`, `merge`, `pay_bill` and `close_books` act as a person in
    QuickBooks would; requests of apps go through `api.answer`.
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
        """Suppress the effects of writes within the block, as if the data had always existed."""
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
        """The company's settings."""
        return self.books.settings

    def configure(self, **choices: Any) -> None:  # noqa: ANN401  each setting has its own type
        """Change settings by name, as the administrator would."""
        self.books.settings = replace(self.books.settings, **choices)

    @property
    def switches(self) -> Switches:
        """The emulator's switches."""
        return self.books.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.books.switches = switches

    # Reading

    def get(self, kind: str, record_id: str) -> dict[str, Any] | None:
        """Return an entity as its JSON document, with amounts as Decimal, or None."""
        record = self.books.find(kind, record_id)
        return None if record is None else self.books.document(record)

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return all entities of a kind, including inactive ones, in order of creation."""
        return [self.books.document(each) for each in self.books.records[kind].values()]

    def count(self, kind: str) -> int:
        """Return the number of entities of a kind."""
        return len(self.books.records[kind])

    def query(self, statement: str) -> bytes:
        """Run a query statement and return the JSON value of `QueryResponse`."""
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
        """Return each account's balance in cents by id, debits positive."""
        return self.books.trial_balance()

    # As a person in QuickBooks would

    def create(self, kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Create an entity."""
        record = writing.create(self.books, ENTITIES[kind], dict(document), PERSON)
        return self.books.document(record)

    def create_as(self, kind: str, record_id: str, document: Mapping[str, Any]) -> None:
        """Create an entity with a non-numeric id; QuickBooks has two such tax codes."""
        writing.create(self.books, ENTITIES[kind], dict(document), PERSON, record_id)

    def update(self, kind: str, record_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Edit an entity; properties that are not named stay unchanged."""
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
        """Close the period up to and including this day; None reopens it."""
        self.configure(closing_date=last_day)
