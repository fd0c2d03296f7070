"""Intuit's OAuth 2.0 and OpenID Connect endpoints: discovery, tokens, revocation, userinfo, keys.

The consent page is in `consent.py`; the grants are kept in `grants.py`.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics.wire import Request, Response, encode_json
from quickbooks_emulator.sign_in.grants import GrantRefused, Tokens
from quickbooks_emulator.sign_in.identity import ISSUER, id_token, key_set, user_info

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quickbooks_emulator.basics.clock import Clock
    from quickbooks_emulator.basics.dice import Dice
    from quickbooks_emulator.basics.switches import Switches
    from quickbooks_emulator.sign_in.apps import App, User
    from quickbooks_emulator.sign_in.grants import Grants

AUTHORIZE = "/connect/oauth2"
TOKEN = "/oauth2/v1/tokens/bearer"  # noqa: S105  a path
REVOKE = "/v2/oauth2/tokens/revoke"
KEYS = "/op/v1/jwks"
USERINFO = "/v1/openid_connect/userinfo"
SANDBOX_USERINFO = "/sandbox/v1/openid_connect/userinfo"
DISCOVERY = "/.well-known/openid_configuration"
SANDBOX_DISCOVERY = "/.well-known/openid_sandbox_configuration"

HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"
JSON_HEADERS = {
    "content-type": "application/json;charset=UTF-8",
    "cache-control": "no-cache, no-store",
    "pragma": "no-cache",
}
INVALID_GRANT: Mapping[str, dict[str, str]] = {
    "described": {
        "error": "invalid_grant",
        "error_description": "Incorrect or invalid refresh token",
    },
    "bare": {"error": "invalid_grant"},
    "token_invalid": {"error_description": "Token invalid", "error": "invalid_grant"},
}


class OAuth:
    """The OAuth and OpenID Connect endpoints of one emulator."""

    def __init__(
        self,
        grants: Grants,
        *,
        dice: Dice,
        clock: Clock,
        switches: Callable[[], Switches],
    ) -> None:
        self.grants = grants
        self.apps: dict[str, App] = {}
        self.users: dict[str, User] = {}
        self._dice, self._clock = dice, clock
        self.switches = switches
        self._endpoints: dict[str, tuple[str, Callable[[Request], Response]]] = {
            TOKEN: ("POST", self._token),
            REVOKE: ("POST", self._revoke),
            KEYS: ("GET", self._keys),
            USERINFO: ("GET", self._userinfo),
            SANDBOX_USERINFO: ("GET", self._userinfo),
        }

    def answer(self, request: Request, base_url: str) -> Response | None:
        """Return the response to a request to an identity endpoint, or None for any other path."""
        path = request.path.rstrip("/")
        if path in {DISCOVERY, SANDBOX_DISCOVERY} and request.method in {"GET", "HEAD"}:
            sandbox = path == SANDBOX_DISCOVERY
            return _answer(200, discovery(base_url, self.switches(), sandbox=sandbox))
        if path not in self._endpoints:
            return None
        method, endpoint = self._endpoints[path]
        if request.method != method:
            return Response(405, {"allow": method, "content-type": "text/plain"}, b"")
        return endpoint(request)

    def _token(self, request: Request) -> Response:
        form = request.form()
        app = self._client(request, form)
        if isinstance(app, Response):
            return app
        grant_type = form.get("grant_type", "")
        needed = {
            "authorization_code": ("code", "redirect_uri"),
            "refresh_token": ("refresh_token",),
        }
        if not grant_type:
            return _invalid_request("Missing required parameter: grant_type")
        if grant_type not in needed:
            return _answer(400, {"error": "unsupported_grant_type"})
        for name in needed[grant_type]:
            if not form.get(name):
                return _invalid_request(f"Missing required parameter: {name}")
        nonce = None
        try:
            if grant_type == "authorization_code":
                verifier = form.get("code_verifier", "")
                tokens, code = self.grants.exchange(
                    app, form["code"], form["redirect_uri"], verifier
                )
                nonce = code.nonce
            else:
                tokens = self.grants.refresh(app, form["refresh_token"])
        except GrantRefused:
            return invalid_grant(self.switches())
        with_hard_end = request.header(HARD_EXPIRY_HEADER).lower() == "true"
        openid = grant_type == "authorization_code"
        return _answer(200, self.describe(tokens, with_hard_end, openid=openid, nonce=nonce))

    def describe(
        self,
        tokens: Tokens,
        with_hard_end: bool = False,  # noqa: FBT001, FBT002  the value of the header
        *,
        openid: bool = True,
        nonce: str | None = None,
    ) -> dict[str, Any]:
        """Return the token endpoint's response body for these tokens."""
        body: dict[str, Any] = {
            "x_refresh_token_expires_in": tokens.refresh_expires_in,
            "refresh_token": tokens.refresh_token,
            "access_token": tokens.access_token,
            "token_type": "bearer",
            "expires_in": tokens.expires_in,
        }
        if with_hard_end:
            body["x_refresh_token_hard_expires_in"] = tokens.hard_expires_in
        if openid and "openid" in tokens.grant.scopes:
            now = self._clock.now()
            body["id_token"] = id_token(
                self._dice.seed, tokens.grant, now=now, expires_in=tokens.expires_in, nonce=nonce
            )
        return body

    def _revoke(self, request: Request) -> Response:
        form = request.form()
        app = self._client(request, form)
        if isinstance(app, Response):
            return app
        token = form.get("token")
        if "json" in request.header("content-type"):
            try:
                document = request.json()
            except ValueError:
                return _invalid_request("Malformed JSON")
            token = document.get("token") if isinstance(document, dict) else None
        if not isinstance(token, str) or not token:
            return _invalid_request("Missing required parameter: token")
        if not self.grants.revoke(app, token):
            return _invalid_request("Incorrect or invalid token")
        return Response(200, JSON_HEADERS, b"")

    def _keys(self, _request: Request) -> Response:
        return _answer(200, key_set(self._dice.seed))

    def _userinfo(self, request: Request) -> Response:
        scheme, _, value = request.header("authorization").partition(" ")
        token = self.grants.bearer(value.strip()) if scheme.lower() == "bearer" else None
        grant = self.grants.grants[token.grant_id] if token else None
        if not token or not grant or grant.ended or self._clock.now() >= token.expires_at:
            challenge = {"www-authenticate": 'Bearer realm="Intuit", error="invalid_token"'}
            return _answer(401, {"error": "invalid_token"}, challenge)
        if "openid" not in grant.scopes:
            return _answer(403, {"error": "insufficient_scope"})
        return _answer(200, user_info(self.users[grant.user_id], grant.scopes))

    def _client(self, request: Request, form: Mapping[str, str]) -> App | Response:
        """Authenticate an app by Basic authentication or form; returns it or an error response."""
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, encoded = request.header("authorization").partition(" ")
        if scheme.lower() == "basic":
            try:
                decoded = base64.b64decode(encoded.strip(), validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                decoded = ""
            client_id, _, secret = decoded.partition(":")
        app = self.apps.get(client_id)
        if app is None:
            return _answer(self.switches().unknown_client_status, {"error": "invalid_client"})
        if app.client_secret != secret:
            return _answer(401, {"error": "invalid_client"})
        return app


def discovery(base_url: str, switches: Switches, *, sandbox: bool) -> dict[str, Any]:
    """Return the discovery document; production and sandbox differ only in the userinfo URL."""
    more: dict[str, Any] = {}
    if switches.pkce == "checked":
        more["code_challenge_methods_supported"] = ["S256"]
    if switches.callback_issuer:
        more["authorization_response_iss_parameter_supported"] = True
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{base_url}{AUTHORIZE}",
        "token_endpoint": f"{base_url}{TOKEN}",
        "userinfo_endpoint": f"{base_url}{SANDBOX_USERINFO if sandbox else USERINFO}",
        "revocation_endpoint": f"{base_url}{REVOKE}",
        "jwks_uri": f"{base_url}{KEYS}",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
        **more,
    }


def invalid_grant(switches: Switches) -> Response:
    """Return the `invalid_grant` response, in the wording that the switch selects."""
    return _answer(400, INVALID_GRANT[switches.invalid_grant])


def _answer(
    status: int, document: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    return Response(status, {**JSON_HEADERS, **(headers or {})}, encode_json(document))


def _invalid_request(description: str) -> Response:
    return _answer(400, {"error": "invalid_request", "error_description": description})
