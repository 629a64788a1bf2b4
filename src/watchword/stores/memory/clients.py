"""Registered clients in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from watchword.core.models.grants import Client
from watchword.ports.identity import Change
from watchword.stores.memory.state import State, cut, kept


class MemoryClients:
    """Registered clients (see `ports.clients.Clients`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, client: Client) -> None:
        """Store a new client."""
        client = kept(client)
        with self._state.lock:
            if client.id in self._state.clients:
                raise ValueError("a client with this id exists")
            self._state.clients[client.id] = client

    async def find(self, client_ids: Collection[str]) -> Sequence[Client]:
        """Return those of these clients that exist, in the order of their ids."""
        with self._state.lock:
            return [self._state.clients[name] for name in sorted(set(client_ids)) if name in self._state.clients]

    async def list(self, *, limit: int, after: str | None = None) -> Sequence[Client]:
        """Return up to `limit` clients in the order of their ids, from behind `after`."""
        with self._state.lock:
            ids = sorted(client_id for client_id in self._state.clients if client_id > (after or ""))
            return [self._state.clients[client_id] for client_id in ids[:limit]]

    async def replace(self, client: Client, *, expected_version: int) -> Change:
        """Store the client anew, but for its secrets, salts and `disabled_at`, if it is at `expected_version`."""
        with self._state.lock:
            known = self._state.clients.get(client.id)
            if known is None:
                return Change.ABSENT
            if known.version != expected_version:
                return Change.STALE
            self._state.clients[client.id] = replace(
                kept(client),
                version=expected_version + 1,
                secret_hashes=known.secret_hashes,
                secret_salts=known.secret_salts,
                disabled_at=known.disabled_at,
                created_at=known.created_at,
            )
        return Change.CHANGED

    async def rotate_secret(
        self,
        client_id: str,
        *,
        expected: tuple[bytes, ...],
        secret_hashes: tuple[bytes, ...],
        secret_salts: tuple[bytes, ...] = (),
    ) -> Change:
        """Replace hashes and salts if the hashes are still `expected`, else STALE."""
        with self._state.lock:
            client = self._state.clients.get(client_id)
            if client is None:
                return Change.ABSENT
            if client.secret_hashes != expected:
                return Change.STALE
            self._state.clients[client_id] = replace(client, secret_hashes=secret_hashes, secret_salts=secret_salts)
        return Change.CHANGED

    async def disable(self, client_id: str, *, now: datetime) -> Change:
        """Set `disabled_at`, unless disabled already."""
        return self._set_disabled(client_id, cut(now))

    async def enable(self, client_id: str) -> Change:
        """Clear `disabled_at`, unless enabled already."""
        return self._set_disabled(client_id, None)

    async def delete(self, client_id: str) -> Change:
        """Remove the client."""
        with self._state.lock:
            return Change.ABSENT if self._state.clients.pop(client_id, None) is None else Change.CHANGED

    def _set_disabled(self, client_id: str, at: datetime | None) -> Change:
        with self._state.lock:
            client = self._state.clients.get(client_id)
            if client is None:
                return Change.ABSENT
            if client.disabled == (at is not None):
                return Change.UNCHANGED
            self._state.clients[client_id] = replace(client, disabled_at=at)
        return Change.CHANGED
