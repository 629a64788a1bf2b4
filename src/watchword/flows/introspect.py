"""Token introspection (RFC 7662, RFC 9701): what a token is worth now, for a confidential client that it concerns.

An access token concerns its own client, and the resource server that it is for (RFC 9701 section 5). A refresh token
concerns its own client alone: it is never for a resource server, which might take one that is active for an access
token, since RFC 7662 has no word that tells them apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from watchword.core.account_errors import AccountDisabled
from watchword.core.errors import InvalidGrant, InvalidRequest, InvalidToken
from watchword.core.models.grants import Client, FamilyStatus
from watchword.core.models.identity import Principal
from watchword.core.oauth.scopes import format_scope
from watchword.core.tokens.access_token import verify_access_token
from watchword.core.tokens.compact import parse_compact, parse_json_object
from watchword.core.tokens.refresh_token import parse_refresh_token
from watchword.core.tokens.signed_answers import sign_introspection
from watchword.flows.access import authenticate
from watchword.flows.client_auth import identify_confidential_client
from watchword.flows.context import Context
from watchword.flows.exchange import TokenRequest
from watchword.flows.key_rotation import signing_material
from watchword.flows.revoke import REFRESH_KIND
from watchword.flows.subjects import subject_for

Members = Mapping[str, Any]
DEFAULT_ALGORITHM = "RS256"
INACTIVE: Members = MappingProxyType({"active": False})
"""All that is said of a token that is unknown, malformed, expired, revoked, or none of the caller's business."""


@dataclass(frozen=True, slots=True)
class Introspection:
    """The answer, and for a caller that wants it signed the JWT that holds it."""

    members: Members = field(repr=False)
    jwt: str | None = field(default=None, repr=False)


async def introspect_token(ctx: Context, request: TokenRequest) -> Members:
    """Return the members of the answer (RFC 7662 section 2.2).

    A client learns about its own tokens, and about access tokens for the resources that it serves; one that
    `may_introspect`, about access tokens for every resource. An access token costs no I/O. `token_type_hint` is not
    needed, for the kinds differ in form.

    Raises:
        InvalidClient: authentication failed, or the client is public.
        InvalidRequest: `token` is missing.
        StoreUnavailable: it cannot be told at present.
    """
    return (await introspect(ctx, request)).members


async def introspect(ctx: Context, request: TokenRequest, *, signed: bool = False) -> Introspection:
    """Return the answer, as a JWT too where the caller asks for it, or is registered so (RFC 9701 section 5).

    Raises as `introspect_token`.
    """
    client = await identify_confidential_client(ctx, request, endpoint="/introspect")
    token = request.form.get("token", "")
    if not token:
        raise InvalidRequest(hint="token is missing")
    describe = _describe_refresh if token.startswith(REFRESH_KIND) else _describe_access
    try:
        members = await describe(ctx, client, token)
    except (InvalidToken, InvalidGrant, AccountDisabled):
        members = INACTIVE
    wanted = signed or client.metadata.introspection_signed_response_alg is not None
    return Introspection(members, await _sign(ctx, client, members) if wanted else None)


async def _sign(ctx: Context, client: Client, members: Members) -> str | None:
    """Return the JWT by the algorithm of the caller, or None where this server has no public key at all."""
    offered = [name for name in ctx.config.signing_algorithms if name != "HS256"]
    wanted = client.metadata.introspection_signed_response_alg or DEFAULT_ALGORITHM
    if not offered:
        return None
    key = await signing_material(ctx, wanted if wanted in offered else offered[0])
    now = ctx.clock.now()
    return sign_introspection(members, issuer=ctx.config.issuer, client_id=client.id, now=now, key=key)


async def _describe_access(ctx: Context, client: Client, text: str) -> Members:
    principal = await _authenticate(ctx, text)
    audience, for_caller = principal.claims.get("aud"), _is_for(client, principal)
    if not for_caller and client.id != principal.client_id:
        return INACTIVE
    members = {"active": True, "token_type": "Bearer", **principal.claims}
    if for_caller or audience != ctx.config.resource or principal.subject == principal.client_id:
        return members
    return members | {"sub": subject_for(ctx, client, principal.subject)}  # a pairwise client knows no other name


def _is_for(client: Client, principal: Principal) -> bool:
    """Whether a token is for a resource server that this client is: it sees what the token says."""
    return client.may_introspect or principal.claims.get("aud") in client.metadata.serves


async def _authenticate(ctx: Context, text: str) -> Principal:
    """Return whom a token speaks for, also one for another resource that is registered here. Raises `InvalidToken`."""
    audience = _other_audience(ctx, text) if len(ctx.resources.by_uri) > 1 else None
    if audience is None:
        return await authenticate(ctx, text)
    rules = replace(ctx.rules, audience=audience)
    principal = verify_access_token(text, rules=rules, find_key=ctx.keys.find, now=ctx.clock.now())
    if ctx.view.refuses(principal) is not None:
        raise InvalidToken(hint="revoked")
    return principal


def _other_audience(ctx: Context, text: str) -> str | None:
    """Return the registered resource that a token claims to be for, or None where that is this application."""
    audience = parse_json_object(parse_compact(text, header_members=ctx.rules.header_members).payload).get("aud")
    known = isinstance(audience, str) and audience != ctx.config.resource and ctx.resources.find(audience) is not None
    return audience if known else None


async def _describe_refresh(ctx: Context, client: Client, text: str) -> Members:
    """Describe the newest refresh token of a family that is alive. A spent one is not active."""
    token, now = parse_refresh_token(text, ctx.secrets), ctx.clock.now()
    family = await ctx.stores.families.find(token.user_id, token.family_id)
    if family is None or family.status is not FamilyStatus.ACTIVE or token.generation != family.generation:
        return INACTIVE
    expires_at = min(family.idle_expires_at, family.expires_at)
    if now >= expires_at or client.id != family.client_id:
        return INACTIVE
    return {
        "active": True,
        "iss": ctx.config.issuer,
        "sub": subject_for(ctx, client, family.user_id),
        "client_id": family.client_id,
        "scope": format_scope(family.scopes),
        "sid": family.session_id,
        "exp": int(expires_at.timestamp()),
    }
