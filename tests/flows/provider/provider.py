"""A provider for tests of flows, with a person, a browser and a client application that knows PKCE."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

from tests.flows.world import PASSWORD, World

from watchword.config import ProviderConfig
from watchword.core.ids import new_id
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.models.grants import Client
from watchword.core.tokens.compact import parse_compact, parse_json_object
from watchword.core.tokens.opaque import hash_secret, new_secret
from watchword.core.tokens.signature import check_signature
from watchword.flows import interaction
from watchword.flows.authorize import begin
from watchword.flows.browser import Browser, new_browser_nonce
from watchword.flows.exchange import TokenRequest
from watchword.flows.outcomes import FormPost, GoOn, Redirect, ShowConsent, ShowLogin
from watchword.flows.token import issue_token

ISSUER = "https://id.example"
CALLBACK = "https://app.example/callback"
FLOW = frozenset({"authorization_code", "refresh_token"})
INSTANT = timedelta(milliseconds=1)


class Provider(World):
    def __init__(self, *, provider=None, **changes):
        super().__init__(provider=provider or ProviderConfig(enabled=True), **changes)

    async def app(self, *, public=False, dynamic=False, grants=FLOW, scopes=None, first_party=False, **metadata):
        secret = "" if public else new_secret("wwcs")
        fields = {"redirect_uris": (CALLBACK,), "auth_method": "none" if public else "client_secret_basic"}
        client = Client(
            id=new_id(self.clock.now()),
            name="An application",
            secret_hashes=() if public else (hash_secret(secret),),
            grants=frozenset(grants),
            scopes=scopes,
            first_party=first_party,
            dynamic=dynamic,
            created_at=self.clock.now(),
            metadata=ClientMetadata(**{**fields, **metadata}),
        )
        await self.plain.clients.add(client)
        return App(self, client, secret)

    def browser(self):
        return Chrome(self)

    def claims(self, token):
        compact = parse_compact(token)
        key = self.ctx.keys.find(compact.kid, compact.algorithm)
        return parse_json_object(check_signature(compact, key))

    def tick(self, **span):
        self.clock.tick(timedelta(**span))


class Chrome:
    """A browser: it keeps its two cookies and answers pages as the person says."""

    def __init__(self, provider):
        self.provider, self.ctx = provider, provider.ctx
        self.nonce, self.cookie, self.at = new_browser_nonce(), None, None

    @property
    def seen(self):
        return Browser(nonce=self.nonce, cookie=self.cookie, address="192.0.2.7", user_agent="Test/1")

    def take(self, answer):
        self.cookie = self.cookie if answer.cookie is None else answer.cookie or None
        self.at = answer.outcome
        return self.at

    @property
    def interaction(self):
        return self.at.interaction if isinstance(self.at, GoOn) else self.at.view.interaction

    async def open(self, *pairs, **parameters):
        return self.take(await begin(self.ctx, [*pairs, *parameters.items()], self.seen))

    async def login(self, username="ada", password=PASSWORD):
        answer = await interaction.login(self.ctx, self.interaction, self.seen, username=username, password=password)
        self.take(answer)
        return await self.resume()

    async def decide(self, *, allow=True):
        return self.take(await interaction.decide(self.ctx, self.interaction, self.seen, allow=allow))

    async def choose(self):
        return self.take(await interaction.choose(self.ctx, self.interaction, self.seen))

    async def cancel(self):
        return self.take(await interaction.cancel(self.ctx, self.interaction, self.seen))

    async def resume(self):
        return self.take(await interaction.resume(self.ctx, self.interaction, self.seen))

    async def through(self, username="ada"):
        """Log in and consent as the pages ask."""
        if isinstance(self.at, ShowLogin):
            await self.login(username)
        if isinstance(self.at, ShowConsent):
            await self.decide()
        return fields_of(self.at)


class App:
    """A client application. It remembers the verifier of its last request."""

    def __init__(self, provider, client, secret):
        self.provider, self.ctx, self.client, self.secret = provider, provider.ctx, client, secret
        self.id, self.verifier = client.id, ""

    async def change(self, **metadata):
        known = (await self.provider.plain.clients.find([self.id]))[0]
        changed = replace(known, metadata=replace(known.metadata, **metadata))
        await self.provider.plain.clients.replace(changed, expected_version=known.version)
        self.ctx.clients.forget(self.id)

    def parameters(self, **changes):
        self.verifier = secrets.token_urlsafe(48)
        defaults = {
            "client_id": self.id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid profile read",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**defaults, **changes}.items() if value is not None}

    async def visit(self, browser, *pairs, **changes):
        return await browser.open(*pairs, **self.parameters(**changes))

    async def code(self, browser, username="ada", *pairs, **changes):
        await self.visit(browser, *pairs, **changes)
        return (await browser.through(username))["code"]

    def request(self, **form):
        basic = (self.id, self.secret) if self.secret else None
        form = form if self.secret else {"client_id": self.id, **form}
        kept = {name: value for name, value in form.items() if value is not None}
        return TokenRequest(form=kept, basic=basic, address="192.0.2.9", user_agent="App/1")

    async def redeem(self, code, **form):
        defaults = {"redirect_uri": CALLBACK, "code_verifier": self.verifier, "code": code}
        return await self.token(grant_type="authorization_code", **{**defaults, **form})

    async def refresh(self, answer, **form):
        return await self.token(grant_type="refresh_token", refresh_token=answer.refresh_token, **form)

    async def token(self, **form):
        return await issue_token(self.ctx, self.request(**form))

    async def tokens(self, browser, username="ada", *pairs, **changes):
        """The whole way from the first redirection to the tokens."""
        return await self.redeem(await self.code(browser, username, *pairs, **changes))


def challenge_of(verifier):
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def fields_of(outcome):
    """What an outcome carries to the client."""
    if isinstance(outcome, FormPost):
        return dict(outcome.fields)
    assert isinstance(outcome, Redirect), outcome
    parts = urlsplit(outcome.url)
    return dict(parse_qsl(parts.query or parts.fragment))
