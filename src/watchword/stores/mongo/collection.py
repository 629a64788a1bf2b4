"""The few things that the stores do with a collection: each of one command, and atomic for each document it touches.

Which read sees what, on a replica set:

- `find`, `find_one`: on the primary, what a majority has (read concern majority), so nobody acts on what a fail-over
  can still take back: a signing key that others would never see, a rotation that was not to be.
- `find_settled`: the newest state of one document, which a majority has too by the time it is returned (linearizable).
  It tells why a conditional write found nothing. A plain read might still show the state before the write that won,
  and so name the wrong reason; a reason from the newest state alone might be taken back after it was given.

A retry after a lost connection is the driver's. It makes one only where the server remembers what it answered (a
replica set or a sharded cluster: `hello` says which), so the winner of a compare-and-set who has to ask twice is told
again that it won. A standalone server remembers nothing, so there nothing is sent twice and the caller gets
`StoreUnavailable`; so too for what changes several documents, which no server remembers.
"""

from bson import encode
from pymongo.errors import BulkWriteError

from watchword.stores.mongo.connection import LINEARIZABLE, LOCAL, MAJORITY, Connection
from watchword.stores.mongo.documents import Document
from watchword.stores.mongo.failures import UNSTORABLE, AlreadyStored


class Collection:
    """One collection of ours. A condition with a value that no document can hold matches none."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    async def find_one(self, where: Document) -> Document | None:
        """Return the document, or None."""
        return next(iter(await self.find(where, limit=1)), None)

    async def find(self, where: Document, *, limit: int = 0, order: str = "") -> list[Document]:
        """Return the documents (no more than `limit`, if it is not 0), in the order of a field."""
        async with self._connection.in_time():
            found = self._connection.collection(self._name, MAJORITY).find(where, limit=limit)
            try:
                return await (found.sort(order, 1) if order else found).to_list()
            except UNSTORABLE:
                return []

    async def find_settled(self, where: Document) -> Document | None:
        """Return one document as it is now, and as a fail-over leaves it."""
        async with self._connection.in_time():
            concern = LOCAL if self._connection.is_standalone else LINEARIZABLE
            try:
                return await self._connection.collection(self._name, concern).find_one(where)
            except UNSTORABLE:
                return None

    async def insert(self, document: Document) -> None:
        """Store a new document.

        Raises:
            AlreadyStored: a unique value belongs to another.
            ValueError: it holds a value that no document can hold.
        """
        async with self._connection.in_time():
            try:
                await self._connection.collection(self._name, MAJORITY).insert_one(document)
            except UnicodeEncodeError:
                raise
            except UNSTORABLE as error:
                raise ValueError(f"this cannot be stored: {type(error).__name__}") from None

    async def insert_in_turn(self, documents: list[Document]) -> int:
        """Store documents up to the first that is refused. Returns how many were stored."""
        async with self._connection.in_time():
            try:
                await self._connection.collection(self._name, MAJORITY).insert_many(documents)
            except BulkWriteError as refused:
                return int(refused.details["nInserted"])
        return len(documents)

    async def update(self, where: Document, change: Document) -> bool:
        """Change the one document that this matches. Returns whether there was one: the guard holds for one caller.

        Raises:
            AlreadyStored: a unique value belongs to another.
            ValueError: a new value is one that no document can hold.
        """
        return await self._update("update_one", where, change) == 1

    async def update_all(self, where: Document, change: Document) -> int:
        """Change every document that this matches, each for itself. Returns how many."""
        return await self._update("update_many", where, change)

    async def put(self, name: str, change: Document) -> None:
        """Change the document with this `_id`, which is made if there is none."""
        this = {"_id": {"$eq": name}}
        try:
            async with self._connection.in_time():
                await self._connection.collection(self._name, MAJORITY).update_one(this, change, upsert=True)
        except AlreadyStored:  # of several that make it at once, all but one may be told so
            await self._update("update_one", this, change)

    async def count_up(self, name: str, field: str, by: int) -> int | None:
        """Add to a number of the document with this `_id`. Returns what it is now; None without a document."""
        async with self._connection.in_time():
            collection = self._connection.collection(self._name, MAJORITY)
            after = await collection.find_one_and_update(
                {"_id": {"$eq": name}}, {"$inc": {field: by}}, return_document=True
            )
        return None if after is None else int(after[field])

    async def delete(self, where: Document) -> bool:
        """Delete one document that this matches. Returns whether there was one."""
        return await self._delete("delete_one", where) == 1

    async def delete_all(self, where: Document) -> int:
        """Delete every document that this matches. Returns how many went."""
        return await self._delete("delete_many", where)

    async def purge(self, where: Document, *, limit: int) -> int:
        """Delete up to `limit` of the documents that this matches. Returns how many went."""
        ids = [found["_id"] for found in await self.find(where, limit=limit)] if limit else []
        return await self.delete_all({**where, "_id": {"$in": ids}}) if ids else 0

    async def _update(self, command: str, where: Document, change: Document) -> int:
        async with self._connection.in_time():
            try:
                result = await getattr(self._connection.collection(self._name, MAJORITY), command)(where, change)
            except UNSTORABLE:
                encode(change)  # raises where the fault is there
                return 0
            return int(result.matched_count)

    async def _delete(self, command: str, where: Document) -> int:
        async with self._connection.in_time():
            try:
                result = await getattr(self._connection.collection(self._name, MAJORITY), command)(where)
            except UNSTORABLE:
                return 0
            return int(result.deleted_count)
