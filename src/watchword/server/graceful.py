"""A uvicorn server that stops in order: not ready, then no new connections, then done, with exit code 0."""

import signal
import time
from socket import socket
from types import FrameType
from typing import Any

import uvicorn

from watchword.server.bounded_headers import BoundedHeaders
from watchword.server.stopping import release_signals

SHUTDOWN_TIMEOUT = 10
"""Seconds that requests under way may take when the server stops."""


class GracefulServer(uvicorn.Server):
    """Serves one application.

    Args:
        app: the application; `app.state.stopping` is set when a signal comes.
        shutdown_delay: seconds between the signal and the end of accepting connections.
        trusted_proxies: addresses and networks whose forwarding headers are believed.
    """

    def __init__(self, app: Any, *, shutdown_delay: int, trusted_proxies: list[str]) -> None:  # noqa: ANN401  any ASGI application with a state
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedHeaders,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=trusted_proxies,
                server_header=False,
                access_log=False,
                log_level="warning",
                lifespan="on",
                timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
            )
        )
        self._app = app
        self._shutdown_delay = shutdown_delay
        self._stop_at: float | None = None

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Let the signals in that `serve_one` held back: `handle_exit` hears them from here on."""
        release_signals()
        await super().startup(sockets=sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  uvicorn's signature
        """Begin to stop; a second Ctrl-C skips the delay. Signals are not raised again, so the exit code is 0."""
        if self._stop_at is None:
            self._app.state.stopping = True
            self._stop_at = time.monotonic() + self._shutdown_delay
        elif sig == signal.SIGINT:
            self._stop_at = 0.0

    async def on_tick(self, counter: int) -> bool:
        """Say whether it is time to stop; asked ten times a second."""
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)
