"""OAuth with Intuit: discovery, consent, tokens and revocation; every response is validated."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import msgspec
from pydantic import SecretStr

from cleo_accounting.core.addresses import is_safe, is_this_machine
from cleo_accounting.errors import Invalid, Misconfigured, Reconnect, Unavailable
from cleo_accounting.providers import Grant
from cleo_accounting.providers.quickbooks.client.answers import parsed
from cleo_accounting.providers.quickbooks.client.wire import Reply, Unclear, Unsent, Wire, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Json = Mapping[str, Any]

SCOPE = "com.intuit.quickbooks.accounting"
ISSUER = "https://oauth.platform.intuit.com/op/v1"  # of sandbox and production alike
_FORM = "application/x-www-form-urlencoded"
# Only with this header does the token response state when the refresh token ends for good.
_HARD_END = {"x-include-refresh-token-hard-expires-in": "true"}
_ACCESS_TOKEN_LENGTH_MAX = 4096
_REFRESH_TOKEN_LENGTH_MAX = 512
_LATER_SECONDS = 30.0
_OK = 200


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Intuit's OAuth endpoints, from its discovery document."""

    authorization: str
    token: str
    revocation: str
    names_itself: bool  # every callback carries `iss` (RFC 9207)


class OAuth:
    """The OAuth client of our app at Intuit. Thread-safe."""

    def __init__(
        self, *, client_id: str, client_secret: str, discovery_url: str, wire: Wire
    ) -> None:
        if not is_safe(discovery_url):
            raise Misconfigured("the discovery URL must begin with https://")
        self._client_id = client_id
        both = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._verifier_key = client_secret.encode()
        self._basic = f"Basic {base64.b64encode(both.encode()).decode()}"
        self._discovery_url = discovery_url
        self._wire = wire
        self._endpoints: Endpoints | None = None
        self._discovering = Lock()

    def authorization_url(self, state: str, redirect_uri: str) -> str:
        """Return the URL of the consent page to which the user is sent.

        It carries a PKCE challenge whether or not Intuit announces support for PKCE: a server that
        does not know the parameter ignores it (RFC 7636, section 5).

        Raises:
            Unavailable: Intuit's discovery document cannot be read.
        """
        params = joined(
            [
                ("client_id", self._client_id),
                ("response_type", "code"),
                ("scope", SCOPE),
                ("redirect_uri", redirect_uri),
                ("state", state),
                ("code_challenge", _unpadded(hashlib.sha256(self._verifier(state)).digest())),
                ("code_challenge_method", "S256"),
            ]
        )
        return f"{self._discover().authorization}?{params}"

    def answers_as(self, issuer: str) -> bool:
        """Return whether a callback with this `iss` can come from Intuit (RFC 9207, section 2.4).

        A callback without `iss` is accepted unless the discovery document says that all carry it.

        Raises:
            Unavailable.
        """
        return issuer == ISSUER if issuer else not self._discover().names_itself

    def exchange(self, code: str, redirect_uri: str, state: str) -> Grant:
        """Exchange the code for a grant; never retried, as using a code twice revokes the grant.

        The PKCE verifier of `state` is sent along, so Intuit rejects a code of another sign-in.

        Raises:
            Invalid, Unavailable.
        """
        answer = self._token(
            [
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", redirect_uri),
                ("code_verifier", self._verifier(state).decode()),
            ]
        )
        if answer is None:
            raise Invalid("The code from Intuit is used or expired; connect once more")
        return answer

    def refresh(self, grant: Grant) -> Grant:
        """Exchange the refresh token for a new grant.

        Raises:
            Reconnect, Unavailable.
        """
        shown = grant.refresh_token.get_secret_value()
        answer = self._token([("grant_type", "refresh_token"), ("refresh_token", shown)])
        if answer is None:
            raise Reconnect("QuickBooks no longer accepts our grant; connect again")
        return answer

    def revoke(self, grant: Grant) -> None:
        """Revoke both tokens of a grant; succeed if the grant is no longer valid anyway.

        Raises:
            Unavailable.
        """
        reply = self._post(
            self._discover().revocation,
            msgspec.json.encode({"token": grant.refresh_token.get_secret_value()}),
            "application/json",
        )
        if reply.status != _OK and _error(reply) not in _NOTHING_TO_REVOKE:
            raise self._unavailable(f"Intuit did not take the grant back ({reply.status})")

    def _verifier(self, state: str) -> bytes:
        """Return the PKCE verifier of a sign-in: 43 characters that only our app can compute.

        It is derived from the client secret, not stored: any process can finish the sign-in, but
        a person who steals the database cannot.
        """
        made = hmac.digest(self._verifier_key, f"code_verifier:{state}".encode(), "sha256")
        return _unpadded(made).encode()

    def _token(self, form: Sequence[tuple[str, str]]) -> Grant | None:
        """Request tokens; return None if Intuit reports that the code or token is not valid."""
        asked = self._wire.clock.now()
        reply = self._post(self._discover().token, joined(form).encode(), _FORM, _HARD_END)
        if reply.status == _OK:
            grant = _grant(parsed(reply) or {}, asked)
            if grant is None:
                raise self._unavailable("Intuit's answer is no grant")
            return grant
        error = _error(reply)
        if error == "invalid_grant":
            return None
        if error == "invalid_client":
            raise self._unavailable("Intuit does not know our client id and secret")
        raise self._unavailable(f"Intuit gave no tokens ({reply.status})")

    def _post(
        self, url: str, body: bytes, content_type: str, more: Mapping[str, str] | None = None
    ) -> Reply:
        headers = {
            "Accept": "application/json",
            "Authorization": self._basic,
            "Content-Type": content_type,
            **(more or {}),
        }
        return self._reply(self._wire.send("POST", url, headers=headers, body=body))

    def _discover(self) -> Endpoints:
        with self._discovering:
            if self._endpoints is None:
                reply = self._reply(
                    self._wire.send("GET", self._discovery_url, headers={"Accept": _JSON})
                )
                found = _endpoints(parsed(reply) or {}, self._discovery_url)
                if reply.status != _OK or found is None:
                    raise self._unavailable("Intuit's discovery document makes no sense")
                self._endpoints = found
            return self._endpoints

    def _reply(self, reply: Reply | Unsent | Unclear) -> Reply:
        if isinstance(reply, Reply):
            return reply
        raise self._unavailable(f"Intuit does not answer: {reply.message}")

    def _unavailable(self, message: str) -> Unavailable:
        return Unavailable(message, self._wire.clock.now() + timedelta(seconds=_LATER_SECONDS))


