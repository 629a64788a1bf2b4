"""The signature algorithms (RFC 7518 section 3, RFC 8037, RFC 9864) and what each asks of its key, as one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from joserfc.errors import UnsupportedAlgorithmError
from joserfc.jwa import JWS_ALGORITHMS, EdDSAAlgorithm, JWSAlgModel
from joserfc.jws import JWSRegistry
from joserfc.registry import Header


class _EdDSA(EdDSAAlgorithm):
    # RFC 9864 deprecates the name, not the signature; most issuers and libraries still write it. `jwk.py` and
    # `keyring.py` allow Ed25519 keys alone under it, so it is not ambiguous here.
    security_warning = ""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What an algorithm asks of its key: the JWK key type, the curve if any, the least bytes of an HMAC key."""

    name: str
    kty: str
    crv: str | None = None
    min_bytes: int = 0


ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {
        algorithm.name: algorithm
        for algorithm in (
            Algorithm("HS256", "oct", min_bytes=32),
            Algorithm("HS384", "oct", min_bytes=48),
            Algorithm("HS512", "oct", min_bytes=64),
            Algorithm("RS256", "RSA"),
            Algorithm("RS384", "RSA"),
            Algorithm("RS512", "RSA"),
            Algorithm("PS256", "RSA"),
            Algorithm("PS384", "RSA"),
            Algorithm("PS512", "RSA"),
            Algorithm("ES256", "EC", "P-256"),
            Algorithm("ES384", "EC", "P-384"),
            Algorithm("ES512", "EC", "P-521"),
            Algorithm("EdDSA", "OKP", "Ed25519"),
            Algorithm("Ed25519", "OKP", "Ed25519"),
        )
    }
)
"""Every algorithm that a key may have for verifying."""

SIGNING_ALGORITHMS = ("HS256", "RS256", "PS256", "ES256", "EdDSA")
"""The algorithms we sign with ourselves."""

DERIVED: Mapping[tuple[str, str | None], str] = MappingProxyType(
    {
        ("RSA", None): "RS256",
        ("EC", "P-256"): "ES256",
        ("EC", "P-384"): "ES384",
        ("EC", "P-521"): "ES512",
        ("OKP", "Ed25519"): "EdDSA",
    }
)
"""The algorithm of a JWK without `alg`, by key type and curve. An RSA key without one is for RS256, and that only."""


class _Registry(JWSRegistry):
    """joserfc's registry, held to our table. Sizes are ours: `compact.py` has checked them before."""

    max_header_length = 4 * 1024
    max_payload_length = 64 * 1024
    max_signature_length = 4 * 1024

    def __init__(self) -> None:
        super().__init__(algorithms=tuple(ALGORITHMS))
        models: dict[str, JWSAlgModel] = {model.name: model for model in JWS_ALGORITHMS if model.name in ALGORITHMS}
        self._models = {**models, "EdDSA": _EdDSA()}

    def check_header(self, header: Header) -> None:
        """Nothing is left to check: `compact.py` read the header by an allow-list, or we wrote it ourselves."""

    def get_alg(self, name: str) -> JWSAlgModel:
        """Return the algorithm, without the warning joserfc gives for the name EdDSA."""
        try:
            return self._models[name]
        except KeyError:
            raise UnsupportedAlgorithmError(f"algorithm {name!r} is not offered") from None


REGISTRY = _Registry()
"""What joserfc signs and verifies with. It never changes."""
