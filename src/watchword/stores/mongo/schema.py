"""The schema's version: bring it up to date, or say what to do. Every step may be run again, by several at once."""

import logging

import pymongo

from watchword.core.errors import ConfigError
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import MAJORITY, Connection
from watchword.stores.mongo.failures import translated
from watchword.stores.mongo.indexes import INDEXES
from watchword.stores.mongo.revocations import COUNTER, SEQUENCE

_log = logging.getLogger("watchword.stores.mongo")

VERSION = 1
"""Of the documents and indexes that this package reads and writes."""
SCHEMA = "schema"
"""The `_id` of the document that holds the version."""

UNMIGRATED = "The database has no Watchword collections yet. Run `watchword migrate`."
OLD = "The database has an older schema than this version of Watchword needs. Run `watchword migrate`."
NEWER = (
    "The database was migrated by a newer version of Watchword. Install that version, or a later one; "
    "a schema is never taken back."
)
STANDALONE = (
    "This MongoDB server is no member of a replica set: what it has acknowledged is on one disk only, "
    "and there is nothing to fail over to. Start it with --replSet; a set of one will do for a start."
)


async def check_schema(connection: Connection) -> None:
    """Raise `ConfigError`, saying what to do, unless the schema is exactly that of this package."""
    applied = await _applied(connection)
    if connection.is_standalone:
        _log.warning(STANDALONE)
    if applied != VERSION:
        raise ConfigError(_problem(applied))


async def migrate(connection: Connection) -> None:
    """Bring the schema to this package's version: idempotent, and the same with several migrators at once.

    Raises:
        ConfigError: if the schema is newer than this package.
    """
    applied = await _applied(connection)
    if applied is not None and applied > VERSION:
        raise ConfigError(NEWER)
    with pymongo.timeout(None), translated():  # an index of many documents is not made in a moment
        for name, indexes in INDEXES.items():
            await connection.collection(name, MAJORITY).create_indexes(list(indexes))
    await Collection(connection, "counters").put(COUNTER, {"$setOnInsert": {SEQUENCE: 0}})
    await Collection(connection, "schema").put(SCHEMA, {"$max": {"version": VERSION}})


async def _applied(connection: Connection) -> int | None:
    document = await Collection(connection, "schema").find_one({"_id": SCHEMA})
    return None if document is None else int(document["version"])


def _problem(applied: int | None) -> str:
    if applied is None:
        return UNMIGRATED
    return OLD if applied < VERSION else NEWER
