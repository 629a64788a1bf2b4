"""Answers of the protocol's endpoints, put together once: what each carries is encoded before the first request."""

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from watchword.fastapi.errors import NO_STORE, SAFE_HEADERS

RawHeaders = tuple[tuple[bytes, bytes], ...]
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def raw_headers(headers: Mapping[str, str]) -> RawHeaders:
    """Return headers as ASGI sends them."""
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())


_JSON: Final = raw_headers({"Content-Type": "application/json", **NO_STORE, "Pragma": "no-cache", **SAFE_HEADERS})


class ProtocolAnswer(Response):
    """200, a JSON object that no cache may keep (RFC 6749 section 5.1), and what makes no page of it in a browser."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self.status_code = 200
        self.background = None
        self.body = _ENCODER.encode(members).encode()
        self.raw_headers = [(b"content-length", b"%d" % len(self.body)), *_JSON]
