"""Intuit's two shapes of refusal, and the refusals of the accounting service by name.

The accounting service says `Fault`; the gateway before it (tokens, limits, time-outs) says `fault`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from datetime import datetime

INACTIVE = (
    "Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)
SCHEMA = "http://schema.intuit.com/finance/v3"


@dataclass(frozen=True, slots=True)
class Error:
    """One entry of a fault."""

    message: str
    detail: str
    code: str
    element: str = ""

    def document(self) -> dict[str, str]:
        """As the accounting service prints it."""
        return {
            "Message": self.message,
            "Detail": self.detail,
            "code": self.code,
            "element": self.element,
        }


class Refusal(Exception):
    """The accounting service says no."""

    def __init__(self, *errors: Error, kind: str = "ValidationFault", status: int = 400) -> None:
        super().__init__("; ".join(f"{error.code} {error.detail}" for error in errors))
        self.errors = errors
        self.kind = kind
        self.status = status

    def document(self) -> dict[str, Any]:
        """The `Fault` member."""
        return {"Error": [error.document() for error in self.errors], "type": self.kind}


class NotModelled(Exception):
    """Intuit knows this, the emulator does not: it says so instead of guessing."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def document(self) -> dict[str, Any]:
        """A `Fault` member of a type that Intuit does not have."""
        error = Error("Not modelled by quickbooks-emulator", self.what, "501")
        return {"Error": [error.document()], "type": "EmulatorFault"}


def gateway_fault(
    message: str, detail: str | None, code: str, kind: str, now: datetime
) -> dict[str, Any]:
    """The body of the gateway's refusals in JSON: 401, 403, 429, 504."""
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {
            "error": [{"message": message, "detail": detail, "code": code, "element": None}],
            "type": kind,
        },
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(now.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }


def gateway_fault_xml(message: str, detail: str | None, code: str, kind: str, time: str) -> str:
    """The same refusal in XML, which is what a client gets that does not ask for JSON."""
    inner = f"<Detail>{escape(detail)}</Detail>" if detail is not None else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f"<IntuitResponse time={quoteattr(time)} xmlns={quoteattr(SCHEMA)}>"
        f"<Fault type={quoteattr(kind)}><Error code={quoteattr(code)}>"
        f"<Message>{escape(message)}</Message>{inner}</Error></Fault></IntuitResponse>"
    )


def unknown_property(name: str) -> Refusal:
    """2010: a member of the document that Intuit does not have."""
    detail = f"Property Name:{name} specified is unsupported or invalid"
    return Refusal(Error("Request has invalid or unsupported property", detail, "2010", name))


def unreadable_document() -> Refusal:
    """2010 for a body that is no JSON object."""
    detail = (
        "Property Name:failed to parse json object; a property specified is unsupported or invalid"
    )
    return Refusal(Error("Request has invalid or unsupported property", detail, "2010"))


def wrong_type(name: str, wanted: str) -> Refusal:
    """2010 for a member of the wrong JSON type."""
    detail = f"Property Name:Can not deserialize {wanted} of property {name}"
    return Refusal(Error("Request has invalid or unsupported property", detail, "2010", name))


def missing(name: str) -> Error:
    """2020: a required parameter."""
    return Error(
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {name} is missing in the request",
        "2020",
        name,
    )


def wrong_length(name: str, length_max: int, supplied: int, length_min: int = 0) -> Error:
    """2050: text too long."""
    return Error(
        "String length is either shorter or longer than supported by specification",
        "String length specified does not match the supported length. "
        f"Min:{length_min} Max:{length_max} supported. Supplied length:{supplied}",
        "2050",
        name,
    )


def invalid_id(supplied: str) -> Refusal:
    """2030: an id that is no number."""
    return Refusal(Error("Invalid ID", f"Invalid Id Supplied:{supplied}", "2030", "Id"))


def invalid_text(name: str, supplied: str) -> Error:
    """2040: characters that are not allowed here."""
    detail = f"String contains invalid characters. Supplied value:{supplied}"
    return Error("Invalid String", detail, "2040", name)


