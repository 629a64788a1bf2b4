"""The MongoDB stores (PyMongo's own asynchronous client): a replica set or a sharded cluster."""

from functools import partial

from watchword.ports.bundle import Stores
from watchword.stores.mongo.authorizations import MongoCodes, MongoConsents, MongoUsedOnce
from watchword.stores.mongo.browsers import MongoBrowserSessions
from watchword.stores.mongo.clients import MongoClients
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.devices import MongoDeviceGrants
from watchword.stores.mongo.grants import MongoRefreshFamilies, MongoSigningKeys
from watchword.stores.mongo.identity import MongoUsers
from watchword.stores.mongo.invites import MongoInvites
from watchword.stores.mongo.resources import MongoResources
from watchword.stores.mongo.revocations import MongoRevocations
from watchword.stores.mongo.roles import MongoRoles
from watchword.stores.mongo.schema import check_schema, migrate
from watchword.stores.mongo.sessions import MongoSessions


def open_mongo(url: str) -> Stores:
    """Return the stores of a MongoDB database. Opens no connection yet.

    Raises:
        ConfigError: for a URL without the name of a database, or one that cannot be read.
    """
    connection = Connection(url)
    return Stores(
        kind="mongo",
        users=MongoUsers(connection),
        roles=MongoRoles(connection),
        invites=MongoInvites(connection),
        sessions=MongoSessions(connection),
        clients=MongoClients(connection),
        families=MongoRefreshFamilies(connection),
        keys=MongoSigningKeys(connection),
        revocations=MongoRevocations(connection),
        browsers=MongoBrowserSessions(connection),
        codes=MongoCodes(connection),
        devices=MongoDeviceGrants(connection),
        consents=MongoConsents(connection),
        resources=MongoResources(connection),
        once=MongoUsedOnce(connection),
        migrate=partial(migrate, connection),
        check_schema=partial(check_schema, connection),
        ping=connection.ping,
        close=connection.close,
    )
