"""Finds where an issuer publishes its keys (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3)."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from watchword.core.errors import ConfigError
from watchword.core.tokens import strict_json
from watchword.ports.outside import FetchFailed, HttpFetcher

_OK = 200
_MAX_DEPTH = 16


def check_issuer(issuer: str) -> str:
    """Return the issuer as given, or raise ConfigError unless it is a plain URL (RFC 8414 section 2)."""
    parts = _split(issuer)
    if parts is None or parts.scheme not in {"https", "http"} or not parts.hostname or "?" in issuer or "#" in issuer:
        raise ConfigError(f"issuer {issuer!r}: give the https URL that stands in the `iss` of the tokens.")
    if "@" in parts.netloc:
        raise ConfigError("issuer: leave the user name and password out; no token has them in its `iss`.")
    if _is_no_server(parts.hostname):
        raise ConfigError(f"issuer {issuer!r}: this address is no server's; give the issuer's public name.")
    if "{" in issuer:
        raise ConfigError(f"issuer {issuer!r}: put the id of the tenant where the braces are.")
    return issuer


def _split(issuer: object) -> SplitResult | None:
    try:
        return urlsplit(issuer) if isinstance(issuer, str) else None
    except ValueError:
        return None


def _is_no_server(host: str) -> bool:
    """Whether this is an address at which no issuer can be, such as that of a cloud's instance metadata."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_link_local or address.is_multicast or address.is_unspecified


def metadata_urls(issuer: str) -> tuple[str, str]:
    """Return where the metadata may be: OpenID Connect appends its path, RFC 8414 section 3.1 inserts it."""
    parts = urlsplit(issuer)
    origin = f"{parts.scheme}://{parts.netloc}"
    path = parts.path.rstrip("/")
    return (
        f"{origin}{path}/.well-known/openid-configuration",
        f"{origin}/.well-known/oauth-authorization-server{path}",
    )


async def get_jwks_uri(issuer: str, fetcher: HttpFetcher) -> str:
    """Return the `jwks_uri` of an issuer. The address itself is judged by the fetcher when it is fetched.

    Raises:
        FetchFailed: no document was found, or it is not this issuer's own.
    """
    for url in metadata_urls(issuer):
        answer = await fetcher.get(url)
        metadata = find_json_object(answer.body) if answer.status == _OK else None
        if metadata is not None:
            _check_metadata_issuer(metadata, issuer)
            return _check_jwks_uri(metadata)
    raise FetchFailed(f"{issuer}: neither OpenID Connect nor OAuth metadata was found; set jwks_uri to do without")


def find_json_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object in a body, or None if it is anything else, such as an app's page for unknown paths."""
    try:
        return strict_json.parse_object(body, max_bytes=len(body), max_depth=_MAX_DEPTH)
    except ValueError:
        return None


def _check_metadata_issuer(metadata: Mapping[str, Any], issuer: str) -> None:
    """Compare character by character (RFC 8414 section 3.3), or one issuer could speak for another."""
    found = metadata.get("issuer")
    if found == issuer:
        return
    advice = ""
    if isinstance(found, str) and "{" in found:
        advice = "; this is a template for many tenants: configure the issuer of one tenant"
    elif isinstance(found, str) and found.rstrip("/") == issuer.rstrip("/"):
        advice = "; they differ by a slash at the end: configure it exactly as published"
    raise FetchFailed(f"the metadata of {issuer} names the issuer {found!a}{advice}")


def _check_jwks_uri(metadata: Mapping[str, Any]) -> str:
    uri = metadata.get("jwks_uri")
    if not isinstance(uri, str):
        raise FetchFailed("the issuer's metadata has no jwks_uri")
    return uri
