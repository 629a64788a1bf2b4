"""One load: wrk on its own core sends prepared requests, and every answer is checked."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.places import BENCH, cores, pinned

CONNECTIONS = 32
GRACE = 30
"""Seconds beyond the load after which wrk is taken to hang."""


class VoidLoad(Exception):
    """A load whose answers were wrong. It gives no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is sent and what must come back.

    `requests` are whole HTTP/1.1 requests, sent in turn. `check` is `exact` (the body), `pattern` (a Lua pattern) or
    `rotate` (a refresh token to spend next).
    """

    requests: Sequence[bytes] = field(repr=False)
    status: int = 200
    check: str = "exact"
    expected: str = ""
    protected: bool = True
    connections: int = CONNECTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """What a load found."""

    rate: float
    p50_ms: float
    p99_ms: float
    answers: int


def raw_request(method: str, path: str, headers: Mapping[str, str] | None = None, body: str = "") -> bytes:
    """Return a whole HTTP/1.1 request."""
    lines = {"Host": "bench", **(headers or {})}
    if body:
        lines["Content-Length"] = str(len(body.encode()))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n{body}".encode()


def load_of(document: Mapping[str, Any], directory: Path) -> Load:
    """Return the load that a program describes: `requests`, or a `path` to get with each of the tokens in a file."""
    return Load(
        requests=_requests_of(document, directory),
        status=document.get("status", 200),
        check=document.get("check", "exact"),
        expected=document["expected"],
        protected=document.get("protected", True),
        connections=document.get("connections", CONNECTIONS),
    )


def _requests_of(document: Mapping[str, Any], directory: Path) -> list[bytes]:
    if "tokens" not in document:
        return [raw_request(**request) for request in document["requests"]]
    tokens = (directory / document["tokens"]).read_text(encoding="ascii").split()
    return [raw_request("GET", document["path"], {"Authorization": f"Bearer {token}"}) for token in tokens]


def run_load(port: int, load: Load, *, seconds: float) -> Burst:
    """Send a load for some seconds.

    Raises:
        VoidLoad: an answer was not what it must be, or a connection failed.
    """
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\0".join(load.requests))
        file.flush()
        arguments = (file.name, str(load.status), load.check, load.expected)
        printed = _run_wrk(port, load.connections, seconds, arguments)
    return read_burst(printed)


def _run_wrk(port: int, connections: int, seconds: float, arguments: tuple[str, ...]) -> str:
    whole = max(1, round(seconds))  # wrk knows whole seconds alone
    command = pinned(
        cores()[1],
        *("wrk", "-t1", f"-c{connections}", f"-d{whole}s", "--timeout", "10s", "-s", str(BENCH / "load.lua")),
        *(f"http://127.0.0.1:{port}", "--", *arguments),
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=whole + GRACE, check=False)
    return done.stdout + done.stderr


def read_burst(printed: str) -> Burst:
    """Return what wrk and our script printed as a figure.

    Raises:
        VoidLoad: nothing was printed, something failed, or an answer was wrong.
    """
    line = next((line for line in printed.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise VoidLoad(f"wrk printed no result: {printed.strip()[-300:]}")
    result = json.loads(line.removeprefix("RESULT "))
    if result["mismatches"]:
        raise VoidLoad(f"{result['mismatches']} of {result['answers']} answers were wrong, as: {result['sample']}")
    if result["failed"] or not result["answers"]:
        raise VoidLoad(f"{result['failed']} requests failed, {result['answers']} were answered")
    rate = result["answers"] / result["seconds"]
    return Burst(rate=rate, p50_ms=result["p50_ms"], p99_ms=result["p99_ms"], answers=result["answers"])
