"""What the operator does with clients: register, list, rotate secrets, disable, delete (RFC 6749 section 2)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from watchword.core.account_errors import Conflict, InvalidInput, NotFound
from watchword.core.authorize_errors import InvalidTarget
from watchword.core.ids import new_id
from watchword.core.models.client_metadata import NO_METADATA, ConsentPolicy
from watchword.core.models.events import ClientChanged
from watchword.core.models.grants import Client
from watchword.core.models.sessions import RevocationKind
from watchword.core.oauth.operator_clients import check_serves
from watchword.core.oauth.scopes import SCOPE_TOKEN
from watchword.flows.client_book import FRESH_FOR
from watchword.flows.client_secrets import new_client_secret
from watchword.flows.context import Context
from watchword.flows.revocations import append_revocations, revocation_of
from watchword.ports.identity import Change

GRANTS = frozenset({"client_credentials"})
"""The grants that a registered client may have."""
LONGEST_NAME = 128
MOST_SECRETS = 2


async def add_client(
    ctx: Context,
    name: str,
    *,
    grants: Iterable[str] = GRANTS,
    scopes: Iterable[str] = (),
    may_introspect: bool = False,
    serves: Iterable[str] = (),
) -> tuple[Client, str]:
    """Register a confidential client, and return it with its secret, which is shown once and stored as a hash.

    A restricted scope that is named here is granted to it; whether it is declared is asked at each request. It may
    introspect tokens for the resources that it `serves`, or with `may_introspect` for every resource.
    Raises `InvalidInput`: the name, a grant, a scope or a resource is not acceptable.
    """
    client_id = new_id(now := ctx.clock.now())
    given = new_client_secret(ctx, client_id, NO_METADATA.auth_method)
    client = Client(
        id=client_id,
        name=_check_name(name),
        secret_hashes=given.hashes,
        grants=frozenset(_check_grant(grant) for grant in grants),
        scopes=frozenset(_check_scope(scope) for scope in scopes),
        may_introspect=may_introspect,
        created_at=now,
        metadata=replace(NO_METADATA, serves=_check_served(serves)),
    )
    await ctx.stores.clients.add(client)
    note_change(ctx, client.id, "registered")
    return client, given.text


async def list_clients(ctx: Context, limit: int, after: str | None = None) -> Sequence[Client]:
    """Return up to `limit` clients in the order of their ids, from behind the id `after`."""
    return await ctx.stores.clients.list(limit=limit, after=after)


async def get_client(ctx: Context, client_id: str) -> Client:
    """Return a registered client, disabled or not. Raises `NotFound`."""
    for client in await ctx.stores.clients.find([client_id]):
        return client
    raise NotFound(f"There is no client {client_id[:LONGEST_NAME]!r}.", hint="no such client")


async def rotate_secret(ctx: Context, client_id: str, *, immediately: bool = False) -> str:
    """Give a client a new secret, and return it. The one before works until the next rotation.

    Args:
        ctx: the context.
        client_id: whose.
        immediately: refuse every other secret, and every access token of before: for a secret that has leaked.

    Raises:
        NotFound: there is no such client.
        Conflict: its secret was rotated in the same moment, or it has none: it is public, or has a key of its own.
    """
    client = await get_client(ctx, client_id)
    if not client.secret_hashes:
        raise Conflict("This client has no secret: it is public, or proves by a key of its own who it is.")
    given = await replace_secret(ctx, client, kept=0 if immediately else MOST_SECRETS - 1)
    if immediately:
        await _refuse_tokens(ctx, client_id)
    return given


async def replace_secret(ctx: Context, client: Client, *, kept: int) -> str:
    """Give a client a new secret of the kind that its method needs, and keep so many of the old. Raises `Conflict`."""
    given = new_client_secret(ctx, client.id, client.metadata.auth_method)
    change = await ctx.stores.clients.rotate_secret(
        client.id,
        expected=client.secret_hashes,
        secret_hashes=(*given.hashes, *client.secret_hashes[:kept]),
        secret_salts=(*given.salts, *client.secret_salts[:kept]) if given.salts else (),
    )
    ctx.clients.forget(client.id)
    if _found(change) is Change.STALE:
        raise Conflict("Another rotation was quicker; its secret is the one that works.")
    note_change(ctx, client.id, "secret_rotated")
    return given.text


async def verify_client(ctx: Context, client_id: str) -> Client:
    """Vouch for a client that registered itself: people are asked once now, not each time. Again is harmless.

    Raises:
        NotFound: there is no such client.
        Conflict: it was changed in this moment; look at it again.
    """
    client = await get_client(ctx, client_id)
    if not client.dynamic:
        return client
    metadata = replace(client.metadata, consent=ConsentPolicy.REMEMBER)
    verified = replace(client, dynamic=False, metadata=metadata)
    change = await ctx.stores.clients.replace(verified, expected_version=client.version)
    if _found(change) is not Change.CHANGED:
        raise Conflict("The client was changed in this moment.", hint=f"client {client_id}")
    note_change(ctx, client_id, "verified")
    return await get_client(ctx, client_id)


async def disable_client(ctx: Context, client_id: str) -> Client:
    """Refuse a client and its access tokens. Again is harmless: it finishes what a failing store left undone."""
    change = _found(await ctx.stores.clients.disable(client_id, now=ctx.clock.now()))
    note_change(ctx, client_id, "disabled", change)
    await _refuse_tokens(ctx, client_id)
    return await get_client(ctx, client_id)


async def enable_client(ctx: Context, client_id: str) -> Client:
    """Enable a client again. Tokens from before stay dead."""
    change = _found(await ctx.stores.clients.enable(client_id))
    note_change(ctx, client_id, "enabled", change)
    return await get_client(ctx, client_id)


async def delete_client(ctx: Context, client_id: str) -> Client:
    """Remove a client for good, and return what it was. Disabled first, so that no failure leaves a token alive."""
    client = await disable_client(ctx, client_id)
    _found(await ctx.stores.clients.delete(client_id))
    note_change(ctx, client_id, "deleted")
    return client


async def _refuse_tokens(ctx: Context, client_id: str) -> None:
    """Refuse the client's access tokens of now, and those that a process with an older client may still issue.

    Such a process believes what it knows for `FRESH_FOR` at the most, so the cut-off lies that far ahead.
    """
    now = ctx.clock.now()
    at = max(now + FRESH_FOR, ctx.view.earliest_issue(client_id, client_id, now=now))
    await append_revocations(ctx, revocation_of(ctx, RevocationKind.CLIENT, client_id, at=at))


def note_change(ctx: Context, client_id: str, what: str, change: Change = Change.CHANGED) -> None:
    """Read the client anew from now on, and tell of its change if it was one. Call it after each change."""
    ctx.clients.forget(client_id)
    if change is Change.CHANGED:
        ctx.events.publish(ClientChanged(at=ctx.clock.now(), client_id=client_id, change=what))


def _found(change: Change) -> Change:
    if change is Change.ABSENT:
        raise NotFound("There is no such client.", hint="no such client")
    return change


def _check_name(name: str) -> str:
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise InvalidInput(f"A name is 1 to {LONGEST_NAME} printable characters.", hint="bad client name")
    return name


def _check_grant(grant: str) -> str:
    if grant not in GRANTS:
        raise InvalidInput(f"A client may have these grants: {', '.join(sorted(GRANTS))}.", hint="unknown grant")
    return grant


def _check_served(uris: Iterable[str]) -> tuple[str, ...]:
    try:
        return check_serves(uris)
    except InvalidTarget:
        raise InvalidInput("A resource is an absolute URI without a fragment.", hint="malformed resource") from None


def _check_scope(scope: str) -> str:
    if not SCOPE_TOKEN.fullmatch(scope) or len(scope) > LONGEST_NAME:
        raise InvalidInput("A scope is a word without spaces, quotes and backslashes.", hint="malformed scope")
    return scope
