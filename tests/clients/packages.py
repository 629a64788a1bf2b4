"""Clients from npm: installed once, by the lock file with its hashes, beside the virtual environment."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

SOURCE = Path(__file__).parent / "npm"
LOCK = SOURCE / "package-lock.json"
AT_MOST = 300
"""Seconds that the installation may take."""


def folder():
    """Where this lock file is installed."""
    return Path(sys.prefix) / "client-tests" / sha256(LOCK.read_bytes()).hexdigest()[:16]


def why_not():
    """Install the packages if they are not there; return why that is not possible, or an empty text."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node or npm is not there: install both to test the clients from npm"
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # npm empties the folder first, under the feet of whoever installs beside it
        return "" if (place / "installed").exists() else _install(place)


def _install(place):
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, place / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved=true"]
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=AT_MOST, check=False)
    except subprocess.TimeoutExpired:
        return "npm does not come to an end: the package registry may be out of reach"
    if done.returncode:
        return f"npm could not install the clients: {done.stderr.strip()[-300:]}"
    (place / "installed").touch()
    return ""


@contextmanager
def running(script, given, authority):
    """Run a script with what it is given; the block gets the conversation with it."""
    place = folder()
    for source in SOURCE.glob("*.mjs"):
        shutil.copy(source, place / source.name)
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment = {**kept, "NODE_EXTRA_CA_CERTS": str(authority.root), "NODE_NO_WARNINGS": "1"}
    with subprocess.Popen(
        ["node", script],
        cwd=place,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            process.stdin.write(json.dumps(given) + "\n")
            process.stdin.flush()
            yield process
        finally:
            process.kill()


def converse(script, given, *, authority, browser, until):
    """Run a script, drive the browser for it, and return what it has found out."""
    with running(script, given, authority) as process:
        for line in process.stdout:
            said = json.loads(line)
            if "done" in said:
                return said["done"]
            process.stdin.write(json.dumps(browser.visit(said["visit"], until=until).url) + "\n")
            process.stdin.flush()
        raise AssertionError(process.stderr.read()[-3000:])
