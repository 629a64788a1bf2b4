"""A Redis server of the tests' own, on a Unix socket, without persistence, from Debian's package."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = shutil.which("redis-server")
READY = "eady to accept connections"


def why_not() -> str:
    """Say why no server can be started here, or nothing."""
    return "" if PROGRAM else "Redis is not installed: apt-get install redis-server"


@contextmanager
def running_redis(*options: str) -> Iterator["RedisProcess"]:
    """A server in a temporary directory, which is ended and removed at the end."""
    directory = Path(tempfile.mkdtemp(prefix="watchword-redis-"))
    server = RedisProcess(directory, *options)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(directory, ignore_errors=True)


class RedisProcess:
    """One server. It can be killed, paused, emptied, and started again at the same place.

    Args:
        directory: an empty one with a short path, for the socket.
        options: further words of the command line.
    """

    def __init__(self, directory: Path, *options: str) -> None:
        self.socket = directory / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self._directory = directory
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start, and wait until the server says that it is ready."""
        command = [
            str(PROGRAM), "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no",
            "--dir", str(self._directory), "--loglevel", "notice", *self._options,
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if READY in line:
                return
        raise AssertionError("".join(lines))

    def kill(self) -> None:
        """Kill it: connections break, and everything in it is gone."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
        self.socket.unlink(missing_ok=True)

    def pause(self) -> None:
        """Stop it: connections stay open and nothing answers."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def flush(self) -> None:
        """Lose everything in it."""
        assert self.ask("FLUSHALL") == "+OK"

    def ask(self, *words: str) -> str:
        """Return the whole answer to a command, as it comes over the wire."""
        command = f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(self.socket))
            connection.sendall(command.encode() + b"*1\r\n$4\r\nQUIT\r\n")
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return answer.decode().removesuffix("+OK\r\n").strip()
