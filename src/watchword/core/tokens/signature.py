"""The signature of a compact JWS (RFC 7515 section 5): by joserfc, under the one algorithm that the key has."""

from joserfc.errors import JoseError
from joserfc.jws import CompactSignature, validate_compact

from watchword.core.errors import InvalidToken
from watchword.core.tokens.algorithms import REGISTRY
from watchword.core.tokens.compact import CompactToken
from watchword.core.tokens.jwk import VerificationKey


def check_signature(token: CompactToken, key: VerificationKey) -> bytes:
    """Return the payload of a token whose signature is good.

    joserfc is given the header we parsed, so that no second reading of it exists.

    Raises:
        InvalidToken: the header names another algorithm than the key's, or the signature is wrong.
    """
    if token.algorithm != key.algorithm:
        raise InvalidToken(hint="the algorithm is not that of the key")
    signed = CompactSignature(dict(token.header), token.payload)
    header, payload, signature = token.segments
    signed.segments.update({"header": header, "payload": payload, "signature": signature})
    try:
        good = validate_compact(signed, key.key, registry=REGISTRY)
    except (JoseError, ValueError) as error:
        raise InvalidToken(hint=f"signature not checked: {type(error).__name__}") from None
    if not good:
        raise InvalidToken(hint="wrong signature")
    return token.payload
