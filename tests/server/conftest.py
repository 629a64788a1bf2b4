"""Settings of a server in an empty directory, with cheap password hashes."""

import os

import pytest

from watchword.settings import Settings


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("WATCHWORD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def settings():
    return Settings(database_url="memory://", argon2_memory_kib=64, argon2_time_cost=1)
