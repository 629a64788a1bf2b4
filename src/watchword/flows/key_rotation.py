"""Makes, rotates and revokes signing keys.

A new key is published first and signs later: after `jwks_max_age` every cached key set has it, and `clock_skew` more
covers clocks that differ. Several processes may rotate at once; the generation is unique, so one of them wins. Each
algorithm that the server signs with rotates by itself.
"""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from watchword.core.account_errors import Conflict, NotFound
from watchword.core.errors import StoreUnavailable
from watchword.core.models.events import KeyRevoked, KeyRotated
from watchword.core.models.grants import SigningKey
from watchword.core.tokens.keyring import SigningMaterial, new_signing_key
from watchword.ports.grants import KeyAdded

if TYPE_CHECKING:
    from watchword.flows.context import Context  # which starts by calling us

MOST_TRIES = 8


async def ensure_key(ctx: "Context") -> None:
    """Make sure that a key signs now: make the first, or a new one at once where none is good any more.

    Where the current key is of another algorithm than the configured one, the next is made in the ordinary way.

    Raises:
        StoreUnavailable: keys could not be read or written.
    """
    await ctx.keys.reload()
    await rotate_if_due(ctx)


async def signing_material(ctx: "Context", algorithm: str | None = None) -> SigningMaterial:
    """Return what signs now, by default access tokens; makes a key where every one was revoked.

    Raises:
        StoreUnavailable: the key that signs now was sealed by a secret that this process does not have, or the server
            does not sign by this algorithm.
    """
    try:
        return ctx.keys.ring.signing(ctx.clock.now(), algorithm)
    except LookupError:
        await ensure_key(ctx)
    try:
        return ctx.keys.ring.signing(ctx.clock.now(), algorithm)
    except LookupError:
        raise StoreUnavailable(hint="WATCHWORD_SECRET_KEY does not open the key that signs now") from None


async def rotate(ctx: "Context", *, immediately: bool = False, algorithm: str | None = None) -> SigningKey:
    """Make the next key, and return it, or the one that another process made in the same moment.

    Args:
        ctx: the context.
        immediately: let it sign at once, for a compromise. Resource servers that do not refetch keys when they meet an
            unknown `kid` refuse its tokens until their cached key set ends.
        algorithm: whose; by default that of access tokens.

    Raises:
        Conflict: a next key waits already.
        NotFound: nothing here is signed by this algorithm.
    """
    wanted = algorithm or ctx.config.tokens.algorithm
    await ctx.keys.reload()
    if wanted not in ctx.config.signing_algorithms and ctx.keys.ring.newest_of(wanted) is None:
        raise NotFound(hint=f"no key of {wanted}")
    if not immediately and _waits(ctx, wanted, ctx.clock.now()):
        raise Conflict("A next key waits already.")
    return await _add_next(ctx, wanted, immediately=immediately)


async def rotate_if_due(ctx: "Context") -> SigningKey | None:
    """Make the next key of each algorithm of which none signs, or the current one has for `key_lifetime`.

    Returns the last that was made. Another algorithm in the configuration is due too.
    """
    made = None
    for algorithm in ctx.config.signing_algorithms:
        if not _is_due(ctx, algorithm):
            continue
        await ctx.keys.reload()  # another process may have been quicker
        if _is_due(ctx, algorithm):
            made = await _add_next(ctx, algorithm, immediately=_find_current(ctx, algorithm) is None)
    return made


async def revoke_key(ctx: "Context", kid: str) -> None:
    """Mark a key compromised. It and its tokens are refused here at once, elsewhere when keys are next read.

    If it was signing, a new one signs at once. Sessions live on: refreshing gives tokens of the new key.

    Raises:
        NotFound: there is no such key, or it was revoked before.
    """
    await ctx.keys.reload()
    signing = [algorithm for algorithm in ctx.config.signing_algorithms if _signs(ctx, kid, algorithm)]
    if not await ctx.stores.keys.revoke(kid, now=ctx.clock.now()):
        raise NotFound(hint=f"no good key {kid!r}")
    ctx.events.publish(KeyRevoked(at=ctx.clock.now(), kid=kid))
    for algorithm in signing:
        await rotate(ctx, immediately=True, algorithm=algorithm)
    await ensure_key(ctx)


async def _add_next(ctx: "Context", algorithm: str, *, immediately: bool) -> SigningKey:
    """Add the next generation, or return the one that another process has just added."""
    tokens = ctx.config.tokens
    wait = timedelta(0) if immediately else tokens.jwks_max_age + tokens.clock_skew
    for _ in range(MOST_TRIES):
        newest, now = ctx.keys.ring.newest, ctx.clock.now()
        generation = newest.generation + 1 if newest else 1
        key = await _make(ctx, algorithm, generation, now=now, signs_from=now + wait)
        added = await ctx.stores.keys.add(key)
        await ctx.keys.reload()
        if added is KeyAdded.ADDED:
            ctx.events.publish(KeyRotated(at=now, kid=key.kid, signs_from=key.signs_from))
            return key
        winner = ctx.keys.ring.newest_of(algorithm)  # it may have looked at its clock a little later than we did
        if winner is not None and winner.generation >= generation and _is_good(winner, ctx.clock.now() + wait):
            return winner
    raise StoreUnavailable(hint="too many processes are rotating keys")


def _is_good(winner: SigningKey, signs_from: datetime) -> bool:
    return winner.revoked_at is None and winner.signs_from <= signs_from


def _find_current(ctx: "Context", algorithm: str) -> SigningKey | None:
    """Return the key that signs what an algorithm is for; access tokens may still be signed by another one."""
    access = algorithm == ctx.config.tokens.algorithm
    return ctx.keys.ring.current(ctx.clock.now(), None if access else algorithm)


def _signs(ctx: "Context", kid: str, algorithm: str) -> bool:
    current = _find_current(ctx, algorithm)
    return current is not None and current.kid == kid


def _is_due(ctx: "Context", algorithm: str) -> bool:
    now, tokens = ctx.clock.now(), ctx.config.tokens
    current = _find_current(ctx, algorithm)
    if current is None:
        return True
    outdated = now >= current.signs_from + tokens.key_lifetime or current.algorithm != algorithm
    return outdated and not _waits(ctx, algorithm, now)


def _waits(ctx: "Context", algorithm: str, now: datetime) -> bool:
    newest = ctx.keys.ring.newest_of(algorithm)
    return newest is not None and newest.revoked_at is None and newest.signs_from > now


async def _make(ctx: "Context", algorithm: str, generation: int, *, now: datetime, signs_from: datetime) -> SigningKey:
    """Return a new key, found in a thread: an RSA one takes long enough to hold up every request."""
    return await asyncio.to_thread(
        new_signing_key,
        algorithm,
        generation=generation,
        now=now,
        signs_from=signs_from,
        secrets=ctx.secrets,
    )
