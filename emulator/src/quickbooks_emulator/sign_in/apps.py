"""The apps that a developer registers, and the users who can give consent."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

ACCOUNTING = "com.intuit.quickbooks.accounting"
PAYMENTS = "com.intuit.quickbooks.payment"
IDENTITY_SCOPES = frozenset({"openid", "profile", "email", "phone", "address", "intuit_name"})
RESTRICTED_SCOPES = frozenset(
    {
        "app-foundations.custom-dimensions.read",
        "app-foundations.custom-field-definitions",
        "app-foundations.custom-field-definitions.read",
        "com.intuit.quickbooks.payroll",
        "com.intuit.quickbooks.payroll.benefits",
        "com.intuit.quickbooks.payroll.payslip.read",
        "com.intuit.quickbooks.payroll.timetracking",
        "indirect-tax.tax-calculation.quickbooks",
        "payroll.compensation.read",
        "project-management.project",
        "tax-compliance.workpapers.read",
        "time-tracking.time-entry",
    }
)
"""Scopes that Intuit grants only to selected apps; the emulator grants them to every app."""
COMPANY_SCOPES = frozenset({ACCOUNTING, PAYMENTS}) | RESTRICTED_SCOPES
KNOWN_SCOPES = IDENTITY_SCOPES | COMPANY_SCOPES

Environment = Literal["development", "production"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """An app's webhook: where it receives notices, and for which entities."""

    url: str
    verifier_token: str
    entities: tuple[str, ...] = ()
    """The names of the entities to be notified of; empty means all."""
    shape: Literal["cloud_events", "legacy"] | None = None
    """The payload's format; None means that of the switch `webhook_shape`."""


@dataclass(frozen=True, slots=True)
class App:
    """One app of a developer's workspace, with its keys for one environment."""

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    name: str = "Example App"
    environment: Environment = "development"
    disconnect_url: str = ""
    reconnect_url: str = ""
    webhook: Subscription | None = None

    def __post_init__(self) -> None:
        for uri in self.redirect_uris:
            if problem := redirect_uri_problem(uri, self.environment):
                raise ValueError(f"Intuit refuses the redirect URI {uri!r}: {problem}")


@dataclass(frozen=True, slots=True)
class Address:
    """A user's postal address, as userinfo returns it."""

    street: str = "2700 Coast Ave"
    city: str = "Mountain View"
    region: str = "CA"
    postal_code: str = "94043"
    country: str = "US"


@dataclass(frozen=True, slots=True)
class User:
    """A person with an Intuit account, who administers the companies named, or all if None."""

    id: str
    email: str
    given_name: str
    family_name: str
    phone: str = "+1 6505550100"
    address: Address = Address()
    realm_ids: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """The user's full name."""
        return f"{self.given_name} {self.family_name}"

    def administers(self, realm_id: str) -> bool:
        """Return whether the user administers the company and so may connect apps to it."""
        return self.realm_ids is None or realm_id in self.realm_ids


def redirect_uri_problem(uri: str, environment: Environment) -> str | None:
    """Return why Intuit's portal would refuse this redirect URI, or None if it would not."""
    parts = urlsplit(uri)
    local = parts.hostname == "localhost" and environment == "development"
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        return "it must be https (http://localhost is allowed for development keys only)"
    if not parts.hostname or (parts.hostname == "localhost" and not local):
        return "it must name a public host"
    if parts.query or parts.fragment:
        return "it must have no query or fragment of its own; carry those in state"
    try:
        ip_address(parts.hostname)
    except ValueError:
        return None
    return "it must name a host, not an IP address"
