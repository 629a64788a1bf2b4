"""Who may register a client, how often, and for what (RFC 7591 section 3)."""

import json

from watchword.core.account_errors import NotFound
from watchword.core.authorize_errors import InvalidClientMetadata
from watchword.core.errors import InvalidToken, TooManyRequests
from watchword.core.models.client_metadata import ClientMetadata, ConsentPolicy
from watchword.core.models.events import LimitReached
from watchword.core.network import network_of
from watchword.core.oauth.client_rules import RegistrationPolicy, check_sector
from watchword.core.oauth.response_modes import RESPONSE_TYPES
from watchword.flows.context import Context
from watchword.flows.initial_tokens import check_initial_access_token
from watchword.ports.outside import FetchFailed

BUCKET, CHANGES = "registrations", "registration-changes"
_OK = 200
_LARGEST = 64 * 1024


def policy_of(ctx: Context) -> RegistrationPolicy:
    """Return what a client may register itself for: no restricted scope, and no algorithm that we do not sign by."""
    provider = ctx.config.provider
    return RegistrationPolicy(
        scopes=frozenset(name for name, scope in ctx.scopes.items() if not scope.restricted),
        response_types=frozenset(RESPONSE_TYPES) if provider.legacy_response_types else frozenset({"code"}),
        algorithms=frozenset(ctx.config.signing_algorithms) - {"HS256"},
        consent=ConsentPolicy.ALWAYS,
        require_pkce=provider.require_pkce,
    )


def check_admission(ctx: Context, token: str | None) -> None:
    """Check that who registers may. A token that is shown must be good, also where none is needed.

    Raises:
        NotFound: nobody may.
        InvalidToken: an initial access token is needed, or the one that is shown is not good.
    """
    mode = ctx.config.provider.registration
    if mode == "off":
        raise NotFound("Clients cannot register themselves here.", hint="registration is off")
    if token is not None:
        check_initial_access_token(ctx, token)
    elif mode == "token":
        raise InvalidToken(hint="no initial access token")


async def throttle(ctx: Context, address: str, *, bucket: str = BUCKET) -> None:
    """Count a registration, or a change of one: either may make us fetch something. Raises `TooManyRequests`."""
    wait = await ctx.limiter.hit(bucket, network_of(address), ctx.config.provider.registrations)
    if wait:
        ctx.events.publish(LimitReached(at=ctx.clock.now(), limit="registration", address=address))
        raise TooManyRequests(retry_after=wait, hint="too many registrations")


async def check_sector_of(ctx: Context, metadata: ClientMetadata) -> None:
    """Fetch the sector identifier document, if there is one, and check that it names every redirect URI.

    Raises:
        InvalidClientMetadata: it cannot be fetched, or does not.
    """
    uri = metadata.sector_identifier_uri
    if uri is None:
        return
    if ctx.outside is None:
        raise InvalidClientMetadata(hint="nothing can be fetched here")
    try:
        answer = await ctx.outside.fetcher.get(uri)
        document = json.loads(answer.body) if answer.status == _OK and len(answer.body) <= _LARGEST else None
    except (FetchFailed, ValueError, RecursionError) as failure:
        raise InvalidClientMetadata(hint=f"sector_identifier_uri: {type(failure).__name__}") from None
    check_sector(document, metadata)
