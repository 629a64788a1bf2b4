"""An authorization server with one client, and a browser without a screen: it keeps cookies and fills in forms."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from tests.http.site import CONFIG, PASSWORD, Site, new_app

from watchword import Auth
from watchword.core.ids import new_id
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.models.grants import Client
from watchword.core.oauth.pkce import challenge_of
from watchword.core.tokens.opaque import hash_secret, new_secret
from watchword.stores.open import open_stores
from watchword.testing.clock import FakeClock

VERIFIER = "not-a-real-verifier-" * 3
REDIRECT = "https://app.example/cb"
ORIGIN = "https://spa.example"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = frozenset({"authorization_code", "refresh_token", DEVICE})


@dataclass
class World(Site):
    """A site that is an authorization server, with a confidential client."""

    shop: Client = field(kw_only=True)
    secret: str = field(kw_only=True)

    async def authorize(self, **more: str | None) -> httpx2.Response:
        return await self.client.get("/auth/authorize", params=self.parameters(**more))

    def parameters(self, **more: str | None) -> dict[str, str]:
        values = {
            "client_id": self.shop.id,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": "openid profile",
            "state": "a-state",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **more,
        }
        return {name: value for name, value in values.items() if value is not None}

    async def send(self, page: httpx2.Response, action: str, **fields: str) -> httpx2.Response:
        """Send one of the page's forms, the one that goes to this path, and go on to the page that follows a login."""
        answer = await self.client.post(f"/auth/{action}", data={**hidden(page, action), **fields})
        following = answer.headers.get("location", "").startswith("/auth/continue?")
        return await self.client.get(answer.headers["location"]) if following else answer

    async def log_in_here(self, name: str = "alice", password: str = PASSWORD, **more: str | None) -> httpx2.Response:
        page = await self.authorize(**more)
        return await self.send(page, "login", username=name, password=password)

    async def get_code(self, **more: str | None) -> str:
        answer = await self.log_in_here(**more)
        if answer.status_code == 200:
            answer = await self.send(answer, "consent", decision="allow")
        return query(answer)["code"]

    async def redeem(self, code: str, **headers: str) -> httpx2.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return await self.client.post("/auth/token", data=form, auth=(self.shop.id, self.secret), headers=headers)

    async def add_client(self, name: str, **more: Any) -> Client:
        metadata = ClientMetadata(redirect_uris=(REDIRECT,), **more.pop("metadata", {}))
        client = Client(id=new_id(self.clock.now()), name=name, grants=GRANTS, metadata=metadata, **more)
        await self.stores.clients.add(client)
        return client


def hidden(page: httpx2.Response, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that goes to this path."""
    forms = re.findall(r"<form[^>]*action=\"[^\"]*/auth/([a-z-]+)\"[^>]*>(.*?)</form>", page.text, re.DOTALL)
    body = next(body for name, body in forms if name == action)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', body)
    return {name: html.unescape(value) for name, value in found}


def query(answer: httpx2.Response) -> dict[str, str]:
    """Return the parameters that a redirection takes to the client."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"{REDIRECT}?"), answer.headers["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@asynccontextmanager
async def running_world(**settings: Any) -> AsyncIterator[World]:
    stores, clock, app = open_stores("memory://"), FakeClock(), new_app()
    config = replace(CONFIG, **settings)
    auth: Auth[Any] = Auth(config, stores=stores, clock=clock)
    auth.install(app, provider=True)
    secret = new_secret("wwcs")
    about = ClientMetadata(
        redirect_uris=(REDIRECT,),
        auth_method="client_secret_basic",
        origins=(ORIGIN,),
        policy_uri="https://app.example/privacy",
        tos_uri="https://app.example/terms",
        logo_uri="https://app.example/logo.png",
        post_logout_redirect_uris=("https://app.example/bye",),
    )
    shop = Client(
        id=new_id(clock.now()), name="Shop", grants=GRANTS, secret_hashes=(hash_secret(secret),), metadata=about
    )
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=config.issuer) as client,
    ):
        await stores.clients.add(shop)
        world = World(app, auth, client, clock, stores, shop=shop, secret=secret)
        await world.sign_up()
        yield world
