"""Resources (RFC 8707) and initial access tokens (RFC 7591 section 3) in the admin API of a provider."""

from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from watchword.core.models.authorizations import Resource
from watchword.fastapi.client_schemas import (
    InitialTokenAnswer,
    InitialTokenBody,
    ResourceAnswer,
    ResourceBody,
    ResourceInQuery,
)
from watchword.fastapi.routes.answers import page
from watchword.fastapi.routes.documented import NO_CONTENT, AdminRoute, answers
from watchword.fastapi.schemas import Page
from watchword.fastapi.scope import auth_of
from watchword.flows import resource_book
from watchword.flows.initial_tokens import new_initial_access_token


async def list_resources(request: Request) -> Response:
    """List the registered resources. This server itself is always one, and not listed."""
    return page(await resource_book.list_resources(auth_of(request).context), members_of)


async def put_resource(request: Request, uri: ResourceInQuery, body: ResourceBody) -> Response:
    """Make a resource, or replace it."""
    document = body.model_dump(exclude_unset=True)
    return JSONResponse(members_of(await resource_book.put_declared_resource(auth_of(request).context, uri, document)))


async def delete_resource(request: Request, uri: ResourceInQuery) -> Response:
    """Delete a resource: no new token is made for it."""
    await resource_book.delete_resource(auth_of(request).context, uri)
    return Response(status_code=204)


async def new_initial_token(request: Request, body: InitialTokenBody | None = None) -> Response:
    """Make an initial access token, with which applications may register themselves. It is shown this once."""
    hours = (body or InitialTokenBody()).hours
    token = new_initial_access_token(auth_of(request).context, ttl=timedelta(hours=hours))
    return JSONResponse({"initial_access_token": token, "hours": hours}, status_code=201)


def members_of(resource: Resource) -> dict[str, Any]:
    """Return a resource with its scopes sorted, and its lifetime in seconds."""
    return {
        "uri": resource.uri,
        "name": resource.name,
        "scopes": None if resource.scopes is None else sorted(resource.scopes),
        "access_ttl": None if resource.access_ttl is None else int(resource.access_ttl.total_seconds()),
    }


RESOURCE_ROUTES: Final[tuple[AdminRoute, ...]] = (
    ("GET", "/resources", list_resources, answers(Page[ResourceAnswer])),
    ("PUT", "/resources", put_resource, answers(ResourceAnswer)),
    ("DELETE", "/resources", delete_resource, NO_CONTENT),
    ("POST", "/initial-access-tokens", new_initial_token, answers(InitialTokenAnswer, 201)),
)
