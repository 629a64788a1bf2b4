"""The UserInfo endpoint (OpenID Connect Core section 5.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from watchword.core.account_errors import NotFound
from watchword.core.errors import InsufficientScope, InvalidToken
from watchword.core.models.grants import Client
from watchword.core.models.identity import Principal, User
from watchword.core.oauth.user_claims import claim_names, select_claims
from watchword.core.tokens.signed_answers import sign_userinfo
from watchword.flows.access import authenticate
from watchword.flows.account import get_account
from watchword.flows.context import Context
from watchword.flows.id_tokens import OPENID
from watchword.flows.key_rotation import signing_material
from watchword.flows.subjects import subject_for


@dataclass(frozen=True, slots=True)
class UserInfo:
    """The claims, and for a client that registered for it the JWT that holds them (`application/jwt`)."""

    claims: Mapping[str, Any] = field(repr=False)
    jwt: str | None = field(default=None, repr=False)


async def userinfo(ctx: Context, token: str) -> UserInfo:
    """Return what the client of an access token may know of the person.

    The token must be for this application, with the scope `openid`. Beside what its scopes ask for, the claims are
    those that the client asked for by name and that were consented to.

    Raises:
        InvalidToken: the token is not good, or speaks for no person or no client that is there.
        InsufficientScope: it has not the scope `openid`.
        AccountDisabled: its account is disabled.
    """
    principal = await authenticate(ctx, token)
    if OPENID not in principal.scopes:
        raise InsufficientScope(scopes=(OPENID,), missing=(OPENID,), hint="no scope openid")
    client, user = await _parties(ctx, principal)
    consent = await ctx.stores.consents.find(user.id, client.id)
    names = claim_names(principal.scopes) | (consent.claims if consent is not None else frozenset())
    claims = {"sub": subject_for(ctx, client, user.id), **select_claims(user, names)}
    return UserInfo(claims, await _signed(ctx, client, claims))


async def _parties(ctx: Context, principal: Principal) -> tuple[Client, User]:
    own = principal.client_id == ctx.client.id
    client = ctx.client if own else await ctx.clients.find(principal.client_id)
    if client is None or client.disabled:
        raise InvalidToken(hint="the client is disabled or gone")
    try:
        return client, await get_account(ctx, principal.subject)
    except NotFound:
        raise InvalidToken(hint="no such account") from None


async def _signed(ctx: Context, client: Client, claims: Mapping[str, Any]) -> str | None:
    algorithm = client.metadata.userinfo_signed_response_alg
    if algorithm is None:
        return None
    key = await signing_material(ctx, algorithm)
    return sign_userinfo(claims, issuer=ctx.config.issuer, client_id=client.id, key=key)
