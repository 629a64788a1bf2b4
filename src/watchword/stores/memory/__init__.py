"""The memory store, for tests: one process, nothing durable, the same answers as a database."""

from watchword.ports.bundle import Stores
from watchword.stores.memory.authorizations import MemoryCodes, MemoryConsents, MemoryResources, MemoryUsedOnce
from watchword.stores.memory.browsers import MemoryBrowserSessions
from watchword.stores.memory.clients import MemoryClients
from watchword.stores.memory.devices import MemoryDeviceGrants
from watchword.stores.memory.grants import MemoryRefreshFamilies, MemorySigningKeys
from watchword.stores.memory.identity import MemoryUsers
from watchword.stores.memory.invites import MemoryInvites
from watchword.stores.memory.roles import MemoryRoles
from watchword.stores.memory.sessions import MemoryRevocations, MemorySessions
from watchword.stores.memory.state import State


def open_memory() -> Stores:
    """Return new, empty stores that share nothing with any others."""
    state = State()
    return Stores(
        kind="memory",
        users=MemoryUsers(state),
        roles=MemoryRoles(state),
        invites=MemoryInvites(state),
        sessions=MemorySessions(state),
        clients=MemoryClients(state),
        families=MemoryRefreshFamilies(state),
        keys=MemorySigningKeys(state),
        revocations=MemoryRevocations(state),
        browsers=MemoryBrowserSessions(state),
        codes=MemoryCodes(state),
        devices=MemoryDeviceGrants(state),
        consents=MemoryConsents(state),
        resources=MemoryResources(state),
        once=MemoryUsedOnce(state),
    )
