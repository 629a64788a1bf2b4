"""What the issuer may be (RFC 8414 section 2)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from watchword.settings.fields import Settings

OF_THIS_MACHINE = frozenset({"localhost", "::1", "::", "0.0.0.0"})  # noqa: S104  refused, not bound


def issuer_is_an_address(settings: "Settings") -> Iterator[str]:
    """RFC 8414 section 2: a URL without query and fragment; compared letter for letter, so without a last slash."""
    parts = _split(settings.issuer)
    if parts is None:
        yield "must be a full address such as https://auth.example.com."
        return
    refused = {
        "a query": "?" in settings.issuer,
        "a fragment": "#" in settings.issuer,
        "a user name": "@" in parts.netloc,
    }
    yield from (f"must not hold {what}; leave it out." for what, present in refused.items() if present)
    if parts.path.endswith("/"):
        yield "must not end with a slash; leave it out."


def _split(issuer: str) -> SplitResult | None:
    try:
        parts = urlsplit(issuer)
        sound = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if sound and issuer.isprintable() and " " not in issuer else None


def issuer_is_https(settings: "Settings") -> Iterator[str]:
    """RFC 8414 section 2: tokens and passwords travel to this address."""
    if settings.issuer.lower().startswith("http:"):
        yield "must begin with https:// in production; set it to the public address of this server."


def issuer_is_public(settings: "Settings") -> Iterator[str]:
    """A name of this machine means another machine to everyone else."""
    parts = _split(settings.issuer)
    host = (parts.hostname or "").rstrip(".") if parts and parts.scheme == "https" else ""
    if host in OF_THIS_MACHINE or host.endswith(".localhost") or host.startswith("127."):
        yield "is an address of this machine only; set it to the public address of this server."
