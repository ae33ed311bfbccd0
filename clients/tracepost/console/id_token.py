"""What a provider signs of who sat there (OpenID Connect Core 1.0, 3.1.3.7): believed as a whole, or not at all.

Only signatures by one of the provider's own public keys count; a token without one, or with a secret that both sides
know, is refused before anything of it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey
from joserfc.jws import JWSRegistry

from tracepost.locale.words import later as _
from tracepost.protocol.errors import IdentityError

ALGORITHMS: Final = ("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512")
_TOKEN_SIGNS: Final = 16 * 1024
_SUBJECT_SIGNS: Final = 255
_RSA_BITS: Final = 2048
_SKEW_S: Final = 60
"""How far two clocks may differ."""
_FAR_S: Final = 1e12
"""Beyond any time; so is what is no number."""
_AGE_S: Final = 600
"""How old a token may be that was made for us just now."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a token must say.

    `signed_in_since`: the earliest second (Unix) at which the officer proved himself to the provider; `acr_values`: of
    which one must be told, if there are any.
    """

    issuer: str
    client_id: str
    nonce: str
    signed_in_since: int
    acr_values: tuple[str, ...]


def read_subject(token: str, keys: list[Any], wanted: Wanted, now: float) -> str:
    """Return whose account a token names.

    Args:
        token: as it came from the provider, nothing checked.
        keys: what its `jwks_uri` gave (RFC 7517).
        wanted: what it must say.
        now: Unix time in seconds.

    Raises:
        IdentityError: it is not signed by the provider, not for us, not for this sign-in, too old, or says another
            way to prove oneself than is wanted; `reason` tells which.
    """
    claims = _verified(token, keys)
    _require(claims.get("iss") == wanted.issuer, "issuer")
    _require(claims.get("aud") in (wanted.client_id, [wanted.client_id]), "audience")
    _require(claims.get("azp", wanted.client_id) == wanted.client_id, "authorized-party")
    _require(claims.get("nonce") == wanted.nonce, "nonce")
    _require(now - _SKEW_S < _time(claims, "exp"), "expired")
    _require(now - _AGE_S <= _time(claims, "iat") <= now + _SKEW_S, "issued-at")
    _require("nbf" not in claims or _time(claims, "nbf") <= now + _SKEW_S, "not-before")
    _require(wanted.signed_in_since - _SKEW_S <= _time(claims, "auth_time") <= now + _SKEW_S, "auth-time")
    _require(not wanted.acr_values or claims.get("acr") in wanted.acr_values, "acr")
    return _subject(claims)


def refused(reason: str) -> IdentityError:
    """Return why nobody is let in: a code for the log, and words that tell nothing of the token."""
    return IdentityError(
        _("the provider's answer does not prove who you are"),
        where="account",
        reason=reason,
        remedy=_(
            "Begin again. If it stays so, sign in with your certificate and tell your operator the time."
        ),
    )


def _verified(token: str, keys: list[Any]) -> dict[str, Any]:
    _require(len(token) <= _TOKEN_SIGNS, "token-size")
    try:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        return jwt.decode(token, lambda signed: _key_of(signed.headers(), keys), registry=registry).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        # What it says of the fault may quote the token.
        raise refused("signature") from None


def _key_of(head: dict[str, Any], keys: list[Any]) -> ECKey | RSAKey:
    """Return the one public key that a token can have been signed with; a token that leaves a choice is refused."""
    named = head.get("kid")
    fitting = [
        one
        for one in keys
        if isinstance(one, dict)
        and one.get("kty") in ("EC", "RSA")
        and one.get("use", "sig") == "sig"
        and one.get("alg", head.get("alg")) == head.get("alg")
        and (named is None or one.get("kid") == named)
    ]
    _require(len(fitting) == 1, "signing-key")
    key = JWKRegistry.import_key({name: fitting[0][name] for name in _PUBLIC if name in fitting[0]})
    _require(isinstance(key, ECKey | RSAKey), "signing-key")
    assert isinstance(key, ECKey | RSAKey)
    _require(not isinstance(key, RSAKey) or key.public_key.key_size >= _RSA_BITS, "signing-key")
    return key


_PUBLIC: Final = ("kty", "crv", "x", "y", "n", "e")


def _subject(claims: dict[str, Any]) -> str:
    subject = claims.get("sub")
    _require(isinstance(subject, str) and 0 < len(subject) <= _SUBJECT_SIGNS, "subject")
    _require(str(subject).isprintable(), "subject")
    return str(subject)


def _time(claims: dict[str, Any], name: str) -> float:
    told = claims.get(name)
    _require(isinstance(told, int | float) and not isinstance(told, bool), f"{name}-missing")
    assert isinstance(told, int | float)
    _require(abs(told) < _FAR_S, name)
    return float(told)


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise refused(reason)
