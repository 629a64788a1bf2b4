"""Public documents that caches and other origins may read (RFC 9110 section 8.8.3, RFC 9111)."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response


def cached_json(request: Request, document: dict[str, Any], *, max_age: timedelta) -> Response:
    """Return a document with its ETag, or 304 to who has it already. Any origin may read it."""
    body = json.dumps(document, separators=(",", ":")).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "Cache-Control": f"public, max-age={int(max_age.total_seconds())}",
        "ETag": etag,
        "Access-Control-Allow-Origin": "*",
    }
    if has_copy(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def has_copy(if_none_match: str, etag: str) -> bool:
    """Whether the If-None-Match field names this tag, compared weakly (RFC 9110 section 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags
