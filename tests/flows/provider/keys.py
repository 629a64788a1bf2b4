"""Keys of a client application, and the JWTs it signs with them."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import digest

from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.core.tokens.forging import forge

_MAKERS = {
    "RS256": lambda: RSAKey.generate_key(2048),
    "PS256": lambda: RSAKey.generate_key(2048),
    "ES256": lambda: ECKey.generate_key("P-256"),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
}


class AppKey:
    """A key pair of a client."""

    def __init__(self, kid="k1", algorithm="ES256"):
        self.kid, self.algorithm, self.key = kid, algorithm, _MAKERS[algorithm]()

    @property
    def public(self):
        return {**self.key.as_dict(private=False), "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def sign(self, claims, **header):
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **header}
        return forge(claims, header, key=self.key, algorithm=self.algorithm)


def key_set(*keys):
    return {"keys": [key.public for key in keys]}


def sign_by_secret(claims, secret):
    """An HS256 JWT (RFC 7518 section 3.2)."""
    signed = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
    return f"{signed}.{_base64url(digest(secret.encode(), signed.encode(), sha256))}"


def unsigned(claims):
    """An unsecured JWT (RFC 7519 section 6)."""
    return f"{_encode({'alg': 'none'})}.{_encode(claims)}."


def _encode(members):
    return _base64url(json.dumps(members).encode())


def _base64url(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()
