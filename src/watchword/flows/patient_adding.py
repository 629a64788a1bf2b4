"""Adds accounts to a store that may be away for a moment, without losing count of what it did."""

import asyncio
from collections.abc import Sequence

from watchword.core.errors import StoreUnavailable
from watchword.core.models.identity import User
from watchword.ports.identity import Added, Users

WAITS = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further attempt."""


async def add_patiently(store: Users, users: Sequence[User]) -> list[Added]:
    """Do what `add_many` does, and again where the store did not answer.

    An attempt that seemed to fail may have stored some of them: those are known by their ids, and were added.

    Raises:
        StoreUnavailable: at the last attempt, too.
    """
    for attempt, wait in enumerate(WAITS):
        try:
            outcomes = await store.add_many(users)
        except StoreUnavailable:
            await asyncio.sleep(wait)
            continue
        return await _counted(store, users, outcomes) if attempt else list(outcomes)
    return await _counted(store, users, await store.add_many(users))


async def _counted(store: Users, users: Sequence[User], outcomes: Sequence[Added]) -> list[Added]:
    return [
        Added.ADDED if outcome is not Added.ADDED and await store.find(user.id) is not None else outcome
        for user, outcome in zip(users, outcomes, strict=True)
    ]
