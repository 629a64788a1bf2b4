"""Who the client is (RFC 6749 section 2.3): the built-in public one, or a registered one with its secret or its key.

A secret has 256 random bits, so it is stored under a fast hash, and a right one is accepted without asking any limit;
only failures are counted. Unknown client, wrong secret, no secret, disabled client: the same answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from types import MappingProxyType

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
_BASIC, _POST, _ASSERTION = "client_secret_basic", "client_secret_post", "assertion"
_WAYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        _BASIC: frozenset({_BASIC}),
        _POST: frozenset({_POST}),
        **{name: frozenset({_ASSERTION}) for name in METHOD_ALGORITHMS},
    }
)
_NOBODY = (bytes(32),)
"""Compared with where there is no hash: nothing hashes to it."""


@dataclass(frozen=True, slots=True)
class _Credentials:
    """What a request shows: the id and the secret, either of which may be empty, and how."""

    client_id: str
    secret: str = field(repr=False)
    way: str


async def identify_client(ctx: Context, request: TokenRequest, *, endpoint: str = "/token") -> Client:
    """Return the client that a request speaks for. It must prove that by the method that it is registered for.

    No id, or an empty one as Swagger UI sends it, means the first-party client. It is public, so a secret is refused.
    Without I/O for a client in use, but for an assertion: its keys may have to be fetched, and it is used once.

    Args:
        ctx: the context.
        request: as it was read.
        endpoint: where it was sent, under the prefix; an assertion may be made for that.

    Raises:
        InvalidRequest: the request authenticates in two ways, or names two clients.
        InvalidClient: authentication failed.
        TooManyRequests: it failed too often, for this client or from this address.
        StoreUnavailable: nothing is known of the client at present.
    """
    shown = _credentials(request)
    if not shown.way and shown.client_id in ("", ctx.client.id):
        return ctx.client
    if shown.client_id in ("", ctx.client.id) and shown.way != _ASSERTION:
        raise InvalidClient(hint="a secret for a client that has none")
    client = await ctx.clients.find(shown.client_id)
    good = _matches(shown.secret, client.secret_hashes if client is not None else _NOBODY)
    if client is not None and not client.disabled and shown.way == _ASSERTION:
        good = client.metadata.auth_method in METHOD_ALGORITHMS
        good = good and await is_proved(ctx, client, request.form, endpoint=endpoint)
    if client is None or client.disabled or not good or not _may_use(client, shown.way):
        raise await _refusal(ctx, shown.client_id, client, request.address)
    return client


async def identify_confidential_client(ctx: Context, request: TokenRequest, *, endpoint: str = "/token") -> Client:
    """Return the client of a request, which must have proved who it is. Raises as `identify_client`."""
    client = await identify_client(ctx, request, endpoint=endpoint)
    if not client.confidential:
        raise InvalidClient(hint="a public client, or none")
    return client


def _credentials(request: TokenRequest) -> _Credentials:
    """Return what the request shows. An assertion that names nobody names the client of the empty id: there is none."""
    form_id, form_secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    basic_id, basic_secret = request.basic or ("", "")
    asserts = "client_assertion" in request.form or "client_assertion_type" in request.form
    if bool(form_secret) + bool(basic_id or basic_secret) + asserts > 1:
        raise InvalidRequest(hint="client credentials in several places")
    if asserts:
        basic_id = find_assertion_client(request.form.get("client_assertion", "")) or ""
    if form_id and basic_id and form_id != basic_id:
        raise InvalidRequest(hint="the header or the assertion and the form name different clients")
    way = _ASSERTION if asserts else _POST if form_secret else _BASIC if basic_secret else ""
    return _Credentials(basic_id if asserts else form_id or basic_id, form_secret or basic_secret, way)


def _may_use(client: Client, way: str) -> bool:
    """Whether a client is registered for this way. Those that an operator gave a secret and nothing more use either."""
    allowed = _WAYS.get(client.metadata.auth_method, frozenset({_BASIC, _POST, ""}))
    return way in allowed


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
    hint = "unknown client" if client is None else f"client {client.id} is disabled, or its proof is wrong"
    if not wait:
        return InvalidClient(hint=hint)
    known = client.id if client else None
    ctx.events.publish(LimitReached(at=ctx.clock.now(), limit="client", address=address, subject=known))
    return TooManyRequests(retry_after=wait, hint=hint)
