"""Validate the JWTs of one issuer: signature, algorithm, audience and validity period.

Keys are fetched at most every five minutes (ten seconds after a failure), so that made-up key ids
cannot make us flood the issuer. While it does not respond, the last keys are used for a day; after
that no token is accepted.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

import jwt

from cleo_accounting.errors import Misconfigured, Unavailable
from cleo_accounting.platform import strict

if TYPE_CHECKING:
    from datetime import datetime

    from cleo_accounting.core.clock import Clock
    from cleo_accounting.flows import Trust

REFRESH_AFTER = timedelta(minutes=5)
RETRY_AFTER = timedelta(seconds=10)  # after a fetch that failed
STALE_AFTER = timedelta(hours=24)
TOKEN_LENGTH_MAX = 8_000
_LEEWAY_SECONDS = 60
_KEYS_MAX = 100
_TYPES = ("jwt", "at+jwt", "application/at+jwt")
_ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")


class Issuer:
    """The trusted issuer of JWTs, with its keys as last fetched."""

    def __init__(self, trust: Trust, clock: Clock) -> None:
        unknown = set(trust.algorithms) - set(_ASYMMETRIC)
        if unknown or not trust.audience:
            raise Misconfigured(
                "CLEO_JWT_ISSUER needs CLEO_JWT_AUDIENCE, CLEO_JWT_JWKS_URL and, in"
                f" CLEO_JWT_ALGORITHMS, some of {', '.join(_ASYMMETRIC)}"
            )
        self._trust = trust
        self._clock = clock
        self._asking = Lock()  # held while the keys are fetched, by one request at a time
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: datetime | None = None
        self._ask_at: datetime | None = None  # when the keys may be fetched again

    def claims(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of a token, or None if the token is not valid.

        Raises:
            Unavailable: the issuer's keys are not known yet; they are being fetched.
        """
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
        somebody = isinstance(claims["sub"], str) and claims["sub"].strip()
        return claims if ours_alone and somebody and self._in_time(claims) else None

    def _in_time(self, claims: Mapping[str, Any]) -> bool:
        """Return whether a token is valid now, by our clock, and not longer-lived than allowed."""
        now = self._clock.now().timestamp()
        moments = [claims["exp"], claims["iat"], claims.get("nbf", claims["iat"])]
        if not all(type(one) in (int, float) for one in moments):
            return False
        ends, *begins = moments
        if ends - claims["iat"] > self._trust.life_max.total_seconds():
            return False
        return bool(ends + _LEEWAY_SECONDS > now and max(begins) - _LEEWAY_SECONDS <= now)

    def _key_of(self, token: str) -> jwt.PyJWK | None:
        """Return the key that a well-formed token names; None if there is none."""
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
        if self._ask_at is None or now >= self._ask_at:
            self._refresh(now)
        if self._fetched_at is None and self._asking.locked():
            until = now + timedelta(seconds=1)
            raise Unavailable("The keys of the token's issuer are being fetched.", until)
        if self._fetched_at is None or now - self._fetched_at > STALE_AFTER:
            return None
        return self._keys.get(kid)

    def _refresh(self, now: datetime) -> None:
        """Fetch the keys, unless another request already does: no other waits for the issuer."""
        if not self._asking.acquire(blocking=False):
            return
        try:
            self._ask_at = now + RETRY_AFTER
            found = _usable(self._trust.read_keys())
            if found:
                self._keys, self._fetched_at = found, now
                self._ask_at = now + REFRESH_AFTER
        except ValueError:
            return  # the last keys stay valid for a while
        finally:
            self._asking.release()


def _usable(answer: object) -> dict[str, jwt.PyJWK]:
    """Return the public keys of a key set by their ids, without those that we cannot use."""
    listed = answer.get("keys") if isinstance(answer, Mapping) else None
    found: dict[str, jwt.PyJWK] = {}
    for one in listed[:_KEYS_MAX] if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("kty") != "oct" and one.get("use") != "enc":
            try:
                found[str(one.get("kid"))] = jwt.PyJWK.from_dict(one)
            except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
                continue  # malformed in a way that only the library detects, or of an unknown type
    return found


def _segment(token: str, at: int) -> Mapping[str, Any] | None:
    """Decode a part of a token as strict JSON, which rejects duplicate names."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004  header, claims, signature
        return None
    try:
        data = base64.urlsafe_b64decode(parts[at] + "=" * (-len(parts[at]) % 4))
        value = strict.parse(data)
    except (binascii.Error, ValueError):
        return None
    return value if isinstance(value, dict) else None
