"""One node: what a process of the tests has instead of settings, and what it can be asked to do."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.nemesis.clocks import SetClock, clock_of

from watchword.config import AuthConfig, LimitConfig, PasswordConfig, TokenConfig
from watchword.core.models.identity import Scope
from watchword.core.tokens.refresh_token import parse_refresh_token
from watchword.flows import admin, key_rotation
from watchword.flows.access import authenticate
from watchword.flows.clients import add_client
from watchword.flows.context import Context, open_context
from watchword.flows.exchange import TokenAnswer, TokenRequest
from watchword.flows.revoke import revoke_token
from watchword.flows.sessions import end_session
from watchword.flows.signup import SignUp, sign_up
from watchword.flows.token import issue_token
from watchword.ports.bundle import Stores
from watchword.stores.shared import open_shared

SECRET = "only-for-tests-thirty-two-bytes-or-more"
PASSWORD = "an obviously fake passphrase"
CHEAP = PasswordConfig(memory_kib=8, time_cost=1)
"""Milliseconds of tests matter here, and no password is real."""


def config_of(url: str, *, tokens: dict[str, float] | None = None, **changes: Any) -> AuthConfig:
    """The configuration of a node; `tokens` are fields of TokenConfig in seconds."""
    times = {name: timedelta(seconds=value) for name, value in (tokens or {}).items()}
    config = AuthConfig(
        issuer="http://localhost:8000",
        secrets=(SECRET.encode(),),
        database_url=url,
        passwords=CHEAP,
        scopes={"read": Scope(name="read"), "write": Scope(name="write")},
        default_scopes=("read", "write"),
        limits=LimitConfig(enabled=False),
        tokens=TokenConfig(**times),
    )
    if "revocation_poll" in changes:
        changes["revocation_poll"] = timedelta(seconds=changes["revocation_poll"])
    return replace(config, **changes)


def open_node(url: str, stores: Stores, *, clock: dict[str, float] | None = None, **changes: Any) -> Context:
    config = config_of(url, **changes)
    return open_context(config, stores, clock=clock_of(clock or {}), shared=open_shared(config))


def told(answer: TokenAnswer) -> dict[str, Any]:
    return {"access": answer.access_token, "refresh": answer.refresh_token, "scope": answer.scope}


async def _sign_up(ctx: Context, username: str, **fields: Any) -> str:
    return (await sign_up(ctx, SignUp(username=username, password=PASSWORD, **fields))).id


async def _log_in(ctx: Context, username: str, **form: str) -> dict[str, Any]:
    form = {"grant_type": "password", "username": username, "password": PASSWORD, **form}
    return told(await issue_token(ctx, TokenRequest(form=form)))


async def _refresh(ctx: Context, token: str, **form: str) -> dict[str, Any]:
    form = {"grant_type": "refresh_token", "refresh_token": token, **form}
    return told(await issue_token(ctx, TokenRequest(form=form)))


async def _new_machine(ctx: Context) -> list[str]:
    client, secret = await add_client(ctx, "machine", scopes=["read"])
    await ctx.clients.reload()
    return [client.id, secret]


async def _machine_token(ctx: Context, client_id: str, secret: str) -> str:
    form = {"grant_type": "client_credentials", "scope": "read"}
    return (await issue_token(ctx, TokenRequest(form=form, basic=(client_id, secret)))).access_token


async def _who(ctx: Context, token: str) -> str:
    return (await authenticate(ctx, token)).subject


async def _revoke(ctx: Context, token: str) -> None:
    await revoke_token(ctx, TokenRequest(form={"token": token}))


async def _end_session_of(ctx: Context, token: str) -> bool:
    principal = await authenticate(ctx, token)
    return await end_session(ctx, principal.subject, principal.session_id or "", reason="logout")


async def _family(ctx: Context, token: str) -> dict[str, Any]:
    named = parse_refresh_token(token, ctx.secrets)
    found = await ctx.stores.families.find(named.user_id, named.family_id)
    assert found is not None
    return {"presented": named.generation, "generation": found.generation, "status": found.status.value}


async def _disable(ctx: Context, user_id: str) -> None:
    await admin.disable_user(ctx, user_id)


async def _rotate_key(ctx: Context, *, immediately: bool = False) -> str:
    return (await key_rotation.rotate(ctx, immediately=immediately)).kid


async def _now(ctx: Context) -> str:
    return ctx.clock.now().isoformat()


async def _set_clock(ctx: Context, seconds: float) -> None:
    assert isinstance(ctx.clock, SetClock)
    ctx.clock.set_forward(seconds)


ERRANDS: dict[str, Callable[..., Awaitable[Any]]] = {
    "sign_up": _sign_up,
    "log_in": _log_in,
    "refresh": _refresh,
    "new_machine": _new_machine,
    "machine_token": _machine_token,
    "who": _who,
    "revoke": _revoke,
    "end_session_of": _end_session_of,
    "family": _family,
    "disable": _disable,
    "rotate_key": _rotate_key,
    "now": _now,
    "set_clock": _set_clock,
}
"""What a node can be asked to do, through the real use cases."""


def part_of(token: str, index: int, member: str) -> str:
    """Return a member of a part of a token, unchecked: 0 is its header, 1 its claims."""
    part = token.split(".")[index]
    return str(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))[member])
