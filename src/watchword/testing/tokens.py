"""Access tokens of an issuer that exists only in tests, and the fetcher that knows its keys."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from watchword.core.ids import new_id
from watchword.core.tokens.algorithms import REGISTRY
from watchword.flows.clock import SystemClock
from watchword.ports.outside import Clock, Fetched, FetchFailed

_RSA_BITS = 2048
_KEYS: Mapping[str, Callable[[], ECKey | RSAKey | OKPKey]] = {
    "ES256": lambda: ECKey.generate_key("P-256"),
    "RS256": lambda: RSAKey.generate_key(_RSA_BITS),
    "PS256": lambda: RSAKey.generate_key(_RSA_BITS),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
}
_DISCOVERY = "/.well-known/openid-configuration"


class TokenFactory:
    """An issuer in memory: signs tokens, and answers for its metadata and keys without a network.

        factory = TokenFactory(issuer="https://issuer.example", audience="https://api.example")
        auth = Auth.remote(issuer=factory.issuer, audience=factory.audience, fetcher=factory.fetcher)
        headers = {"Authorization": f"Bearer {factory.token('ada', scopes=['items:read'])}"}

    Args:
        issuer: the issuer's URL.
        audience: the `aud` of its tokens.
        algorithm: ES256, RS256, PS256 or EdDSA.
        clock: the time; share it with `Auth.remote(clock=...)` when tests move it.

    Raises:
        KeyError: for another algorithm.
    """

    def __init__(self, *, issuer: str, audience: str, algorithm: str = "ES256", clock: Clock | None = None) -> None:
        self.issuer = issuer
        self.audience = audience
        self.algorithm = algorithm
        self.clock = clock or SystemClock()
        self.fetcher = IssuerFetcher(issuer)
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish it alone."""
        self._key = _KEYS[self.algorithm]()
        self._kid = self._key.thumbprint()
        public = {**self._key.as_dict(private=False), "kid": self._kid, "alg": self.algorithm, "use": "sig"}
        self.fetcher.jwks = {"keys": [public]}

    def token(
        self,
        subject: str,
        *,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        expires_in: timedelta = timedelta(minutes=10),
        **claims: Any,  # noqa: ANN401  a claim is any JSON
    ) -> str:
        """Return a signed access token (RFC 9068). Further claims are added as given; None removes one."""
        issued_at = int(self.clock.now().timestamp())
        payload = {
            "iss": self.issuer,
            "sub": subject,
            "aud": self.audience,
            "iat": issued_at,
            "exp": issued_at + int(expires_in.total_seconds()),
            "jti": new_id(self.clock.now()),
            "client_id": "test",
            "scope": " ".join(sorted(scopes)),
            "roles": sorted(roles),
            **claims,
        }
        header = {"alg": self.algorithm, "kid": self._kid, "typ": "at+jwt"}
        body = json.dumps({name: value for name, value in payload.items() if value is not None}).encode()
        return jws.serialize_compact(header, body, self._key, registry=REGISTRY)


class IssuerFetcher:
    """Answers for one issuer's discovery document and keys; anything else fails. Set `down` to take it away."""

    def __init__(self, issuer: str) -> None:
        self.jwks: Mapping[str, Any] = {"keys": []}
        self.down = False
        self._issuer = issuer

    async def get(self, url: str, *, accept: str = "application/json") -> Fetched:  # noqa: ARG002  the port's name
        """Return a document of the issuer. Raises FetchFailed for another URL, or while it is down."""
        jwks_uri = f"{self._issuer}/jwks"
        documents = {self._issuer + _DISCOVERY: {"issuer": self._issuer, "jwks_uri": jwks_uri}, jwks_uri: self.jwks}
        if self.down or url not in documents:
            raise FetchFailed(f"the test issuer does not answer {url}")
        return Fetched(status=200, headers={}, body=json.dumps(documents[url]).encode())
