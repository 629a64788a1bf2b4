"""SIGTERM: not ready at once, what is under way finishes, exit code 0."""

import threading

from tests.nemesis.asking import ask, log_in
from tests.nemesis.databases import sqlite
from tests.nemesis.processes import Served
from tests.nemesis.waiting import until
from tests.nemesis.world import PASSWORD

SLOW_HASHES = {"WATCHWORD_ARGON2_TIME_COST": "20", "WATCHWORD_ARGON2_MEMORY_KIB": "19456"}
"""A login takes some tenths of a second, and waits no longer than the deadline of the queue."""


def test_logins_under_way_at_sigterm_finish_after_readiness_went(tmp_path):
    with sqlite(None, tmp_path) as database:
        with Served(tmp_path, database.url, WATCHWORD_SHUTDOWN_DELAY="1", **SLOW_HASHES) as server:
            server.ready()
            assert ask(server.port, "/auth/signup", data={"username": "ada", "password": PASSWORD}).status == 201
            answers = []
            logins = [
                threading.Thread(target=lambda: answers.append(log_in(server.port, "ada", PASSWORD).status))
                for _ in range(2)
            ]
            for login in logins:
                login.start()
            server.process.terminate()
            until(lambda: ask(server.port, "/readyz").status == 503, "readiness goes")
            assert len(answers) < len(logins)
            assert ask(server.port, "/healthz").status == 200
            for login in logins:
                login.join()
            assert answers == [200] * len(logins)
            _, errors = server.process.communicate(timeout=30)
            assert (server.process.returncode, errors) == (0, "")
        database.check()
