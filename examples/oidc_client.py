"""An OpenID Connect client in plain code: httpx2 asks, joserfc verifies. `web_app.py` logs people in by it.

Nothing here is Watchword's: any OpenID Provider may answer, and a library such as Authlib does the same. It shows what
an application has to do: authorization code with PKCE, refresh, logout, and the notice that a login has ended.
"""

import json
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import compare_digest, token_urlsafe
from typing import Any
from urllib.parse import urlencode

import httpx2
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

LOGGED_OUT = "http://schemas.openid.net/event/backchannel-logout"
UNKNOWN_KEY_EVERY = 5.0
"""Seconds between two fetches of the provider's keys: a stranger may send tokens that name any key."""


class Refused(Exception):
    """The provider refused, or what came is not what it should be."""


@dataclass(frozen=True)
class Registration:
    """What the provider knows of this application."""

    issuer: str
    id: str
    name: str
    secret: str = field(repr=False)
    redirect_uri: str
    home: str
    """Where people come back to after logout."""

    @classmethod
    def read(cls, path: Path) -> "Registration":
        """Read the file that `watchword clients add ... --json` printed. The provider is named by ISSUER."""
        about = json.loads(path.read_text(encoding="utf-8"))
        issuer = os.environ.get("ISSUER", "http://localhost:8000")
        [callback], [home] = about["redirect_uris"], about["post_logout_redirect_uris"]
        return cls(issuer, about["id"], about["name"], about["secret"], callback, home)


@dataclass(frozen=True)
class Began:
    """A login that has begun: where to send the browser, and what that browser must bring back with the answer."""

    url: str
    ticket: str = field(repr=False)


class Provider:
    """The provider, as one application sees it."""

    def __init__(self, client: Registration, http: httpx2.AsyncClient) -> None:
        self._client = client
        self._http = http
        self._about: dict[str, str] = {}
        self._keys = KeySet([])
        self._fetched_at = float("-inf")

    async def begin_login(self) -> Began:
        """Begin a login: authorization code with PKCE (OAuth 2.1 section 4.1, OpenID Connect Core section 3.1)."""
        state, nonce, verifier = (token_urlsafe(32) for _ in range(3))
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": self._client.redirect_uri,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return Began(f"{await self._find('authorization_endpoint')}?{urlencode(query)}", f"{state}.{nonce}.{verifier}")

    async def finish_login(self, answer: Mapping[str, str], ticket: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Redeem the code that the browser came back with; return the tokens, and what is known of the person."""
        state, nonce, verifier = ticket.split(".") if ticket.count(".") == 2 else ("", "", "")
        if not state or not compare_digest(state.encode(), answer.get("state", "").encode()):
            raise Refused("This login was not begun in this browser.")
        if answer.get("iss") != self._client.issuer or "code" not in answer:
            raise Refused(f"The provider says {answer.get('error', 'nothing of use')}.")
        redirect = {"redirect_uri": self._client.redirect_uri}
        tokens = await self._ask(
            grant_type="authorization_code", code=answer["code"], code_verifier=verifier, **redirect
        )
        claims = await self._verify(tokens["id_token"])
        if claims.get("nonce") != nonce:
            raise Refused("This ID token belongs to another login.")
        return tokens, {**await self._person(tokens["access_token"], claims["sub"]), **claims}

    async def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Return new tokens. The refresh token is spent by that (RFC 6749 section 6)."""
        return await self._ask(grant_type="refresh_token", refresh_token=refresh_token)

    async def logout_url(self, id_token: str) -> str:
        """Return where to send the browser to end the login everywhere (RP-Initiated Logout 1.0)."""
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": self._client.home}
        return f"{await self._find('end_session_endpoint')}?{urlencode(query)}"

    async def check_logout(self, logout_token: str) -> str:
        """Return the name (`sid`) of the login that has ended, by a logout token (Back-Channel Logout section 2.6)."""
        claims = await self._verify(logout_token)
        if LOGGED_OUT not in claims.get("events", {}) or "nonce" in claims:
            raise Refused("This is no logout token.")
        return str(claims["sid"])

    async def _find(self, name: str) -> str:
        """Return a member of the provider's metadata, which are fetched once (OpenID Connect Discovery 1.0)."""
        if not self._about:
            url = f"{self._client.issuer}/.well-known/openid-configuration"
            about = (await self._http.get(url)).raise_for_status().json()
            if about["issuer"] != self._client.issuer:
                raise Refused("This is not the provider that was meant.")
            self._about = about
        return self._about[name]

    async def _ask(self, **form: str) -> dict[str, Any]:
        """Ask for tokens as this client."""
        client = (self._client.id, self._client.secret)
        answer = await self._http.post(await self._find("token_endpoint"), data=form, auth=client)
        if answer.is_client_error:
            raise Refused(f"The provider says {answer.json()['error']}.")
        tokens: dict[str, Any] = answer.raise_for_status().json()
        return tokens

    async def _person(self, access_token: str, subject: str) -> dict[str, Any]:
        """Return what the provider tells of a person: their name, for the scope `profile` (Core section 5.3)."""
        headers = {"Authorization": f"Bearer {access_token}"}
        answer = await self._http.get(await self._find("userinfo_endpoint"), headers=headers)
        person: dict[str, Any] = answer.raise_for_status().json()
        if person["sub"] != subject:
            raise Refused("This is told of somebody else.")
        return person

    async def _verify(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that the provider has signed for this client, and that has not expired."""
        rules = jwt.JWTClaimsRegistry(
            leeway=5,
            iss={"essential": True, "value": self._client.issuer},
            aud={"essential": True, "value": self._client.id},
            exp={"essential": True},
            iat={"essential": True},
            sid={"essential": True},
        )
        try:
            kid = jws.extract_compact(token.encode()).headers().get("kid")
            decoded = jwt.decode(token, await self._keys_with(kid), algorithms=["RS256"])
            rules.validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise Refused("This token does not verify.") from error
        return decoded.claims

    async def _keys_with(self, kid: str | None) -> KeySet:
        """Fetch the keys anew when one is not known: the provider rotates them."""
        due = time.monotonic() - self._fetched_at > UNKNOWN_KEY_EVERY
        if due and kid not in {key.kid for key in self._keys}:
            self._fetched_at = time.monotonic()
            answer = await self._http.get(await self._find("jwks_uri"))
            self._keys = KeySet.import_key_set(answer.raise_for_status().json())
        return self._keys
