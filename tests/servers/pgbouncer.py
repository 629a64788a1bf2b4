"""PgBouncer in transaction mode, in front of a PostgreSQL server of the tests' own."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers.postgres import PASSWORD, PostgresServer, free_port, unprivileged

PROGRAM = Path("/usr/sbin/pgbouncer")
SERVER_CONNECTIONS = 3
"""Fewer than callers, so that they take turns on them."""
CONFIGURATION = """\
[databases]
* = host={socket} port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {directory}/users
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
logfile = {directory}/log
"""
PAUSE = threading.Event()
"""Nobody sets it."""


def why_not() -> str:
    """Say why PgBouncer cannot be started here, or nothing."""
    return "" if PROGRAM.exists() else "PgBouncer is not installed: apt-get install pgbouncer"


@contextmanager
def running_pgbouncer(server: PostgresServer) -> Iterator[int]:
    """Run PgBouncer in front of a server, and give its port."""
    with TemporaryDirectory(prefix="watchword-pgbouncer-") as folder:
        directory, port = Path(folder), free_port()
        directory.chmod(0o777)
        names = {"socket": server.directory, "server_port": server.port, "port": port, "directory": directory}
        (directory / "ini").write_text(CONFIGURATION.format(**names, connections=SERVER_CONNECTIONS))
        (directory / "users").write_text(f'"tests" "{PASSWORD}"\n')
        process = subprocess.Popen(
            [PROGRAM, "-q", directory / "ini"], **unprivileged(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_until_it_answers(server, port, process, directory / "log")
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait_until_it_answers(server: PostgresServer, port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            server.run("SELECT 1", port=port, host="127.0.0.1")
        except RuntimeError:
            PAUSE.wait(0.02)
        else:
            return
    raise TimeoutError(log.read_text() if log.exists() else "PgBouncer ended at once")
