"""Issuers of these tests: a site that publishes metadata and keys, and tokens in the shapes of well-known issuers."""

import base64
import hmac
import json
import warnings

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.remote.sites import START, Answer, Site

from watchword.remote.addresses import AddressPolicy
from watchword.remote.fetcher import Fetcher
from watchword.remote.verifier import RemoteVerifier

NOW = int(START.timestamp())
AUDIENCE = "https://api.test"
METADATA = "/.well-known/openid-configuration"
JWKS = "/jwks"
_MAKERS = {
    "ES256": lambda: ECKey.generate_key("P-256"),
    "RS256": lambda: RSAKey.generate_key(2048),
    "PS256": lambda: RSAKey.generate_key(2048),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
}


class KeyPair:
    """A signing key of an issuer and its published form."""

    def __init__(self, kid, algorithm="ES256"):
        self.kid = kid
        self.algorithm = algorithm
        self.key = _MAKERS[algorithm]()

    def published(self, **members):
        return {**self.key.as_dict(private=False), "kid": self.kid, "alg": self.algorithm, "use": "sig", **members}

    def sign(self, claims, *, header=None, **members):
        header = header or {"alg": self.algorithm, "kid": self.kid, "typ": "at+jwt", **members}
        header = {name: value for name, value in header.items() if value is not None}
        return sign(header, claims, self.key)


def sign(header, claims, key):
    """Sign with no opinion about header and claims. joserfc warns of the name EdDSA, which most issuers write."""
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jws.serialize_compact(header, _bytes(claims), key, registry=registry)


def sign_hs256(header, claims, secret: bytes):
    """Sign with any bytes as the secret, such as a public key."""
    text = f"{_segment(_bytes(header))}.{_segment(_bytes(claims))}"
    return f"{text}.{_segment(hmac.digest(secret, text.encode(), 'sha256'))}"


def _bytes(claims):
    return claims if isinstance(claims, bytes) else json.dumps(claims).encode()


def _segment(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An issuer on the loopback, at this path."""

    def __init__(self, site: Site, *keys: KeyPair, path: str = ""):
        self.site = site
        self.url = site.origin + path
        self._metadata_path = path.rstrip("/") + METADATA
        self.keys = list(keys)
        self.publish()

    def publish(self, *keys, headers=None, **metadata):
        """Publish these keys (as they are, or the issuer's own)."""
        published = [key if isinstance(key, dict) else key.published() for key in keys or self.keys]
        document = {"issuer": self.url, "jwks_uri": self.site.origin + JWKS, **metadata}
        self.site.answers[self._metadata_path] = Answer(json.dumps(document).encode())
        self.site.answers[JWKS] = Answer(json.dumps({"keys": published}).encode(), headers=headers or {})

    def break_down(self, answer=None):
        """Answer the key set with this from now on."""
        self.site.answers[JWKS] = answer or Answer(b"oops", status=500)

    def claims(self, **changes):
        times = {"exp": NOW + 600, "iat": NOW}
        claims = {"iss": self.url, "sub": "alice", "aud": AUDIENCE, "scope": "", "jti": "t1", **times} | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key=None, **changes):
        return (key or self.keys[0]).sign(self.claims(**changes))

    def verifier(self, clock, *, audience=AUDIENCE, timeout=5.0, **arguments):
        fetcher = Fetcher(AddressPolicy.LOOPBACK, timeout=timeout)
        return RemoteVerifier(self.url, audience, clock=clock, fetcher=fetcher, **arguments)

    @property
    def fetches(self):
        return self.site.count(JWKS)
