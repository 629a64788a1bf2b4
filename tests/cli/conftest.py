"""Commands run in an empty directory of their own, with cheap password hashes and no settings from outside."""

import json
import os

import pytest
from typer.testing import CliRunner

from watchword.cli.commands import app

PASSWORD = "paper lantern over wet gravel"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("WATCHWORD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WATCHWORD_ARGON2_MEMORY_KIB", "64")
    monkeypatch.setenv("WATCHWORD_ARGON2_TIME_COST", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run():
    """Run a command line; `expect` is the exit code it must have."""

    def run(*arguments, expect=0, stdin=None):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
        assert (result.exit_code, result.stderr if result.exit_code != expect else "") == (expect, "")
        return result

    return run


@pytest.fixture
def run_json(run):
    """Run a command line with --json and return what it printed."""

    def run_json(*arguments, **keywords):
        return json.loads(run(*arguments, "--json", **keywords).stdout)

    return run_json


@pytest.fixture
def add_user(run_json):
    def add_user(name="ada", *options):
        return run_json("users", "add", name, *options, "--password-stdin", stdin=f"{PASSWORD}\n")

    return add_user
