"""Access tokens that this server issued for any registered resource (RFC 8707): whoever asks about them is no resource.

Only introspection and revocation take such tokens. They are never remembered as verified, so that a token for another
resource cannot become one for this application.
"""

from contextlib import suppress
from dataclasses import replace

from watchword.core.errors import InvalidToken
from watchword.core.models.identity import Principal
from watchword.core.tokens.access_token import UnknownKey, verify_access_token
from watchword.core.tokens.compact import parse_compact, parse_json_object
from watchword.core.tokens.token_rules import TokenRules
from watchword.flows import access
from watchword.flows.context import Context


async def verify_issued(ctx: Context, token: str) -> Principal:
    """Check everything about an access token of ours but revocation, whichever resource it is for.

    Raises:
        InvalidToken: it does not verify.
    """
    rules = _rules_for(ctx, token)
    if rules is None:
        return await access.verify(ctx, token)
    with suppress(UnknownKey):
        return _check(ctx, token, rules)
    await ctx.keys.reload_for_unknown()
    return _check(ctx, token, rules)


async def authenticate_issued(ctx: Context, token: str) -> Principal:
    """Return the principal of a token that is good now, whichever resource it is for.

    Raises:
        InvalidToken: the token is malformed, expired or revoked.
        AccountDisabled: it was good until its account was disabled.
        StoreUnavailable: revocations are too old to be trusted, and `strict_revocation` is set.
    """
    if _rules_for(ctx, token) is None:
        return await access.authenticate(ctx, token)
    principal = await verify_issued(ctx, token)
    refused = ctx.view.refuses(principal)
    if refused is not None:
        raise InvalidToken(hint=f"revoked: {refused}")
    access.check_freshness(ctx)
    return principal


def _rules_for(ctx: Context, token: str) -> TokenRules | None:
    """Return the rules for a token of another resource, or None: our own rules hold. Nothing of it is checked here."""
    with suppress(InvalidToken):
        audience = parse_json_object(parse_compact(token).payload).get("aud")
        if isinstance(audience, str) and audience != ctx.rules.audience and ctx.resources.find(audience) is not None:
            return replace(ctx.rules, audience=audience)
    return None


def _check(ctx: Context, token: str, rules: TokenRules) -> Principal:
    return verify_access_token(token, rules=rules, find_key=ctx.keys.find, now=ctx.clock.now())