def invalid_date(name: str, supplied: str) -> Error:
    """2060."""
    detail = f"Invalid Date Format. Supplied value:{supplied}"
    return Error("Invalid Date Format", detail, "2060", name)


def invalid_number(name: str, supplied: str) -> Error:
    """2090: a number in the right form, of a size that is not supported."""
    return Error("Invalid Number", f"Invalid Number : {supplied}", "2090", name)


def out_of_range(name: str, supplied: str) -> Error:
    """2240."""
    detail = f"Number is not within the valid range. Supplied value:{supplied}"
    return Error("Invalid Number Range", detail, "2240", name)


def invalid_choice(name: str, supplied: str) -> Error:
    """2170."""
    return Error("Invalid Enumeration", f"Invalid Enumeration : {supplied}", "2170", name)


def invalid_email(name: str, supplied: str) -> Error:
    """2210."""
    detail = f"Email Address does not conform to required format. Supplied value:{supplied}"
    return Error("Invalid Email Address format", detail, "2210", name)


def object_not_found(detail: str = INACTIVE) -> Refusal:
    """610: unknown, inactive or deleted."""
    return Refusal(Error("Object Not Found", f"Object Not Found : {detail}", "610"))


def transaction_deleted() -> Refusal:
    """610 for a transaction that is gone."""
    return object_not_found("Another user has deleted this transaction.")


def invalid_reference(listing: str, id_text: str, element: str = "") -> Error:
    """2500: nothing of this id in the list it should come from."""
    detail = f"Invalid Reference Id : {listing} element id {id_text} not found"
    return Error("Invalid Reference Id", detail, "2500", element)


def inactive_reference(code: str, element: str = "") -> Error:
    """What is referred to has been made inactive: 610 or 2500."""
    message = "Object Not Found" if code == "610" else "Invalid Reference Id"
    return Error(message, f"{message} : {INACTIVE}", code, element)


def stale(user: str) -> Refusal:
    """5010: the SyncToken is not the current one."""
    detail = (
        f"Stale Object Error : You and {user} were working on this at the same time. "
        f"{user} finished before you did, so your work was not saved."
    )
    return Refusal(Error("Stale Object Error", detail, "5010"))


def business(detail: str) -> Refusal:
    """6000: a rule of bookkeeping."""
    message = "A business validation error has occurred while processing your request"
    return Refusal(Error(message, f"Business Validation Error: {detail}", "6000"))


def duplicate_name(detail: str) -> Refusal:
    """6240."""
    message = "Duplicate Name Exists Error"
    return Refusal(Error(message, f"The name supplied already exists. : {detail}", "6240"))


def duplicate_number(number: str, kind: str, id_text: str) -> Refusal:
    """6140, which tells the transaction that has the number."""
    detail = (
        "Duplicate Document Number Error : You must specify a different number. "
        "This number has already been used. "
        f"DocNumber={number} is assigned to TxnType={kind} with TxnId={id_text}"
    )
    return Refusal(Error("Duplicate Document Number Error", detail, "6140"))


def wrong_amount(supplied: str) -> Refusal:
    """6070."""
    message = "Amount calculation incorrect in the request"
    detail = f"Amount is not equal to UnitPrice * Qty. Supplied value:{supplied}"
    return Refusal(Error(message, detail, "6070"))


def books_closed(code: str) -> Refusal:
    """6200 or 6210."""
    detail = (
        "The account period has closed and the account books cannot be updated through the QBO "
        "Services API. Please use the QBO website to make these changes."
    )
    message = "Account Period Closed, Cannot Update Through Services API"
    return Refusal(Error(message, detail, code))


def subscription_lapsed() -> Refusal:
    """6190."""
    detail = (
        "Subscription period has ended or canceled or there was a billing problem : "
        "To make changes, please renew the subscription."
    )
    return Refusal(Error("Invalid Company Status", detail, "6190"))


def unsupported(operation: str) -> Refusal:
    """500: the resource has no such operation."""
    detail = f"Operation {operation} is not supported."
    return Refusal(Error("Unsupported Operation", detail, "500"))


def refused(code: str, message: str, detail: str, element: str = "") -> Refusal:
    """Any other single error."""
    return Refusal(Error(message, detail, code, element))
