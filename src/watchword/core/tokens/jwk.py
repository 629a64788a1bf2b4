"""Strict loading of JSON Web Keys and key sets for verification (RFC 7517, RFC 8725 section 3.1).

The algorithm is the key's: from `alg`, else derived where the key type leaves one choice. An RSA key without `alg` is
for RS256.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from watchword.core.tokens import base64url
from watchword.core.tokens.algorithms import ALGORITHMS, DERIVED, Algorithm
from watchword.core.tokens.weak_keys import is_roca, is_weak_point

MAX_KEYS = 100
_MAX_KID = 256
_RSA_BITS = range(2048, 8192 + 1)
_MAX_EXPONENT_BITS = 64
_ALIASES = MappingProxyType({"ES521": "ES512"})
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})
_KEY_MATERIAL = (b"-----BEGIN ", b"---- BEGIN ", b"ssh-", b"ecdsa-sha2-")


class InvalidKeySet(Exception):
    """A key or a key set that must not be used; the message says why, for the log. Never holds key material."""


class UnusableKey(InvalidKeySet):
    """A key that is of another use, type or algorithm, too weak, or malformed. A published set may hold such."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A key that verifies signatures of exactly one algorithm."""

    kid: str
    algorithm: str
    key: Key = field(repr=False)


def load_jwk(document: Mapping[str, Any]) -> VerificationKey:
    """Load one JWK. Without `kid` its RFC 7638 thumbprint stands in.

    Raises:
        TypeError: `document` is not a mapping. No key is ever taken as text.
        UnusableKey: its `use`, `key_ops`, type, curve, algorithm or size is not for verifying signatures here, or it
            is malformed.
        InvalidKeySet: it is private.
    """
    if not isinstance(document, Mapping):
        raise TypeError("a key is a mapping (a JWK), never text")
    if _PRIVATE & document.keys():
        raise InvalidKeySet("a private key stands where a public key is expected")
    algorithm = _check_purpose(document)
    try:
        key = _LOADERS[algorithm.kty](document, algorithm)
        return VerificationKey(_check_kid(document.get("kid", key.thumbprint())), algorithm.name, key)
    except (ValueError, TypeError, KeyError, JoseError, UnsupportedAlgorithm) as error:
        raise UnusableKey(f"malformed key: {type(error).__name__}") from None


def load_jwks(document: Mapping[str, Any]) -> tuple[VerificationKey, ...]:
    """Load a key set of which every key must be good.

    Raises:
        TypeError: `document` is not a mapping.
        InvalidKeySet: any key is not good, two share a `kid`, symmetric and public keys are mixed, or there is none.
    """
    return _check_set(load_jwk(entry) for entry in _entries(document))


def load_remote_jwks(document: Mapping[str, Any]) -> tuple[VerificationKey, ...]:
    """Load a published key set, leaving out keys that we cannot use (RFC 7517 section 5), such as `use: enc`.

    Raises:
        TypeError: `document` is not a mapping.
        InvalidKeySet: it holds a symmetric or private key, two usable ones share a `kid`, or none is usable.
    """
    keys = []
    for entry in _entries(document):
        if entry.get("kty") == "oct":
            raise InvalidKeySet("a published key set holds a symmetric key")
        try:
            keys.append(load_jwk(entry))
        except UnusableKey:
            continue
    return _check_set(keys)


def find_key(keys: Sequence[VerificationKey], kid: str | None, algorithm: str) -> VerificationKey | None:
    """Return the key named `kid`; without a `kid`, the only key of that algorithm, or None if there are several."""
    if kid is not None:
        return next((key for key in keys if key.kid == kid), None)
    fitting = [key for key in keys if key.algorithm == algorithm]
    return fitting[0] if len(fitting) == 1 else None


def _entries(document: Mapping[str, Any]) -> list[Any]:
    if not isinstance(document, Mapping):
        raise TypeError("a key set is a mapping (a JWK Set), never text")
    entries = document.get("keys")
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise InvalidKeySet("`keys` is not a list of objects")
    if len(entries) > MAX_KEYS:
        raise InvalidKeySet("too many keys")
    return entries


def _check_set(keys: Iterable[VerificationKey]) -> tuple[VerificationKey, ...]:
    loaded = tuple(keys)
    if not loaded:
        raise InvalidKeySet("no usable key")
    if len({key.kid for key in loaded}) != len(loaded):
        raise InvalidKeySet("two keys share a kid")
    if len({isinstance(key.key, OctKey) for key in loaded}) > 1:
        raise InvalidKeySet("symmetric and public keys in one set")
    return loaded


def _check_purpose(document: Mapping[str, Any]) -> Algorithm:
    if document.get("use", "sig") != "sig":
        raise UnusableKey("`use` is not sig")
    operations = document.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise UnusableKey("`key_ops` does not hold verify")
    kty, crv = document.get("kty"), document.get("crv")
    if not isinstance(kty, str) or not isinstance(crv, str | None):
        raise UnusableKey("`kty` or `crv` is not a string")
    name = document.get("alg", DERIVED.get((kty, crv)))
    algorithm = ALGORITHMS.get(_ALIASES.get(name, name)) if isinstance(name, str) else None
    if algorithm is None or (algorithm.kty, algorithm.crv) != (kty, crv):
        raise UnusableKey("no signature algorithm for this key type and curve")
    return algorithm


def _check_kid(kid: object) -> str:
    if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_KID:
        raise UnusableKey("`kid` is not a short string")
    return kid


def _decode(document: Mapping[str, Any], member: str) -> bytes:
    text = document[member]
    if not isinstance(text, str):
        raise UnusableKey(f"`{member}` is not a string")
    return base64url.decode(text)


def _load_oct(document: Mapping[str, Any], algorithm: Algorithm) -> Key:
    secret = _decode(document, "k")
    if len(secret) < algorithm.min_bytes:
        raise UnusableKey("an HMAC key is shorter than its hash")
    if any(marker in secret for marker in _KEY_MATERIAL):
        raise UnusableKey("a public key stands where a secret is expected")
    return OctKey.import_key(secret)


def _load_rsa(document: Mapping[str, Any], _: Algorithm) -> Key:
    modulus, exponent = (int.from_bytes(_decode(document, member)) for member in ("n", "e"))
    if modulus.bit_length() not in _RSA_BITS or is_roca(modulus):
        raise UnusableKey("an RSA key is too small, too large or from a flawed generator")
    if exponent.bit_length() > _MAX_EXPONENT_BITS:  # dear to compute with; cryptography refuses 1 and even ones
        raise UnusableKey("an RSA exponent is too large")
    return RSAKey.import_key({"kty": "RSA", "n": document["n"], "e": document["e"]})


def _load_ec(document: Mapping[str, Any], _: Algorithm) -> Key:
    return ECKey.import_key({"kty": "EC", **{member: document[member] for member in ("crv", "x", "y")}})


def _load_okp(document: Mapping[str, Any], _: Algorithm) -> Key:
    if is_weak_point(_decode(document, "x")):
        raise UnusableKey("an Ed25519 key is of small order")
    return OKPKey.import_key({"kty": "OKP", "crv": document["crv"], "x": document["x"]})


_LOADERS: Mapping[str, Callable[[Mapping[str, Any], Algorithm], Key]] = MappingProxyType(
    {"oct": _load_oct, "RSA": _load_rsa, "EC": _load_ec, "OKP": _load_okp}
)
