"""The tour of the README, as a newcomer takes it: its own commands, in a shell, against a server of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import httpx2
import pytest
from tests.docs.pages import ROOT, blocks

README = ROOT / "README.md"
TOUR = [block for block in blocks("sh") if block.page == README and block.mark == "tour"]
MARK = "--- next block ---"
BIN = Path(sys.executable).parent


@pytest.fixture
def server(empty_directory) -> Iterator[str]:
    """`watchword serve` on a free port, in an empty directory; gives its address."""
    environment = {**os.environ, "COLUMNS": "200"}
    command = [str(BIN / "watchword"), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            first = next(line for line in process.stdout if "Watchword on" in line)
            address = re.search(r"http://localhost:\d+", first).group()
            wait_until_ready(address)
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0


def wait_until_ready(address: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if httpx2.get(f"{address}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            Event().wait(0.05)
    raise AssertionError("the server did not get ready")


def script_of(address: str) -> str:
    """The blocks as one script, which stops at the first command that fails."""
    separator = f"\necho; echo '{MARK}'\n"
    script = separator.join(block.code for block in TOUR)
    script = script.replace("http://localhost:8000", address).replace(".venv/bin/watchword", str(BIN / "watchword"))
    return "set -euo pipefail\n" + script


def test_every_shell_block_between_signing_up_and_rotating_is_in_the_tour():
    unmarked = [block.code for block in blocks("sh") if block.page == README and not block.mark]
    assert [code for code in unmarked if "curl" in code or "watchword " in code] == []
    assert len(TOUR) == 6


def test_the_tour_does_what_the_readme_says(server, empty_directory):
    result = subprocess.run(
        ["bash", "-c", script_of(server)], capture_output=True, text=True, cwd=empty_directory, timeout=60, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    signed_up, logged_in, me, refreshed, revoked, rotated = (part.strip() for part in result.stdout.split(MARK))
    assert json.loads(signed_up)["username"] == "ada"
    assert logged_in == ""
    assert (json.loads(me)["username"], json.loads(me)["disabled"]) == ("ada", False)
    assert refreshed == "200"
    assert revoked.split() == ["200", "401"]
    assert 1 <= len(json.loads(rotated[rotated.index('{"keys"') :])["keys"]) <= 2
    assert len(keys_after_a_while(server)) == 2


def keys_after_a_while(address: str) -> list[object]:
    """The published keys, as soon as the server has seen the new one; it looks every five seconds."""
    until = time.monotonic() + 15
    keys: list[object] = []
    while len(keys) < 2 and time.monotonic() < until:
        keys = httpx2.get(f"{address}/auth/jwks").json()["keys"]
        Event().wait(0.2)
    return keys


def test_the_server_of_the_readme_has_documentation_and_the_ten_lines_are_ten_lines_or_so(server):
    assert httpx2.get(f"{server}/docs").status_code == 200
    code = next(block.code for block in blocks("python") if block.page == README)
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
