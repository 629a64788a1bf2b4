"""A server that speaks MongoDB's protocol, of the tests' own: `nx-27017`, which keeps its documents in SQLite.

It is a standalone server and has faults of its own (`FAULTS`). Where WATCHWORD_TEST_MONGODB_URL names a real server,
that one is used, and the tests that a fault makes impossible run too.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pymongo

REAL = os.environ.get("WATCHWORD_TEST_MONGODB_URL", "")
PROGRAM = "nx_27017.nx_27017"
PAUSE = threading.Event()
"""Never set: to wait for it is to wait."""
FAULTS = {
    "nul": "nx-27017 finds no text that has a NUL in it",
    "booleans": "nx-27017 keeps a boolean that is set by an update as a number",
}
"""Why a test is left out on `nx-27017`."""


def has_own() -> bool:
    """Whether a server can be started here."""
    return find_spec("nx_27017") is not None


def why_not() -> str:
    """Say why no server can be used here, or nothing."""
    return "" if REAL or has_own() else "no server for MongoDB's protocol: pip install nx-27017 neosqlite"


def fault(name: str) -> str:
    """Say why a test cannot run on the server that is used, or nothing."""
    return "" if REAL else FAULTS[name]


def url_of(server: str, database: str, **options: str) -> str:
    """Return the URL of a database of the server that a URL names."""
    start, _, query = server.partition("?")
    scheme, _, rest = start.partition("://")
    set_here = [f"{name}={value}" for name, value in options.items()]
    return f"{scheme}://{rest.partition('/')[0]}/{database}?{'&'.join([*filter(None, [query]), *set_here])}"


def drop(url: str) -> None:
    """Delete a database."""
    with pymongo.MongoClient(url, serverSelectionTimeoutMS=5000) as client:
        client.drop_database(client.get_default_database())


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def running_server() -> Iterator["MongoServer"]:
    """A server in a temporary directory, which is stopped and removed at the end."""
    server = MongoServer(Path(tempfile.mkdtemp(prefix="watchword-mongo-")))
    try:
        server.start()
        yield server
    finally:
        server.remove()


class MongoServer:
    """One server with its data in a directory of its own. It can be stopped, killed, paused and started again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start, and wait until the server answers."""
        data = self.directory / "data"
        data.mkdir(parents=True, exist_ok=True)
        (self.directory / "pid").unlink(missing_ok=True)  # left by one that was killed
        here = {"data-dir": data, "pid-file": self.directory / "pid", "log-file": self.directory / "log"}
        options = [f"--{name}={value}" for name, value in {**here, "port": self.port}.items()]
        command = [sys.executable, "-m", PROGRAM, *options]
        with (self.directory / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.directory, stdout=subprocess.DEVNULL, stderr=log)
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End the server in its own order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server at once."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Stop the process: connections stay open and nothing answers."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._process.send_signal(signal.SIGCONT)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def url(self, database: str, **options: str) -> str:
        """Return the URL of a database."""
        return url_of(f"mongodb://127.0.0.1:{self.port}", database, **options)

    def remove(self) -> None:
        """Stop the server if it runs, and delete what it kept."""
        if self.running:
            self.resume()
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def _wait_until_it_answers(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running:
                raise RuntimeError((self.directory / "server.log").read_text(errors="replace")[-2000:])
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            except OSError:
                PAUSE.wait(0.02)
            else:
                return
        raise TimeoutError("nx-27017 does not answer")
