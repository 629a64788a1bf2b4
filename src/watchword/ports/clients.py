"""The store of registered clients (RFC 6749 section 2)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from watchword.core.models.grants import Client
from watchword.ports.identity import Change


class Clients(Protocol):
    """Registered clients, by id. Their secrets are stored as hashes only."""

    async def add(self, client: Client) -> None:
        """Store a new client."""

    async def find(self, client_ids: Collection[str]) -> Sequence[Client]:
        """Return those of these clients that exist, disabled ones too, in the order of their ids."""

    async def list(self, *, limit: int, after: str | None = None) -> Sequence[Client]:
        """Return up to `limit` clients in the order of their ids, from behind `after`."""

    async def replace(self, client: Client, *, expected_version: int) -> Change:
        """Store the client anew, but for its secrets, salts and `disabled_at`, if it is at `expected_version`.

        The version goes up by one. STALE if it is another's turn, ABSENT if there is none.
        """

    async def rotate_secret(
        self,
        client_id: str,
        *,
        expected: tuple[bytes, ...],
        secret_hashes: tuple[bytes, ...],
        secret_salts: tuple[bytes, ...] = (),
    ) -> Change:
        """Replace both if the hashes are still `expected`, else STALE; of several callers one gets CHANGED."""

    async def disable(self, client_id: str, *, now: datetime) -> Change:
        """Set `disabled_at`, unless disabled already."""

    async def enable(self, client_id: str) -> Change:
        """Clear `disabled_at`, unless enabled already."""

    async def delete(self, client_id: str) -> Change:
        """Remove the client. CHANGED or ABSENT."""
