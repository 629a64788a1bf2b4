"""How long tokens live: as configured, or as the client's registration says.

Access tokens only get shorter by that: revocations are kept for as long as the configured lifetime.
"""

from datetime import timedelta

from watchword.core.models.authorizations import Resource
from watchword.core.models.grants import Client
from watchword.flows.context import Context


def access_ttl(ctx: Context, client: Client, resource: Resource | None) -> timedelta:
    """Return the lifetime of an access token of a client for a resource: the shortest that anyone says."""
    own = client.metadata.access_ttl
    said = [ctx.config.tokens.access_ttl]
    said += [timedelta(seconds=own)] if own is not None else []
    said += [resource.access_ttl] if resource is not None and resource.access_ttl is not None else []
    return min(said)


def refresh_idle_ttl(ctx: Context, client: Client) -> timedelta:
    """Return how long a client's refresh token lives unused."""
    own = client.metadata.refresh_idle_ttl
    return ctx.config.tokens.refresh_idle_ttl if own is None else timedelta(seconds=own)


def refresh_max_ttl(ctx: Context, client: Client) -> timedelta:
    """Return how long a client's login lasts in all."""
    own = client.metadata.refresh_max_ttl
    return ctx.config.tokens.refresh_max_ttl if own is None else timedelta(seconds=own)
