"""Which pages of other origins may read an answer (Fetch, CORS protocol): those of the clients' registered origins.

No answer is given with credentials, so a cookie never makes a difference, and nothing is allowed to every origin but
the public documents. What a browser asks before a request names no client; it may be any that is registered.
"""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from watchword.fastapi.problem_route import OAuthRoute
from watchword.fastapi.public import public
from watchword.fastapi.scope import auth_of
from watchword.flows.context import Context

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
CLIENT_KEY: Final = "watchword.client_id"
"""Where a request's client is noted once its form is read."""
PAGE: Final = 200
MOST_CLIENTS: Final = 5000
"""How many clients are looked through for origins, the oldest first: operators' own come before those that come by."""
FRESH_FOR: Final = timedelta(seconds=5)
EXPOSED: Final = "WWW-Authenticate, Retry-After"
ALLOWED: Final = "Authorization, Content-Type, DPoP"


class Origins:
    """The origins that any client has registered, read again every few seconds where a browser asks, by one request."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._read_at: datetime | None = None

    async def has(self, ctx: Context, origin: str) -> bool:
        """Whether a client has this origin. Raises `StoreUnavailable`."""
        now, before = ctx.clock.now(), self._read_at
        if before is None:
            self._known, self._read_at = await _read(ctx), now
        elif abs(now - before) >= FRESH_FOR:
            self._read_at = now  # who asks meanwhile is answered by what is known: anyone can ask at any rate
            try:
                self._known = await _read(ctx)
            except BaseException:
                self._read_at = before
                raise
        return origin in self._known


async def _read(ctx: Context) -> frozenset[str]:
    found: set[str] = set()
    after: str | None = None
    for _ in range(MOST_CLIENTS // PAGE):
        clients = await ctx.stores.clients.list(limit=PAGE, after=after)
        found.update(origin for client in clients if not client.disabled for origin in client.metadata.origins)
        if len(clients) < PAGE:
            break
        after = clients[-1].id
    return frozenset(found)


async def _allow_registered(request: Request, response: Response) -> Response:
    """Let the page that asked read the answer, if any client has its origin."""
    auth, origin = auth_of(request), request.headers["origin"]
    return _allow(response, origin, allowed=await auth.provider.origins.has(auth.context, origin))


async def _allow_client(request: Request, response: Response) -> Response:
    """Let the page that asked read the answer, if the client that the request names has its origin."""
    origin, client_id = request.headers["origin"], request.scope.get(CLIENT_KEY)
    client = await auth_of(request).context.clients.find(client_id) if client_id else None
    known = client is not None and not client.disabled and origin in client.metadata.origins
    return _allow(response, origin, allowed=known)


def _allow(response: Response, origin: str, *, allowed: bool) -> Response:
    response.headers.add_vary_header("Origin")
    if allowed:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
    return response


class ClientOrigins(OAuthRoute):
    """A route of the protocol whose answers pages of the client that asks may read."""

    def get_route_handler(self) -> Handler:
        """Wrap the endpoint: a request without Origin goes straight through."""
        return _wrapped(super().get_route_handler(), _allow_client)


class RegisteredOrigins(OAuthRoute):
    """A route of the protocol whose answers pages of every client may read."""

    def get_route_handler(self) -> Handler:
        """Wrap the endpoint."""
        return _wrapped(super().get_route_handler(), _allow_registered)


def _wrapped(handler: Handler, allow: Callable[[Request, Response], Awaitable[Response]]) -> Handler:
    async def handle(request: Request) -> Response:
        response = await handler(request)
        return await allow(request, response) if _is_asked(request) else response

    return handle


def _is_asked(request: Request) -> bool:
    return "origin" in request.headers and auth_of(request).is_provider


def preflight(methods: str) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint that answers what a browser asks before it sends one of these methods."""

    @public
    async def options(request: Request) -> Response:
        """Say which methods and headers a page of a registered origin may send."""
        response = Response(status_code=204, headers={"Allow": f"{methods}, OPTIONS"})
        if _is_asked(request):
            await _allow_registered(request, response)
        if "Access-Control-Allow-Origin" in response.headers:
            response.headers["Access-Control-Allow-Methods"] = methods
            response.headers["Access-Control-Allow-Headers"] = ALLOWED
            response.headers["Access-Control-Max-Age"] = "600"
        return response

    return options
