"""Processes to race, stop, pause and kill.

A light one is forked from a process that has imported everything (some 20 ms each); it runs the use cases without HTTP,
or a small site. `Served` is the whole command `watchword serve`.
"""

import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from tests.nemesis.asking import ask
from tests.nemesis.roles import play, run_command, serve_http
from tests.nemesis.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["tests.nemesis.roles", "tests.nemesis.site", "watchword.cli.commands", "watchword.server.workers"]
)
PATHS = os.pathsep.join([str(ROOT / "src"), str(ROOT)])


class Refused(Exception):
    """An errand that ended in one of our errors; `code` is its name in the protocol."""

    def __init__(self, code: str, hint: object = "") -> None:
        super().__init__(code, hint)
        self.code = code


class Light:
    """A light process. Leaving its `with` block kills it."""

    def __init__(self, role: str, url: str, **options: Any) -> None:
        self.pipe, theirs = FORKS.Pipe()
        _fork_from_here()
        self.process = FORKS.Process(target=play, args=(role, theirs, url, options), daemon=True)
        self.process.start()
        theirs.close()
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.pipe.close()

    def hear(self, seconds: float = PATIENCE) -> Any:
        """Return the next message. Fails if the process failed, or says nothing."""
        assert self.pipe.poll(seconds), "the process says nothing"
        heard = self.pipe.recv()
        assert not (isinstance(heard, tuple) and heard[0] == "failed"), heard[1]
        return heard

    def ready(self) -> Self:
        assert self.hear() == "ready"
        return self

    def send(self, errand: str, **arguments: Any) -> int:
        """Ask for something and return the number that its answer will bear."""
        self._asked += 1
        self.pipe.send((self._asked, errand, arguments))
        return self._asked

    def ask(self, errand: str, **arguments: Any) -> Any:
        """Ask for one thing and return the answer, or raise Refused."""
        number = self.send(errand, **arguments)
        heard, code, value = self.hear()
        assert heard == number
        if code:
            raise Refused(code, value)
        return value

    def signal(self, number: int) -> None:
        os.kill(self.process.pid or 0, number)

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


class Site:
    """A light process that serves HTTP on a port of its own. Leaving its `with` block kills it."""

    def __init__(self, role: str, url: str, **options: Any) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        _fork_from_here()
        self.process = FORKS.Process(target=serve_http, args=(role, listener, url, options), daemon=True)
        self.process.start()
        listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.join()

    def ready(self) -> Self:
        until(lambda: self.process.is_alive() and ask(self.port, "/healthz").status == 200, "the site answers")
        return self


class Served:
    """`watchword serve` in a directory of its own. Leaving its `with` block kills it and its workers."""

    COMMAND = (sys.executable, "-c", "from watchword.cli.main import run; run()")

    def __init__(self, place: Path, url: str, *options: str, **settings: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WATCHWORD_")}
        self.process = subprocess.Popen(
            [*self.COMMAND, "serve", "--port", "0", *options],
            env={**environment, **settings_for(url), **settings, "PYTHONPATH": PATHS},
            cwd=place,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.port = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def ready(self) -> Self:
        """Wait until it says where it listens, and then until it answers that it is ready."""
        printed = ""
        while "Ctrl-C stops it." not in printed:
            line = self.process.stdout.readline() if self.process.stdout else ""
            assert line, f"the server ended: {self.process.stderr.read() if self.process.stderr else ''}"
            printed += line
        self.port = int(re.findall(r"listening on \S+ port (\d+)", printed)[0])
        until(lambda: ask(self.port, "/readyz").status == 200, "the server is ready")
        return self

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; return exit code and standard error."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors


class Command:
    """`watchword serve` on a given port, forked with its modules loaded, so that it is killed often in little time.

    Leaving its `with` block kills it.
    """

    def __init__(self, place: Path, url: str, port: int, **settings: str) -> None:
        self.port, self.log = port, place / "server.log"
        arguments = ("serve", "--port", str(port))
        _fork_from_here()
        self.process = FORKS.Process(
            target=run_command, args=(str(place), str(self.log), settings_for(url) | settings, *arguments), daemon=True
        )
        self.process.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    def ready(self) -> Self:
        until(lambda: ask(self.port, "/readyz").status == 200, "the server is ready")
        return self


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def settings_for(url: str) -> dict[str, str]:
    return {
        "WATCHWORD_DATABASE_URL": url,
        "WATCHWORD_SECRET_KEY": "only-for-tests-thirty-two-bytes-or-more",
        "WATCHWORD_ARGON2_MEMORY_KIB": "64",
        "WATCHWORD_ARGON2_TIME_COST": "1",
        "WATCHWORD_RATE_LIMITS": "false",
        "WATCHWORD_ISSUER": "http://localhost:8000",
    }


def connected_pair() -> tuple[Connection, Connection]:
    return FORKS.Pipe()


def lights(stack: ExitStack, count: int, role: str, url: str, **options: Any) -> list[Light]:
    """So many light processes, started together and ready."""
    started = [stack.enter_context(Light(role, url, **options)) for _ in range(count)]
    return [light.ready() for light in started]


def _fork_from_here() -> None:
    """Let the process that forks find our modules, whatever Python it is and wherever it was started."""
    os.environ.setdefault("PYTHONPATH", PATHS)
