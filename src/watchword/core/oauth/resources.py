"""Resource indicators (RFC 8707): which may be asked for, and that later requests only narrow."""

import re
from collections.abc import Container, Sequence
from urllib.parse import urlsplit

from watchword.core.authorize_errors import InvalidTarget

_RESOURCE = re.compile(r"[A-Za-z][A-Za-z0-9+\-.]*:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
_LONGEST = 2000


def check_resource(uri: str) -> str:
    """Return an absolute URI without a fragment (RFC 8707 section 2).

    Raises:
        InvalidTarget: it is not one.
    """
    try:
        good = len(uri) <= _LONGEST and bool(_RESOURCE.fullmatch(uri)) and bool(urlsplit(uri).scheme)
    except ValueError:
        good = False
    if not good:
        raise InvalidTarget(hint="no absolute URI without a fragment")
    return uri


def check_resources(
    requested: Sequence[str], *, known: Container[str], allowed: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the requested resources, each once, in their order.

    Args:
        requested: the `resource` parameters.
        known: the URIs of registered resources and of this server itself, compared as they stand.
        allowed: those that the client may ask for, or None for every known one.

    Raises:
        InvalidTarget: one is malformed, unknown, or not for this client.
    """
    for uri in requested:
        if check_resource(uri) not in known or (allowed is not None and uri not in allowed):
            raise InvalidTarget(hint="a resource that is unknown, or not for this client")
    return tuple(dict.fromkeys(requested))


def narrow(bound: Sequence[str], requested: Sequence[str]) -> tuple[str, ...]:
    """Return what a token request that names these resources gets, of those its grant is bound to (section 2.2).

    Without a request it is all of them. A grant that is bound to none is for this server's own resource, which the
    caller has to put into `bound`.

    Raises:
        InvalidTarget: one is asked for that was not granted.
    """
    if any(check_resource(uri) not in bound for uri in requested):
        raise InvalidTarget(hint="a resource that was not granted")
    return tuple(dict.fromkeys(requested or bound))
