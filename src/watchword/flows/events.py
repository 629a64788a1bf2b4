"""Typed events: handlers run after the fact is durable, and the audit log hears of each."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import fields
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from watchword.core.models.events import Event

E = TypeVar("E", bound=Event)
Handler = Callable[[E], Awaitable[object]]

PATIENCE = timedelta(seconds=10)
"""For handlers that still run when a process is to end: less than what orchestrators give it."""

_log = logging.getLogger("watchword.events")
_audit = logging.getLogger("watchword.audit")
_PERSONAL = frozenset({"username"})
"""Left out of the audit log, which names people by id, so that erasing an account leaves nothing behind in it."""


class EventBus:
    """Hands each event to the handlers registered for its type or for a type above it.

    Example:
        @bus.on(UserSignedUp)
        async def welcome(event: UserSignedUp) -> None: ...
    """

    def __init__(self) -> None:
        self._handlers: list[tuple[type[Event], Callable[[Any], Awaitable[object]]]] = []
        self._running: set[asyncio.Task[None]] = set()

    def on(self, event_type: type[E]) -> Callable[[Handler[E]], Handler[E]]:
        """Return a decorator that registers an async handler; `on(Event)` hears everything."""
        return partial(self._register, event_type)

    def _register(self, event_type: type[E], handler: Handler[E]) -> Handler[E]:
        self._handlers.append((event_type, handler))
        return handler

    def publish(self, event: Event) -> None:
        """Write the audit record and start the handlers as tasks. Never raises on their account."""
        if _audit.isEnabledFor(logging.INFO):  # making a record costs more than all the rest of this
            _audit.info("%s", type(event).__name__, extra=audit_record(event))
        for event_type, handler in self._handlers:
            if isinstance(event, event_type):
                task = asyncio.get_running_loop().create_task(_run(handler, event))
                self._running.add(task)  # the loop itself keeps only weak references
                task.add_done_callback(self._running.discard)

    async def drain(self) -> None:
        """Wait until every handler has run, those too that were started meanwhile."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def close(self, patience: timedelta = PATIENCE) -> None:
        """Let the handlers finish, but not for ever: what still runs after so long is cancelled, and that is logged."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience.total_seconds()):
                await self.drain()
        if self._running:
            _log.error("%d event handlers did not end and were cancelled", len(self._running))
            for task in self._running:
                task.cancel()
            await asyncio.wait(set(self._running), timeout=1)


async def _run(handler: Callable[[Any], Awaitable[object]], event: Event) -> None:
    try:
        await handler(event)
    except Exception:  # noqa: BLE001  the application's code; whatever it raises must harm nothing
        _log.exception("a handler of %s failed", type(event).__name__)


def audit_record(event: Event) -> dict[str, Any]:
    """Return an event as flat log attributes: its name, its ids and its time, with control characters escaped."""
    record: dict[str, Any] = {"event": type(event).__name__}
    for each in fields(event):
        if each.name not in _PERSONAL:
            record[each.name] = _plain(getattr(event, each.name))
    return record


def _plain(value: object) -> str | None:
    if value is None:
        return None
    text = value.isoformat() if hasattr(value, "isoformat") else value if isinstance(value, str) else repr(value)
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
