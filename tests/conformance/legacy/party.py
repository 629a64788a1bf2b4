"""An application that gets tokens in the authorization response itself (OpenID Connect Core sections 3.2 and 3.3)."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from joserfc.jwk import RSAKey
from tests.conformance.world.browser import Landing
from tests.conformance.world.relying_party import RelyingParty, Tokens

ANSWERS = {
    "code": {"code"},
    "id_token": {"id_token"},
    "token": {"access_token", "token_type", "expires_in"},
}
"""What each word of a response type stands for in the response."""
ALWAYS = {"state", "iss", "session_state"}
LEAST_CODE = 22
"""Characters of base64url that hold 128 bits."""


@dataclass(frozen=True)
class Arrival:
    """What came back: in the response itself, and from the token endpoint if there was a code."""

    landing: Landing
    front: dict | None = field(repr=False)
    """The claims of the ID token that was in the response."""
    back: Tokens | None = field(repr=False)

    @property
    def claims(self):
        """Those of the last ID token."""
        return self.back.claims if self.back else self.front

    @property
    def id_token(self):
        return self.back.id_token if self.back else self.landing.fields["id_token"]

    @property
    def access_token(self):
        """The last one."""
        return self.back.access_token if self.back else self.landing.fields["access_token"]


class Party(RelyingParty):
    """A client that is registered for one such response type."""

    @property
    def response_type(self):
        return self.document["response_types"][0]

    def request(self, **changes):
        return super().request(**{"response_type": self.response_type, **changes})

    def wants(self, word):
        """Whether the response type holds this word."""
        return word in self.response_type.split()

    def check_landing(self, end, parameters):
        """Check where the answer is: in the fragment, unless the request says otherwise, and nothing in the query."""
        assert isinstance(end, Landing), end
        place, _, fragment = end.url.partition("#")
        assert place == parameters.get("redirect_uri", self.redirect_uri)
        if parameters.get("response_mode") == "form_post":
            assert (end.method, fragment) == ("POST", "")
        else:
            assert end.method == "GET"
            assert fragment
        assert end.fields.get("state") == parameters.get("state")
        assert end.fields["iss"] == self.provider.issuer
        return end

    def log_in(self, browser, *, post=False, **changes):
        """Send the browser, check what is in the response, and redeem the code if there is one."""
        parameters = self.request(**changes)
        return self.arrive(self.send(browser, parameters, post=post), parameters)

    def arrive(self, end, parameters):
        """Check the answer to a request that should succeed."""
        fields = self.check_landing(end, parameters).fields
        assert "error" not in fields, fields
        expected = set[str]().union(*(ANSWERS[word] for word in self.response_type.split()))
        assert fields.keys() - ALWAYS == expected
        front = self.check_front(fields, parameters.get("nonce")) if self.wants("id_token") else None
        if self.wants("token"):
            assert fields["token_type"].lower() == "bearer"
            assert int(fields["expires_in"]) > 0
            assert self.userinfo(fields["access_token"]).status_code == 200
        back = self.redeem_checked(fields["code"], parameters) if self.wants("code") else None
        if front and back:
            assert (back.claims["iss"], back.claims["sub"]) == (front["iss"], front["sub"])
        return Arrival(end, front, back)

    def check_front(self, fields, nonce):
        """Check the ID token of a response: it binds what came with it (Core sections 3.2.2.9 and 3.3.2.11)."""
        claims = self.check_id_token(fields["id_token"], nonce=nonce)
        assert claims.get("at_hash") == half(fields.get("access_token"))
        assert claims.get("c_hash") == half(fields.get("code"))
        return claims

    def redeem_checked(self, code, parameters):
        """Redeem a code that must be good."""
        assert len(code) >= LEAST_CODE
        verifier = self.verifier if "code_challenge" in parameters else None
        uri = parameters.get("redirect_uri", self.redirect_uri)
        response = self.redeem(code, redirect_uri=uri, code_verifier=verifier)
        tokens = self.check_tokens(response, nonce=parameters.get("nonce"))
        assert self.userinfo(tokens.access_token).status_code == 200
        assert tokens.claims.get("c_hash") in {None, half(code)}
        return tokens

    def known_claims(self, arrival):
        """What it learns of the person: from userinfo, or where it cannot ask, from the ID token."""
        if self.response_type == "id_token":
            return {name: arrival.front[name] for name in arrival.front.keys() - PROTOCOL}
        return self.claims(arrival)


PROTOCOL = {"iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "sid"}


def half(text):
    """The left half of a SHA-256, or None of nothing."""
    return text and urlsafe_b64encode(sha256(text.encode()).digest()[:16]).decode().rstrip("=")


def signing_key():
    """An RSA key that says what it is for by `alg` alone."""
    return RSAKey.generate_key(2048, {"alg": "RS256"}, private=True, auto_kid=False)
