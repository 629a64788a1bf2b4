"""A PostgreSQL server of the tests' own, on a Unix socket and a free port, from Debian's packages."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
UNPRIVILEGED = ("postgres", "nobody")
"""Accounts that the server runs as where the tests run as root, as which it refuses to run."""
FAST = {"fsync": "off", "full_page_writes": "off"}
"""Nothing is kept over a crash of the machine; a crash of the server loses nothing."""
SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
PASSWORD = "not-a-real-password"
PAUSE = threading.Event()
"""Nobody sets it."""


def why_not() -> str:
    """Say why no server can be started here, or nothing."""
    return "" if PROGRAMS else "PostgreSQL is not installed: apt-get install postgresql"


def _send(pid: int, sent: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sent)


def _account() -> pwd.struct_passwd | None:
    if os.getuid() != 0:
        return None
    return next(entry for entry in pwd.getpwall() if entry.pw_name in UNPRIVILEGED)


def unprivileged() -> dict[str, object]:
    """Return the arguments with which `Popen` gives up being root."""
    account = _account()
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def running_server(**settings: str) -> Iterator["PostgresServer"]:
    """A server in a temporary directory, which is stopped and removed at the end."""
    server = PostgresServer(Path(tempfile.mkdtemp(prefix="watchword-postgres-")) / "server", **settings)
    server.directory.parent.chmod(0o755)
    try:
        server.start()
        yield server
    finally:
        server.remove()
        shutil.rmtree(server.directory.parent, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class PostgresServer:
    """One server with its data in a directory of its own. It can be stopped, killed, paused and started again.

    Args:
        directory: an absent or empty one below which everything lies. Every account must be able to reach it.
        durable: whether a crash of the machine would lose nothing (`fsync`); slower.
    """

    def __init__(self, directory: Path, *, durable: bool = False, **settings: str) -> None:
        self.directory = directory
        self.port = free_port()
        self._account = _account()
        self._settings = {**({} if durable else FAST), **settings}
        self._process: subprocess.Popen | None = None

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def start(self) -> None:
        """Make the data directory if there is none, start, and wait until the server answers."""
        if not self._data.exists():
            self._make()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.directory),
            "max_connections": "200",
            "shared_buffers": "32MB",
            "log_min_messages": "fatal",
            "logging_collector": "off",
            **self._settings,
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.directory / "server.log").open("ab") as log:
            self._process = self._popen("postgres", "-D", str(self._data), *arguments, stdout=log, stderr=log)
        self._wait_until_it_answers()

    def stop(self, mode: str = "fast") -> None:
        """End the server in its own order: `smart`, `fast` (connections are closed) or `immediate` (as in a crash)."""
        if self._process is not None:
            self._process.send_signal(SIGNALS[mode])
            self._process.wait(30)
            self._process = None

    def kill(self) -> None:
        """Kill every process of the server at once, as a machine that fails does."""
        self.pause()  # so that the first process does not see the others go, nor makes any more
        pids = self._pids()
        for pid in pids:
            _send(pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(30)
            self._process = None
        while any(_is_alive(pid) for pid in pids):  # the memory that they share cannot be made anew before
            PAUSE.wait(0.005)

    def pause(self) -> None:
        """Stop every process: connections stay open and nothing answers."""
        for pid in self._pids():
            _send(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        for pid in self._pids():
            _send(pid, signal.SIGCONT)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def url(self, database: str, **options: str) -> str:
        """Return the URL of a database over TCP."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"postgresql://tests:{PASSWORD}@127.0.0.1:{self.port}/{database}" + (f"?{query}" if query else "")

    def socket_url(self, database: str) -> str:
        """Return the URL of a database over the Unix socket."""
        return f"postgresql://tests@/{database}?host={self.directory}&port={self.port}"

    def run(self, sql: str, database: str = "postgres", *, host: str = "", port: int = 0) -> str:
        """Run SQL as the superuser and return what it prints, a row per line, columns separated by `|`."""
        place = ["-h", host or str(self.directory), "-p", str(port or self.port)]
        arguments = [*place, "-U", "tests", "-d", database]
        command = [PROGRAMS[-1] / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *arguments, "-c", sql]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=_environment())
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.rstrip("\n")

    def _make(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._account is not None:
            os.chown(self.directory, self._account.pw_uid, self._account.pw_gid)
        (self.directory / "password").write_text(PASSWORD)
        (self.directory / "password").chmod(0o644)
        making = self._popen(
            "initdb", "-D", str(self._data), "-U", "tests", "-E", "UTF8", "--locale=C", "--no-sync",
            f"--pwfile={self.directory / 'password'}", "--auth-local=trust", "--auth-host=scram-sha-256",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        output, _ = making.communicate(timeout=60)
        if making.returncode:
            raise RuntimeError(output.decode())

    def _popen(self, program: str, *arguments: str, **options: object) -> subprocess.Popen:
        command = [str(PROGRAMS[-1] / program), *arguments]
        return subprocess.Popen(command, cwd=self.directory, env=_environment(), **unprivileged(), **options)

    def _wait_until_it_answers(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError((self.directory / "server.log").read_text(errors="replace")[-2000:])
            try:
                self.run("SELECT 1")
            except RuntimeError:
                PAUSE.wait(0.02)
            else:
                return
        raise TimeoutError("PostgreSQL does not answer")

    def _pids(self) -> list[int]:
        """Return the first process and its children, some of which may end at any moment."""
        if self._process is None:
            return []
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return [self._process.pid, *map(int, children.split())]

    def remove(self) -> None:
        """Stop the server if it runs, and delete what it kept."""
        if self._process is not None:
            self.resume()
            self.stop("immediate")
        shutil.rmtree(self.directory, ignore_errors=True)


def _environment() -> dict[str, str]:
    """Return an environment in which nobody's own settings for PostgreSQL count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8", "PGPASSWORD": PASSWORD}


def _is_alive(pid: int) -> bool:
    """Whether a process has something still, unlike one that has ended and that only nobody has asked about."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}
