"""The signature of a compact JWS (RFC 7515 section 5), under the one algorithm that the key has."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key

from watchword.core.errors import InvalidToken
from watchword.core.tokens.algorithms import REGISTRY
from watchword.core.tokens.compact import CompactToken
from watchword.core.tokens.jwk import VerificationKey


def check_signature(token: CompactToken, key: VerificationKey) -> bytes:
    """Return the payload of a token whose signature is good.

    The signature is checked over the very octets that were parsed, so that no second reading of them exists.

    Raises:
        InvalidToken: the header names another algorithm than the key's, or the signature is wrong.
    """
    if token.algorithm != key.algorithm:
        raise InvalidToken(hint="the algorithm is not that of the key")
    is_good = _CHECKS.get(key.algorithm, _is_good)
    try:
        good = is_good(token, key.algorithm, key.key)
    except (JoseError, ValueError) as error:
        raise InvalidToken(hint=f"signature not checked: {type(error).__name__}") from None
    if not good:
        raise InvalidToken(hint="wrong signature")
    return token.payload


def _is_good(token: CompactToken, algorithm: str, key: Key) -> bool:
    """Ask joserfc. Raises JoseError for a key that is not one for this algorithm."""
    model = REGISTRY.get_alg(algorithm)
    model.check_key(key)
    return model.verify(token.signed, token.signature, key)


def _is_good_es256(token: CompactToken, algorithm: str, key: Key) -> bool:
    """Check a signature of RFC 7518 section 3.4: two numbers of 32 octets each, which cryptography wants as DER."""
    if not isinstance(key, ECKey) or not isinstance(key.raw_value.curve, SECP256R1):
        return _is_good(token, algorithm, key)
    signature = token.signature
    if len(signature) != _ES256_OCTETS:
        return False
    der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    try:
        key.public_key.verify(der, token.signed, _ES256)
    except InvalidSignature:
        return False
    return True


_ES256 = ECDSA(SHA256())
_ES256_OCTETS = 64
_CHECKS: Mapping[str, Callable[[CompactToken, str, Key], bool]] = MappingProxyType({"ES256": _is_good_es256})
"""Every first sight of a token takes the default algorithm's way, so it is the shortest there is."""
