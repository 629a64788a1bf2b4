"""A guard before uvicorn's HTTP protocol: heads of requests are bounded in size and time (RFC 6585 section 5).

uvicorn bounds neither with httptools. What comes before the first byte of an answerable request counts as head.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
"""Request line and header fields of one request."""
HEAD_SECONDS = 10.0
"""How long a client may take to send them."""
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedHeaders(HttpToolsProtocol):
    """uvicorn's protocol, which closes the connection where a head is too large or too slow."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  uvicorn's arguments
        super().__init__(*args, **kwargs)
        self._head: int | None = 0
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
        super().data_received(data)
        if self._head is None:
            return
        if self._head > MAX_HEAD_BYTES:
            self._refuse()
        elif self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._close_slow)

    def on_message_begin(self) -> None:
        """Begin to count where a further request begins on the connection."""
        super().on_message_begin()
        if self._head is None:
            self._head = 0

    def on_headers_complete(self) -> None:
        """Count no more: what follows is the body, which has a bound of its own."""
        self._head = None
        self._stop_waiting()
        super().on_headers_complete()

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
