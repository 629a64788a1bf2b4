"""What our routes say about themselves in OpenAPI: errors, forms, and bodies typed for this application."""

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from watchword.fastapi.schemas import IntrospectionAnswer, OAuthErrorAnswer, TokenAnswer, WatchwordProblem

Responses = dict[int | str, dict[str, Any]]
Endpoint = Callable[..., Awaitable[Response]]
AdminRoute = tuple[str, str, Endpoint, dict[str, Any]]
"""A method, a path, what answers, and more arguments of the route."""

_SECRET: Final = {"type": "string", "format": "password"}
_TEXT: Final = {"type": "string"}
_CLIENT: Final = {"client_id": _TEXT, "client_secret": _SECRET}


class ProblemResponse(JSONResponse):
    """The response class of routes that answer nothing but problems with a body: it registers their schema."""

    media_type = "application/problem+json"


def problems(*statuses: int) -> Responses:
    """Return the OpenAPI responses for problem documents with these statuses."""
    schema = {"$ref": f"#/components/schemas/{WatchwordProblem.__name__}"}
    content = {ProblemResponse.media_type: {"schema": schema}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def oauth_errors(*statuses: int) -> Responses:
    """Return the OpenAPI responses for OAuth errors with these statuses."""
    return {status: {"description": HTTPStatus(status).phrase, "model": OAuthErrorAnswer} for status in statuses}


NO_CONTENT: Final[dict[str, Any]] = {
    "status_code": 204,
    "response_class": ProblemResponse,
    "responses": {404: {"description": HTTPStatus.NOT_FOUND.phrase, "model": WatchwordProblem}},
}
"""Arguments of a route without an answer. FastAPI puts a model under the media type of the route's response class, so
these routes bring the schema of problems into the document, and the others refer to it."""


def answers(model: type[BaseModel], status: int = 200) -> dict[str, Any]:
    """Return the arguments of a route that answers this model."""
    return {"response_model": model, "status_code": status}


def json_response(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI response with a JSON body."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def form_body(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    """Return the `openapi_extra` of an operation that takes a urlencoded form."""
    schema = {"type": "object", "required": required, "properties": {**properties, **_CLIENT}}
    return {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


TOKEN_RESPONSES: Final[Responses] = {
    200: {"description": "Tokens (RFC 6749 section 5.1)", "model": TokenAnswer},
    **oauth_errors(400, 401, 413, 429, 503),
}
REVOKE_RESPONSES: Final[Responses] = {
    200: {"description": "The token does not work any more, or never did"},
    **oauth_errors(400, 401, 413, 429, 503),
}
TOKEN_FORM: Final = form_body(
    [],
    grant_type={"type": "string", "enum": ["password", "refresh_token", "client_credentials"], "default": "password"},
    username=_TEXT,
    password=_SECRET,
    refresh_token=_SECRET,
    scope={"type": "string", "description": "Names of scopes, separated by spaces"},
)
_KINDS: Final = {"type": "string", "enum": ["access_token", "refresh_token"]}
REVOKE_FORM: Final = form_body(["token"], token=_SECRET, token_type_hint=_KINDS)
INTROSPECT_FORM: Final = form_body(["token"], token=_SECRET, token_type_hint=_KINDS)
INTROSPECT_RESPONSES: Final[Responses] = {
    200: {"description": "What the token is worth (RFC 7662 section 2.2)", "model": IntrospectionAnswer},
    **oauth_errors(400, 401, 413, 429, 503),
}


def with_body(endpoint: Endpoint, model: type[BaseModel]) -> Endpoint:
    """Return the endpoint with its parameter `body` declared as `model`, a subclass of what it says itself."""

    @wraps(endpoint)
    async def typed(**parameters: Any) -> Response:  # noqa: ANN401
        return await endpoint(**parameters)

    signature = inspect.signature(endpoint, eval_str=True)
    declared = [
        each.replace(annotation=model) if each.name == "body" else each for each in signature.parameters.values()
    ]
    vars(typed)["__signature__"] = signature.replace(parameters=declared)
    return typed
