"""Routes of our own: strict bodies in, problem documents and safe headers out, whatever the application registered."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, ClassVar, Final

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from watchword.core.account_errors import InvalidInput
from watchword.core.errors import WatchwordError
from watchword.fastapi.answers import ProtocolAnswer
from watchword.fastapi.bodies import has_forbidden, parse_json, read_body
from watchword.fastapi.errors import NO_STORE, SAFE_HEADERS, Refusal, oauth_error, problem
from watchword.fastapi.lean_routes import bare_handler, make_handler

MAX_ERRORS: Final = 20
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "This field is required.",
    "extra_forbidden": "This field is not known here.",
    "string_type": "Must be a string.",
    "too_long": "Too long.",
    "string_too_long": "Too long.",
    "string_pattern_mismatch": "Has a character that is not allowed here.",
    "model_attributes_type": "Send a JSON object, with Content-Type: application/json.",
}


class StrictRequest(Request):
    """Reads the body as `bodies.py` says. Errors are Refusals, which FastAPI passes on untouched."""

    def __init__(self, request: Request, *, limit: int) -> None:
        super().__init__(request.scope, request.receive)
        self._limit = limit

    async def body(self) -> bytes:
        """Return the body, read once."""
        if not hasattr(self, "_body"):
            try:
                self._body = await read_body(self, limit=self._limit)
            except WatchwordError as error:
                raise Refusal(error, NO_STORE) from error
        return self._body

    async def json(self) -> Any:  # noqa: ANN401
        """Return the body as strict JSON."""
        body = await self.body()
        try:
            return parse_json(body)
        except WatchwordError as error:
            raise Refusal(error, NO_STORE) from error


class ProblemRoute(APIRoute):
    """Answers refusals as problem documents that never repeat what was sent."""

    body_limit: ClassVar[int]

    def get_route_handler(self) -> _Handler:
        """Wrap FastAPI's handler."""
        handler = make_handler(self)

        async def handle(request: Request) -> Response:
            response = await answer(handler, StrictRequest(request, limit=self.body_limit))
            response.headers.update({**NO_STORE, **SAFE_HEADERS})
            return response

        return handle


def problem_route(limit: int) -> type[APIRoute]:
    """Return the class of JSON routes whose bodies have at most `limit` bytes."""

    class LimitedRoute(ProblemRoute):
        body_limit = limit

    return LimitedRoute


async def answer(handler: _Handler, request: Request) -> Response:
    """Return the handler's response, or a problem document for what it raised of ours."""
    if has_forbidden("".join(map(str, request.path_params.values()))):
        return problem(InvalidInput("The path holds a character that cannot be stored."))
    try:
        return await handler(request)
    except RequestValidationError as error:
        return problem(InvalidInput(errors=field_errors(error.errors())))
    except Refusal as refusal:
        return problem(refusal.error, refusal.headers)
    except WatchwordError as error:
        return problem(error)


class OAuthRoute(APIRoute):
    """Answers refusals as RFC 6749 section 5.2 says. Its endpoints read the request themselves."""

    def plain_app(self) -> ASGIApp:
        """Return the route as an application that does no more than call the endpoint; for one without dependencies."""
        handler = self.get_route_handler()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            response = await handler(Request(scope, receive, send))
            await response(scope, receive, send)

        return app

    def get_route_handler(self) -> _Handler:
        """Wrap the endpoint, or FastAPI's handler where an application gave it dependencies."""
        handler = bare_handler(self) or super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await handler(request)
            except WatchwordError as error:
                used_basic = request.headers.get("authorization", "").lower().startswith("basic")
                return oauth_error(error, used_basic=used_basic)
            if not isinstance(response, ProtocolAnswer):  # it has them already
                response.headers.update(SAFE_HEADERS)
            return response

        return handle


def field_errors(errors: Sequence[Any], *, under: str = "") -> tuple[tuple[str, str], ...]:
    """Return Pydantic's errors as pairs of dotted field and sentence, without the values they are about."""
    pairs = []
    for error in errors[:MAX_ERRORS]:
        place = [str(part)[:64] for part in error["loc"]]
        field = ".".join([under, *place] if under else place[1:] or place)
        pairs.append((field, _SENTENCES.get(error["type"], str(error["msg"]))))
    return tuple(pairs)
