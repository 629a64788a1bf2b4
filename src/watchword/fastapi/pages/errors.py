"""Errors as pages, in words for people: what happened and what to do. What was sent is never repeated."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

from watchword.core.account_errors import NotFound
from watchword.core.authorize_errors import InteractionExpired, InvalidRedirectUri
from watchword.core.errors import InvalidClient, TooManyRequests, UnauthorizedClient, Unavailable, WatchwordError
from watchword.fastapi.errors import log_refusal
from watchword.fastapi.pages.form_guard import FormRefused
from watchword.fastapi.pages.policy import page_headers
from watchword.fastapi.pages.render import Pages

_UNAUTHORIZED = 401

TEXTS: Mapping[type[WatchwordError], tuple[str, str]] = MappingProxyType(
    {
        InteractionExpired: ("error.expired_title", "error.expired"),
        FormRefused: ("error.forbidden_title", "error.forbidden"),
        InvalidClient: ("error.title", "error.client"),
        InvalidRedirectUri: ("error.title", "error.client"),
        UnauthorizedClient: ("error.title", "error.client"),
        TooManyRequests: ("error.limited_title", "error.limited"),
        Unavailable: ("error.busy_title", "error.busy"),
        NotFound: ("error.not_found_title", "error.not_found"),
        WatchwordError: ("error.title", "error.request"),
    }
)
"""Heading and text of each kind of error."""


def show_error(request: Request, pages: Pages, error: WatchwordError) -> Response:
    """Return the page of an error."""
    log_refusal(error)
    texts = pages.texts(request, request.query_params.get("ui_locales", "").split())
    heading, text = next(TEXTS[kind] for kind in type(error).__mro__ if kind in TEXTS)
    headers = page_headers()
    if isinstance(error, TooManyRequests | Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    values = {"heading": texts(heading), "text": texts(text), "code": error.code}
    status = 400 if error.status == _UNAUTHORIZED else error.status  # 401 would need a challenge, and there is none
    return pages.show(request, "error.html", texts, values, status=status, headers=headers)
