"""Believe the signed tokens (JWT) of one issuer: its keys, its algorithms, this audience, now.

Keys are asked for at most every five minutes, so that made-up key ids cannot make us hammer the
issuer; while it does not answer, the keys last seen hold for a day, then nothing does.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpx2
import jwt

from cleo_accounting.errors import Misconfigured
from cleo_accounting.platform import strict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cleo_accounting.core.clock import Clock
    from cleo_accounting.flows import Trust

REFRESH_AFTER = timedelta(minutes=5)
STALE_AFTER = timedelta(hours=24)
TOKEN_LENGTH_MAX = 8_000
_LEEWAY_SECONDS = 60
_KEYS_BYTES_MAX = 1_000_000
_TYPES = ("jwt", "at+jwt", "application/at+jwt")
_ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")


class Issuer:
    """One issuer whose tokens we believe, and its keys as last seen."""

    def __init__(
        self, trust: Trust, clock: Clock, fetch: Callable[[str], object] | None = None
    ) -> None:
        unknown = set(trust.algorithms) - set(_ASYMMETRIC)
        if unknown or not (trust.audience and trust.keys_url):
            raise Misconfigured(
                "CLEO_JWT_ISSUER needs CLEO_JWT_AUDIENCE, CLEO_JWT_JWKS_URL and, in"
                f" CLEO_JWT_ALGORITHMS, some of {', '.join(_ASYMMETRIC)}"
            )
        self._trust = trust
        self._clock = clock
        self._fetch = fetch or fetch_json
        self._lock = Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: datetime | None = None
        self._asked_at: datetime | None = None

    def claims(self, token: str) -> Mapping[str, Any] | None:
        """Give what a token says, if it is to be believed."""
        key = self._key_of(token)
        if key is None:
            return None
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(self._trust.algorithms),
                issuer=self._trust.issuer,
                audience=self._trust.audience,
                options={
                    "require": ["exp", "iat", "iss", "aud", "sub"],
                    "verify_exp": False,  # by our own clock, below
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError:
            return None
        ours_alone = claims["aud"] in (self._trust.audience, [self._trust.audience])
        return claims if ours_alone and self._in_time(claims) else None

    def _in_time(self, claims: Mapping[str, Any]) -> bool:
        """Whether a token holds now, by our own clock."""
        now = self._clock.now().timestamp()
        moments = [claims["exp"], claims["iat"], claims.get("nbf", claims["iat"])]
        if not all(type(one) in (int, float) for one in moments):
            return False
        ends, *begins = moments
        return bool(ends + _LEEWAY_SECONDS > now and max(begins) - _LEEWAY_SECONDS <= now)

    def _key_of(self, token: str) -> jwt.PyJWK | None:
        """Give the key that a well-formed token says it is signed with."""
        header = _segment(token, 0) if len(token) <= TOKEN_LENGTH_MAX else None
        if header is None or _segment(token, 1) is None:
            return None
        kid = header.get("kid")
        fits = (
            isinstance(kid, str)
            and str(header.get("typ", "JWT")).lower() in _TYPES
            and header.get("alg") in self._trust.algorithms
        )
        return self._key(str(kid)) if fits else None

    def _key(self, kid: str) -> jwt.PyJWK | None:
        now = self._clock.now()
        with self._lock:
            if self._asked_at is None or now - self._asked_at >= REFRESH_AFTER:
                self._asked_at = now
                self._refresh(now)
            if self._fetched_at is None or now - self._fetched_at > STALE_AFTER:
                return None
            return self._keys.get(kid)

    def _refresh(self, now: datetime) -> None:
        try:
            answer = self._fetch(self._trust.keys_url)
        except (httpx2.HTTPError, ValueError):
            return  # the keys last seen hold for a while
        listed = answer.get("keys") if isinstance(answer, Mapping) else None
        if not isinstance(listed, list):
            return
        found: dict[str, jwt.PyJWK] = {}
        for one in listed:
            if isinstance(one, dict) and one.get("kty") != "oct" and one.get("use") != "enc":
                try:
                    found[str(one.get("kid"))] = jwt.PyJWK.from_dict(one)
                except jwt.PyJWTError:
                    continue  # a key of a sort that we do not know is no use to us
        if found:
            self._keys, self._fetched_at = found, now


def fetch_json(url: str) -> object:
    """Read a JSON document from its own address and no other."""
    with httpx2.Client(timeout=5.0, follow_redirects=False) as client:
        answer = client.get(url)
        answer.raise_for_status()
        if len(answer.content) > _KEYS_BYTES_MAX:
            raise ValueError("too large")
        return answer.json()


def _segment(token: str, at: int) -> Mapping[str, Any] | None:
    """Read a part of a token as strictly as any other JSON: a name twice is nobody's claim."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004  header, claims, signature
        return None
    try:
        data = base64.urlsafe_b64decode(parts[at] + "=" * (-len(parts[at]) % 4))
        value = strict.parse(data)
    except (binascii.Error, ValueError):
        return None
    return value if isinstance(value, dict) else None
