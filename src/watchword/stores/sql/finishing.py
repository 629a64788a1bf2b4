"""Lets database work finish when its caller is cancelled.

A request may be cancelled at any await (a client that went, a time-out). A driver cancelled half-way leaves open what
it was doing: a connection inside a transaction that holds the write lock. So the work runs in a task of its own; the
caller leaves at once, and what it began is done or undone as a whole.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Unfinished:
    """The work that is under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def finish(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Run the work to its end, and answer for it unless the caller is cancelled before."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def wait(self) -> None:
        """Wait until nothing is under way. What callers that are gone began may fail silently."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Worker(Protocol):
    """What has unfinished work."""

    @property
    def unfinished(self) -> Unfinished:
        """The work that is under way."""


class Store(Protocol):
    """A store over a `Database`."""

    @property
    def _database(self) -> Worker: ...


Self = TypeVar("Self", bound=Store)


def finished(
    verb: Callable[Concatenate[Self, Given], Coroutine[Any, Any, Answer]],
) -> Callable[Concatenate[Self, Given], Coroutine[Any, Any, Answer]]:
    """Make a store's verb finish even when its caller is cancelled."""

    @wraps(verb)
    async def run(self: Self, /, *args: Given.args, **kwargs: Given.kwargs) -> Answer:
        return await self._database.unfinished.finish(verb(self, *args, **kwargs))

    return run
