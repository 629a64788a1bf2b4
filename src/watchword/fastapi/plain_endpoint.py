"""Answers of path operations that take nothing from the request: nothing is left to solve once their guards have run.

FastAPI's handler prepares what a body, parameters, dependencies and background tasks would need; for a function without
any of them that is a third of its work. The answer is validated and serialized by FastAPI's own `serialize_response`.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import ResponseValidationError
from fastapi.routing import serialize_response
from fastapi.utils import is_body_allowed_for_status_code
from starlette.requests import Request
from starlette.responses import Response

Answering = Callable[[Request, Mapping[str, Any]], Awaitable[Response]]
"""Calls a path operation with the values that its guards found."""
TELEMETRY: Final = "fastapi.telemetry"
"""Where FastAPI keeps what it traces of a request; such a request takes FastAPI's own way."""
_PARAMETERS: Final = ("path_params", "query_params", "header_params", "cookie_params", "body_params")
_GIVEN: Final = (
    "request_param_name",
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
)
_JSON: Final = "application/json"
_fits: Final = "dump_json" in inspect.signature(serialize_response).parameters
"""Whether FastAPI serializes as this module knows it."""


def find_answering(target: Any, dependant: Dependant) -> Answering | None:  # noqa: ANN401  a route, or its inclusion
    """Return what answers for a path operation, or None where FastAPI's handler does more than that.

    Args:
        target: the route, or FastAPI's record of its inclusion.
        dependant: what the path operation takes, without its guards.
    """
    call = dependant.call
    if not _fits or call is None or not inspect.iscoroutinefunction(call) or not _takes_nothing(dependant):
        return None
    if target.body_field is not None or not _is_default_json(target):
        return None
    return _answering(call, target)


def _takes_nothing(dependant: Dependant) -> bool:
    taken = [getattr(dependant, name, True) for name in (*_PARAMETERS, "dependencies")]
    given = [getattr(dependant, name, True) for name in _GIVEN]
    return not any(taken) and all(name is None for name in given)


def _is_default_json(target: Any) -> bool:  # noqa: ANN401
    """Whether the answer is one JSON document of a declared type, in FastAPI's own response class."""
    streams = target.stream_item_field is not None or target.is_json_stream or target.is_sse_stream
    declared = target.response_field is not None and isinstance(target.response_class, DefaultPlaceholder)
    return declared and not streams and is_body_allowed_for_status_code(target.status_code)


def _answering(call: Callable[..., Awaitable[Any]], target: Any) -> Answering:  # noqa: ANN401
    field, status = target.response_field, target.status_code or 200
    shape = {
        "include": target.response_model_include,
        "exclude": target.response_model_exclude,
        "by_alias": target.response_model_by_alias,
        "exclude_unset": target.response_model_exclude_unset,
        "exclude_defaults": target.response_model_exclude_defaults,
        "exclude_none": target.response_model_exclude_none,
    }

    async def answer(request: Request, values: Mapping[str, Any]) -> Response:
        result = await call(**values)
        if isinstance(result, Response):
            return result
        try:
            content = await serialize_response(field=field, response_content=result, dump_json=True, **shape)
        except ResponseValidationError as error:
            place = _place_of(call, request, target.path)
            raise ResponseValidationError(error.errors(), body=error.body, endpoint_ctx=place) from error
        return Response(content, status, media_type=_JSON)

    return answer


def _place_of(call: Callable[..., Any], request: Request, path: str) -> Any:  # noqa: ANN401  FastAPI's EndpointContext
    """Say where the function is whose answer was wrong, as FastAPI does."""
    code = inspect.unwrap(call).__code__
    mounted = request.scope.get("root_path", "").rstrip("/")
    return {
        "file": code.co_filename,
        "line": code.co_firstlineno,
        "function": call.__name__,
        "path": f"{request.method} {mounted}{path}",
    }
