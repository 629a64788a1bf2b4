"""One small service for the tests of flows: configuration, memory store, fake clock, and what people do with it."""

from datetime import timedelta

from tests.flows.doubles import wrap

from watchword.config import AuthConfig, LimitConfig, PasswordConfig, TokenConfig
from watchword.core.models.events import Event
from watchword.core.models.identity import Scope
from watchword.core.tokens.refresh_token import parse_refresh_token
from watchword.flows.access import authenticate
from watchword.flows.clients import add_client
from watchword.flows.context import open_context
from watchword.flows.exchange import TokenRequest
from watchword.flows.introspect import introspect_token
from watchword.flows.revoke import revoke_token
from watchword.flows.signup import SignUp, sign_up
from watchword.flows.token import issue_token
from watchword.stores.open import open_stores
from watchword.testing.clock import FakeClock

PASSWORD = "an obviously fake passphrase"
SECRET = b"only for tests: thirty-two bytes or more"
CHEAP = PasswordConfig(memory_kib=8, time_cost=1)
SCOPES = {
    "read": Scope(name="read"),
    "write": Scope(name="write"),
    "audit": Scope(name="audit", restricted=True),
}


def config(**changes):
    defaults = {
        "issuer": "https://id.example",
        "secrets": (SECRET,),
        "passwords": CHEAP,
        "scopes": SCOPES,
        "default_scopes": ("read", "write"),
        "limits": LimitConfig(enabled=False),
    }
    return AuthConfig(**{**defaults, **changes})


def strict(**changes):
    return TokenConfig(refresh_grace=timedelta(0), **changes)


class World:
    def __init__(self, *, around=None, stores=None, clock=None, outside=None, **changes):
        self.clock = clock or FakeClock()
        self.plain = stores or open_stores("memory://")
        self.stores = wrap(self.plain, around) if around else self.plain
        self.ctx = open_context(config(**changes), self.stores, clock=self.clock, outside=outside)
        self.heard = []
        self.ctx.events.on(Event)(self._hear)

    async def _hear(self, event):
        self.heard.append(event)

    async def events(self, kind):
        await self.ctx.events.drain()
        return [event for event in self.heard if isinstance(event, kind)]

    async def sign_up(self, username="ada", password=PASSWORD, **fields):
        return await sign_up(self.ctx, SignUp(username=username, password=password, **fields))

    async def login(self, username="ada", password=PASSWORD, *, address="192.0.2.1", **form):
        form = {"grant_type": "password", "username": username, "password": password, **form}
        return await issue_token(self.ctx, TokenRequest(form=form, address=address, user_agent="Test/1"))

    async def refresh(self, token, **form):
        form = {"grant_type": "refresh_token", "refresh_token": token, **form}
        return await issue_token(self.ctx, TokenRequest(form=form))

    async def revoke(self, token, **form):
        await revoke_token(self.ctx, TokenRequest(form={"token": token, **form}))

    async def machine(self, **fields):
        """A new client and its secret."""
        return Machine(self, *await add_client(self.ctx, "billing", **{"scopes": ["read", "write"], **fields}))

    async def who(self, answer):
        return await authenticate(self.ctx, answer.access_token)

    async def family(self, answer):
        token = parse_refresh_token(answer.refresh_token, self.ctx.secrets)
        return await self.plain.families.find(token.user_id, token.family_id)

    def generation(self, answer):
        return parse_refresh_token(answer.refresh_token, self.ctx.secrets).generation


class Machine:
    """A registered client that knows its secret."""

    def __init__(self, world, client, secret):
        self.world, self.client, self.secret, self.id = world, client, secret, client.id

    def request(self, *, secret=None, **form):
        return TokenRequest(form=form, basic=(self.id, self.secret if secret is None else secret), address="192.0.2.9")

    async def token(self, *, secret=None, **form):
        form = {"grant_type": "client_credentials", **form}
        return await issue_token(self.world.ctx, self.request(secret=secret, **form))

    async def introspect(self, token):
        return dict(await introspect_token(self.world.ctx, self.request(token=token)))
