"""Strict application/x-www-form-urlencoded for protocol endpoints (RFC 6749 sections 3.2 and 2.3.1, appendix B).

Python's and Starlette's readers guess where a form is ambiguous; this one refuses: an attack that depends on two
readers of one request disagreeing finds only one reading.
"""

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from watchword.core.errors import InvalidClient, InvalidRequest, WatchwordError
from watchword.fastapi.bodies import read_body

MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
MAX_FIELDS: Final = 32
MAX_PAIRS: Final = 128
MAX_NAME: Final = 64
MAX_VALUE: Final = 16 * 1024
MAX_BASIC: Final = 2048
_SIMPLE = re.compile(rb"[\w.~:/-]*\Z")
"""What means itself in a form: most of what protocols send."""
_BAD_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


async def read_form(request: Request, *, limit: int) -> dict[str, str]:
    """Return the parameters of a protocol request, those without a value left out (RFC 6749 section 3.2).

    Args:
        request: a POST.
        limit: the greatest acceptable body, in bytes.

    Raises:
        InvalidRequest: unless the form is well-formed UTF-8, with each parameter once, and all of it in the body.
        PayloadTooLarge: if the body is over the limit.
    """
    if request.scope["query_string"]:
        raise InvalidRequest(hint="parameters in the query string")
    check_form_type(request.headers.getlist("content-type"))
    return parse_form(await read_body(request, limit=limit))


def check_form_type(values: list[str]) -> None:
    """Check that there is one Content-Type, a urlencoded form in UTF-8.

    Raises:
        InvalidRequest: otherwise.
    """
    media_type, *parameters = values[0].split(";") if len(values) == 1 else [""]
    if media_type.strip().lower() != MEDIA_TYPE:
        raise InvalidRequest(hint="content type is not a urlencoded form")
    for parameter in filter(str.strip, parameters):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            raise InvalidRequest(hint="charset is not utf-8")


def parse_form(body: bytes) -> dict[str, str]:
    """Return the parameters of a urlencoded body, those without a value left out.

    Raises:
        InvalidRequest: on a repeated, nameless, overlong, NUL-bearing or non-UTF-8 parameter, or too many of them.
    """
    pairs = [pair for pair in body.split(b"&") if pair]
    if len(pairs) > MAX_FIELDS:
        raise InvalidRequest(hint="too many parameters")
    form: dict[str, str] = {}
    for pair in pairs:
        raw_name, _, raw_value = pair.partition(b"=")
        name, value = _decode(raw_name, MAX_NAME), _decode(raw_value, MAX_VALUE)
        if not name or name in form:
            raise InvalidRequest(hint="parameter without a name, or repeated")
        form[name] = value
    return {name: value for name, value in form.items() if value}


def parse_pairs(data: bytes, *, longest: int = MAX_VALUE) -> list[tuple[str, str]]:
    """Return the parameters of a urlencoded query or body as they come, repeated and empty ones too.

    Raises:
        InvalidRequest: on a nameless, overlong, NUL-bearing or non-UTF-8 parameter, or far too many of them.
    """
    parts = [part for part in data.split(b"&") if part]
    if len(parts) > MAX_PAIRS:
        raise InvalidRequest(hint="too many parameters")
    pairs = []
    for part in parts:
        raw_name, _, raw_value = part.partition(b"=")
        name = _decode(raw_name, MAX_NAME)
        if not name:
            raise InvalidRequest(hint="parameter without a name")
        pairs.append((name, _decode(raw_value, longest)))
    return pairs


def basic_credentials(header: str | None) -> tuple[str, str] | None:
    """Return client id and secret of an HTTP Basic header, each form-urlencoded inside (RFC 6749 section 2.3.1).

    Another scheme is no client authentication and gives None, as does the pair of two empty strings, which Swagger UI
    sends for a client without id.

    Raises:
        InvalidClient: if the header is malformed, or has a secret for nobody.
    """
    scheme, _, encoded = (header or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    encoded = encoded.strip()
    try:
        pair = base64.b64decode(encoded, validate=True)
        raw_id, colon, raw_secret = pair.partition(b":")
        client_id, secret = _decode(raw_id, MAX_BASIC), _decode(raw_secret, MAX_BASIC)
    except (ValueError, binascii.Error, WatchwordError):
        raise InvalidClient(hint="malformed Basic credentials") from None
    if not colon or (secret and not client_id) or base64.b64encode(pair).decode() != encoded:
        raise InvalidClient(hint="Basic credentials without a client id")
    return (client_id, secret) if client_id else None


def _decode(raw: bytes, limit: int) -> str:
    if len(raw) <= limit and _SIMPLE.match(raw):
        return raw.decode("ascii")
    if len(raw) > 3 * limit or (b"%" in raw and _BAD_PERCENT.search(raw)):
        raise InvalidRequest(hint="overlong parameter or malformed percent-encoding")
    try:
        text = (unquote_to_bytes(raw.replace(b"+", b" ")) if b"%" in raw or b"+" in raw else raw).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidRequest(hint="parameter is not UTF-8") from None
    if len(text) > limit or "\x00" in text:
        raise InvalidRequest(hint="overlong parameter, or NUL in it")
    return text
