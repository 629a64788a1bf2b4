"""A provider in memory for the examples that are clients of one."""

import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import httpx2
from examples.oidc_client import LOGGED_OUT, Registration
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

ISSUER = "https://issuer.example"
CLIENT = Registration(
    ISSUER, "notes", "Notes", "obviously-fake", "https://notes.example/callback", "https://notes.example/"
)
PATHS = {
    "authorization_endpoint": "/authorize",
    "end_session_endpoint": "/logout",
    "jwks_uri": "/jwks",
    "token_endpoint": "/token",
    "userinfo_endpoint": "/userinfo",
}


@dataclass
class Issuer:
    """A provider in memory; it says what it is told to say, and notes what it is asked."""

    asked: list[httpx2.Request] = field(default_factory=list)
    id_token: str = ""
    person: str = "ada-id"
    refusal: str = ""
    named: str = ISSUER
    api: int = 200
    """How the API of the application answers."""

    def __post_init__(self):
        self.rotate()

    def rotate(self):
        self.key = RSAKey.generate_key(2048, parameters={"use": "sig"})
        self.key.ensure_kid()

    def sign(self, *, key=None, header=None, **changed):
        """A token as it should be, but for what is changed; None leaves a claim out."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT.id, "sub": "ada-id", "sid": "a-login", "iat": now, "exp": now + 60}
        kept = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        used = key or self.key
        return jwt.encode({"alg": "RS256", "kid": used.kid, **(header or {})}, kept, used)

    def logout_token(self, **changed):
        return self.sign(**{"events": {LOGGED_OUT: {}}, **changed})

    def answer(self, request):
        self.asked.append(request)
        about = {"issuer": self.named, **{name: ISSUER + path for name, path in PATHS.items()}}
        if request.url.path == "/token" and self.refusal:
            return httpx2.Response(400, json={"error": self.refusal})
        if request.url.path == "/api/greeting":
            return httpx2.Response(self.api, json={"subject": "ada-id", "until": "12:00:00 UTC"})
        documents = {
            "/.well-known/openid-configuration": about,
            "/jwks": KeySet([self.key]).as_dict(private=False),
            "/token": {"access_token": "at", "refresh_token": "rt", "expires_in": 600, "id_token": self.id_token},
            "/userinfo": {"sub": self.person, "preferred_username": "ada"},
        }
        return httpx2.Response(200, json=documents[request.url.path])

    def form(self, path="/token"):
        body = next(request.content for request in reversed(self.asked) if request.url.path == path)
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}