_JSON = "application/json"
_NOTHING_TO_REVOKE = frozenset({"invalid_grant", "invalid_token", "invalid_request"})


def _endpoints(document: Json, discovery_url: str) -> Endpoints | None:
    """Read a discovery document; return None if it would send our secrets to another host."""
    names = ("authorization_endpoint", "token_endpoint", "revocation_endpoint")
    urls = authorization, token, revocation = [document.get(name) for name in names]
    if document.get("issuer") != ISSUER:
        return None
    if not all(
        isinstance(url, str) and is_safe(url) and _owner(url) == _owner(discovery_url)
        for url in urls
    ):
        return None
    names_itself = document.get("authorization_response_iss_parameter_supported") is True
    return Endpoints(str(authorization), str(token), str(revocation), names_itself)


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _owner(url: str) -> str:
    """Return the registered domain of a URL's host: `intuit.com` for any host below it."""
    host = urlsplit(url).hostname or ""
    return "loopback" if is_this_machine(url) else ".".join(host.split(".")[-2:])


def _error(reply: Reply) -> str:
    error = (parsed(reply) or {}).get("error")
    return error if isinstance(error, str) else ""


def _grant(document: Json, asked: datetime) -> Grant | None:
    """Read a token response; return None unless it is complete and valid."""
    access = _token_text(document, "access_token", _ACCESS_TOKEN_LENGTH_MAX)
    refresh = _token_text(document, "refresh_token", _REFRESH_TOKEN_LENGTH_MAX)
    access_ends = _moment(document, "expires_in", asked)
    refresh_ends = _moment(document, "x_refresh_token_expires_in", asked)
    bearer = str(document.get("token_type", "")).lower() == "bearer"
    if not (access and refresh and access_ends and refresh_ends and bearer):
        return None
    hard_end = _moment(document, "x_refresh_token_hard_expires_in", asked)
    return Grant(SecretStr(access), SecretStr(refresh), access_ends, refresh_ends, hard_end)


def _token_text(document: Json, name: str, length_max: int) -> str | None:
    value = document.get(name)
    if not isinstance(value, str) or len(value) > length_max:
        return None
    return value if value.isascii() and value.isprintable() and " " not in value else None


def _moment(document: Json, name: str, asked: datetime) -> datetime | None:
    value = document.get(name)
    seconds = int(value) if isinstance(value, str) and value.isdecimal() else value
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        return None
    try:
        return asked + timedelta(seconds=seconds)
    except OverflowError:
        return None
