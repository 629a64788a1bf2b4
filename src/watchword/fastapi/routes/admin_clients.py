"""Clients in the admin API: register, list, change, rotate secrets, delete. As by command, each does one flow."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from watchword.core.models.grants import Client
from watchword.core.oauth.declared_clients import client_members
from watchword.fastapi.client_schemas import (
    ChangeClientBody,
    ClientAnswer,
    ClientInPath,
    NewClientAnswer,
    NewClientBody,
    RotateSecretBody,
    SecretAnswer,
)
from watchword.fastapi.routes.answers import DEFAULT_LIMIT, check_cursor, page, timestamp
from watchword.fastapi.routes.documented import NO_CONTENT, AdminRoute, answers
from watchword.fastapi.schemas import Cursor, Limit, Page
from watchword.fastapi.scope import auth_of
from watchword.flows import clients
from watchword.flows.declared_clients import change_declared, register_declared


async def list_clients(request: Request, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
    """List clients by their ids; those that the server named itself in the order they were made."""
    found = await clients.list_clients(auth_of(request).context, limit + 1, check_cursor(cursor))
    shown = found[:limit]
    return page(shown, members_of, last_id=shown[-1].id if len(found) > limit else None)


async def add_client(request: Request, body: NewClientBody) -> Response:
    """Register a client. Its secret is shown this once."""
    client, secret = await register_declared(auth_of(request).context, body.model_dump(exclude_unset=True))
    return JSONResponse({**members_of(client), "client_secret": secret or None}, status_code=201)


async def show_client(request: Request, client_id: ClientInPath) -> Response:
    """Show a client, without its secrets, which are stored as hashes only."""
    return JSONResponse(members_of(await clients.get_client(auth_of(request).context, client_id)))


async def change_client(request: Request, client_id: ClientInPath, body: ChangeClientBody) -> Response:
    """Change members of a client, verify it, disable it, which refuses its tokens, or enable it again."""
    changed = await change_declared(auth_of(request).context, client_id, body.model_dump(exclude_unset=True))
    return JSONResponse(members_of(changed))


async def delete_client(request: Request, client_id: ClientInPath) -> Response:
    """Delete a client for good; its tokens are refused."""
    await clients.delete_client(auth_of(request).context, client_id)
    return Response(status_code=204)


async def rotate_secret(request: Request, client_id: ClientInPath, body: RotateSecretBody | None = None) -> Response:
    """Give a client a new secret, shown this once. The one before works until the next rotation."""
    ctx, immediately = auth_of(request).context, body is not None and body.immediately
    secret = await clients.rotate_secret(ctx, client_id, immediately=immediately)
    return JSONResponse({"client_id": client_id, "client_secret": secret}, status_code=201)


def members_of(client: Client) -> dict[str, Any]:
    """Return a client as administrators see it."""
    return {
        "client_id": client.id,
        **client_members(client),
        "registered_itself": client.dynamic,
        "public": not client.confidential,
        "secrets": len(client.secret_hashes),
        "disabled": client.disabled,
        "created_at": timestamp(client.created_at),
    }


CLIENT_ROUTES: Final[tuple[AdminRoute, ...]] = (
    ("GET", "/clients", list_clients, answers(Page[ClientAnswer])),
    ("POST", "/clients", add_client, answers(NewClientAnswer, 201)),
    ("GET", "/clients/{client_id}", show_client, answers(ClientAnswer)),
    ("PATCH", "/clients/{client_id}", change_client, answers(ClientAnswer)),
    ("DELETE", "/clients/{client_id}", delete_client, NO_CONTENT),
    ("POST", "/clients/{client_id}/secrets", rotate_secret, answers(SecretAnswer, 201)),
)
