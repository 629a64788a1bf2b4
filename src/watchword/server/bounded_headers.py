"""A guard before uvicorn's HTTP protocol: requests are bounded in time, and all but their bodies in size (RFC 6585).

uvicorn bounds neither with httptools. What comes before the first byte of an answerable request counts as head. Fields
behind a body are dropped: uvicorn would keep them without end, and take them for fields of the head (RFC 9110 6.5.1).
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
"""Request line and header fields of one request."""
HEAD_SECONDS = 10.0
"""How long a client may take to send them."""
BODY_SECONDS = 30.0
"""How long it may take for the rest of a request. Bodies are small here: `body_limit`."""
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedHeaders(HttpToolsProtocol):
    """uvicorn's protocol, which closes the connection where a head is too large or too slow."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  uvicorn's arguments
        super().__init__(*args, **kwargs)
        self._head: int | None = 0
        self._behind = 0
        """Bytes since the head or the last part of a body: trailer fields, the sizes of chunks, empty lines."""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_SECONDS, self._close_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head, before it is parsed and kept."""
        if self._head is not None:
            self._head += min(len(data), MAX_HEAD_BYTES + 1)
        self._behind += len(data)
        super().data_received(data)
        if self._head is None:
            if self._behind > MAX_HEAD_BYTES:
                self.transport.close()
        elif self._head > MAX_HEAD_BYTES:
            self._refuse()
        elif self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._close_slow)

    def on_message_begin(self) -> None:
        """Begin to count where a further request begins on the connection."""
        super().on_message_begin()
        if self._head is None:
            self._head = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a field of the head alone."""
        if self._head is not None:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Count no more: what follows is the body, which has bounds of its own."""
        self._head, self._behind = None, 0
        self._stop_waiting()
        self._timer = self.loop.call_later(BODY_SECONDS, self._close_slow)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._behind = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().on_message_complete()

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def _close_slow(self) -> None:
        self.transport.close()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
