"""How an authorization response travels (OAuth 2.0 Multiple Response Type Encoding Practices, Form Post, RFC 9207)."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote, urlencode

from watchword.core.errors import WatchwordError
from watchword.core.oauth.parameters import Parameters

QUERY, FRAGMENT, FORM_POST = "query", "fragment", "form_post"

_IN_QUERY, _IN_FRAGMENT = (QUERY, FORM_POST), (FRAGMENT, FORM_POST)
RESPONSE_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "code": _IN_QUERY,
        "id_token": _IN_FRAGMENT,
        "id_token token": _IN_FRAGMENT,
        "code id_token": _IN_FRAGMENT,
        "code token": _IN_FRAGMENT,
        "code id_token token": _IN_FRAGMENT,
    }
)
"""Every response type that a client can be registered for, words sorted, with its modes, the default first.

All but `code` are for certification: no token belongs into a URL (RFC 9700 section 2.1.2).
"""


def sort_response_type(text: str) -> str:
    """Return a response type with its words sorted: their order has no meaning (RFC 6749 section 3.1.1)."""
    return " ".join(sorted(text.split(" ")))


def modes_of(response_type: str) -> tuple[str, ...]:
    """Return the modes that a sorted response type may ask for, the default first; one we do not know has `query`."""
    return RESPONSE_TYPES.get(response_type, _IN_QUERY)


def error_mode(parameters: Parameters) -> str:
    """Return the mode for the error of a request that may not have been understood: the one asked for, if it may be."""
    modes = modes_of(sort_response_type(parameters.get("response_type") or ""))
    asked = parameters.get("response_mode")
    return asked if asked in modes else modes[0]


def success_fields(fields: Mapping[str, str | None], *, state: str | None, issuer: str) -> dict[str, str]:
    """Return the fields of a response: those given that are not None, `state` as it came, and `iss` (RFC 9207)."""
    members = {**fields, "state": state, "iss": issuer}
    return {name: value for name, value in members.items() if value is not None}


def error_fields(error: WatchwordError, *, state: str | None, issuer: str) -> dict[str, str]:
    """Return the fields of an error response (RFC 6749 section 4.1.2.1). The `hint` is not among them."""
    return success_fields({"error": error.code, "error_description": error.description}, state=state, issuer=issuer)


def redirect_url(redirect_uri: str, fields: Mapping[str, str], mode: str) -> str:
    """Return where to send the browser. The redirect URI, and a query that it has, stay as they were registered.

    Raises:
        ValueError: the mode is not `query` or `fragment`.
    """
    encoded = urlencode(fields, quote_via=quote, safe="")
    if mode == FRAGMENT:
        return f"{redirect_uri}#{encoded}"
    if mode != QUERY:
        raise ValueError(f"{mode} is no redirection")
    separator = "" if redirect_uri.endswith(("?", "&")) else "&" if "?" in redirect_uri else "?"
    return f"{redirect_uri}{separator}{encoded}"
