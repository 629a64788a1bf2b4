"""All stores of one database, as one typed object made at start-up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from watchword.ports.authorizations import Codes, Consents, DeviceGrants, Resources, UsedOnce
from watchword.ports.clients import Clients
from watchword.ports.grants import RefreshFamilies, SigningKeys
from watchword.ports.identity import Invites, Roles, Users
from watchword.ports.outside import FeedSignal, PollingSignal
from watchword.ports.sessions import BrowserSessions, Revocations, Sessions


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores of one database. `prepare` checks (or, asked to, migrates) the schema; `close` frees connections."""

    kind: str
    """`memory`, `sql` or `mongo`."""
    users: Users
    roles: Roles
    invites: Invites
    sessions: Sessions
    clients: Clients
    families: RefreshFamilies
    keys: SigningKeys
    revocations: Revocations
    browsers: BrowserSessions
    codes: Codes
    devices: DeviceGrants
    consents: Consents
    resources: Resources
    once: UsedOnce
    signal: FeedSignal = field(default_factory=PollingSignal)
    """How processes tell each other that `revocations` has grown. `close` closes it too."""
    migrate: Callable[[], Awaitable[None]] = _nothing
    """Bring the schema to the version of this package. Raises `ConfigError` if it is newer."""
    check_schema: Callable[[], Awaitable[None]] = _nothing
    """Raise `ConfigError`, saying what to do, unless the schema is exactly of this version."""
    ping: Callable[[], Awaitable[None]] = _nothing
    """Raise `StoreUnavailable` unless the database answers."""
    close: Callable[[], Awaitable[None]] = _nothing
    """Free every connection."""
