"""One client of PyMongo per event loop, and what every collection of ours is opened with.

Writes wait for a majority of the replica set and its journals, whatever the URL says: an answer that a fail-over takes
back would let a spent token live again. Reads go to the primary and see what a majority has (see `collection`).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from pymongo import AsyncMongoClient, ReadPreference, WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from watchword.core.errors import ConfigError, StoreUnavailable
from watchword.stores.mongo.documents import Document
from watchword.stores.mongo.failures import translated

PREFIX = "watchword_"
MAJORITY = ReadConcern("majority")
LINEARIZABLE = ReadConcern("linearizable")
LOCAL = ReadConcern("local")
DURABLE = WriteConcern("majority", j=True)
DEFAULTS: Mapping[str, Any] = {
    "timeoutMS": 700,  # for one call with all its retries: the token endpoint answers within a second
    "serverSelectionTimeoutMS": 700,
    "connectTimeoutMS": 2000,
    "appName": "watchword",
}
"""Options that the URL may set otherwise. Retries of writes are the driver's: it makes none on a standalone server."""
NO_NAME = frozenset(' "$./\\\0')
"""What MongoDB allows in no name of a database."""
NEEDS_NAME = (
    "WATCHWORD_DATABASE_URL for MongoDB needs the name of a database: mongodb://host:27017/watchword?replicaSet=rs0"
)


class Connection:
    """One database of one deployment. Opens nothing before it is first used.

    Args:
        url: `mongodb://` or `mongodb+srv://`, with the name of a database.

    Raises:
        ConfigError: where that cannot be read. The message never repeats the URL.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._name = _check_name(url)
        self._options = {name: value for name, value in DEFAULTS.items() if name.lower() not in _option_names(url)}
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncMongoClient[Document]] = WeakKeyDictionary()
        self._closed = False

    @property
    def is_standalone(self) -> bool:
        """Whether the server last said that it is no member of a replica set: it has no majority to ask."""
        servers = self._client().topology_description.server_descriptions().values()
        return any(server.server_type_name == "Standalone" for server in servers)

    def collection(self, name: str, concern: ReadConcern) -> AsyncCollection[Document]:
        """Return a collection of ours; `name` comes without its prefix."""
        return self._database().get_collection(f"{PREFIX}{name}", read_concern=concern)

    async def ping(self) -> None:
        """Raise `StoreUnavailable` unless the database answers."""
        async with self.in_time():
            await self._database().command("ping")

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Bound what is done in this block, and turn what it raises into our errors.

        The driver looks only every half second whether the time for finding a server is over, and does so once more
        before it retries: without this, 0.7 seconds are 1 or 1.3.
        """
        with translated():
            async with asyncio.timeout(self._client().options.timeout):
                yield

    async def close(self) -> None:
        """Free every connection of this event loop. Whatever comes later raises `StoreUnavailable`."""
        self._closed = True
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    def _database(self) -> AsyncDatabase[Document]:
        return self._client().get_database(
            self._name, read_preference=ReadPreference.PRIMARY, read_concern=MAJORITY, write_concern=DURABLE
        )

    def _client(self) -> AsyncMongoClient[Document]:
        """Return the client of this event loop: a client works in none but its own."""
        if self._closed:
            raise StoreUnavailable(hint="the store is closed")
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            with translated():
                self._clients[loop] = AsyncMongoClient(self._url, **self._options)
        return self._clients[loop]


def _check_name(url: str) -> str:
    scheme, _, rest = url.partition("://")
    name = unquote(rest.partition("/")[2].partition("?")[0])
    if not name or NO_NAME & set(name):
        raise ConfigError(NEEDS_NAME)
    if scheme.lower() == "mongodb":  # the other kind is looked up in the DNS when it is first used
        valid = False
        with suppress(PyMongoError, ValueError):
            valid = bool(parse_uri(url))
        if not valid:
            raise ConfigError("WATCHWORD_DATABASE_URL is no MongoDB URL that the driver can read.")
    return name


def _option_names(url: str) -> frozenset[str]:
    """Return the options that a URL sets, in lower case."""
    return frozenset(option.partition("=")[0].lower() for option in url.partition("?")[2].split("&"))
