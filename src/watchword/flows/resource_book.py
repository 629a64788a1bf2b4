"""The protected resources that tokens can be made for, in memory (RFC 8707), and what the operator does with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from watchword.config import AuthConfig
from watchword.core.account_errors import InvalidInput, NotFound
from watchword.core.errors import OAuthError
from watchword.core.models.authorizations import Resource
from watchword.core.oauth.declarations import read_resource
from watchword.core.oauth.resources import check_resource
from watchword.ports.bundle import Stores
from watchword.ports.identity import Change
from watchword.ports.outside import Clock

if TYPE_CHECKING:
    from watchword.flows.context import Context  # which holds a book

ASKED_EVERY = timedelta(seconds=1)
"""How often an unknown URI may make this process read the resources anew: anyone can send such."""


class ResourceBook:
    """All registered resources; this application itself is always one. Asking costs no I/O."""

    def __init__(self, stores: Stores, config: AuthConfig, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._own = Resource(uri=config.resource)
        self._asked_at: datetime | None = None
        self.by_uri: Mapping[str, Resource] = MappingProxyType({self._own.uri: self._own})

    def find(self, uri: str) -> Resource | None:
        """Return a registered resource, or None."""
        return self.by_uri.get(uri)

    async def reload(self) -> None:
        """Read the resources anew. Raises `StoreUnavailable`: what was known stays."""
        found = await self._stores.resources.list()
        self.by_uri = MappingProxyType({self._own.uri: self._own, **{each.uri: each for each in found}})

    async def know(self, uris: Sequence[str]) -> None:
        """Read the resources anew, now and then, if one of these is unknown: it may have just been registered."""
        now = self._clock.now()
        if all(uri in self.by_uri for uri in uris):
            return
        if self._asked_at is None or abs(now - self._asked_at) >= ASKED_EVERY:
            self._asked_at = now
            await self.reload()


async def list_resources(ctx: "Context") -> Sequence[Resource]:
    """Return the registered resources by URI."""
    return await ctx.stores.resources.list()


async def put_resource(ctx: "Context", resource: Resource) -> Resource:
    """Make or replace a resource. Raises `InvalidTarget` if its URI is not absolute, or has a fragment."""
    check_resource(resource.uri)
    await ctx.stores.resources.put(resource)
    await ctx.resources.reload()
    return resource


async def put_declared_resource(ctx: "Context", uri: str, document: Mapping[str, Any]) -> Resource:
    """Make or replace a resource by its members, as a file declares it. Raises `InvalidInput`."""
    try:
        resource = read_resource(uri, document)
    except OAuthError as error:
        raise InvalidInput(f"This resource cannot be registered: {error.hint or error.description}.") from None
    return await put_resource(ctx, resource)


async def delete_resource(ctx: "Context", uri: str) -> None:
    """Remove a resource: no new token is made for it. Raises `NotFound`."""
    if await ctx.stores.resources.delete(uri) is Change.ABSENT:
        raise NotFound("There is no such resource.", hint="no such resource")
    await ctx.resources.reload()
