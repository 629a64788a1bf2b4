"""One server process: started on its core, asked until it answers, stopped by its own id."""

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.places import cores, pinned

START_SECONDS = 30.0
STOP_SECONDS = 10.0
UVICORN = (
    "--loop",
    "uvloop",
    "--http",
    "httptools",
    "--no-access-log",
    "--log-level",
    "warning",
    "--host",
    "127.0.0.1",
)
"""The same for every Python program."""


class ServerFailed(Exception):
    """The server did not start, or answered something else than it must."""


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def uvicorn(python: Path, app: str, port: int, *options: str) -> list[str]:
    """Return the command that serves an ASGI application."""
    return [str(python), "-m", "uvicorn", app, "--port", str(port), *UVICORN, *options]


class Server:
    """A running server.

    Args:
        command: what starts it, without `taskset`.
        port: where it will listen.
        directory: where it runs.
        environment: variables beside those of this process; `WATCHWORD_*` of this process are not passed on.
        core: which core it runs on; None for any.
        ready: a path that answers below 500 when it is ready.
    """

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        *,
        directory: Path,
        environment: Mapping[str, str] | None = None,
        core: int | None = -1,
        ready: str = "/bench/ready",
    ) -> None:
        self.port = port
        self._ready = ready
        core = cores()[0] if core == -1 else core
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("WATCHWORD_")}
        self._log = (directory / f"server-{port}.log").open("w+b")
        self.process = subprocess.Popen(
            command if core is None else pinned(core, *command),
            cwd=directory,
            env={**inherited, **(environment or {})},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._await_ready()
        except BaseException:
            self.stop()
            raise

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerFailed(f"it ended at its start: {self.log()[-600:]}")
            try:
                if self.ask("GET", self._ready)[0] < 500:
                    return
            except OSError:
                time.sleep(0.02)
        raise ServerFailed(f"it did not answer within {START_SECONDS:.0f} s: {self.log()[-600:]}")

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> tuple[int, bytes]:
        """Return status and body of one request. Raises OSError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask_json(self, path: str) -> Any:
        """Return the JSON of a GET that must answer 200. Raises ServerFailed."""
        status, body = self.ask("GET", path)
        if status != 200:
            raise ServerFailed(f"{path} answered {status}: {body[:300]!r}")
        return json.loads(body)

    def resident_mb(self, *, peak: bool = False) -> float:
        """Return the memory resident in this process (`VmRSS`, or `VmHWM` for the peak) in MB of 10^6 bytes."""
        wanted = "VmHWM:" if peak else "VmRSS:"
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(wanted))

    def log(self) -> str:
        """Return what it has written so far."""
        self._log.flush()
        return Path(self._log.name).read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End it, by force if it does not go."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
