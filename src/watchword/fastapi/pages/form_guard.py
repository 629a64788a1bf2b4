"""Forms of the hosted pages: only from our own pages, and only from the browser that was shown them.

Two independent guards against forged requests: what the browser says of the origin (`Origin` and Fetch Metadata), and a
token that is bound to a cookie which other sites can neither read nor plant.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from watchword.config import AuthConfig
from watchword.core.errors import InvalidRequest, WatchwordError
from watchword.core.tokens.base64url import decode, encode
from watchword.core.tokens.secrets import Secrets
from watchword.fastapi.bodies import read_body
from watchword.fastapi.forms import check_form_type, parse_pairs

PURPOSE: Final = "form-token"
LONGEST_INTERACTION: Final = 48 * 1024
_OWN_SITE: Final = frozenset({"same-origin", "none"})


class FormRefused(WatchwordError):
    """A form came from another site, or from a browser that was not shown it."""

    code = "form_refused"
    status = 403
    description = "The form did not come from this site or this browser."


def form_token(secrets: Secrets, form: str, nonce: str) -> str:
    """Return the token of one of our forms in the browser with this nonce."""
    return encode(secrets.mac(_message(form, nonce), purpose=PURPOSE))


def check_form_token(secrets: Secrets, form: str, nonce: str, token: str) -> None:
    """Check that a form was made by us for this browser.

    Raises:
        FormRefused: otherwise.
    """
    try:
        given = decode(token)
    except ValueError:
        given = b""
    if not nonce or not secrets.check_mac(_message(form, nonce), given, purpose=PURPOSE):
        raise FormRefused(hint=f"form {form} without the token of this browser")


def _message(form: str, nonce: str) -> bytes:
    return f"{form}\0{nonce}".encode()


def check_origin(request: Request, config: AuthConfig) -> None:
    """Check what the browser says of where a form was sent from. One that says nothing is left to the token.

    Our pages send no referrer, so browsers send `Origin: null` from them too; `Sec-Fetch-Site` then tells the sites
    apart. In development the page may stand at another name of this machine than the issuer's.

    Raises:
        FormRefused: it was sent from elsewhere.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in _OWN_SITE:
        raise FormRefused(hint=f"a form from a page that is {ascii(site)[:32]}")
    origin = request.headers.get("origin", "null")
    if origin != "null" and origin not in _own_origins(request, config):
        raise FormRefused(hint=f"a form from {ascii(origin)[:128]}")


def _own_origins(request: Request, config: AuthConfig) -> set[str]:
    issuer = urlsplit(config.issuer)
    own = {f"{issuer.scheme}://{issuer.netloc}".lower()}
    if config.environment == "development":
        own.add(f"{request.url.scheme}://{request.headers.get('host', '')}".lower())
    return own


async def read_page_form(request: Request, *, limit: int) -> Mapping[str, str]:
    """Return the fields of a form of ours, those without a value left out.

    Raises:
        InvalidRequest: it is no well-formed form, or a field comes twice.
        PayloadTooLarge: it is over the limit.
    """
    check_form_type(request.headers.getlist("content-type"))
    pairs = parse_pairs(await read_body(request, limit=limit), longest=LONGEST_INTERACTION)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InvalidRequest(hint="a field comes twice")
    return {name: value for name, value in fields.items() if value}
