"""An application that logs people in with the server under test, and checks all that it answers."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count

import httpx2
from joserfc import jws
from joserfc.jwk import KeySet, RSAKey
from joserfc.jwt import encode as encode_jwt
from tests.conformance.world.browser import Landing, with_query

numbers = count(1)
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SKEW = 10


class Provider:
    """The server under test, as an application knows it: by discovery.

    Args:
        server: the server, for its address and its time.
        context: whom to trust.
    """

    def __init__(self, server, context):
        self.server = server
        self.issuer = server.issuer
        self.http = httpx2.Client(verify=context, trust_env=False, timeout=20)
        self.metadata = self.discover()

    def close(self):
        self.http.close()

    def discover(self, path="/.well-known/openid-configuration"):
        response = self.http.get(self.issuer + path)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("application/json")
        return response.json()

    def jwks(self):
        return self.http.get(self.metadata["jwks_uri"]).json()

    def verify(self, token, *, algorithm="RS256"):
        """Return the claims of a signed token, after its signature has been checked with the published keys."""
        header = jws.extract_compact(token.encode()).headers()
        assert header["alg"] == algorithm
        published = [key for key in self.jwks()["keys"] if key["kid"] == header["kid"]]
        assert len(published) == 1
        assert published[0]["alg"] == algorithm
        keys = KeySet.import_key_set({"keys": published})
        return json.loads(jws.deserialize_compact(token, keys, algorithms=[algorithm]).payload)


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint answered, and the verified claims of the ID token."""

    answer: dict = field(repr=False)
    claims: dict
    landing: Landing

    @property
    def access_token(self):
        return self.answer["access_token"]

    @property
    def id_token(self):
        return self.answer["id_token"]

    @property
    def refresh_token(self):
        return self.answer["refresh_token"]


