"""Signing keys: made, sealed at rest and opened again (RFC 7517, RFC 7638 for the `kid`)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey, import_key

from watchword.core.models.grants import SigningKey
from watchword.core.models.identity import EMPTY
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
    """A private (or symmetric) key that signs under exactly one algorithm."""

    kid: str
    algorithm: str
    key: Key = field(repr=False)


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


def _public_jwk(key: Key, kid: str, algorithm: str) -> Mapping[str, object]:
    if isinstance(key, OctKey):
        return EMPTY
    return MappingProxyType({**key.as_dict(private=False), "kid": kid, "alg": algorithm, "use": "sig"})
