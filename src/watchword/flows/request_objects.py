"""Request objects, by value and by reference (RFC 9101, OpenID Connect Core section 6)."""

from watchword.core.models.grants import Client
from watchword.core.oauth.parameters import Parameters
from watchword.flows.context import Context


async def resolve_request(_ctx: Context, _client: Client, parameters: Parameters) -> Parameters:
    """Return the parameters of a request with its request object merged in, if it has one."""
    return parameters
