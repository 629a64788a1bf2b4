"""Who the client is (RFC 6749 section 2.3): the built-in public one, or a registered one with its secret.

A secret has 256 random bits, so it is stored under a fast hash, and a right one is accepted without asking any limit;
only failures are counted. Unknown client, wrong secret, no secret, disabled client: the same answer.
"""

from hmac import compare_digest

from watchword.core.errors import InvalidClient, InvalidRequest, TooManyRequests, WatchwordError
from watchword.core.models.events import LimitReached
from watchword.core.models.grants import Client
from watchword.core.network import network_of
from watchword.core.tokens.client_assertion import METHOD_ALGORITHMS, find_assertion_client
from watchword.core.tokens.opaque import hash_secret
from watchword.flows.client_assertions import is_proved
from watchword.flows.context import Context
from watchword.flows.exchange import TokenRequest

FAILURES, ADDRESS = "client-failures", "client-failures-address"
_NOBODY = (bytes(32),)
"""Compared with where there is no hash: nothing hashes to it."""


async def identify_client(ctx: Context, request: TokenRequest) -> Client:
    """Return the client that a request speaks for.

    No id, or an empty one as Swagger UI sends it, means the first-party client. It is public, so a secret is refused.
    The others have `client_secret_basic` and `client_secret_post`, or the assertions that they are registered for.
    Without I/O for a client in use, but for an assertion, which is used once.

    Raises:
        InvalidRequest: the request authenticates in two ways, or names two clients.
        InvalidClient: authentication failed.
        TooManyRequests: it failed too often, for this client or from this address.
        StoreUnavailable: nothing is known of the client at present.
    """
    client_id, secret = _credentials(request)
    if not client_id or client_id == ctx.client.id:
        if secret:
            raise InvalidClient(hint="a secret for a client that has none")
        return ctx.client
    client = await ctx.clients.find(client_id)
    if client is not None and client.metadata.auth_method in METHOD_ALGORITHMS:
        good = await is_proved(ctx, client, request.form)
    else:
        good = _matches(secret, client.secret_hashes if client is not None else _NOBODY) and not _asserts(request)
    if client is None or client.disabled or not good:
        raise await _refusal(ctx, client_id, client, request.address)
    return client


async def identify_confidential_client(ctx: Context, request: TokenRequest) -> Client:
    """Return the client of a request, which must have proved who it is by a secret. Raises as `identify_client`."""
    client = await identify_client(ctx, request)
    if not client.confidential:
        raise InvalidClient(hint="a public client, or none")
    return client


def _credentials(request: TokenRequest) -> tuple[str, str]:
    """Return the client id and the secret, either of which may be empty."""
    form_id, form_secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    basic_id, basic_secret = request.basic or ("", "")
    if bool(form_secret) + bool(basic_id or basic_secret) + _asserts(request) > 1:
        raise InvalidRequest(hint="client credentials in several places")
    if _asserts(request):
        asserted_id = find_assertion_client(request.form.get("client_assertion", ""))
        if asserted_id is None:
            raise InvalidClient(hint="an assertion that names no client")
        basic_id = asserted_id
    if form_id and basic_id and form_id != basic_id:
        raise InvalidRequest(hint="the header or the assertion and the form name different clients")
    return form_id or basic_id, form_secret or basic_secret


def _asserts(request: TokenRequest) -> bool:
    return "client_assertion" in request.form or "client_assertion_type" in request.form


def _matches(secret: str, hashes: tuple[bytes, ...]) -> bool:
    """Whether the secret is one of these. Takes the same time whichever it is; a public client needs none."""
    if not hashes:
        return not secret
    try:
        given = hash_secret(secret)
    except UnicodeEncodeError:  # half a surrogate pair: no secret of ours
        given = b""
    return sum([compare_digest(given, each) for each in hashes]) > 0


async def _refusal(ctx: Context, client_id: str, client: Client | None, address: str) -> WatchwordError:
    """Count a failure, and return what to answer. What was wrong, the log alone is told."""
    limits, place = ctx.config.limits, network_of(address)
    wait = await ctx.limiter.hit(FAILURES, f"{place} {client_id}", limits.client_failures)
    wait = await ctx.limiter.hit(ADDRESS, place, limits.client_failures_per_address) or wait
    hint = "unknown client" if client is None else f"client {client.id} is disabled, or its secret is wrong"
    if not wait:
        return InvalidClient(hint=hint)
    known = client.id if client else None
    ctx.events.publish(LimitReached(at=ctx.clock.now(), limit="client", address=address, subject=known))
    return TooManyRequests(retry_after=wait, hint=hint)
