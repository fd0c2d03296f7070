"""Authorization codes, grants and their tokens.

A grant is one user's consent to one app and, if its scopes concern a company, for one company. Its
refresh token has a current value that rotates, an expiry when idle and a hard expiry.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from quickbooks_emulator.basics.clock import Clock
    from quickbooks_emulator.basics.dice import Dice
    from quickbooks_emulator.basics.switches import Switches
    from quickbooks_emulator.sign_in.apps import App

ACCESS_SECONDS = 3600
CODE_SECONDS = 600
HARD_SECONDS = 157_680_000
ROTATION = timedelta(hours=24)
FORGOTTEN_AFTER = timedelta(days=1)


class GrantRefused(Exception):
    """The authorization code or refresh token is not valid."""


@dataclass(slots=True)
class Grant:
    """One consent, with its current refresh token."""

    id: int
    client_id: str
    user_id: str
    realm_id: str | None
    scopes: tuple[str, ...]
    granted_at: datetime
    refresh_token: str
    rotated_at: datetime
    used_at: datetime
    superseded: dict[str, datetime] = field(default_factory=dict)
    ended: str | None = None
    """Why the grant ended (*revoked*, *disconnected*, *double use*); None while it is valid."""


@dataclass(slots=True)
class Code:
    """One authorization code; kept after its exchange, to detect a second use."""

    value: str
    client_id: str
    user_id: str
    realm_id: str | None
    scopes: tuple[str, ...]
    redirect_uri: str
    nonce: str | None
    issued_at: datetime
    grant_id: int | None = None
    challenge: str | None = None
    """The PKCE S256 challenge sent with the authorization request."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """One bearer token."""

    value: str
    grant_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens that the token endpoint returns, with their lifetimes in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    hard_expires_in: int
    grant: Grant


class Grants:
    """The codes, grants and tokens of one emulator."""

    def __init__(self, dice: Dice, clock: Clock, switches: Callable[[], Switches]) -> None:
        self._dice, self._clock, self._switches = dice, clock, switches
        self.codes: dict[str, Code] = {}
        self.grants: dict[int, Grant] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.by_refresh_token: dict[str, int] = {}

    def issue_code(
        self,
        app: App,
        user_id: str,
        realm_id: str | None,
        scopes: tuple[str, ...],
        redirect_uri: str,
        *,
        nonce: str | None = None,
        challenge: str | None = None,
    ) -> Code:
        """Issue a code for a consent; it can be exchanged once, within ten minutes."""
        now = self._clock.now()
        value = f"AB11{int(now.timestamp())}{self._dice.letters('code', 36)}"
        code = Code(
            value,
            app.client_id,
            user_id,
            realm_id,
            scopes,
            redirect_uri,
            nonce,
            now,
            challenge=challenge,
        )
        self.codes[value] = code
        return code

    def exchange(
        self, app: App, code_value: str, redirect_uri: str, verifier: str = ""
    ) -> tuple[Tokens, Code]:
        """Exchange a code for tokens, once; raises GrantRefused."""
        code = self.codes.get(code_value)
        if code is None or code.client_id != app.client_id or code.redirect_uri != redirect_uri:
            raise GrantRefused("code")
        if code.grant_id is not None:
            if self._switches().double_use_revokes:
                self.grants[code.grant_id].ended = "double use"
            raise GrantRefused("code used before")
        if self._clock.now() - code.issued_at > timedelta(seconds=CODE_SECONDS):
            raise GrantRefused("code expired")
        if self._switches().pkce == "checked" and not _fits(code.challenge, verifier):
            raise GrantRefused("code verifier")
        grant = self.open(app.client_id, code.user_id, code.realm_id, code.scopes)
        code.grant_id = grant.id
        return self._hand_out(grant), code

    def open(
        self, client_id: str, user_id: str, realm_id: str | None, scopes: tuple[str, ...]
    ) -> Grant:
        """Create a grant, for an exchanged code or for a consent without a browser."""
        now = self._clock.now()
        grant = Grant(
            id=len(self.grants) + 1,
            client_id=client_id,
            user_id=user_id,
            realm_id=realm_id,
            scopes=scopes,
            granted_at=now,
            refresh_token=self._refresh_value(now),
            rotated_at=now,
            used_at=now,
        )
        self.grants[grant.id] = grant
        self.by_refresh_token[grant.refresh_token] = grant.id
        return grant

    def tokens(self, grant: Grant) -> Tokens:
        """Return the first tokens of a grant that was created without a code."""
        return self._hand_out(grant)

    def refresh(self, app: App, value: str) -> Tokens:
        """Issue an access token and extend the grant; the refresh token rotates about daily."""
        now = self._clock.now()
        grant = self._refreshable(app, value, now)
        used_again = self._switches().same_day_refresh == "new_value"
        if value == grant.refresh_token and (now - grant.rotated_at >= ROTATION or used_again):
            grant.superseded[value] = now
            grant.refresh_token = self._refresh_value(now)
            grant.rotated_at = now
            self.by_refresh_token[grant.refresh_token] = grant.id
        grant.used_at = now
        return self._hand_out(grant)

    def _refreshable(self, app: App, value: str, now: datetime) -> Grant:
        grant = self.grants.get(self.by_refresh_token.get(value, 0))
        if grant is None or grant.client_id != app.client_id or grant.ended:
            raise GrantRefused("refresh token")
        if now >= self.refresh_end(grant) or now >= self.hard_end(grant):
            raise GrantRefused("refresh token expired")
        replaced_at = grant.superseded.get(value)
        if replaced_at is not None:
            switches = self._switches()
            lives = switches.superseded_refresh_token == "lives_24_hours"  # noqa: S105  a choice
            if not (lives and now - replaced_at < ROTATION):
                if switches.double_use_revokes:
                    grant.ended = "double use"
                raise GrantRefused("superseded refresh token")
        return grant

    def refresh_end(self, grant: Grant) -> datetime:
        """Return when the grant expires if it is not used."""
        return grant.used_at + timedelta(seconds=self._switches().refresh_token_seconds)

    def hard_end(self, grant: Grant) -> datetime:
        """Return when the grant expires even if it is used."""
        return grant.granted_at + timedelta(seconds=HARD_SECONDS)

    def revoke(self, app: App, value: str) -> bool:
        """End the grant of an access or refresh token; returns whether one was ended."""
        grant = self.grants.get(self.by_refresh_token.get(value, 0))
        if grant is None and (token := self.access_tokens.get(value)):
            grant = self.grants[token.grant_id]
        if grant is None or grant.client_id != app.client_id or grant.ended:
            return False
        grant.ended = "revoked"
        return True

    def disconnect(self, client_id: str, realm_id: str) -> int:
        """End an app's grants to a company, as its user can in QuickBooks; returns how many."""
        alive = [
            each
            for each in self.grants.values()
            if (each.client_id, each.realm_id, each.ended) == (client_id, realm_id, None)
        ]
        for grant in alive:
            grant.ended = "disconnected"
        return len(alive)

    def connected(self, client_id: str, realm_id: str) -> bool:
        """Return whether an app has a grant to a company that is neither ended nor expired."""
        now = self._clock.now()
        return any(
            (each.client_id, each.realm_id, each.ended) == (client_id, realm_id, None)
            and now < min(self.refresh_end(each), self.hard_end(each))
            for each in self.grants.values()
        )

    def bearer(self, value: str) -> AccessToken | None:
        """Return the access token with this value, expired or not."""
        return self.access_tokens.get(value)

    def _hand_out(self, grant: Grant) -> Tokens:
        now = self._clock.now()
        self._forget(now)
        value = self._access_value()
        expires_at = now + timedelta(seconds=ACCESS_SECONDS)
        self.access_tokens[value] = AccessToken(value, grant.id, expires_at)
        hard = self.hard_end(grant)
        return Tokens(
            access_token=value,
            refresh_token=grant.refresh_token,
            expires_in=ACCESS_SECONDS,
            refresh_expires_in=int((min(self.refresh_end(grant), hard) - now).total_seconds()),
            hard_expires_in=int((hard - now).total_seconds()),
            grant=grant,
        )

    def _forget(self, now: datetime) -> None:
        """Drop access tokens that expired over a day ago; they come first, in order of issue."""
        for value, token in list(self.access_tokens.items()):
            if now - token.expires_at < FORGOTTEN_AFTER:
                return
            del self.access_tokens[value]

    def _refresh_value(self, now: datetime) -> str:
        """Generate a value in Intuit's format: a prefix, the expiry in epoch seconds, letters."""
        end = int(now.timestamp()) + self._switches().refresh_token_seconds
        return f"AB11{end}{self._dice.letters('refresh', 36)}"

    def _access_value(self) -> str:
        """Generate a value in Intuit's format: an encrypted JWT in five parts, the second empty."""
        header = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwieC5vcmciOiJIMCJ9"
        letters = self._dice.letters("access", 22 + 420 + 22)
        return f"{header}..{letters[:22]}.{letters[22:442]}.{letters[442:]}"


def _fits(challenge: str | None, verifier: str) -> bool:
    """Return whether a PKCE verifier matches the challenge; both may be absent."""
    if challenge is None:
        return not verifier
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
