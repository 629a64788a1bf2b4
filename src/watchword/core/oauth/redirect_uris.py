"""Redirect URIs: which may be registered, and which match at a request (RFC 6749 3.1.2, RFC 8252, RFC 9700 2.1)."""

import re
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import SplitResult, unquote, urlsplit

from watchword.core.authorize_errors import InvalidRedirectUri

MAX_URI = 2000
WEB, NATIVE = "web", "native"
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "[::1]", "localhost"})
_URI = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()+,;=%]+")
"""The characters of a URI (RFC 3986 section 2) but for `#` and `*`: no fragment, and nothing like a wildcard."""
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+\-.]*):")
_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
)
_MAX_HOST = 253
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([1-9][0-9]{0,4}))?")
_MAX_PORT = 65535
_LOOPBACK_URI = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)", re.DOTALL)
_CONTROLS = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff])")


def check_redirect_uri(uri: str, *, application_type: str = WEB) -> str:
    """Return a URI that may be registered as a redirect URI.

    It is https, or http on the loopback (RFC 8252 section 7.3, for development on the web), or for native clients a
    private-use scheme that holds a dot (RFC 8252 section 7.1), which leaves out `javascript:`, `data:` and the like.

    Raises:
        InvalidRedirectUri: anything else: relative, with a fragment, user information or a wildcard, with dot
            segments, characters outside RFC 3986, or too long.
    """
    if len(uri) > MAX_URI or not _URI.fullmatch(uri) or _BAD_ESCAPE.search(uri) or _CONTROLS.search(uri):
        raise InvalidRedirectUri(hint="too long, or a character that no redirect URI may have")
    scheme = _SCHEME.match(uri)
    name = scheme[1].lower() if scheme else ""
    parts = _split(uri)
    if any(unquote(segment) in {".", ".."} for segment in parts.path.split("/")):
        raise InvalidRedirectUri(hint="a dot segment")
    if name in {"https", "http"}:
        host = _check_authority(parts)
        if name == "http" and host not in _LOOPBACK_HOSTS:
            raise InvalidRedirectUri(hint="http elsewhere than on the loopback")
    elif "." not in name or application_type != NATIVE or "@" in parts.netloc:
        raise InvalidRedirectUri(hint="neither https nor a private-use scheme of a native client")
    return uri


def matches(registered: Sequence[str], requested: str, *, application_type: str = WEB) -> bool:
    """Whether a requested redirect URI is a registered one: the very same text.

    For native clients the port of an http URI on the loopback may be another (RFC 8252 section 7.3); nothing else may.
    """
    if requested in registered:
        return True
    if application_type != NATIVE:
        return False
    loopback = _without_port(requested)
    return loopback is not None and any(_without_port(uri) == loopback for uri in registered)


def is_for_native(uri: str) -> bool:
    """Whether only a native application can be at this URI: a private-use scheme, or http on the loopback."""
    scheme = urlsplit(uri).scheme
    return bool(_LOOPBACK_URI.fullmatch(uri)) or scheme not in {"http", "https"}


def host_of(uri: str) -> str:
    """Return where a registered redirect URI leads, for people to read: the host, or else the private-use scheme."""
    parts = urlsplit(uri)
    return parts.hostname or "" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def origin_of(uri: str) -> str:
    """Return the web origin of a registered redirect URI (RFC 6454), or an empty text for a private-use scheme."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc.lower()}" if parts.scheme in {"http", "https"} else ""


def _split(uri: str) -> SplitResult:
    try:
        return urlsplit(uri)
    except ValueError:
        raise InvalidRedirectUri(hint="malformed") from None


def _check_authority(parts: SplitResult) -> str:
    """Return the host of an http or https URI in lower case, an IPv6 address in its brackets."""
    authority = _AUTHORITY.fullmatch(parts.netloc)
    if not authority or int(authority[2] or 1) > _MAX_PORT:
        raise InvalidRedirectUri(hint="no host, user information, or a port that is none")
    host = authority[1].lower()
    if host.startswith("["):
        try:
            IPv6Address(host[1:-1])
        except AddressValueError:
            raise InvalidRedirectUri(hint="no IPv6 address in the brackets") from None
    elif len(host) > _MAX_HOST or not _HOST.fullmatch(host):
        raise InvalidRedirectUri(hint="no host name")
    return host


def _without_port(uri: str) -> tuple[str, str] | None:
    """Return host and rest of an http URI on the loopback, or None."""
    found = _LOOPBACK_URI.fullmatch(uri)
    return (found[1], found[3]) if found and int(found[2] or 1) <= _MAX_PORT else None
