"""Errors as HTTP: RFC 9457 problem documents, and the challenges of RFC 6750 section 3 and RFC 9470 section 3.

The `type` of a problem is `urn:watchword:error:<code>`: a name, equal in every installation, that the page of errors in
the documentation lists. It is no address, since an application may have no page to answer at one.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from watchword.core.account_errors import InvalidInput
from watchword.core.errors import (
    InsufficientScope,
    InsufficientUserAuthentication,
    InvalidRequest,
    InvalidToken,
    MissingToken,
    PayloadTooLarge,
    TooManyRequests,
    Unavailable,
    WatchwordError,
)

REALM: Final = "watchword"
NO_STORE: Final = {"Cache-Control": "no-store"}
SAFE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer of our own carries, so that no browser makes a page of it."""

PROBLEM_CODES: Final[Mapping[type, str]] = {PayloadTooLarge: "payload_too_large"}
"""Codes of problems where the OAuth code says less: a `type` has one meaning and one title."""

_log = logging.getLogger("watchword.http")
_Parameters = Mapping[str, str]


class Refusal(HTTPException):
    """A `WatchwordError` as Starlette's exception, with its headers.

    Where `install_handlers` was called it leaves as a problem document; elsewhere (in a mounted application, say)
    Starlette answers `{"detail": ...}` with the same status and headers.
    """

    def __init__(self, error: WatchwordError, headers: Mapping[str, str]) -> None:
        super().__init__(status_code=error.status, detail=sentence(error), headers=dict(headers))
        self.error = error

    @classmethod
    def of(cls, error: WatchwordError, *, resource_metadata: str | None = None) -> "Refusal":
        """Make the refusal of a protected resource.

        Args:
            error: what went wrong.
            resource_metadata: URL of the RFC 9728 document, for the challenge (its section 5.1).
        """
        return cls(error, error_headers(error, resource_metadata=resource_metadata))


def sentence(error: WatchwordError) -> str:
    """Return what a person may read about this error."""
    return str(getattr(error, "detail", error.description))


def error_headers(error: WatchwordError, *, resource_metadata: str | None = None) -> dict[str, str]:
    """Return the challenge and the Retry-After of an error at a protected resource, as far as it has them."""
    headers = dict(NO_STORE)
    describe = next((CHALLENGES[kind] for kind in type(error).__mro__ if kind in CHALLENGES), None)
    if describe is not None:
        extra = {"resource_metadata": resource_metadata} if resource_metadata else {}
        headers["WWW-Authenticate"] = challenge("Bearer", {**describe(error), **extra})
    if isinstance(error, TooManyRequests | Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    return headers


def challenge(scheme: str, parameters: _Parameters) -> str:
    """Return a WWW-Authenticate value (RFC 9110 section 11.6.1) for our realm. Empty parameters are left out."""
    members = {"realm": REALM, **{name: value for name, value in parameters.items() if value}}
    return f"{scheme} " + ", ".join(f"{name}={quoted(value)}" for name, value in members.items())


def quoted(value: str) -> str:
    """Return an RFC 9110 quoted-string. What is not printable ASCII becomes `?`: no value can end the header."""
    printable = "".join(char if " " <= char <= "~" else "?" for char in value)
    return '"' + printable.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _named(error: WatchwordError) -> _Parameters:
    return {"error": error.code, "error_description": error.description}


def _scopes(error: Any) -> _Parameters:  # noqa: ANN401  the table gives each its own kind
    return {**_named(error), "scope": " ".join(error.scopes)}


def _step_up(error: Any) -> _Parameters:  # noqa: ANN401
    age = "" if error.max_age is None else str(error.max_age)
    return {**_named(error), "max_age": age, "acr_values": " ".join(error.acr_values)}


def _nothing(_error: WatchwordError) -> _Parameters:
    return {}


CHALLENGES: Final[Mapping[type, Callable[[WatchwordError], _Parameters] | None]] = {
    MissingToken: _nothing,
    InvalidToken: _named,
    InsufficientScope: _scopes,
    InsufficientUserAuthentication: _step_up,
    PayloadTooLarge: None,
    InvalidRequest: _named,
}


def problem(error: WatchwordError, headers: Mapping[str, str] | None = None) -> Response:
    """Return the RFC 9457 problem document of an error, by default with the headers of `error_headers`."""
    log_refusal(error)
    return JSONResponse(
        problem_members(error),
        status_code=error.status,
        headers={**SAFE_HEADERS, **(error_headers(error) if headers is None else headers)},
        media_type="application/problem+json",
    )


def problem_members(error: WatchwordError) -> dict[str, object]:
    """Return the members of a problem document. Nothing that was sent is in it."""
    code = PROBLEM_CODES.get(type(error), error.code)
    members: dict[str, object] = {
        "type": f"urn:watchword:error:{code}",
        "title": error.description,
        "status": error.status,
        "detail": sentence(error),
        "code": code,
    }
    if isinstance(error, InvalidInput):
        members["errors"] = [{"field": field, "message": message} for field, message in error.errors]
    if isinstance(error, InsufficientScope):
        members |= {"required_scopes": list(error.scopes), "missing_scopes": list(error.missing)}
    return members


def oauth_error(error: WatchwordError, *, used_basic: bool = False) -> Response:
    """Return the answer of a protocol endpoint (RFC 6749 section 5.2).

    Args:
        error: what went wrong.
        used_basic: whether the client authenticated by HTTP Basic, so that a 401 must name that scheme.
    """
    log_refusal(error)
    headers = {**SAFE_HEADERS, **NO_STORE, "Pragma": "no-cache"}
    if isinstance(error, TooManyRequests | Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401 and used_basic:  # noqa: PLR2004  RFC 9110 section 15.5.2
        headers["WWW-Authenticate"] = challenge("Basic", {})
    if isinstance(error, MissingToken | InvalidToken | InsufficientScope):
        headers |= error_headers(error)
    body = {"error": error.code, "error_description": error.description}
    return JSONResponse(body, status_code=error.status, headers=headers)


def log_refusal(error: WatchwordError) -> None:
    """Log what the client is not told. Escaped, so that one refusal is one line."""
    level = logging.WARNING if isinstance(error, Unavailable) else logging.INFO
    _log.log(level, "refused: %s %s", error.code, ascii(error.hint) if error.hint else "")


async def _answer_refusal(_request: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, Refusal):  # registered for this class alone
        raise refusal
    return problem(refusal.error, refusal.headers)


async def _answer_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, WatchwordError):  # registered for this class alone
        raise error
    return problem(error)


def install_handlers(app: FastAPI) -> None:
    """Let our errors leave this application as problem documents, unless it registered handlers of its own."""
    app.exception_handlers.setdefault(Refusal, _answer_refusal)
    app.exception_handlers.setdefault(WatchwordError, _answer_error)
