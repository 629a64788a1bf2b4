"""Signing keys: made, sealed at rest and opened again (RFC 7517, RFC 7638 for the `kid`)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey, import_key

from watchword.core.models.grants import SigningKey
from watchword.core.models.identity import EMPTY
from watchword.core.tokens import base64url
from watchword.core.tokens.algorithms import REGISTRY
from watchword.core.tokens.secrets import Secrets

_PURPOSE = "signing-key"
_GENERATORS: Mapping[str, Callable[[], Key]] = MappingProxyType(
    {
        "HS256": lambda: OctKey.generate_key(256),
        "RS256": lambda: RSAKey.generate_key(2048),
        "PS256": lambda: RSAKey.generate_key(2048),
        "ES256": lambda: ECKey.generate_key("P-256"),
        "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
    }
)


@dataclass(frozen=True, slots=True)
class SigningMaterial:
    """A private (or symmetric) key that signs under exactly one algorithm.

    Raises:
        JoseError: the key is not one for this algorithm.
    """

    kid: str
    algorithm: str
    key: Key = field(repr=False)

    def __post_init__(self) -> None:
        REGISTRY.get_alg(self.algorithm).check_key(self.key)

    def sign(self, payload: bytes, *, typ: str) -> str:
        """Return the compact JWS of a payload (RFC 7515 section 7.1), its header exactly `alg`, `kid` and `typ`.

        The form around the signature is put together here, and a key's header is encoded once: a general serializer
        takes longer for that than the signature does.
        """
        signed = f"{_header_segment(self.algorithm, self.kid, typ)}.{base64url.encode(payload)}"
        signer = _SIGNERS.get(self.algorithm, _sign)
        return f"{signed}.{base64url.encode(signer(signed.encode(), self.algorithm, self.key))}"


def new_signing_key(
    algorithm: str, *, generation: int, now: datetime, signs_from: datetime, secrets: Secrets
) -> SigningKey:
    """Return a new random key with its private part sealed. An RSA one takes about a tenth of a second to find.

    Args:
        algorithm: HS256, RS256, PS256, ES256 or EdDSA.
        generation: one more than that of the newest key; the first is 1.
        now: becomes `created_at`.
        signs_from: when it takes over.
        secrets: what seals the private key.

    Raises:
        ValueError: we do not sign with this algorithm.
    """
    if algorithm not in _GENERATORS:
        raise ValueError(f"we do not sign with {algorithm}")
    key = _GENERATORS[algorithm]()
    kid = key.thumbprint()
    private = json.dumps(key.as_dict(private=True)).encode()
    return SigningKey(
        kid=kid,
        algorithm=algorithm,
        generation=generation,
        sealed_private_jwk=secrets.seal(private, purpose=_PURPOSE),
        created_at=now,
        signs_from=signs_from,
        public_jwk=_public_jwk(key, kid, algorithm),
    )


def unseal_signing_key(row: SigningKey, secrets: Secrets) -> SigningMaterial:
    """Return the key of a row, ready to sign.

    Raises:
        SealBroken: none of the secrets opens it.
    """
    document = json.loads(secrets.open(row.sealed_private_jwk, purpose=_PURPOSE))
    return SigningMaterial(row.kid, row.algorithm, import_key(document))


def _sign(message: bytes, algorithm: str, key: Key) -> bytes:
    """Return the signature, by joserfc."""
    return REGISTRY.get_alg(algorithm).sign(message, key)


def _sign_es256(message: bytes, _algorithm: str, key: Key) -> bytes:
    """Return the signature of RFC 7518 section 3.4: both numbers as 32 bytes each, from the DER of cryptography."""
    private: Any = key.raw_value
    r, s = decode_dss_signature(private.sign(message, _ES256))
    return r.to_bytes(32) + s.to_bytes(32)


_ES256 = ECDSA(SHA256())
_SIGNERS: Mapping[str, Callable[[bytes, str, Key], bytes]] = MappingProxyType({"ES256": _sign_es256})
"""The default algorithm signs for every token, so its way is the shortest there is; the others take joserfc's."""


@lru_cache(maxsize=64)
def _header_segment(algorithm: str, kid: str, typ: str) -> str:
    return base64url.encode(json.dumps({"alg": algorithm, "kid": kid, "typ": typ}, separators=(",", ":")).encode())


def _public_jwk(key: Key, kid: str, algorithm: str) -> Mapping[str, object]:
    if isinstance(key, OctKey):
        return EMPTY
    return MappingProxyType({**key.as_dict(private=False), "kid": kid, "alg": algorithm, "use": "sig"})
