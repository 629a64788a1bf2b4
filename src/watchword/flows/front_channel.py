"""Tokens in the authorization response itself: hybrid and implicit response types, for certification only.

OpenID Connect Core sections 3.2.2.5 and 3.3.2.5. They are off unless `legacy_response_types` is set and the client is
registered for them.
"""

from dataclasses import replace

from watchword.core.ids import new_id
from watchword.core.models.authorizations import AuthorizationCode
from watchword.core.models.grants import Client
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.oauth.claims_rules import asked_names
from watchword.core.oauth.user_claims import claim_names, select_claims
from watchword.core.tokens.id_token import sign_id_token
from watchword.flows.access_tokens import Grantee, answer
from watchword.flows.authorized_session import REFRESH, begin_authorized
from watchword.flows.context import Context
from watchword.flows.id_tokens import id_claims
from watchword.flows.key_rotation import signing_material

Fields = dict[str, str | None]


async def front_channel_fields(
    ctx: Context, client: Client, request: AuthorizeRequest, grant: AuthorizationCode, code: str | None
) -> Fields:
    """Return the tokens that the response carries. They are of a session of their own, which cannot be refreshed."""
    if not (request.wants_token or request.wants_id_token):
        return {}
    alone = replace(client, grants=client.grants - {REFRESH})
    own = replace(grant, session_id=new_id(ctx.clock.now()))
    begun = await begin_authorized(ctx, alone, own, user_agent="")
    fields: Fields = {}
    if request.wants_token:
        audience = request.resource[0] if request.resource else None
        issued = await answer(ctx, begun.grantee, begun.scopes, None, audience)
        expires_in = str(issued.expires_in)
        fields |= {"access_token": issued.access_token, "token_type": "Bearer", "expires_in": expires_in}
    if request.wants_id_token:
        fields["id_token"] = await _id_token(ctx, begun.grantee, request, fields.get("access_token"), code)
    return fields


async def _id_token(
    ctx: Context, grantee: Grantee, request: AuthorizeRequest, access_token: str | None, code: str | None
) -> str:
    """Without an access token nobody can ask for userinfo, so the claims of the scopes are in it (section 5.4)."""
    alone = not (request.wants_token or request.wants_code)
    names = asked_names(request.claims, "id_token") | (claim_names(request.scopes) if alone else frozenset())
    extra = select_claims(grantee.user, names)
    members = replace(id_claims(ctx, grantee), access_token=access_token, code=code, nonce=request.nonce, extra=extra)
    key = await signing_material(ctx, grantee.client.metadata.id_token_signed_response_alg)
    return sign_id_token(members, issuer=ctx.config.issuer, key=key)
