"""Refuses request bodies over the limit with 413 before anything reads them (RFC 9110 section 15.5.14)."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchword.core.errors import PayloadTooLarge


class BodyLimit:
    """Reads a body up to `limit` bytes and hands it on whole, or answers 413. A client's claim is not believed."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages = None if self._claims_too_much(scope) else await self._read(receive)
        if messages is None:
            await _refusal()(scope, receive, send)
            return
        pending = iter(messages)

        async def replay() -> Message:
            return next(pending, None) or await receive()

        await self.app(scope, replay, send)

    def _claims_too_much(self, scope: Scope) -> bool:
        claim = dict(scope["headers"]).get(b"content-length", b"0")
        return claim.isdigit() and (len(claim) > len(str(self.limit)) or int(claim) > self.limit)

    async def _read(self, receive: Receive) -> list[Message] | None:
        """Return the messages of the body, or None if it grows over the limit."""
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self.limit:
                return None
            if not message.get("more_body", False):
                return messages


def _refusal() -> JSONResponse:
    error = {"error": PayloadTooLarge.code, "error_description": PayloadTooLarge.description}
    headers = {"Cache-Control": "no-store", "Connection": "close"}
    return JSONResponse(error, PayloadTooLarge.status, headers=headers)
