"""Each example as its user runs it: imported anew in an empty directory, on a SQLite file of its own."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from watchword.cli.commands import app as command

PASSWORD = "tall-copper-lantern-42"


@pytest.fixture(autouse=True)
def empty_directory(tmp_path, monkeypatch) -> None:
    """A directory without settings of its own, and hashes that cost little."""
    for name in [name for name in os.environ if name.startswith("WATCHWORD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHWORD_DATABASE_URL", f"sqlite:///{tmp_path}/example.db")
    monkeypatch.setenv("WATCHWORD_ARGON2_MEMORY_KIB", "64")
    monkeypatch.setenv("WATCHWORD_ARGON2_TIME_COST", "1")


@pytest.fixture
def load(empty_directory) -> Iterator[Callable[[str], ModuleType]]:
    """Import an example anew, so that it reads the settings of this test."""
    loaded: list[str] = []

    def import_anew(name: str) -> ModuleType:
        loaded.append(f"examples.{name}")
        sys.modules.pop(loaded[-1], None)
        return importlib.import_module(loaded[-1])

    yield import_anew
    for name in loaded:
        sys.modules.pop(name, None)


@pytest.fixture
def run_command() -> Callable[..., str]:
    """Run a `watchword` command in the directory of the example, as its operator does beside the running app."""

    def run(*words: str, typed: str | None = None) -> str:
        result = CliRunner().invoke(command, list(words), input=typed)
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


@pytest.fixture
def sign_up() -> Callable[..., dict[str, Any]]:
    """Make an account over HTTP."""

    def post(client: TestClient, username: str = "ada", **members: Any) -> dict[str, Any]:
        answer = client.post("/auth/signup", json={"username": username, "password": PASSWORD, **members})
        assert answer.status_code == 201, answer.text
        account: dict[str, Any] = answer.json()
        return account

    return post


@pytest.fixture
def log_in() -> Callable[..., dict[str, Any]]:
    """Ask for tokens over HTTP, as `OAuth2PasswordRequestForm` clients do."""

    def post(client: TestClient, username: str = "ada", **form: str) -> dict[str, Any]:
        answer = client.post("/auth/token", data={"username": username, "password": PASSWORD, **form})
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    return post


@pytest.fixture
def bearer() -> Callable[[dict[str, Any]], dict[str, str]]:
    """The header of a request that carries the access token of a token answer."""
    return lambda tokens: {"Authorization": f"Bearer {tokens['access_token']}"}
