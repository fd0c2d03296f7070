"""A client of one company's books, without network or tokens, that checks the trial balance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.accounting.api import answer
from quickbooks_emulator.basics.clock import VirtualClock
from quickbooks_emulator.basics.switches import Switches
from quickbooks_emulator.basics.wire import Request
from quickbooks_emulator.books.company import Company
from quickbooks_emulator.books.seed import found, furnish
from quickbooks_emulator.books.settings import CompanySettings

if TYPE_CHECKING:
    from quickbooks_emulator.basics.wire import Response
    from quickbooks_emulator.books.books import Effect

REALM = "4620816365000000001"
JSON = {"accept": "application/json", "content-type": "application/json"}


class Bookkeeper:
    """Sends requests to a company and checks that its trial balance is zero after each."""

    def __init__(self, *, switches: dict[str, Any] | None = None, **settings: Any) -> None:
        self.effects: list[Effect] = []
        self.clock = VirtualClock()
        self.company = Company(
            REALM,
            "Craig's Landscaping",
            self.clock,
            Switches(**(switches or {})),
            CompanySettings(**settings),
            self.effects.append,
        )
        found(self.company)
        furnish(self.company, 7)
        accounts = {each["FullyQualifiedName"]: each["Id"] for each in self.company.all("Account")}
        self.accounts = accounts
        self.rent = accounts["Rent or Lease"]
        self.supplies = accounts["Supplies"]
        self.checking = next(
            identity for name, identity in accounts.items() if name.startswith("Operating")
        )
        self.card = next(
            identity for name, identity in accounts.items() if name.startswith("Business Visa")
        )
        self.vendor = self.company.all("Vendor")[0]["Id"]
        self.customer = self.company.all("Customer")[0]["Id"]
        self.item = next(each["Id"] for each in self.company.all("Item") if each["Name"] == "Paper")

    def send(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Response:
        """Send one request, built as it would be on the wire, and return the response."""
        body = raw if raw is not None else b""
        if document is not None:
            body = json.dumps(document).encode()
        pairs = tuple(query.items())
        full = f"/v3/company/{REALM}/{path}"
        request = Request(method, full, pairs, {**JSON, **(headers or {})}, body)
        response = answer(self.company, request, "1-tid")
        assert sum(self.company.trial_balance().values()) == 0
        return response

    def post(self, path: str, document: Any, **query: str) -> Any:
        """Send a write that must succeed and return the object in its response."""
        response = self.send("POST", path, document, **query)
        assert response.status == 200, response.body
        shown = response.json()
        assert "Fault" not in shown, shown
        return next(value for name, value in shown.items() if name != "time")

    def get(self, path: str, **query: str) -> Any:
        """Send a read that must succeed and return the object in its response."""
        response = self.send("GET", path, **query)
        assert response.status == 200, response.body
        return next(value for name, value in response.json().items() if name != "time")

    def fault(self, path: str, document: Any, **query: str) -> dict[str, str]:
        """Send a write that must be refused with 400 and return its first error."""
        response = self.send("POST", path, document, **query)
        assert response.status == 400, response.body
        error: dict[str, str] = response.json()["Fault"]["Error"][0]
        return error

    def query(self, statement: str) -> dict[str, Any]:
        """Run a query and return its `QueryResponse`."""
        found: dict[str, Any] = self.get("query", query=statement)
        return found

    def query_fault(self, statement: str) -> dict[str, str]:
        """Run a query that must be refused and return its first error."""
        response = self.send("GET", "query", query=statement)
        assert response.status == 400, response.body
        error: dict[str, str] = response.json()["Fault"]["Error"][0]
        return error

    def line(self, amount: Any = 100, account: str | None = None, **more: Any) -> dict[str, Any]:
        """Return a line for a bill."""
        return {
            "Amount": amount,
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account or self.rent}},
            **more,
        }

    def item_line(self, amount: Any, quantity: Any, price: Any) -> dict[str, Any]:
        """Return a line for a bill that buys an item."""
        detail = {"ItemRef": {"value": self.item}, "Qty": quantity, "UnitPrice": price}
        return {
            "Amount": amount,
            "DetailType": "ItemBasedExpenseLineDetail",
            "ItemBasedExpenseLineDetail": detail,
        }

    def sale_line(self, amount: Any = 100, **detail: Any) -> dict[str, Any]:
        """Return a line for an invoice."""
        return {
            "Amount": amount,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": self.item}, **detail},
        }

    def bill(self, amount: Any = 100, **more: Any) -> dict[str, Any]:
        """Create a bill and return it."""
        document = {"VendorRef": {"value": self.vendor}, "Line": [self.line(amount)], **more}
        made: dict[str, Any] = self.post("bill", document)
        return made

    def invoice(self, amount: Any = 100, **more: Any) -> dict[str, Any]:
        """Create an invoice and return it."""
        document = {"CustomerRef": {"value": self.customer}, "Line": [self.sale_line(amount)]}
        made: dict[str, Any] = self.post("invoice", {**document, **more})
        return made

    def payment_of(self, *bills: tuple[str, Any], total: Any = None) -> dict[str, Any]:
        """Return a payment of bills that is ready to send."""
        amounts = [amount for _, amount in bills]
        return {
            "VendorRef": {"value": self.vendor},
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": {"value": self.checking}},
            "TotalAmt": sum(amounts) if total is None else total,
            "Line": [
                {"Amount": amount, "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}
                for bill, amount in bills
            ],
        }

    def balance(self, account: str) -> int:
        """Return an account's balance in cents, with debits positive."""
        return self.company.trial_balance().get(account, 0)
