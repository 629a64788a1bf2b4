"""The clients in use, in memory, so that a token request costs no database read.

A client is read when it is first asked for. From then on the follower reads it again on each of its passes, with all
the others in use, so that what another process changed is known here about half a second later. What was read longer
than `FRESH_FOR` ago is not trusted, but asked for anew: without its database a process soon stops issuing tokens.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchword.core.models.grants import Client
from watchword.ports.clients import Clients
from watchword.ports.outside import Clock

FRESH_FOR = timedelta(seconds=2)
ABSENT_FOR = timedelta(seconds=1)
"""How long an id that names no client is remembered as such: anyone can send such ids."""
IN_USE_FOR = timedelta(minutes=1)
MOST = 1000
LONGEST_ID = 128


@dataclass(slots=True)
class _Entry:
    client: Client
    read_at: datetime
    used_at: datetime


class ClientBook:
    """The clients in use. A client that is changed in this process is forgotten, and so asked for anew.

    Args:
        store: where clients are registered.
        clock: the time.
        most: how many clients, and how many ids of no client, are remembered.
    """

    def __init__(self, store: Clients, clock: Clock, *, most: int = MOST) -> None:
        self._store = store
        self._clock = clock
        self._most = most
        self._entries: dict[str, _Entry] = {}
        self._absent: OrderedDict[str, datetime] = OrderedDict()
        self._changes = 0

    async def find(self, client_id: str) -> Client | None:
        """Return a client, disabled or not, or None. Without I/O for one in use. Raises `StoreUnavailable`."""
        now = self._clock.now()
        entry = self._entries.get(client_id)
        if entry is not None and abs(now - entry.read_at) < FRESH_FOR:
            entry.used_at = now
            return entry.client
        if len(client_id) > LONGEST_ID or self._is_absent(client_id, now):
            return None
        return await self._ask(client_id, now)

    async def reload(self) -> None:
        """Read the clients in use anew; what nobody used for a minute is forgotten. Raises `StoreUnavailable`."""
        now, changes = self._clock.now(), self._changes
        used = {name: entry.used_at for name, entry in self._entries.items() if abs(now - entry.used_at) < IN_USE_FOR}
        found = await self._store.find(used) if used else ()
        if changes == self._changes:  # else some of it may have been read before it was changed
            self._entries = {client.id: _Entry(client, now, used[client.id]) for client in found}

    def forget(self, client_id: str) -> None:
        """Ask the store at the next request, whatever is being read just now. To be called after each change."""
        self._changes += 1
        self._entries.pop(client_id, None)
        self._absent.pop(client_id, None)

    async def _ask(self, client_id: str, now: datetime) -> Client | None:
        changes = self._changes
        client = next(iter(await self._store.find([client_id])), None)
        if changes != self._changes:
            return client
        if client is not None:
            self._entries[client_id] = _Entry(client, now, now)
        else:
            self._entries.pop(client_id, None)
            self._absent[client_id] = now
        self._bound()
        return client

    def _is_absent(self, client_id: str, now: datetime) -> bool:
        asked_at = self._absent.get(client_id)
        return asked_at is not None and abs(now - asked_at) < ABSENT_FOR

    def _bound(self) -> None:
        """Drop what was asked for first. Only clients that exist take each other's place, never ids of none."""
        while len(self._entries) > self._most:
            del self._entries[next(iter(self._entries))]
        while len(self._absent) > self._most:
            self._absent.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries) + len(self._absent)
