"""The consent page, on which a user chooses a company and connects an app, or refuses.

It works with the keyboard and without JavaScript. An error that must not be redirected to the app
(an unknown app, an unregistered redirect URI) is shown to the user instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from quickbooks_emulator.basics.wire import Request, Response
from quickbooks_emulator.pages.page import origin, render
from quickbooks_emulator.sign_in.apps import COMPANY_SCOPES, KNOWN_SCOPES
from quickbooks_emulator.sign_in.identity import ISSUER
from quickbooks_emulator.sign_in.oauth import AUTHORIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quickbooks_emulator.basics.dice import Dice
    from quickbooks_emulator.sign_in.apps import App, User
    from quickbooks_emulator.sign_in.oauth import OAuth

DECIDE = "/app/connect/oauth2/authorize"
PENDING_MAX = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """A company that the page offers for connection."""

    realm_id: str
    name: str
    sandbox: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """An app's authorization request, validated as far as possible before the user decides."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    nonce: str | None
    challenge: str | None

    @property
    def wants_company(self) -> bool:
        """Whether the scopes require the user to choose a company."""
        return bool(COMPANY_SCOPES.intersection(self.scopes))


class Unanswerable(Exception):
    """The error cannot be redirected to the app, and is shown to the user."""


class Consent:
    """The consent page and the authorization requests that await a decision."""

    def __init__(self, oauth: OAuth, dice: Dice, companies: Callable[[], Sequence[Choice]]) -> None:
        self._oauth, self._dice, self._companies = oauth, dice, companies
        self.pending: dict[str, Asked] = {}

    def answer(self, request: Request) -> Response | None:
        """Show the page or process the decision; returns None for any other path."""
        path = request.path.rstrip("/")
        try:
            if path == AUTHORIZE and request.method in {"GET", "HEAD"}:
                return self._ask(request)
            if path == DECIDE and request.method == "POST":
                return self._decide(request.form())
        except Unanswerable as problem:
            return render("refused.html", status=400, problem=str(problem))
        return None

    def _ask(self, request: Request) -> Response:
        asked = self._checked(request)
        if isinstance(asked, Response):
            return asked
        if len(self.pending) >= PENDING_MAX:
            del self.pending[next(iter(self.pending))]
        ticket = self._dice.letters("consent", 40)
        self.pending[ticket] = asked
        return self._page(ticket, asked, user_id=request.param("as") or "")

    def _checked(self, request: Request) -> Asked | Response:
        """Validate a request; returns it, or a redirect that reports an error to the app."""
        for name in ("client_id", "redirect_uri", "response_type", "scope", "state"):
            if not request.param(name):
                raise Unanswerable(f"The {name} query parameter value is missing or empty.")
        app = self._oauth.apps.get(request.param("client_id") or "")
        if app is None:
            raise Unanswerable("The client_id query parameter value is invalid.")
        redirect_uri = request.param("redirect_uri") or ""
        if redirect_uri not in app.redirect_uris:
            raise Unanswerable(
                "The redirect_uri query parameter value is invalid. Make sure it is listed in the "
                "Redirect URIs section on your app's keys tab and matches it exactly."
            )
        state = request.param("state") or ""
        if request.param("response_type") != "code":
            return self._redirect(redirect_uri, error="unsupported_response_type", state=state)
        scopes = tuple((request.param("scope") or "").split())
        if not scopes or not KNOWN_SCOPES.issuperset(scopes):
            return self._redirect(redirect_uri, error="invalid_scope", state=state)
        challenge = request.param("code_challenge")
        if self._oauth.switches().pkce == "ignored":
            challenge = None
        elif challenge and request.param("code_challenge_method") != "S256":
            return self._redirect(redirect_uri, error="invalid_request", state=state)
        return Asked(app, redirect_uri, scopes, state, request.param("nonce"), challenge or None)

    def _page(self, ticket: str, asked: Asked, *, user_id: str, problem: str = "") -> Response:
        users = list(self._oauth.users.values())
        user = self._oauth.users.get(user_id) or users[0]
        return render(
            "consent.html",
            policy=f"form-action 'self' {origin(asked.redirect_uri)}",
            action=DECIDE,
            ticket=ticket,
            app=asked.app,
            user=user,
            users=users,
            companies=self._offered(asked, user) if asked.wants_company else None,
            permissions=_permissions(asked.scopes),
            problem=problem,
            status=422 if problem else 200,
        )

    def _offered(self, asked: Asked, user: User) -> list[Choice]:
        """Return the user's companies: sandboxes for development keys, real ones for production."""
        sandbox = asked.app.environment == "development"
        return [
            each
            for each in self._companies()
            if each.sandbox == sandbox and user.administers(each.realm_id)
        ]

    def _decide(self, form: dict[str, str]) -> Response:
        ticket = form.get("ticket", "")
        asked = self.pending.get(ticket)
        if asked is None:
            raise Unanswerable("This page has expired. Start again from the app.")
        decision = form.get("decision")
        user = self._oauth.users.get(form.get("user_id", ""))
        if decision == "switch" or user is None:
            return self._page(ticket, asked, user_id=user.id if user else "")
        if decision != "allow":
            del self.pending[ticket]
            return self._redirect(asked.redirect_uri, error="access_denied", state=asked.state)
        realm_id = None
        if asked.wants_company:
            realm_id = form.get("realm_id", "")
            if realm_id not in {each.realm_id for each in self._offered(asked, user)}:
                problem = "Choose the company to connect first."
                return self._page(ticket, asked, user_id=user.id, problem=problem)
        del self.pending[ticket]
        code = self._oauth.grants.issue_code(
            asked.app,
            user.id,
            realm_id,
            asked.scopes,
            asked.redirect_uri,
            nonce=asked.nonce,
            challenge=asked.challenge,
        )
        company = {"realmId": realm_id} if realm_id else {}
        return self._redirect(asked.redirect_uri, code=code.value, state=asked.state, **company)

    def _redirect(self, uri: str, **parameters: str) -> Response:
        """Redirect the user to the app, with `iss` if the switch `callback_issuer` is on."""
        issuer = {"iss": ISSUER} if self._oauth.switches().callback_issuer else {}
        headers = {
            "location": f"{uri}?{urlencode({**parameters, **issuer})}",
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
        }
        return Response(302, headers, b"")


def _permissions(scopes: tuple[str, ...]) -> list[str]:
    """Describe what the scopes allow the app to do."""
    words = {
        "com.intuit.quickbooks.accounting": "View and change your accounting data: "
        "vendors, customers, bills, invoices, payments and reports",
        "com.intuit.quickbooks.payment": "Process payments",
        "openid": "Know who you are",
        "profile": "See your name",
        "email": "See your e-mail address",
        "phone": "See your phone number",
        "address": "See your address",
    }
    return [words.get(scope, f"Use {scope}") for scope in scopes]
