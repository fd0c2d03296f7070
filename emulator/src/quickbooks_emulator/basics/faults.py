"""Intuit's two error formats, and a function for each error of the accounting service.

The accounting service returns `Fault`; the gateway in front of it (tokens, limits, time-outs)
returns `fault`.
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
    """One error within a fault."""

    message: str
    detail: str
    code: str
    element: str = ""

    def document(self) -> dict[str, str]:
        """Return the error as the accounting service prints it."""
        return {
            "Message": self.message,
            "Detail": self.detail,
            "code": self.code,
            "element": self.element,
        }


class Refusal(Exception):
    """The accounting service refuses the request with a `Fault`."""

    def __init__(self, *errors: Error, kind: str = "ValidationFault", status: int = 400) -> None:
        super().__init__("; ".join(f"{error.code} {error.detail}" for error in errors))
        self.errors = errors
        self.kind = kind
        self.status = status

    def document(self) -> dict[str, Any]:
        """Return the value of the `Fault` member."""
        return {"Error": [error.document() for error in self.errors], "type": self.kind}


class NotModelled(Exception):
    """The emulator does not model this feature of Intuit, and answers 501 instead of guessing."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def document(self) -> dict[str, Any]:
        """Return the value of a `Fault` member, of a type that Intuit does not have."""
        error = Error("Not modelled by quickbooks-emulator", self.what, "501")
        return {"Error": [error.document()], "type": "EmulatorFault"}


def gateway_fault(
    message: str, detail: str | None, code: str, kind: str, now: datetime
) -> dict[str, Any]:
    """Return the JSON body of a gateway error: 401, 403, 429 or 504."""
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
    """Return the same error in XML, for a client that does not ask for JSON."""
    inner = f"<Detail>{escape(detail)}</Detail>" if detail is not None else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f"<IntuitResponse time={quoteattr(time)} xmlns={quoteattr(SCHEMA)}>"
        f"<Fault type={quoteattr(kind)}><Error code={quoteattr(code)}>"
        f"<Message>{escape(message)}</Message>{inner}</Error></Fault></IntuitResponse>"
    )


def unknown_property(name: str) -> Refusal:
    """Return error 2010: the document has a property that Intuit does not know."""
    detail = f"Property Name:{name} specified is unsupported or invalid"
    return Refusal(Error("Request has invalid or unsupported property", detail, "2010", name))


def unreadable_document() -> Refusal:
    """Return error 2010: the body is not a JSON object."""
    detail = (
        "Property Name:failed to parse json object; a property specified is unsupported or invalid"
    )
    return Refusal(Error("Request has invalid or unsupported property", detail, "2010"))


def wrong_type(name: str, wanted: str) -> Refusal:
    """Return error 2010: a property has the wrong JSON type."""
    detail = f"Property Name:Can not deserialize {wanted} of property {name}"
    return Refusal(Error("Request has invalid or unsupported property", detail, "2010", name))


def missing(name: str) -> Error:
    """Return error 2020: a required parameter is missing."""
    return Error(
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {name} is missing in the request",
        "2020",
        name,
    )


def wrong_length(name: str, length_max: int, supplied: int, length_min: int = 0) -> Error:
    """Return error 2050: the length of a text is not supported."""
    return Error(
        "String length is either shorter or longer than supported by specification",
        "String length specified does not match the supported length. "
        f"Min:{length_min} Max:{length_max} supported. Supplied length:{supplied}",
        "2050",
        name,
    )


def invalid_id(supplied: str) -> Refusal:
    """Return error 2030: the id is not a number."""
    return Refusal(Error("Invalid ID", f"Invalid Id Supplied:{supplied}", "2030", "Id"))


def invalid_text(name: str, supplied: str) -> Error:
    """Return error 2040: the text has characters that are not allowed in it."""
    detail = f"String contains invalid characters. Supplied value:{supplied}"
    return Error("Invalid String", detail, "2040", name)


def invalid_date(name: str, supplied: str) -> Error:
    """Return error 2060: the date is malformed."""
    detail = f"Invalid Date Format. Supplied value:{supplied}"
    return Error("Invalid Date Format", detail, "2060", name)


def invalid_number(name: str, supplied: str) -> Error:
    """Return error 2090: the number is well-formed, but its size is not supported."""
    return Error("Invalid Number", f"Invalid Number : {supplied}", "2090", name)


