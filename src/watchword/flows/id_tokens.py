"""Issues ID tokens (OpenID Connect Core sections 2, 3.1.3.3 and 12.2)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from watchword.core.models.identity import EMPTY
from watchword.core.oauth.claims_rules import asked_names
from watchword.core.oauth.user_claims import select_claims
from watchword.core.tokens.id_token import IdClaims, sign_id_token
from watchword.flows.access_tokens import Grantee
from watchword.flows.context import Context
from watchword.flows.exchange import TokenAnswer
from watchword.flows.key_rotation import signing_material
from watchword.flows.subjects import subject_for

OPENID = "openid"


async def with_id_token(
    ctx: Context,
    grantee: Grantee,
    answer: TokenAnswer,
    *,
    nonce: str | None = None,
    claims: Mapping[str, Any] = EMPTY,
) -> TokenAnswer:
    """Return the answer with an ID token beside its access token.

    Args:
        ctx: the context.
        grantee: whom it is about, and for.
        answer: with the access token that `at_hash` is of.
        nonce: that of the authorization request; a refresh has none.
        claims: what the authorization request asked for by name.
    """
    extra = select_claims(grantee.user, asked_names(claims, "id_token"))
    members = replace(id_claims(ctx, grantee), access_token=answer.access_token, nonce=nonce, extra=extra)
    key = await signing_material(ctx, grantee.client.metadata.id_token_signed_response_alg)
    return replace(answer, id_token=sign_id_token(members, issuer=ctx.config.issuer, key=key))


def id_claims(ctx: Context, grantee: Grantee) -> IdClaims:
    """Return what every ID token of a session says."""
    session, now = grantee.session, ctx.clock.now()
    return IdClaims(
        subject=subject_for(ctx, grantee.client, grantee.user.id),
        client_id=grantee.client.id,
        issued_at=now,
        expires_at=now + ctx.config.provider.id_token_ttl,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=session.amr,
        session_id=session.id,
    )
