"""Request bodies, read with a limit and without surprises: strict JSON (RFC 8259, RFC 7493 section 2)."""

import json
import re
from typing import Any, Final, NoReturn

from starlette.requests import ClientDisconnect, Request

from watchword.core.account_errors import InvalidInput
from watchword.core.errors import InvalidRequest, PayloadTooLarge

MAX_DEPTH: Final = 16
_FORBIDDEN: Final = re.compile("[\x00\ud800-\udfff]")


async def read_body(request: Request, *, limit: int) -> bytes:
    """Return the body, at most `limit` bytes. The declared length is checked first, then what really comes.

    Raises:
        PayloadTooLarge: if it is longer.
        InvalidRequest: if its length is no number, or the client went away.
    """
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()):
        raise InvalidRequest(hint="content-length is no number")
    if len(declared) > len(str(limit)) or int(declared) > limit:
        raise PayloadTooLarge(hint="content-length over the limit")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise PayloadTooLarge(hint="streamed over the limit")
    except ClientDisconnect:
        raise InvalidRequest(hint="the client went away before the end of the body") from None
    return bytes(body)


def has_forbidden(text: str) -> bool:
    """Whether the text holds NUL or half a surrogate pair: no store or encoder is asked to take those."""
    return _FORBIDDEN.search(text) is not None


def parse_json(data: bytes) -> Any:  # noqa: ANN401  JSON is any value
    """Return the value of a JSON text.

    Raises:
        InvalidInput: if it is not UTF-8, starts with a byte order mark, repeats a member, nests deeper than
            `MAX_DEPTH`, or holds NaN, an overlong number, NUL or half a surrogate pair.
    """
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The body is not valid JSON.", hint=type(error).__name__) from None
    _check_tree(value)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidInput("The body repeats a member.")
    return members


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("number too large")
    return number


def _check_tree(value: Any) -> None:  # noqa: ANN401
    pending = [(value, 1)]
    while pending:
        item, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise InvalidInput("The body nests too deeply.")
        if isinstance(item, str) and has_forbidden(item):
            raise InvalidInput("The body holds a character that cannot be stored.")
        if isinstance(item, dict):
            pending += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            pending += [(part, depth + 1) for part in item]