def out_of_range(name: str, supplied: str) -> Error:
    """Return error 2240: the number is out of range."""
    detail = f"Number is not within the valid range. Supplied value:{supplied}"
    return Error("Invalid Number Range", detail, "2240", name)


def invalid_choice(name: str, supplied: str) -> Error:
    """Return error 2170: the value is not one of the enumeration's."""
    return Error("Invalid Enumeration", f"Invalid Enumeration : {supplied}", "2170", name)


def invalid_email(name: str, supplied: str) -> Error:
    """Return error 2210: the email address is malformed."""
    detail = f"Email Address does not conform to required format. Supplied value:{supplied}"
    return Error("Invalid Email Address format", detail, "2210", name)


def object_not_found(detail: str = INACTIVE) -> Refusal:
    """Return error 610: the object is unknown, inactive or deleted."""
    return Refusal(Error("Object Not Found", f"Object Not Found : {detail}", "610"))


def transaction_deleted() -> Refusal:
    """Return error 610: the transaction has been deleted."""
    return object_not_found("Another user has deleted this transaction.")


def invalid_reference(listing: str, id_text: str, element: str = "") -> Error:
    """Return error 2500: the list that is referred to has no element with this id."""
    detail = f"Invalid Reference Id : {listing} element id {id_text} not found"
    return Error("Invalid Reference Id", detail, "2500", element)


def inactive_reference(code: str, element: str = "") -> Error:
    """Return error 610 or 2500: the object that is referred to is inactive."""
    message = "Object Not Found" if code == "610" else "Invalid Reference Id"
    return Error(message, f"{message} : {INACTIVE}", code, element)


def stale(user: str) -> Refusal:
    """Return error 5010: the SyncToken is not the current one."""
    detail = (
        f"Stale Object Error : You and {user} were working on this at the same time. "
        f"{user} finished before you did, so your work was not saved."
    )
    return Refusal(Error("Stale Object Error", detail, "5010"))


def business(detail: str) -> Refusal:
    """Return error 6000: the request breaks an accounting rule."""
    message = "A business validation error has occurred while processing your request"
    return Refusal(Error(message, f"Business Validation Error: {detail}", "6000"))


def duplicate_name(detail: str) -> Refusal:
    """Return error 6240: the name is already taken."""
    message = "Duplicate Name Exists Error"
    return Refusal(Error(message, f"The name supplied already exists. : {detail}", "6240"))


def duplicate_number(number: str, kind: str, id_text: str) -> Refusal:
    """Return error 6140: the document number is taken; names the transaction that has it."""
    detail = (
        "Duplicate Document Number Error : You must specify a different number. "
        "This number has already been used. "
        f"DocNumber={number} is assigned to TxnType={kind} with TxnId={id_text}"
    )
    return Refusal(Error("Duplicate Document Number Error", detail, "6140"))


def wrong_amount(supplied: str) -> Refusal:
    """Return error 6070: a line's amount is not its quantity times its unit price."""
    message = "Amount calculation incorrect in the request"
    detail = f"Amount is not equal to UnitPrice * Qty. Supplied value:{supplied}"
    return Refusal(Error(message, detail, "6070"))


def books_closed(code: str) -> Refusal:
    """Return error 6200 or 6210: the date is in a closed accounting period."""
    detail = (
        "The account period has closed and the account books cannot be updated through the QBO "
        "Services API. Please use the QBO website to make these changes."
    )
    message = "Account Period Closed, Cannot Update Through Services API"
    return Refusal(Error(message, detail, code))


def subscription_lapsed() -> Refusal:
    """Return error 6190: the company's subscription has lapsed."""
    detail = (
        "Subscription period has ended or canceled or there was a billing problem : "
        "To make changes, please renew the subscription."
    )
    return Refusal(Error("Invalid Company Status", detail, "6190"))


def unsupported(operation: str) -> Refusal:
    """Return error 500: the resource does not support the operation."""
    detail = f"Operation {operation} is not supported."
    return Refusal(Error("Unsupported Operation", detail, "500"))


def refused(code: str, message: str, detail: str, element: str = "") -> Refusal:
    """Return an error that has no function of its own."""
    return Refusal(Error(message, detail, code, element))
