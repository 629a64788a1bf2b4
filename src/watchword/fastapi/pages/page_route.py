"""Routes of the hosted pages: they are public, and their errors are pages."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from watchword.core.errors import WatchwordError
from watchword.fastapi.lean_routes import bare_handler
from watchword.fastapi.pages.errors import show_error
from watchword.fastapi.pages.form_guard import check_form_token, check_origin, read_page_form
from watchword.fastapi.pages.showing import Visit, show
from watchword.fastapi.problem_route import OAuthRoute
from watchword.fastapi.public import public
from watchword.fastapi.routes.oauth import MAX_USER_AGENT, address_of
from watchword.fastapi.scope import auth_of
from watchword.flows.browser import Browser, is_browser_nonce, new_browser_nonce
from watchword.flows.browser_state import browser_state
from watchword.flows.outcomes import Answer

Form = dict[str, str]
Handler = Callable[[Request], Awaitable[Response]]


class PageRoute(OAuthRoute):
    """Answers refusals as pages. Its endpoints read the request themselves."""

    def get_route_handler(self) -> Handler:  # type: ignore[override]  # FastAPI asks for a coroutine function
        """Wrap the endpoint, or FastAPI's handler where an application gave it dependencies."""
        handler = bare_handler(self) or super(OAuthRoute, self).get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except WatchwordError as error:
                return show_error(request, auth_of(request).provider.pages, error)

        return handle


def visit_of(request: Request) -> Visit:
    """Return what a request to the pages comes with. A browser without the cookie that tells it apart gets one."""
    auth = auth_of(request)
    cookies = auth.provider.pages.cookies
    nonce = cookies.read(request, cookies.browser) or ""
    browser = Browser(
        nonce=nonce if is_browser_nonce(nonce) else new_browser_nonce(),
        cookie=cookies.read(request, cookies.session),
        address=address_of(request),
        user_agent=request.headers.get("user-agent", "")[:MAX_USER_AGENT],
    )
    return Visit(request, auth.context, auth.provider.pages, browser)


def finish(visit: Visit, response: Response, cookie: str | None) -> Response:
    """Set the cookies of an answer: that of the browser if it had none, and those of a login that changed."""
    cookies = visit.pages.cookies
    if cookies.read(visit.request, cookies.browser) != visit.browser.nonce:
        cookies.put(response, cookies.browser, visit.browser.nonce)
    if cookie or (cookie is not None and visit.browser.cookie):
        cookies.put(response, cookies.session, cookie)
        cookies.put(response, cookies.state, browser_state(visit.ctx, cookie))
    return response


def answer(visit: Visit, answered: Answer) -> Response:
    """Return the answer of a flow to the browser."""
    return finish(visit, show(visit, answered.outcome), answered.cookie)


def page_form(name: str) -> Callable[[Callable[[Visit, Form], Awaitable[Response]]], Handler]:
    """Make the endpoint of one of our forms: it gets the fields once both guards against forged requests pass."""

    def make(handle: Callable[[Visit, Form], Awaitable[Response]]) -> Handler:
        @public
        @wraps(handle)
        async def endpoint(request: Request) -> Response:
            visit = visit_of(request)
            config = visit.ctx.config
            check_origin(request, config)
            form = dict(await read_page_form(request, limit=config.body_limit))
            check_form_token(visit.ctx.secrets, name, visit.browser.nonce, form.pop("form_token", ""))
            return await handle(visit, form)

        vars(endpoint).pop("__wrapped__", None)  # FastAPI would read the parameters of the function inside
        return endpoint

    return make