class RelyingParty:
    """A registered client.

    Args:
        provider: where it is registered.
        document: its metadata.
        client_id: its id.
        secret: its secret; empty for a public client.
        mode: the response mode that it asks for; None leaves it out.
        key: the key of `private_key_jwt`.
    """

    def __init__(self, provider, document, client_id, secret="", *, mode=None, key=None, registered=None):
        self.provider = provider
        self.document = document
        self.client_id = client_id
        self.secret = secret
        self.mode = mode
        self.key = key
        self.registered = registered or {}
        self.redirect_uri = document["redirect_uris"][0]
        self.algorithm = document.get("id_token_signed_response_alg", "RS256")
        self.verifier = f"{'v' * 43}-{next(numbers)}"

    @property
    def pkce(self):
        digest = sha256(self.verifier.encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        return {"code_challenge": challenge, "code_challenge_method": "S256"}

    def request(self, **changes):
        """The parameters of an authorization request; a change of None leaves a parameter out."""
        number = next(numbers)
        parameters = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "response_mode": self.mode,
            "scope": "openid",
            "state": f"state-{number}",
            "nonce": f"nonce-{number}",
        }
        return {name: value for name, value in {**parameters, **changes}.items() if value is not None}

    def send(self, browser, parameters, *, post=False, allow=True):
        """Send the browser with these parameters; return where it ends."""
        endpoint = self.provider.metadata["authorization_endpoint"]
        until = tuple(uri.split("?")[0] for uri in self.document["redirect_uris"])
        if post:
            return browser.visit(endpoint, until=until, fields=parameters, allow=allow)
        return browser.visit(with_query(endpoint, parameters), until=until, allow=allow)

    def check_landing(self, end, parameters):
        """Check that the browser is back with an answer to this request (RFC 6749 4.1.2, RFC 9207)."""
        assert isinstance(end, Landing), end
        assert end.url.split("?")[0] == parameters.get("redirect_uri", self.redirect_uri).split("?")[0]
        assert end.method == ("POST" if parameters.get("response_mode") == "form_post" else "GET")
        assert "#" not in end.url
        assert end.fields.get("state") == parameters.get("state")
        assert end.fields.get("iss") == self.provider.issuer
        return end

    def authorize(self, browser, *, post=False, **changes):
        """Send the browser for a code; return its landing."""
        parameters = self.request(**changes)
        end = self.check_landing(self.send(browser, parameters, post=post), parameters)
        assert "error" not in end.fields, end.fields
        assert end.fields["code"]
        return end

    def refused(self, browser, *, post=False, allow=True, **changes):
        """Send the browser; return the error that it comes back with."""
        parameters = self.request(**changes)
        end = self.check_landing(self.send(browser, parameters, post=post, allow=allow), parameters)
        assert "code" not in end.fields
        return end.fields["error"]

    def redeem(self, code, **changes):
        """Send a code to the token endpoint; return the answer, whatever it is."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri, **changes}
        return self.ask(form)

    def refresh(self, refresh_token, **changes):
        return self.ask({"grant_type": "refresh_token", "refresh_token": refresh_token, **changes})

    def ask(self, form):
        """Ask the token endpoint, authenticated as registered."""
        sent = {name: value for name, value in form.items() if value is not None}
        method = self.document.get("token_endpoint_auth_method", "client_secret_basic")
        auth = (self.client_id, self.secret) if method == "client_secret_basic" else None
        if method in {"client_secret_post", "none"}:
            sent |= {"client_id": self.client_id, **({"client_secret": self.secret} if self.secret else {})}
        elif method == "private_key_jwt":
            sent |= {"client_assertion_type": ASSERTION, "client_assertion": self.assertion()}
        return self.provider.http.post(self.provider.metadata["token_endpoint"], data=sent, auth=auth)

    def assertion(self, **changes):
        """A signed statement of who the application is (RFC 7523 section 3)."""
        now = int(self.provider.server.now)
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.provider.issuer,
            "jti": f"assertion-{next(numbers)}-{now}",
            "iat": now,
            "exp": now + 60,
        }
        header = {"alg": "RS256", **({"kid": self.key.kid} if self.key.kid else {})}
        return encode_jwt(header, {**claims, **changes}, self.key, algorithms=["RS256"])

    def check_tokens(self, response, *, nonce=None, landing=None):
        """Check the answer of the token endpoint (RFC 6749 5.1) and its ID token (Core 3.1.3.7); return both."""
        assert response.status_code == 200, response.text
        assert response.headers["cache-control"] == "no-store"
        answer = response.json()
        assert answer["token_type"].lower() == "bearer"
        assert answer["access_token"]
        assert answer["expires_in"] > 0
        claims = self.check_id_token(answer["id_token"], nonce=nonce)
        if "at_hash" in claims:
            half = {"EdDSA": 32}.get(self.algorithm, 16)
            assert half == 16, "at_hash of other hashes is not computed here"
            digest = sha256(answer["access_token"].encode()).digest()
            assert claims["at_hash"] == urlsafe_b64encode(digest[:half]).decode().rstrip("=")
        return Tokens(answer, claims, landing)

    def check_id_token(self, id_token, *, nonce=None):
        claims, now = self.provider.verify(id_token, algorithm=self.algorithm), self.provider.server.now
        assert claims["iss"] == self.provider.issuer
        assert claims["aud"] in (self.client_id, [self.client_id])
        assert 0 < len(claims["sub"]) <= 255
        assert claims["exp"] > now
        assert now - 120 < claims["iat"] < now + SKEW
        assert claims.get("nonce") == nonce
        return claims

    def log_in(self, browser, *, post=False, **changes):
        """The whole way: the person logs in, the code is redeemed, the ID token checked."""
        parameters = self.request(**changes)
        end = self.check_landing(self.send(browser, parameters, post=post), parameters)
        assert "error" not in end.fields, end.fields
        verifier = self.verifier if "code_challenge" in parameters else None
        response = self.redeem(
            end.fields["code"],
            redirect_uri=parameters.get("redirect_uri", self.redirect_uri),
            code_verifier=verifier,
        )
        return self.check_tokens(response, nonce=parameters.get("nonce"), landing=end)

    def userinfo(self, access_token):
        """Ask for claims as most applications do."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.provider.http.get(self.provider.metadata["userinfo_endpoint"], headers=headers)

    def claims(self, tokens):
        """The claims of userinfo, about the same person as the ID token (Core section 5.3.2)."""
        response = self.userinfo(tokens.access_token)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("application/json")
        claims = response.json()
        assert claims["sub"] == tokens.claims["sub"]
        return claims


def new_key(kid):
    """An RSA key of an application."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}, private=True)


def public_jwks(*keys):
    return {"keys": [key.as_dict(private=False) for key in keys]}
