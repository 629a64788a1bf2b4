"""Clients by all their members: registered by command and admin API, and changed (RFC 7591 section 2, RFC 7396)."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from watchword.core.account_errors import Conflict, InvalidInput, NotFound
from watchword.core.errors import OAuthError
from watchword.core.ids import new_id
from watchword.core.models.client_metadata import NO_METADATA
from watchword.core.models.grants import Client
from watchword.core.oauth.declared_clients import DECLARED_FIELDS, client_document, read_client
from watchword.flows.client_secrets import NO_SECRET, needs_secret, new_client_secret
from watchword.flows.clients import disable_client, enable_client, get_client, note_change, verify_client
from watchword.flows.context import Context
from watchword.ports.identity import Change

METHOD = "token_endpoint_auth_method"
EITHER = NO_METADATA.auth_method
"""What stands for "header or form" where a client has a secret."""
BY_KEY = "private_key_jwt"
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "none": "none",
        "client_secret_basic": "random",
        "client_secret_post": "random",
        "client_secret_jwt": "derived",
        BY_KEY: "key",
    }
)
"""What a client proves by who it is, for each method."""


async def register_declared(ctx: Context, document: Mapping[str, Any]) -> tuple[Client, str]:
    """Register a client, and return it with its secret, which is shown once; empty where it has none.

    One whose `token_endpoint_auth_method` is not said may send its secret in the header or in the form.

    Raises:
        InvalidInput: a member is not acceptable, or two contradict each other.
    """
    client_id = new_id(ctx.clock.now())
    described, method = _read(client_id, document), _method_of(document)
    secret = new_client_secret(ctx, client_id, method) if needs_secret(method) else NO_SECRET
    client = replace(described, created_at=ctx.clock.now(), secret_hashes=secret.hashes, secret_salts=secret.salts)
    await ctx.stores.clients.add(client)
    note_change(ctx, client.id, "registered")
    return client, secret.text


async def change_declared(ctx: Context, client_id: str, changes: Mapping[str, Any]) -> Client:
    """Change a client's members, and whether it is `verified` and `disabled`. What is not named stays.

    A member that is null goes back to its default, which may follow from others: so do consent and origins. The states
    stay if they are null.

    Raises:
        NotFound: there is no such client.
        InvalidInput: the client would not be acceptable, or it would need another kind of secret.
        Conflict: it was changed in this moment; look at it again.
    """
    if changes.get("verified") is False:
        raise InvalidInput("A client that somebody vouched for stays verified; disable it.")
    client = await get_client(ctx, client_id)
    members = {name: value for name, value in changes.items() if name not in ("verified", "disabled")}
    if members:
        client = await _change(ctx, client, members)
    if changes.get("verified"):
        client = await verify_client(ctx, client_id)
    if changes.get("disabled") is not None:
        client = await (disable_client if changes["disabled"] else enable_client)(ctx, client_id)
    return client


async def _change(ctx: Context, client: Client, members: Mapping[str, Any]) -> Client:
    document = {**client_document(client), **members}
    described = _read(client.id, document)
    _check_method(client, _method_of(document))
    wanted = replace(client, **{name: getattr(described, name) for name in DECLARED_FIELDS})
    if wanted == client:
        return client
    await _store(ctx, wanted)
    return await get_client(ctx, client.id)


async def _store(ctx: Context, client: Client) -> None:
    """Store a client at its version, and take its secrets away where it proves by a key from now on who it is."""
    change = await ctx.stores.clients.replace(client, expected_version=client.version)
    if change is Change.ABSENT:
        raise NotFound("There is no such client.", hint="deleted in this moment")
    if change is not Change.CHANGED:
        raise Conflict("The client was changed in this moment. Look at it again.", hint=f"client {client.id}")
    note_change(ctx, client.id, "changed")
    if client.metadata.auth_method == BY_KEY and client.secret_hashes:
        await ctx.stores.clients.rotate_secret(client.id, expected=client.secret_hashes, secret_hashes=())
        note_change(ctx, client.id, "secret_rotated")


def _read(client_id: str, document: Mapping[str, Any]) -> Client:
    try:
        client = read_client(client_id, document).client
    except OAuthError as error:
        raise InvalidInput(f"This client cannot be registered: {error.hint or error.description}.") from None
    if not document.get("client_name"):
        raise InvalidInput("A client needs a name.", hint="no client_name")
    if document.get(METHOD) is None:
        return replace(client, metadata=replace(client.metadata, auth_method=EITHER))
    return client


def _method_of(document: Mapping[str, Any]) -> str:
    """Return how a client of this document authenticates; where it is not said, by a secret."""
    return str(document.get(METHOD) or "client_secret_basic")


def _check_method(client: Client, after: str) -> None:
    """Check that a change needs no other kind of secret. A key of the client's own may always take its place."""
    either = client.metadata.auth_method == EITHER and client.secret_hashes
    before = "client_secret_basic" if either else client.metadata.auth_method
    if after != BY_KEY and _KINDS[before] != _KINDS[after]:
        raise InvalidInput(f"Another {METHOD} would need another kind of secret: register the client anew.")
