"""Takes one reading of one side of a case."""

import json
import shutil
import subprocess
import sys

from bench.case import WATCHWORD, Side
from bench.fleet import BARE, Fleet, filled, variables_of
from bench.load import Load, VoidLoad, run_load
from bench.places import RUN, cores, pinned
from bench.servers import Server

WRONG = {"Bearer": "Bearer wrong", "Basic": "Basic bm9ib2R5Ondyb25n"}
"""Credentials that are none: for Basic an unknown client's."""
HANGS = 60
MANY = 100


def read_side(fleet: Fleet, side: Side, other: Side, *, seconds: float) -> float:
    """Return answers or calls per second.

    A bare program gets the very requests of the other side, credentials included.

    Raises:
        VoidLoad: an answer was wrong, or the route answered without a credential.
        ServerFailed: a program did not start, or has no such load.
    """
    if side.alone:
        return run_alone(side.alone, seconds)[0]
    bare = side.program.name.startswith(BARE)
    load = fleet.load(other.program if bare else side.program, other.load if bare else side.load)
    server = fleet.server(side.program)
    if load.protected and not bare:
        check_refusal(server, load)
    if load.check != "rotate":  # its tokens are spent once
        run_load(server.port, load, seconds=1.0 if bare else warming_seconds(load))
    return run_load(server.port, load, seconds=seconds).rate


def warming_seconds(load: Load) -> float:
    """Return how long to send before measuring: long enough that every request of many was sent once."""
    return 1.0 if len(load.requests) < MANY else 3.0


def check_refusal(server: Server, load: Load) -> None:
    """Check that the first request of a load is refused: 401 without a credential, any 4xx with a wrong one.

    A client without a credential is no client, which protocols answer in several ways: it is tried with a wrong one.

    Raises:
        VoidLoad: an answer was another.
    """
    method, path, headers, body = taken_apart(load.requests[0])
    kept = {name: value for name, value in headers.items() if name not in {"Authorization", "Cookie", "Host"}}
    kind = headers.get("Authorization", "").partition(" ")[0]
    tries = {"no": (kept, range(401, 402))} if kind != "Basic" else {}
    if kind:
        tries["a wrong"] = ({**kept, "Authorization": WRONG[kind]}, range(400, 500))
    for what, (tried, expected) in tries.items():
        status = server.ask(method, path, headers=tried, body=body or None)[0]
        if status not in expected:
            raise VoidLoad(f"with {what} credential {path} answered {status}")


def taken_apart(request: bytes) -> tuple[str, str, dict[str, str], str]:
    """Return method, path, headers and body of a raw request."""
    head, _, body = request.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    return method, path, dict(line.split(": ", 1) for line in lines), body


def run_alone(name: str, seconds: float) -> list[float]:
    """Run a script of `bench.alone` on the server's core, on a copy of the filled database."""
    source, directory = filled(WATCHWORD), RUN / "served" / f"alone-{name}"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(source, directory)
    done = subprocess.run(
        pinned(cores()[0], sys.executable, "-m", "bench.alone", name, str(seconds)),
        cwd=directory,
        env={"PATH": "/usr/bin:/bin", **variables_of(WATCHWORD, directory)},
        capture_output=True,
        text=True,
        timeout=seconds + HANGS,
        check=False,
    )
    if done.returncode:
        raise VoidLoad(f"{name} failed: {done.stderr.strip()[-300:]}")
    figures: list[float] = json.loads(done.stdout)
    return figures
