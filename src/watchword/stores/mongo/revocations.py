"""The revocation feed in MongoDB.

What is appended together is one document, so all of it is stored or none. Its `last` is the sequence of its last entry,
taken from a counter before it is stored:

- A writer that dies in between leaves a gap, which holds nothing and which nobody waits for.
- Documents may become visible out of order, and readers look again for what is missing (`flows.follower`) for as long
  as its overlap lasts. A writer that was slower than half of that, whatever held it up, cannot know who went past: it
  appends once more with newer sequences. To read an entry twice changes nothing.
- The counter is confirmed by a majority before an entry bears its number, so no fail-over gives a number out again.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from watchword.core.errors import StoreUnavailable
from watchword.core.models.sessions import FeedEntry, Revocation
from watchword.stores.encoding import to_ms
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import Document, is_, to_document, to_record

COUNTER = "revocations"
SEQUENCE = "sequence"
LATE_SECONDS = 5.0
"""Half of the time for which readers look for what is missing."""
MOST_TRIES = 5


class MongoRevocations:
    """The feed of revocations (see `ports.sessions.Revocations`)."""

    def __init__(self, connection: Connection) -> None:
        self._feed = Collection(connection, "revocations")
        self._counters = Collection(connection, "counters")

    async def append(self, revocations: Sequence[Revocation]) -> None:
        """Add entries, all or none."""
        entries = [to_document(revocation) for revocation in revocations]
        for _ in range(MOST_TRIES if entries else 0):
            started = time.monotonic()
            last = await self._counters.count_up(COUNTER, SEQUENCE, len(entries))
            if last is None:
                raise StoreUnavailable(hint="the counter of revocations is missing: run `watchword migrate`")
            await self._feed.insert(_batch(last, entries))
            if time.monotonic() - started < LATE_SECONDS:
                return
        if entries:
            raise StoreUnavailable(hint="revocations were stored too slowly for every reader to see them")

    async def read(self, *, after: int, limit: int, now: datetime) -> Sequence[FeedEntry]:
        """Return up to `limit` unexpired entries whose sequence is greater than `after`, in order."""
        alive = {"$gt": to_ms(now)}
        # One more: the first document may begin before `after`, and hold nothing for us.
        batches = await self._feed.find(
            {"last": {"$gt": after}, "last_expires_at": alive}, limit=limit + 1, order="last"
        )
        found = (entry for batch in batches for entry in batch["entries"] if entry["expires_at"] > alive["$gt"])
        return [_to_entry(entry) for entry in found if entry[SEQUENCE] > after][:limit]

    async def purge(self, *, now: datetime, limit: int) -> int:
        """Delete up to `limit` expired entries."""
        gone = 0
        while gone < limit:
            batches = await self._feed.find({"first_expires_at": {"$lte": to_ms(now)}}, limit=1, order="last")
            done = [await self._purge_from(batch, to_ms(now), limit - gone) for batch in batches]
            if not any(done):  # nothing is left, or another is at it
                break
            gone += sum(done)
        return gone

    async def _purge_from(self, batch: Document, now: int, limit: int) -> int:
        """Delete expired entries of one document, and the document with its last; 0 if another was faster."""
        dead = [entry for entry in batch["entries"] if entry["expires_at"] <= now][:limit]
        left = [entry for entry in batch["entries"] if entry not in dead]
        this = {"last": is_(batch["last"]), "size": is_(batch["size"])}
        if left:
            done = await self._feed.update(this, {"$set": {"entries": left, **_summary(left)}})
        else:
            done = await self._feed.delete(this)
        return len(dead) if done else 0


def _batch(last: int, entries: Sequence[Document]) -> Document:
    """Return one document of entries, whose last has the sequence `last`."""
    numbers = range(last - len(entries) + 1, last + 1)
    numbered = [{SEQUENCE: number, **entry} for number, entry in zip(numbers, entries, strict=True)]
    return {"last": last, "entries": numbered, **_summary(numbered)}


def _summary(entries: Sequence[Document]) -> dict[str, Any]:
    ends = [entry["expires_at"] for entry in entries]
    return {"size": len(entries), "first_expires_at": min(ends), "last_expires_at": max(ends)}


def _to_entry(entry: Document) -> FeedEntry:
    return FeedEntry(sequence=entry[SEQUENCE], revocation=to_record(Revocation, entry))
