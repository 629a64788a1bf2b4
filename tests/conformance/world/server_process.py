"""The program that runs the server under test: `python -m tests.conformance.world.server_process FOLDER`.

It serves the application of `watchword serve` over TLS, by the settings of its environment. Its clock can be moved on
from outside, so that nobody has to wait. The first line it prints says where it is.
"""

import json
import mmap
import socket
import struct
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from watchword.flows import clock
from watchword.server.app import create_app
from watchword.settings import Settings

CLOCK = struct.Struct("=q")
"""The file `clock` of the folder: how many milliseconds the server's clock is ahead."""


class MovedClock:
    """The time of this machine, and what the file adds to it."""

    shift = mmap.mmap(-1, CLOCK.size)

    def now(self):
        ahead = timedelta(milliseconds=CLOCK.unpack(self.shift[:])[0])
        return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC) + ahead


class ToldServer(uvicorn.Server):
    """Says on its standard output when it serves."""

    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        if self.started:
            print("serving", flush=True)  # noqa: T201  the parent reads it


def main(folder):
    listener = socket.create_server(("127.0.0.1", 0))
    issuer = f"https://localhost:{listener.getsockname()[1]}"
    print(json.dumps({"issuer": issuer}), flush=True)  # noqa: T201  the parent reads it
    with (folder / "clock").open("r+b") as file:
        MovedClock.shift = mmap.mmap(file.fileno(), CLOCK.size)
    clock.SystemClock = MovedClock
    app = create_app(Settings(issuer=issuer))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        ssl_certfile=folder / "certificate.pem",
        ssl_keyfile=folder / "key.pem",
        timeout_graceful_shutdown=1,
    )
    ToldServer(config).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
