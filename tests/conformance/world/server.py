"""Starts the server under test in a process of its own, and stops it."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.world.server_process import CLOCK

ROOT = Path(__file__).parents[3]
SECRET = "obviously-fake-secret-of-the-conformance-tests"
SETTINGS = {
    "WATCHWORD_ENV": "development",
    "WATCHWORD_SECRET_KEY": SECRET,
    "WATCHWORD_ALLOW_PRIVATE_ADDRESSES": "true",
    "WATCHWORD_RATE_LIMITS": "false",
    "WATCHWORD_REGISTRATION": "open",
    "WATCHWORD_REQUIRE_PKCE": "false",
    "WATCHWORD_ID_TOKEN_ALGORITHMS": "RS256,ES256,EdDSA",
    "WATCHWORD_ARGON2_MEMORY_KIB": "64",
    "WATCHWORD_ARGON2_TIME_COST": "1",
}


class Server:
    """A server that runs.

    Attributes:
        issuer: its address.
        folder: where its files are.
        database_url: where its accounts are.
    """

    def __init__(self, issuer, folder, database_url):
        self.issuer = issuer
        self.folder = folder
        self.database_url = database_url
        self._ahead = 0

    @property
    def now(self):
        """Its time in seconds since 1970."""
        return time.time() + self._ahead / 1000

    def tick(self, seconds):
        """Move its clock on."""
        self._ahead += round(seconds * 1000)
        with (self.folder / "clock").open("r+b") as file:
            file.write(CLOCK.pack(self._ahead))


def settings_of(folder, settings):
    """The environment of the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WATCHWORD_")}
    return {
        **kept,
        **SETTINGS,
        "WATCHWORD_DATABASE_URL": f"sqlite:///{folder / 'watchword.db'}",
        **settings,
        "SSL_CERT_FILE": str(folder / "root.pem"),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }


@contextmanager
def running_server(folder, **settings):
    """Serve as long as the block lasts. The folder holds the certificates; settings are those that differ."""
    (folder / "clock").write_bytes(CLOCK.pack(0))
    command = [sys.executable, "-m", "tests.conformance.world.server_process", str(folder)]
    environment = settings_of(folder, settings)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log)
        try:
            with process.stdout:
                told, serving = process.stdout.readline(), process.stdout.readline()
                assert serving.strip() == b"serving", (folder / "log").read_text()
                yield Server(json.loads(told)["issuer"], folder, environment["WATCHWORD_DATABASE_URL"])
        finally:
            process.terminate()
            process.wait(timeout=20)
