"""OpenID Connect identity: id_tokens, the RSA key that signs them, and userinfo.

The key is derived from the seed, so that equal runs sign equal tokens and no file holds a key.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from hashlib import shake_256
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from quickbooks_emulator.sign_in.apps import User
    from quickbooks_emulator.sign_in.grants import Grant

ISSUER = "https://oauth.platform.intuit.com/op/v1"
"""An identifier, not an address: clients compare it with this literal."""
KEY_ID = "r4p5SbL2qaFehFzhj8gI"
PUBLIC_EXPONENT = 65537
PRIME_BITS = 1024
SMALL_PRIMES = tuple(n for n in range(3, 2000) if all(n % d for d in range(2, int(n**0.5) + 1)))


def id_token(seed: int, grant: Grant, *, now: datetime, expires_in: int, nonce: str | None) -> str:
    """Return a signed id_token that names the user, the app and the company of a grant."""
    import jwt  # noqa: PLC0415  cryptography is slow to import and rarely needed

    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "sub": grant.user_id,
        "aud": [grant.client_id],
        "iss": ISSUER,
        "exp": issued + expires_in,
        "iat": issued,
        "auth_time": issued,
    }
    if grant.realm_id:
        claims["realmid"] = grant.realm_id
    if nonce:
        claims["nonce"] = nonce
    return jwt.encode(claims, _key(seed), algorithm="RS256", headers={"kid": KEY_ID})


def key_set(seed: int) -> dict[str, Any]:
    """Return the JSON Web Key Set with which clients verify id_tokens."""
    numbers = _key(seed).public_key().public_numbers()
    key = {
        "kty": "RSA",
        "e": _base64url(numbers.e),
        "use": "sig",
        "kid": KEY_ID,
        "alg": "RS256",
        "n": _base64url(numbers.n),
    }
    return {"keys": [key]}


def user_info(user: User, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return the userinfo claims of a user that these scopes allow."""
    told: dict[str, Any] = {"sub": user.id}
    if "email" in scopes:
        told |= {"email": user.email, "emailVerified": True}
    if "profile" in scopes:
        told |= {"givenName": user.given_name, "familyName": user.family_name}
    if "phone" in scopes:
        told |= {"phoneNumber": user.phone, "phoneNumberVerified": True}
    if "address" in scopes:
        told["address"] = {
            "streetAddress": user.address.street,
            "locality": user.address.city,
            "region": user.address.region,
            "postalCode": user.address.postal_code,
            "country": user.address.country,
        }
    return told


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@lru_cache(maxsize=16)
def _key(seed: int) -> RSAPrivateKey:
    """Derive a 2,048-bit key from the seed."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415  see id_token

    p, q = _prime(f"{seed}/signing key/p"), _prime(f"{seed}/signing key/q")
    d = pow(PUBLIC_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(PUBLIC_EXPONENT, p * q)
    private = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return private.private_key()


def _prime(purpose: str) -> int:
    """Return the first suitable prime among numbers that are hashes of a purpose."""
    for attempt in count():
        drawn = shake_256(f"{purpose}/{attempt}".encode()).digest(PRIME_BITS // 8)
        # The two highest bits make the product long enough, the lowest makes it odd.
        candidate = int.from_bytes(drawn, "big") | (3 << (PRIME_BITS - 2)) | 1
        if candidate % PUBLIC_EXPONENT != 1 and _is_prime(candidate):
            return candidate
    raise AssertionError("numbers do not end")


def _is_prime(candidate: int) -> bool:
    """Test primality by Fermat's test to four bases, which is enough for random numbers."""
    if any(candidate % small == 0 for small in SMALL_PRIMES):
        return False
    return all(pow(base, candidate - 1, candidate) == 1 for base in (2, 3, 5, 7))
